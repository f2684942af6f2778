"""A sound of one's own that is called as a texture is."""

from pathlib import Path

import numpy as np
from support import sounds

from rtengine.jobs.render import Input, Output, Settings, render

RATE = 44_100


def test_a_sound_called_water_is_played_as_water_2_and_that_is_said(tmp_path: Path) -> None:
    song = sounds.write(tmp_path / "song.wav", sounds.music(RATE // 2, 1, RATE), RATE)
    own = sounds.write(tmp_path / "water.wav", sounds.music(RATE, 1, RATE, seed=5), RATE)
    settings = Settings({str(own): 1.0}, "lofi")
    rendered = render(Input(song), "texture", settings, Output(tmp_path / "a.wav"))
    assert rendered.notices == (f"{own} is played as water-2, for there is a water already",)
    plain = render(Input(song), "texture", Settings({"water": 1.0}, "lofi"), Output(tmp_path / "b.wav"))
    assert plain.notices == ()
    a, b = (np.frombuffer((tmp_path / f"{n}.wav").read_bytes()[100:], np.uint8) for n in "ab")
    assert not np.array_equal(a, b)

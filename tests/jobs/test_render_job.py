"""A render as a function: what it returns, how it tells how far it is, and how it is stopped."""

import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support import sounds, stand_in

from rtengine.jobs import render as module
from rtengine.jobs.render import Cancelled, Input, Output, Progress, Settings, render

RATE = 48_000


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return sounds.write(tmp_path / "song.wav", sounds.music(5 * RATE, 2, RATE), RATE, "PCM_24")


class Slow(stand_in.Delay):
    def process(self, x: np.ndarray) -> np.ndarray:
        time.sleep(0.03)
        return super().process(x)


def test_a_render_says_what_it_wrote(monkeypatch: pytest.MonkeyPatch, song: Path) -> None:
    built = stand_in.install(monkeypatch)
    settings = Settings({"laser": 0.5}, "hifi", mix=0.25, values=[("/texture/strength", "0.5")])
    out = song.with_name("out.flac")
    rendered = render(Input(song, start=1, duration=2), "texture", settings, Output(out, bit_depth="16"))
    assert (rendered.path, rendered.sample_rate, rendered.channels, rendered.samples) == (out, RATE, 2, 2 * RATE)
    assert rendered.notices == ()
    assert rendered.took > 0
    assert soundfile.info(out).frames == 2 * RATE
    assert built[0].values["/texture/laser"] == 0.5
    assert built[0].values["/texture/water"] == 0
    with pytest.raises(FileExistsError, match=r"out\.flac exists"):
        render(Input(song), "texture", settings, Output(out))
    with pytest.raises(ValueError, match="there is no patch 'steam'"):
        render(Input(song), "steam", settings, Output(out, force=True))


def test_progress_comes_five_times_a_second_at_most_and_at_the_end(monkeypatch: pytest.MonkeyPatch, song: Path) -> None:
    stand_in.install(monkeypatch, Slow)
    monkeypatch.setattr(module, "PACE", 0.05)
    told: list[tuple[float, Progress]] = []

    def tell(now: Progress) -> None:
        told.append((time.monotonic(), now))

    render(Input(song), "texture", Settings(), Output(song.with_name("a.wav")), progress=tell, cancel=lambda: False)
    counts = [now.done for _, now in told]
    assert counts == sorted(counts)
    assert told[-1][1] == Progress(5 * RATE, 5 * RATE)
    assert len(told) >= 3
    assert all(b - a >= 0.05 for (a, _), (b, _) in pairwise(told[:-1]))


@pytest.mark.parametrize("more", [{}, {"loudness": -14.0}, {"picture": "a.png"}])
def test_a_cancelled_render_ends_within_half_a_second_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, song: Path, more: dict[str, float | str]
) -> None:
    stand_in.install(monkeypatch, Slow)
    given = {name: song.with_name(value) if isinstance(value, str) else value for name, value in more.items()}
    sink = Output(song.with_name("a.wav"), **given)  # type: ignore[arg-type]
    begun: list[float] = []

    def cancel() -> bool:
        if not begun and any(p.suffix == ".part" for p in song.parent.iterdir()):
            begun.append(time.monotonic())
        return bool(begun) and time.monotonic() > begun[0] + 0.2

    with pytest.raises(Cancelled):
        render(Input(song), "texture", Settings(), sink, cancel=cancel)
    assert time.monotonic() < begun[0] + 0.7
    assert [p.name for p in song.parent.iterdir()] == ["song.wav"]


def test_building_is_abandoned_and_what_was_built_is_closed(monkeypatch: pytest.MonkeyPatch, song: Path) -> None:
    closed: list[bool] = []

    class Late(stand_in.Delay):
        def __init__(self, channels: int) -> None:
            super().__init__(channels)
            time.sleep(0.6)

        def close(self) -> None:
            closed.append(True)

    stand_in.install(monkeypatch, Late)
    began = time.monotonic()
    with pytest.raises(Cancelled):
        render(
            Input(song),
            "texture",
            Settings(),
            Output(song.with_name("a.wav")),
            cancel=lambda: time.monotonic() > began + 0.1,
        )
    assert time.monotonic() < began + 0.5
    while not closed and time.monotonic() < began + 5:
        time.sleep(0.01)
    assert closed == [True]

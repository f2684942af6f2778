import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from matplotlib.image import imread

from rtengine.jobs import png
from rtengine.jobs.sounds import perform

RATE = 8_000


def do(out: Path, **spec: Any) -> dict[str, Any]:
    told: list[float] = []
    out.mkdir(exist_ok=True)
    rendered = perform({"name": "my song", "longest": 3600.0} | spec, out, told.append, lambda: False)
    assert told == sorted(told)
    about = dict(json.loads((out / "about.json").read_text()))
    assert rendered == (about["seconds"] if spec["do"] == "render" else None)
    return about


def song(file: Path, seconds: float = 2.0, channels: int = 2, **more: Any) -> Path:
    n = np.arange(round(seconds * RATE))
    x = np.outer(0.5 * np.sin(2 * np.pi * 1000 / RATE * n), [1, 0.5][:channels])
    soundfile.write(file, x, RATE, **more)
    return file


def test_a_look_finds_length_waveform_and_picture(tmp_path: Path) -> None:
    about = do(tmp_path / "out", do="look", song=str(song(tmp_path / "a.wav")))
    assert (about["seconds"], about["sample_rate"], about["channels"], about["notices"]) == (2.0, RATE, 2, [])
    assert max(about["song"]["high"]) == pytest.approx(0.5, abs=0.01)
    assert min(about["song"]["low"]) == pytest.approx(-0.5, abs=0.01)
    picture = imread(tmp_path / "out" / "look.png")
    assert picture.shape[:2] == (320, len(about["song"]["high"]))
    row = picture[:, picture.shape[1] // 2, :3].sum(axis=1).argmax()
    frequency = 30 * (RATE / 2 / 30) ** ((319 - row) / 319)
    assert frequency == pytest.approx(1000, rel=0.03), "low is below"


def test_another_format_is_the_same_sound(tmp_path: Path) -> None:
    made = song(tmp_path / "result.flac", subtype="PCM_24")
    do(tmp_path / "out", do="convert", song=str(made), format="wav", bit_depth="24")
    assert soundfile.info(tmp_path / "out" / "result.wav").subtype == "PCM_24"
    a, b = soundfile.read(made)[0], soundfile.read(tmp_path / "out" / "result.wav")[0]
    assert np.array_equal(a, b)


@pytest.mark.parametrize(("suffix", "rate"), [("opus", 48_000), ("mp3", 44_100), ("ogg", 44_100), ("flac", 44_100)])
def test_each_format_has_it_at_a_rate_of_its_own(tmp_path: Path, suffix: str, rate: int) -> None:
    x = 0.5 * np.sin(2 * np.pi * 1000 / 44_100 * np.arange(88_200))
    soundfile.write(tmp_path / "result.flac", np.column_stack([x, x]), 44_100, subtype="PCM_24")
    about = do(tmp_path / "out", do="convert", song=str(tmp_path / "result.flac"), format=suffix, bit_depth=None)
    assert about["seconds"] == pytest.approx(2, abs=1 / rate)
    y, found = soundfile.read(tmp_path / "out" / f"result.{suffix}")
    assert (found, y.shape[1]) == (rate, 2)
    spectrum = np.abs(np.fft.rfft(y[rate // 2 : 3 * rate // 2, 0] * np.hanning(rate)))
    assert spectrum.argmax() == pytest.approx(1000, abs=1)
    assert spectrum.max() * 4 / rate == pytest.approx(0.5, rel=0.03)


def test_a_song_longer_than_is_taken_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="my song is longer than the 1 seconds"):
        do(tmp_path / "out", do="look", song=str(song(tmp_path / "a.wav")), longest=1.0)
    told = song(tmp_path / "a.mp3", 3.0, channels=1, format="MP3")
    with pytest.raises(ValueError, match="my song is longer"):
        do(tmp_path / "out", do="look", song=str(told), longest=1.0)


def test_a_header_that_tells_of_a_day_is_not_believed(tmp_path: Path) -> None:
    data = bytearray(song(tmp_path / "a.flac").read_bytes())
    data[21:26] = (data[21] & 0xF0 | 0).to_bytes(1, "big") + (86_400 * RATE).to_bytes(4, "big")
    (tmp_path / "a.flac").write_bytes(data)
    about = do(tmp_path / "out", do="look", song=str(tmp_path / "a.flac"))
    assert about["seconds"] == 2.0


def test_a_long_nothing_in_a_small_file_takes_no_memory(tmp_path: Path) -> None:
    with soundfile.SoundFile(tmp_path / "bomb.flac", "w", RATE, 1) as file:
        for _ in range(15):
            file.write(np.zeros(60 * RATE, np.float32))
    size = (tmp_path / "bomb.flac").stat().st_size
    assert size < 60_000
    tracemalloc.start()
    about = do(tmp_path / "out", do="look", song=str(tmp_path / "bomb.flac"))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert about["seconds"] == 900
    assert most < 12e6, "all of it is 29 MB"


@pytest.mark.parametrize("data", [b"", b"no sound at all", b"RIFF\xff\xff\xff\xffWAVE", b"fLaC" + b"\xff" * 100])
def test_what_is_no_song_is_refused_without_a_path(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "secret").write_bytes(data)
    with pytest.raises(ValueError, match="my song") as refused:
        do(tmp_path / "out", do="look", song=str(tmp_path / "secret"))
    assert str(tmp_path) not in str(refused.value)


def test_a_picture_is_what_was_drawn(tmp_path: Path) -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    png.write(tmp_path / "grey.png", grey)
    assert np.array_equal(np.rint(imread(tmp_path / "grey.png") * 255), grey)
    png.write(tmp_path / "colour.png", grey, png.palette())
    seen = np.rint(imread(tmp_path / "colour.png")[:, :, :3] * 255).reshape(256, 3)
    assert np.array_equal(seen, png.palette())
    light = png.palette() @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(light) >= -1).all(), "louder is lighter"

"""A picture of a sound: right in time, frequency and level, however long the sound and however it comes."""

import tracemalloc
from pathlib import Path

import numpy as np
from matplotlib.image import imread
from support import sounds

from rtengine.jobs.overview import BANDS, COLUMNS, HOP, Overview
from rtengine.jobs.picture import drawn

RATE = 44_100


def overview(x: np.ndarray, expected: int, size: int) -> Overview:
    seen = Overview(RATE, expected)
    for n in range(0, x.shape[1], size):
        seen.add(x[:, n : n + size])
    return seen


def test_a_sine_stands_at_its_frequency_and_level() -> None:
    for frequency in (60.0, 440.0, 3000.0, 12_000.0):
        x = (0.5 * np.sin(2 * np.pi * frequency * np.arange(2 * RATE) / RATE)).astype(np.float32)[None]
        seen = overview(x, x.shape[1], 7_777)
        levels = seen.spectrogram()[20:-20]
        assert abs(np.log2(seen.frequencies[levels.mean(axis=0).argmax()] / frequency)) < 0.05
        assert np.all(np.abs(levels.max(axis=1) + 6) < 1.6)  # Hann windows lose up to 1.4 dB between two bins


def test_a_click_stands_at_its_time() -> None:
    x = np.zeros((2, 3 * RATE), np.float32)
    x[1, 100_000] = 0.9
    seen = overview(x, x.shape[1], 7_777)
    low, high = seen.waveform()
    assert high.argmax() == 100_000 // seen.hop
    assert (low.min(), high.max()) == (0, np.float32(0.9))
    assert abs(int(seen.spectrogram()[:, -40:].mean(axis=1).argmax()) - 100_000 / seen.hop) <= 1


def test_it_does_not_depend_on_how_the_sound_comes() -> None:
    x = sounds.music(3 * RATE + 123, 2, RATE)
    once = overview(x, x.shape[1], x.shape[1])
    for size in (77, 4_096, 65_536):
        again = overview(x, x.shape[1], size)
        assert np.array_equal(once.waveform(), again.waveform())
        assert np.array_equal(once.spectrogram(), again.spectrogram())


def test_an_unexpectedly_long_sound_is_kept_in_as_many_columns() -> None:
    x = sounds.music(70 * RATE, 1, RATE)
    seen = overview(x, 0, 65_536)
    assert seen.hop == 8 * HOP
    assert COLUMNS / 2 < seen.columns <= COLUMNS
    assert seen.spectrogram().shape == (seen.columns, BANDS)
    planned = overview(x, x.shape[1], 65_536)
    low, high = seen.waveform()
    assert (low.min(), high.max()) == (x.min(), x.max())
    assert abs(np.mean(seen.spectrogram()) - np.mean(planned.spectrogram())) < 3


def test_it_takes_no_more_memory_for_longer_sounds() -> None:
    x = sounds.music(65_536, 2, RATE)

    def peak(blocks: int) -> int:
        tracemalloc.start()
        seen = Overview(RATE, blocks * x.shape[1])
        for _ in range(blocks):
            seen.add(x)
        seen.spectrogram()
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(80) < 1.05 * peak(20) < 10_000_000


def test_short_sounds_and_silence_are_drawn(tmp_path: Path) -> None:
    for i, x in enumerate((np.zeros((1, 1), np.float32), sounds.music(300, 2, 8_000), np.zeros((2, RATE), np.float32))):
        (tmp_path / f"{i}.png").write_bytes(drawn([("a", overview(x, x.shape[1], 1000))], "short"))
        assert imread(tmp_path / f"{i}.png").shape[2] == 4


def test_before_and_after_are_seen_in_the_picture(tmp_path: Path) -> None:
    x = sounds.music(2 * RATE, 2, RATE)
    y = np.diff(x, prepend=0)
    pair = [(name, overview(z, z.shape[1], 65_536)) for name, z in (("before", x), ("after", y))]
    (tmp_path / "a.png").write_bytes(drawn(pair, "a title"))
    pixels = imread(tmp_path / "a.png")[..., :3]
    assert pixels.shape[0] > 600
    assert pixels.shape[1] > 1200
    assert pixels.std() > 0.1
    top, bottom = pixels[150:400, 100:1250], pixels[600:850, 100:1250]
    assert np.abs(top.mean() - bottom.mean()) > 0.02

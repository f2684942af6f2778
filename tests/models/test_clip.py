"""Any sound as a texture: measured from a file, told to the network, refused in one sentence if it is a bad clip."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtengine.models.exemplars import exemplar
from rtengine.models.texture import clip
from rtengine.models.texture.bands import FRAME_RATE
from rtengine.models.texture.embedding import EMBEDDING, noise_columns
from rtengine.models.texture.tracks import tracks
from rtengine.patches.texture import texture

RATE = 44_100


def written(folder: Path, name: str, x: np.ndarray, sample_rate: int = RATE) -> Path:
    soundfile.write(folder / name, x, sample_rate)
    return folder / name


def chirps(seconds: float = 6.0) -> np.ndarray:
    """Four falling tones a second, from 3,000 Hz two octaves down, 0.2 s each."""
    t = np.arange(int(0.2 * RATE)) / RATE
    one = np.sin(2 * np.pi * np.cumsum(3000 * 2 ** (-2 * t / 0.2)) / RATE) * np.sin(np.pi * t / 0.2)
    x = np.zeros(int(seconds * RATE))
    for start in range(0, len(x) - len(one), RATE // 4):
        x[start : start + len(one)] += one
    return (0.3 * x).astype(np.float32)


def test_falling_tones_are_found_as_such() -> None:
    found, share = tracks(chirps())
    assert share > 0.7
    assert abs(len(found) - 24) <= 3
    for track in found:
        pitch = np.array(track.bins) * RATE / track.n_fft
        assert abs(len(pitch) / FRAME_RATE - 0.2) < 0.06
        assert abs(pitch[0] / 3000 - 1) < 0.25
        assert -2.3 < np.log2(pitch[-1] / pitch[0]) < -1.2


def test_noise_has_no_tones_and_a_held_tone_is_one() -> None:
    noise = np.random.default_rng(0).standard_normal(4 * RATE).astype(np.float32)
    assert tracks(noise)[1] < 0.1
    tone = np.sin(2 * np.pi * 440 * np.arange(4 * RATE) / RATE).astype(np.float32)
    found, share = tracks(tone)
    assert share > 0.9
    (track,) = found
    assert len(track.bins) / FRAME_RATE > 3.8
    assert np.allclose(np.array(track.bins) * RATE / track.n_fft, 440, atol=2)


def test_a_takes_own_level_and_length_change_little() -> None:
    x = exemplar("rain", 8, RATE, 1)
    whole, half = (np.array(clip.measured(y).numbers()) for y in (x, 0.1 * x[: len(x) // 2]))
    other = np.array(clip.measured(exemplar("bells", 8, RATE, 1)).numbers())
    assert np.linalg.norm(whole - half) < 0.3 * np.linalg.norm(whole - other)


@pytest.mark.parametrize("sample_rate", [22_050, 48_000])
def test_files_of_any_rate_and_many_channels_load(tmp_path: Path, sample_rate: int) -> None:
    x = np.random.default_rng(0).standard_normal((sample_rate, 3)) * 0.1
    assert abs(len(clip.load(written(tmp_path, "a.wav", x, sample_rate))) - RATE) <= 1


@pytest.mark.parametrize(
    ("x", "error"),
    [
        (np.zeros(RATE), "is silent"),
        (np.ones(RATE // 4), "has 0.25 s of sound, which is less than 0.5"),
        (np.full(RATE, np.nan), "is silent"),
        (None, "is no sound file that can be read"),
    ],
)
def test_a_bad_clip_is_refused(tmp_path: Path, x: np.ndarray | None, error: str) -> None:
    file = tmp_path / "clip.wav"
    if x is None:
        file.write_bytes(b"RIFF but no sound at all" * 9)
    else:
        soundfile.write(file, x, RATE, subtype="FLOAT")
    with pytest.raises((OSError, ValueError), match=f"clip.wav {error}"):
        clip.load(file)


def test_hours_are_no_texture(tmp_path: Path) -> None:
    file = tmp_path / "day.flac"
    with soundfile.SoundFile(file, "w", 1000, 1) as sound:
        for _ in range(37):
            sound.write(np.zeros(100_000))
    with pytest.raises(ValueError, match=r"day.flac lasts 1.0 hours, which is more than 1"):
        clip.load(file)


def test_a_clip_is_one_more_texture_of_the_same_compiled_code(tmp_path: Path) -> None:
    file = written(tmp_path, "zaps.wav", chirps(2.0))
    plain, more = texture(48_000), texture(48_000, clips={"zaps": file})
    assert "/texture/zaps" in more.parameters
    assert more.memory.dtype == plain.memory.dtype
    assert more.listing == plain.listing
    for name in plain.parameters:
        assert more[name] == plain[name]
    more["/texture/water"], more["/texture/zaps"] = 0, 1
    more.settle()
    x = np.random.default_rng(0).standard_normal((2, 24_000)).astype(np.float32) * 0.05
    assert np.abs(more.process(x) - plain.process(x)).max() > 0.01


def test_the_embedding_has_the_models_layout(tmp_path: Path) -> None:
    found = clip.embedding(clip.measured(chirps()), makeup=0.3)
    assert len(found) == EMBEDDING
    assert found[clip.MAKEUP] == 0.3
    assert 0 < noise_columns().start < noise_columns().stop < clip.MAKEUP

"""python -m offline render with the real graph and the shipped model."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from support import sounds

from offline.__main__ import main
from rtengine.dsp.loudness import loudness
from rtengine.patches.texture import texture, textures

RATE = 44_100


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    x = sounds.music(2 * RATE + 17, 2, RATE)
    return sounds.write(tmp_path_factory.mktemp("song") / "song.wav", x, RATE, "PCM_24")


def rendered(song: Path, *words: object) -> np.ndarray:
    output = song.with_name("out.wav")
    assert main(["render", str(song), str(output), "-f", "-q", "lofi", *map(str, words)]) == 0
    y, rate = soundfile.read(output, dtype="float32", always_2d=True)
    assert rate == soundfile.info(song).samplerate
    return np.ascontiguousarray(y.T)


@pytest.mark.parametrize("rate", [RATE, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_mix_0_is_the_input_bit_for_bit_and_in_time(tmp_path: Path, rate: int, channels: int) -> None:
    for length in (1, 1_000, rate):
        path = sounds.write(tmp_path / f"{length}.wav", sounds.music(length, channels, rate), rate, "PCM_24")
        x = soundfile.read(path, dtype="float32", always_2d=True)[0].T
        assert np.array_equal(rendered(path, "--mix", 0), x)


def test_each_texture_is_another_sound_of_the_same_length(song: Path) -> None:
    x = soundfile.read(song, dtype="float32")[0].T
    renders = [rendered(song, "-t", name) for name in textures()]
    renders.append(rendered(song, "-t", ",".join(f"{name}:0.5" for name in textures()[:2])))
    for i, y in enumerate(renders):
        assert y.shape == x.shape
        assert 0.05 < y.std() / x.std() < 3
        for other in [x, *renders[:i]]:
            assert np.abs(y - other).std() > 0.1 * x.std()


def test_renders_repeat_whatever_the_threads_and_differ_by_the_seed(song: Path) -> None:
    once = rendered(song)
    for threads in (1, 2, 3):
        assert np.array_equal(rendered(song, "--threads", threads), once)
    assert not np.array_equal(rendered(song, "--seed", 1), once)


def test_the_loudness_that_was_asked_for(song: Path) -> None:
    for target in (-33.0, -27.0):  # louder, the limiter has its say
        assert abs(loudness(rendered(song, "--loudness", target), RATE) - target) < 0.1


def test_loud_renders_keep_their_true_peaks(song: Path, capsys: pytest.CaptureFixture[str]) -> None:
    y = rendered(song, "--loudness", 0)
    assert "LUFS is as loud as it gets" in capsys.readouterr().err
    around = np.pad(y.T, ((1_000, 1_000), (0, 0)))  # silence, as a converter has before and after
    assert 20 * np.log10(np.abs(soxr.resample(around, RATE, 8 * RATE, quality="VHQ")).max()) <= -0.95


def test_silence_has_no_loudness_to_bring_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = sounds.write(tmp_path / "silence.wav", np.zeros((2, RATE), np.float32), RATE)
    assert not rendered(path, "--mix", 0, "--loudness", -14).any()
    assert "too quiet" in capsys.readouterr().err


def test_every_parameter_can_be_set(song: Path) -> None:
    with texture(RATE) as graph:
        words = [f"--set={address}={p.high:g}" for address, p in graph.parameters.items()]
    assert rendered(song, *words).shape == (2, 2 * RATE + 17)
    quiet, less = (rendered(song, "--set", f"/output/gain={gain}") for gain in (-12, -18))  # below the limiter
    assert np.allclose(less, quiet * 10 ** (-6 / 20), atol=1e-6)

"""Log-mel frames against librosa's and resampy's, as the published network was given them."""

import librosa
import numpy as np
import pytest
import resampy

from rtengine.models.listen.front_end import RATE, Ear, log_mel


def published(x: np.ndarray, rate: int) -> np.ndarray:
    """What musicnn made in 2019: kaiser_best by its numbers, ends mirrored as by librosa 0.7; in float32."""
    y = x.mean(axis=0)
    if rate != RATE:
        kaiser = {"num_zeros": 64, "precision": 9, "rolloff": 0.9475937167399596}
        y = resampy.resample(
            y, rate, RATE, filter="sinc_window", window=lambda n: np.kaiser(n, 14.769656459379492), **kaiser
        )
        y = librosa.util.fix_length(y, size=-(-x.shape[1] * RATE // rate))
    mel = librosa.feature.melspectrogram(y=y, sr=RATE, n_fft=512, hop_length=256, n_mels=96, pad_mode="reflect")
    return np.log10(10_000 * mel.T + 1)


def sound(rate: int, seconds: float = 2.0) -> np.ndarray:
    """Two channels of noise and a chirp, to full scale."""
    rng, t = np.random.default_rng(rate), np.arange(round(rate * seconds)) / rate
    chirp = np.sin(2 * np.pi * (100 * t + 1500 * t * t))
    return (0.5 * chirp + 0.1 * rng.standard_normal((2, len(t)))).astype(np.float32)


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000])
def test_frames_are_the_published_ones(rate):
    x = sound(rate)
    frames, expected = log_mel(x, rate), published(x, rate)
    assert frames.shape == expected.shape
    assert frames.dtype == np.float32
    assert np.abs(frames - expected).max() < 2e-4


def test_another_resampler_would_not_do():
    x = sound(44_100)
    y = librosa.resample(x.mean(axis=0), orig_sr=44_100, target_sr=RATE, res_type="soxr_hq")
    assert np.abs(log_mel(y[None], RATE) - published(x, 44_100)).max() > 0.1


def test_blocks_do_not_matter():
    x = sound(44_100)
    ear, made, at = Ear(44_100), [], 0
    for size in [1, 63, 64, 5000, 4096, 1, 30_000, 100_000]:
        made.append(ear.hear(x[:, at : at + size]))
        at += size
    np.testing.assert_array_equal(np.concatenate([*made, ear.finish()]), log_mel(x, 44_100))


def test_the_loudest_music_stays_finite():
    x = np.sign(sound(16_000))  # musicnn's float16 made infinity of this
    assert np.isfinite(log_mel(x, 16_000)).all()


@pytest.mark.parametrize("samples", [1, 100, 256, 257, 258, 600])
def test_short_sounds_have_all_their_frames(samples):
    assert log_mel(sound(16_000)[:, :samples], 16_000).shape == (1 + samples // 256, 96)


@pytest.mark.parametrize("rate", [499, 512_001])
def test_rates_out_of_reach_are_named(rate):
    with pytest.raises(ValueError, match=f"{rate} Hz is outside 500 to 512000 Hz"):
        Ear(rate)

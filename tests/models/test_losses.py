"""What training measures sounds by."""

import numpy as np
import pytest
import torch
from scipy import signal

from rtengine.models.texture.bands import SAMPLE_RATE
from rtengine.models.texture.training.losses import ContentKept, Sound, TextureStatistics, leakage
from rtengine.models.texture.training.power import power_spectrogram
from rtengine.models.texture.training.zoo import varied


@pytest.mark.parametrize("n_fft", [16, 1024, 4096])
def test_power_spectrograms_and_their_gradients_are_those_of_torch(n_fft: int) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(3, 9000, generator=generator, dtype=torch.float64, requires_grad=True)
    power = power_spectrogram(x, n_fft)
    window = torch.hann_window(n_fft)
    wanted = torch.stft(x, n_fft, n_fft // 4, window=window.double(), return_complex=True).abs().square()
    assert torch.allclose(power, wanted)
    some = torch.randn(power.shape, generator=generator, dtype=torch.float64)
    (found,), (right,) = (torch.autograd.grad((p * some).sum(), x) for p in (power, wanted))
    assert torch.allclose(found, right)


def test_a_sound_is_nearer_to_itself_than_to_another_and_keeps_itself() -> None:
    chance = np.random.default_rng(0)
    t = np.arange(4 * SAMPLE_RATE) / SAMPLE_RATE
    noise = chance.standard_normal((2, len(t)))  # two takes of one texture
    chirps = signal.chirp(t % 0.25, 300, 0.25, 3000) * (1 + 0.1 * noise[0])
    first, second, other = (Sound(torch.as_tensor(0.06 * x[None], dtype=torch.float32)) for x in (*noise, chirps))
    statistics = TextureStatistics()
    own, take, far = (statistics(x) for x in (first, second, other))
    for family, found in own.items():
        assert (found - take[family]).norm() < 0.5 * (found - far[family]).norm(), family
    kept = ContentKept()
    song = kept.features(other)
    assert all(torch.isclose(k, torch.ones(1), atol=1e-3) for k in kept(song, other))
    assert all(k < 0.5 for k in kept(song, first))


def test_only_what_is_louder_in_the_pauses_leaks() -> None:
    chance = np.random.default_rng(0)
    song = 0.1 * chance.standard_normal((1, 2 * SAMPLE_RATE)).astype(np.float32)
    song[:, SAMPLE_RATE:] *= 0.01
    filled = song.copy()
    filled[:, SAMPLE_RATE:] *= 10  # 20 dB
    before, louder, same = (Sound(torch.as_tensor(x)) for x in (song, filled, 2 * song))
    assert leakage(before, louder) == pytest.approx((20 - 1) / 8, rel=0.1)
    assert leakage(before, before) == 0
    assert leakage(before, same) == pytest.approx((6 - 1) / 8, rel=0.1)


def test_variants_of_a_recording_are_other_sounds_and_always_the_same() -> None:
    x = np.random.default_rng(0).standard_normal(SAMPLE_RATE).astype(np.float32)
    one, again, other = (varied(x, number) for number in (3, 3, 4))
    assert np.array_equal(one, again)
    assert len(one) != len(other)
    for y in (one, other):
        assert y.dtype == np.float32
        assert 2**-0.61 < len(y) / len(x) < 2**0.61

"""Where the fit of a window begins: levels as a texture has them, notes as the song has them, and where it is heard."""

import numpy as np
import pytest

from rtengine.models.texture import distribution
from rtengine.models.texture.aim import FARTHEST, limit
from rtengine.models.texture.bands import BANDS, HOP_LENGTH
from rtengine.models.texture.curve import FULL, NONE, NOTES, keep_notes
from rtengine.models.texture.distribution import EQUALISED
from rtengine.models.texture.fit import measure, prepare
from rtengine.native.record import record

FRAMES = 300


def levels(seed: int, spread: float) -> np.ndarray:
    """Band levels (FRAMES, BANDS) in nepers."""
    return (spread * np.random.default_rng(seed).standard_normal((FRAMES, BANDS))).astype(np.float32)


def steadied(memory: np.void, x: np.ndarray) -> np.ndarray:
    distribution.steady(memory, x)
    return memory["level"].copy()


def test_gains_give_each_band_the_distribution_that_is_wanted() -> None:
    """Sorted levels are the texture's, and the order of the frames stays."""
    memory = record(distribution.prepare(FRAMES))[0]
    song, texture = levels(1, 1.0), levels(2, 0.2)
    distribution.want(memory, texture, np.float32(1))
    before, wanted = steadied(memory, song), np.sort(steadied(memory, texture), 1)
    gains = np.zeros((FRAMES, BANDS), np.float32)
    distribution.steady(memory, song)
    distribution.begin(memory, song, memory["mean"].copy(), gains)
    after = before + gains.T
    assert np.abs(np.sort(after, 1) - wanted).max() < 1e-5
    assert (np.argsort(before, 1) == np.argsort(after, 1)).all()


def test_a_blend_wants_the_mean_of_each_level() -> None:
    memory = record(distribution.prepare(FRAMES))[0]
    a, b = levels(3, 1.0), levels(4, 0.3)
    for texture, share in ((a, 0.25), (b, 0.75)):
        distribution.want(memory, texture, np.float32(share))
    both = 0.25 * np.sort(steadied(memory, a), 1) + 0.75 * np.sort(steadied(memory, b), 1)
    assert np.abs(memory["wanted"] - both).max() < 1e-5


def test_a_band_goes_a_part_of_the_way_to_the_spectrum_that_is_wanted() -> None:
    memory = record(distribution.prepare(FRAMES))[0]
    song = levels(5, 0.5)
    distribution.want(memory, song, np.float32(1))
    gains = np.zeros((FRAMES, BANDS), np.float32)
    distribution.steady(memory, song)
    distribution.begin(memory, song, memory["mean"] + np.linspace(-1, 1, BANDS).astype(np.float32), gains)
    assert np.abs(gains - EQUALISED * np.linspace(-1, 1, BANDS)).max() < 1e-4


def test_equal_levels_are_sorted_by_their_frames() -> None:
    """So that a render repeats."""
    values = np.array([2, 1, 2, 0, 1, 0, 2], np.float32)
    order = np.zeros(len(values), np.int64)
    distribution.sort(values, order)
    assert order.tolist() == np.argsort(values, kind="stable").tolist()


def test_a_spectrum_stays_within_reach_of_the_songs() -> None:
    """Small differences stand, large ones end at the bound, and a common level is none."""
    own = np.random.default_rng(6).standard_normal(BANDS).astype(np.float32)
    away = np.where(np.arange(BANDS) % 2, 0.1, -0.1).astype(np.float32)
    wanted = own + 5 + away
    limit(wanted, own)
    assert np.abs(wanted - own - 5 - away).max() < 1e-3
    wanted = own + 100 * away
    limit(wanted, own)
    assert np.abs(np.abs(wanted - own) - FARTHEST).max() < 1e-3


@pytest.mark.parametrize("channels", [1, 2])
def test_notes_come_back_in_noise_and_bands_keep_their_power(channels: int) -> None:
    fit = record(prepare(channels, HOP_LENGTH, 1, 2))[0]
    random, spectrum = np.random.default_rng(7), fit["spectrum"]
    spectrum[:channels] = random.standard_normal(spectrum[:channels].shape)  # what was made: noise
    spectrum[channels:] = 1e-3
    spectrum[channels:, :, 24:90:6] = 30  # the song: tones every 260 Hz
    low = np.zeros((2, 96), np.float32)
    made, song, after = (np.zeros(BANDS, np.float32) for _ in range(3))
    measure(fit, spectrum[:channels], made, low)
    measure(fit, spectrum[channels:], song, low)
    noise = spectrum[:channels].copy()
    keep_notes(fit, channels, made, song)
    measure(fit, spectrum[:channels], after, low)
    assert 0.5 * np.log(np.exp(2 * after).mean() / np.exp(2 * made).mean()) == pytest.approx(0, abs=0.3)
    power = (spectrum[:channels] ** 2).sum((0, 1))
    tones, between = power[24 : int(FULL) : 6].mean(), power[27 : int(FULL) : 6].mean()
    assert tones > 8 * between
    assert between < (1.2 - NOTES) * (noise[:, :, 27 : int(FULL) : 6] ** 2).sum((0, 1)).mean()
    assert np.array_equal(spectrum[:channels, :, int(NONE) + 1 :], noise[:, :, int(NONE) + 1 :])
    turn = (spectrum[:channels, 0] * noise[:, 1] - spectrum[:channels, 1] * noise[:, 0]) / power.max()
    assert np.abs(turn).max() < 1e-5  # phases stay

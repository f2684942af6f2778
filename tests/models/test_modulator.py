"""A texture's modulator: what a sound's bands and partials do, kept small, going round without a seam."""

import numpy as np
import pytest

from rtengine.models.exemplars import exemplar
from rtengine.models.texture.bands import BANDS, BINS, FRAME_RATE, HOP_LENGTH, N_FFT, SAMPLE_RATE, band_centres
from rtengine.models.texture.fingerprint import spectrogram
from rtengine.models.texture.modulator import FRAMES, STEEPEST, Modulator, ease, follow, modulator, unpacked
from rtengine.models.texture.tracks import tracks


def made(x: np.ndarray) -> Modulator:
    x = x.astype(np.float32)
    return modulator(spectrogram(x, N_FFT, HOP_LENGTH), tracks(x)[0])


def at(found: Modulator, place: int, share: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    envelopes, partials = np.zeros(BANDS, np.float32), np.zeros(BINS, np.float32)
    follow(*found, place, np.float32(share), envelopes, partials)
    return envelopes, partials


def pulsed(hertz: float, seconds: float = 4.0) -> np.ndarray:
    """White noise whose amplitude swings e-fold up and down."""
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return 0.1 * np.random.default_rng(0).standard_normal(len(t)) * np.exp(np.sin(2 * np.pi * hertz * t))


def test_envelopes_are_told_in_nepers() -> None:
    found = made(pulsed(3.0))
    envelopes = np.stack([at(found, m)[0] for m in range(len(found.envelopes))])
    middle = envelopes[40:-40, 20:].mean(1)  # noise of many bands
    t = (np.arange(len(envelopes))[40:-40] + 2) / FRAME_RATE  # frames reach 1,024 samples on from their first
    wanted = np.sin(2 * np.pi * 3 * t)
    assert np.abs(middle - wanted).max() < 0.35
    assert abs(np.polyfit(wanted, middle, 1)[0] - 1) < 0.1


def test_partials_are_where_they_sound() -> None:
    t = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    found = made(0.1 * np.sin(2 * np.pi * 2000 * t) + 0.02 * np.sin(2 * np.pi * 5000 * t))
    partials = at(found, 200)[1]
    strong, weak = (round(f * N_FFT / SAMPLE_RATE) for f in (2000, 5000))
    assert partials.argmax() == strong
    assert abs(20 * np.log10(partials[weak] / partials[strong]) + 14) < 2
    assert partials[(weak + strong) // 2] == 0


def test_shares_scale_and_add() -> None:
    found = made(exemplar("water", 6.0))
    envelopes, partials = at(found, 100)
    half_envelopes, half_partials = at(found, 100, 0.5)
    assert np.allclose(half_envelopes, envelopes / 2)
    assert np.allclose(half_partials, partials / 2)


@pytest.mark.parametrize("name", ["rain", "waves", "choir"])
def test_it_goes_round_without_a_seam(name: str) -> None:
    """From the last frame to the first it envelopes no more than it does elsewhere."""
    found = made(exemplar(name, 13.0))
    envelopes = found.envelopes.astype(float)
    assert len(envelopes) == FRAMES
    steps = np.abs(np.diff(envelopes, axis=0, append=envelopes[:1])).mean(1)
    assert steps[-1] < 2 * np.median(steps)


def test_what_rises_steeply_begins_earlier_also_round_the_end() -> None:
    found = np.zeros((40, BANDS), np.int8)
    found[1] = found[20, 3] = 100
    before = found.copy()
    ease(found)
    rises = np.diff(found.astype(int), axis=0, prepend=found[-1:].astype(int))
    assert rises.max() == STEEPEST
    assert np.array_equal(found[[37, 38, 39, 0], 0], [0, 25, 50, 75])
    assert np.all(found >= before)
    assert np.array_equal(found[21:36], before[21:36])


def test_a_short_sound_has_a_short_course() -> None:
    found = made(exemplar("fire", 0.5))
    assert 40 < len(found.envelopes) < 86


def test_it_is_packed_and_unpacked_whole() -> None:
    found = made(exemplar("birds", 3.0))
    text = found.packed()
    again = unpacked(text)
    assert all(np.array_equal(a, b) for a, b in zip(found, again, strict=True))
    assert len(text) < found.envelopes.nbytes + found.partials.nbytes


HALF = Modulator(np.zeros((1, 9), np.int8), np.zeros((1, 3, 1), np.int16)).packed()


@pytest.mark.parametrize("text", ["", "no base64!", "AAAA", HALF])
def test_a_damaged_course_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"modulator|base64|padding"):
        unpacked(text)


def test_a_course_that_would_fill_the_memory_is_refused() -> None:
    bomb = Modulator(np.zeros((40 * FRAMES, BANDS), np.int8), np.zeros((40 * FRAMES, 3, 12), np.int16)).packed()
    with pytest.raises(ValueError, match="a modulator of"):
        unpacked(bomb)


def test_bands_low_and_high_both_move() -> None:
    low = made(pulsed(2.0))
    assert (low.envelopes.std(0) > 10).all()
    assert len(band_centres()) == low.envelopes.shape[1]

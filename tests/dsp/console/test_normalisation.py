import numpy as np
import pytest

from rtengine.dsp.console import bands, fir, image, onsets, room, threshold

RATE = 44_100


def noise(seconds: float = 3.0, channels: int = 2, seed: int = 0) -> np.ndarray:
    return (0.1 * np.random.default_rng(seed).standard_normal((channels, round(seconds * RATE)))).astype(np.float32)


def test_a_sine_has_its_level_in_its_band() -> None:
    t = np.arange(3 * RATE) / RATE
    x = np.stack([0.5 * np.sin(2 * np.pi * 1000 * t), 0 * t]).astype(np.float32)
    measured = bands.spectrum(x, RATE)
    k = int(np.argmax(measured.left))
    assert bands.CENTRES[k] == 1000
    assert abs(measured.left[k] + 9.03) < 0.1
    assert abs(measured.mid[k] + 15.05) < 0.1
    assert abs(measured.side[k] + 15.05) < 0.1
    assert measured.right.max() == bands.FLOOR


def test_white_noise_rises_by_a_decibel_a_band() -> None:
    level = bands.spectrum(noise(60), RATE).both[8:]  # lower bands hold too few bins to average
    assert np.abs(np.diff(level)[:-1] - 1).max() < 0.4


def test_a_minimum_phase_filter_has_its_magnitude_and_answers_at_once() -> None:
    f = np.linspace(0, 1, 4097)
    wanted = 10 ** ((6 * np.cos(9 * f) - 4 * f) / 20)
    h = fir.minimum_phase(wanted)
    got = np.abs(np.fft.rfft(h, 8192))
    assert np.abs(20 * np.log10(got / wanted)).max() < 0.1
    assert np.sum(h[:32] ** 2) > 0.99 * np.sum(h**2)


def test_the_stream_is_the_convolution_in_pieces_of_any_size() -> None:
    from rtengine.native.record import record

    x, h = noise(0.2), fir.minimum_phase(np.linspace(2, 0.5, 2049), 500)
    y = fir.filtered(x, h)
    assert np.abs(y[1] - np.convolve(x[1], h)[: x.shape[1]]).max() < 1e-6
    memory, pieces = record(fir.prepare(h, 2))[0], []
    for n in range(0, x.shape[1], 37):
        piece = x[:, n : n + 37].copy()
        fir.run(memory, piece)
        pieces.append(piece)
    assert np.array_equal(np.concatenate(pieces, axis=1), y)


def test_zeros_are_no_filter() -> None:
    with pytest.raises(ValueError, match="zeros"):
        fir.minimum_phase(np.zeros(65))


def test_onsets_are_found_with_their_levels() -> None:
    x = np.zeros((2, 6 * RATE), np.float32)
    burst = np.random.default_rng(0).uniform(-1, 1, 4000) * np.exp(-np.arange(4000) / 800)
    burst *= 1 / np.abs(burst).max()
    levels = [-6, -12, -20, -9, -3, -15]
    for i, level in enumerate(levels):
        n = round((0.3 + 0.9 * i) * RATE)
        x[:, n : n + 4000] += burst * 10 ** (level / 20)
    assert np.abs(onsets.onset_levels(x) - levels).max() < 0.1
    assert list(np.round(onsets.loud_onsets(onsets.onset_levels(x)))) == [-6, -3]


def test_crest_of_a_sine_is_3_db() -> None:
    x = np.sin(np.arange(RATE) * 0.1)[None].astype(np.float32)
    assert abs(onsets.crest(x) - 3.01) < 0.01
    assert abs(onsets.crest(np.concatenate([x, 0 * x], axis=1)) - 3.01) < 0.1
    assert onsets.crest(0 * x) == 0


@pytest.mark.parametrize("mean", [-6.5, -9.0, -15.0])
def test_the_threshold_brings_the_peaks_to_the_mean(mean: float) -> None:
    peaks = np.random.default_rng(1).normal(-6, 3, 50)
    for ratio in (2.0, 5.0, 20.0):
        t = threshold.threshold(peaks, mean, ratio)
        assert t is not None
        after = peaks - (1 - 1 / ratio) * np.maximum(peaks - t, 0)
        assert abs(after.mean() - mean) < 1e-9


def test_no_threshold_where_none_is_needed() -> None:
    assert threshold.threshold(np.array([-10.0, -12.0]), -8, 4) is None
    assert threshold.threshold(np.array([]), -8, 4) is None
    with pytest.raises(ValueError, match="a ratio of 1 is not above 1"):
        threshold.threshold(np.array([-3.0]), -8, 1)


def test_places_are_where_the_sound_is() -> None:
    x = np.zeros((3, 2, 1), np.complex64)
    x[:, 0, 0], x[:, 1, 0] = [1, 1, 0], [1, 0, 2j]
    assert np.allclose([image.places(*pair) for pair in x], [[0], [-1], [1]])


def test_the_image_is_brought_to_the_reference() -> None:
    left, right = noise(4)
    narrow = np.stack([left + 0.7 * right, 0.7 * left + right])
    wide = np.stack([left + 0.1 * right, 0.1 * left + right])
    reference = image.width(wide)
    before, after = image.width(narrow), image.width(image.towards(narrow, reference))
    inner = slice(5, -5)
    assert np.abs(before - reference)[inner].mean() > 0.15
    assert np.abs(after - reference)[inner].mean() < 0.5 * np.abs(before - reference)[inner].mean()
    power = [np.sum(np.square(y, dtype=float)) for y in (narrow, image.towards(narrow, reference))]
    assert abs(10 * np.log10(power[1] / power[0])) < 0.5


def test_a_mono_sound_keeps_its_place() -> None:
    x = np.repeat(noise(1, 1), 2, axis=0)
    y = image.towards(x, np.full(1025, 0.5))
    assert np.abs(y - x)[:, 2048:-2048].max() < 1e-4


def test_a_room_is_a_convolution_behind_shelves() -> None:
    h = np.zeros((1, 5000), np.float32)
    h[0, 1000] = 2
    h = room.impulse_response(h, RATE, RATE, "h")
    t = np.arange(RATE) / RATE
    x = np.tile(np.sin(2 * np.pi * 2200 * t), (2, 1)).astype(np.float32)  # between the shelves
    y = room.with_room(x, h, 0.5, RATE) - x
    assert np.abs(y[:, :1000]).max() < 1e-5
    assert abs(20 * np.log10(np.abs(y[:, 2000:]).max()) + 6.02) < 1.2


def test_an_impulse_response_of_another_rate_is_converted_and_one_of_an_hour_refused() -> None:
    h = np.zeros((1, 4800), np.float32)
    h[0, 480] = 1
    assert int(np.argmax(np.abs(room.impulse_response(h, 48_000, RATE, "h")[1]))) == 441
    with pytest.raises(ValueError, match=r"long\.wav lasts 3600 s: an impulse response has at most 20 s"):
        room.impulse_response(np.broadcast_to(np.float32(0), (1, 3600 * 8000)), 8000, RATE, "long.wav")
    with pytest.raises(ValueError, match="silent"):
        room.impulse_response(np.zeros((1, 100), np.float32), RATE, RATE, "h")

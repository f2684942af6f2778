import numpy as np
import pytest

from rtengine.models.exemplars import EXEMPLARS, exemplar
from rtengine.models.texture.training.judge import envelopes, rate_scale, spectrogram

torch = pytest.importorskip("torch")
SECONDS = 4.0


@pytest.fixture(scope="module")
def sounds():
    return {name: np.stack([exemplar(name, SECONDS, seed=seed) for seed in (0, 1)]) for name in EXEMPLARS}


@pytest.mark.parametrize("name", EXEMPLARS)
def test_equal_arguments_give_equal_samples_and_another_seed_others(name):
    x = exemplar(name, 1.0)
    assert np.array_equal(x, exemplar(name, 1.0))
    assert np.abs(np.corrcoef(x, exemplar(name, 1.0, seed=1))[0, 1]) < 0.3


@pytest.mark.parametrize("sample_rate", [22050, 48000, 44100.5])
def test_length_follows_the_sample_rate(sample_rate):
    x = exemplar("laser", 0.5, sample_rate)
    assert x.dtype == np.float32
    assert x.shape == (round(0.5 * sample_rate),)


@pytest.mark.parametrize("name", EXEMPLARS)
def test_level_is_minus_20_db_without_clipping_or_silence(sounds, name):
    for x in sounds[name]:
        assert abs(20 * np.log10(np.sqrt(np.mean(x * x))) + 20) < 0.1
        assert np.abs(x).max() < 10 ** (-1 / 20)
        pieces = x[: len(x) // 4410 * 4410].reshape(-1, 4410)
        assert 20 * np.log10(np.sqrt(np.mean(pieces**2, 1)).min()) > -60


def test_the_sounds_reach_high():
    for name in EXEMPLARS:
        power = np.abs(np.fft.rfft(exemplar(name, 2.0))) ** 2
        share = power[int(8000 * 2.0) :].sum() / power.sum()
        assert 10 * np.log10(share) > -50, name


def test_zaps_fall_bubbles_rise_and_the_pad_does_neither(sounds):
    def asymmetry(x):  # log power of falling ripples less that of rising ones
        falling, rising = np.split(rate_scale(x), 2)
        return np.mean(falling - rising)

    assert asymmetry(sounds["laser"][0]) > 0.5
    assert asymmetry(sounds["water"][0]) < -0.3
    assert abs(asymmetry(sounds["future"][0])) < 0.2


@pytest.mark.parametrize("family", [envelopes, rate_scale])
def test_each_sound_is_nearest_to_another_seed_of_its_own(sounds, family):
    found = {name: [family(x) for x in pair] for name, pair in sounds.items()}
    for name, (_, other) in found.items():
        assert name == min(found, key=lambda n: np.linalg.norm(found[n][0] - other))


def tonality(x):  # mean over thirds of an octave or so of log arithmetic mean less mean log
    p = spectrogram(x, 4096, 1024)[50:1400] + 1e-9
    return np.mean([np.log(q.mean(0)) - np.log(q).mean(0) for q in np.array_split(p, 15)])


def test_what_rings_stands_out_of_its_bands_and_what_hisses_does_not(sounds):
    # the mean is 0.577 for Gaussian noise (Euler's constant)
    for name in ("glass", "metal", "bells", "arpeggio", "future"):
        assert tonality(sounds[name][0]) > 1.5, name
    for name in ("rain", "fire", "static", "waves"):
        assert tonality(sounds[name][0]) < 0.65, name


def treble(x):  # amplitude above 2 kHz, of each 6 ms
    return np.sqrt(spectrogram(x, 1024, 256)[47:].sum(0))


def kurtosis(e):
    return np.mean((e - e.mean()) ** 4) / np.var(e) ** 2


def test_fire_crackles_and_the_choir_does_not(sounds):
    assert kurtosis(treble(sounds["fire"][0])) > 8
    assert kurtosis(treble(sounds["choir"][0])) < 4


def test_birds_and_insects_sing_between_2_and_13_khz(sounds):
    f = np.fft.rfftfreq(1024, 1 / 44100)
    for name in ("birds", "insects"):
        p = spectrogram(sounds[name][0], 1024, 256).mean(1)
        assert p[(f > 2000) & (f < 13000)].sum() > 0.9 * p.sum(), name


def test_waves_swell_every_second_or_two_and_rain_falls_evenly(sounds):
    def share(x):  # of the level's power spectrum that lies below 1.5 Hz
        e = treble(x)
        p = np.abs(np.fft.rfft((e - e.mean()) * np.hanning(len(e)))) ** 2
        return p[np.fft.rfftfreq(len(e), 256 / 44100) < 1.5].sum() / p.sum()

    assert share(sounds["waves"][0]) > 0.5
    assert share(sounds["rain"][0]) < 0.1


def test_the_arpeggio_has_a_note_every_115_ms(sounds):
    e = np.maximum(0, np.diff(np.log(treble(sounds["arpeggio"][0]))))
    r = np.correlate(e - e.mean(), e - e.mean(), "full")[len(e) :]
    assert abs((10 + np.argmax(r[10:30])) + 1 - 0.115 * 44100 / 256) < 1.5


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("waterr",), "'waterr' is not one of water"),
        (("water", 0.01), r"seconds = 0.01 is outside 0.1 to 600"),
        (("water", 1.0, 0), r"sample_rate = 0 is outside 8000 to 192000 Hz"),
    ],
)
def test_bad_arguments_are_named_with_their_bounds(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        exemplar(*arguments)

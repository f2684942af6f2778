import numpy as np
import pytest

from rtengine.models.exemplars import EXEMPLARS, exemplar
from rtengine.models.judge import rate_scale
from rtengine.models.losses import WEIGHTS, TextureStatistics

torch = pytest.importorskip("torch")
SECONDS = 4.0


@pytest.fixture(scope="module")
def sounds():
    return {name: np.stack([exemplar(name, SECONDS, seed=seed) for seed in (0, 1)]) for name in EXEMPLARS}


@pytest.mark.parametrize("name", ["water", "laser"])
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


def test_every_family_of_statistics_tells_the_textures_apart(sounds):
    statistics = TextureStatistics()
    found = {name: statistics(torch.as_tensor(x)) for name, x in sounds.items()}
    for family in WEIGHTS:
        same = [float((f[family][0] - f[family][1]).norm()) for f in found.values()]
        names = list(found)
        others = [float((found[a][family][0] - found[b][family][1]).norm()) for a in names for b in names if a != b]
        assert np.mean(others) > 1.4 * np.mean(same), family


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

import numpy as np

from rtengine.dsp.console import bleed

HOPS, BANDS = 800, 20
WEIGHT = np.ones(BANDS)


def players(seed: int = 0) -> np.ndarray:
    """Powers of three: one plays on and on, one in phrases, one seldom; each in bands that come and go."""
    random = np.random.default_rng(seed)
    power = 10 ** (random.normal(-3, 0.7, (HOPS, 3, BANDS)))
    phrases = (np.arange(HOPS) // 50) % 2 == 0
    power[~phrases, 1] = 0
    power[:700, 2] = 0
    return power * (random.random((HOPS, 3, BANDS)) < 0.7)


def mixed(power: np.ndarray, leaks: np.ndarray, gains: np.ndarray) -> np.ndarray:
    return (power + np.einsum("ij,mjb->mib", leaks, power)) * gains[None, :, None]


def test_leaks_are_found_whatever_the_gains() -> None:
    leaks = 10 ** (np.array([[-np.inf, -14, -20], [-12, -np.inf, -18], [-16, -13, -np.inf]]) / 10)
    for gains in (np.ones(3), 10 ** (np.array([8.0, -6.0, 0.0]) / 10)):
        found = bleed.leaks(mixed(players(), leaks, gains)) * gains[None, :] / gains[:, None]
        off = 10 * np.log10(found + 1e-9) - 10 * np.log10(leaks + 1e-9)
        assert np.abs(off[~np.eye(3, dtype=bool)]).max() < 2


def test_the_loudness_of_who_seldom_plays_is_that_of_the_player() -> None:
    power = players(1)
    leaks = np.full((3, 3), 10**-1.2) * (1 - np.eye(3))
    heard = mixed(power, leaks, np.array([1.0, 1.0, 0.2]))
    alone = mixed(power, leaks * 0, np.array([1.0, 1.0, 0.2]))
    raw = [bleed._loudness(heard[:, s] @ WEIGHT) - bleed._loudness(alone[:, s] @ WEIGHT) for s in range(3)]
    assert raw[2] > 0.2 or raw[2] < -1
    assert np.abs(np.array(raw) - bleed.excess(heard, WEIGHT)).max() < 0.5


def test_dry_strips_lose_nothing() -> None:
    assert np.abs(bleed.excess(players(2), WEIGHT)).max() < 0.1
    assert np.array_equal(bleed.excess(np.zeros((30, 2, BANDS)), WEIGHT), np.zeros(2))

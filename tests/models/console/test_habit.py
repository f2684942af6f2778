import numpy as np

from rtengine.models.console.training.habit import balance, expected, habit
from rtengine.models.console.training.songs import Song

ROLES = ["vocals", "drums", "bass", "other"]
USUAL = np.array([-30.73, -34.18, -29.73, -31.17])


def song(seed: int, slope: float, mixed: bool = True) -> Song:
    """A song whose stems lie under their role by as much as their peaks stand out."""
    random = np.random.default_rng(seed)
    crests = random.uniform(8, 24, 4)
    loud = USUAL + [0, 3, 0, -3] + slope * (crests - 15) + random.normal(0, 0.3, 4) + 10
    none = np.zeros((2, 10), np.float32)
    empty = np.zeros((4, 1, 1))
    return Song(
        str(seed), 44_100, ROLES, [none] * 4, none if mixed else None, empty, empty[..., 0], loud, np.zeros(31),
        np.array([-16.0, -10.0, -8.0]), 14.0, crests,
    )  # fmt: skip


def test_what_people_do_is_found_from_few_songs() -> None:
    known = habit([song(s, -0.9) for s in range(6)])
    assert -0.95 < known.slope < -0.75  # the ridge holds it back a little
    assert known.roles["drums"] - known.roles["other"] > 4
    assert known.crest == 14
    other = song(99, -0.9)
    assert np.abs(expected(known, ROLES, other.crests) - balance(ROLES, other.loudness)).max() < 1.5


def test_without_a_mix_by_people_nothing_is_known() -> None:
    known = habit([song(0, -1, mixed=False)])
    assert not known.known
    assert not expected(known, ROLES, np.full(4, 20.0)).any()

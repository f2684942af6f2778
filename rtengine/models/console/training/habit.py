"""What engineers have in common: how loud each role is in a mix, how wide and how pressed mixes are.

    balance_s = a_role(s) + b (crest_s - CREST),     in dB over the role's loudness, mean over a song's stems 0

What stands out is set lower, and by its peaks rather than by its loudness: b is near -1 in the songs that we know. Six
numbers in all, with a ridge, since songs with a human mix are few.
Source: A. Hoerl, R. Kennard, "Ridge regression", Technometrics 12 (1970).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.console.features import MUSDB18
from rtengine.models.console import layout
from rtengine.models.console.training.songs import Song

Numbers = NDArray[np.float64]

CREST = 15.0  # dB
RIDGE = (2.0, 10.0)  # of roles, of the slope: as though so many more stems had shown nothing


class Habit(NamedTuple):
    """a by role in dB, b; mean sides and crest; known: whether there was a song to learn from."""

    roles: dict[str, float]
    slope: float
    sides: Numbers
    crest: float
    known: bool


def habit(songs: Sequence[Song]) -> Habit:
    """Of songs with a human mix; of none, nothing is known."""
    mixed = [s for s in songs if s.mix is not None]
    names = list(MUSDB18)
    if not mixed:
        return Habit(dict.fromkeys(names, 0.0), 0.0, np.array(layout.SIDE_CENTRES), layout.CREST_CENTRE, False)
    rows = np.concatenate([_rows(s.roles, s.crests, names) for s in mixed])
    found = np.concatenate([balance(s.roles, s.loudness) for s in mixed])
    ridge = np.diag([RIDGE[0]] * len(names) + [RIDGE[1]])
    solved = np.linalg.solve(rows.T @ rows + ridge, rows.T @ found)
    sides, crest = np.mean([s.sides for s in mixed], axis=0), float(np.mean([s.crest for s in mixed]))
    return Habit(dict(zip(names, solved.tolist(), strict=False)), float(solved[-1]), sides, crest, True)


def _rows(roles: Sequence[str], crests: Numbers, names: Sequence[str]) -> Numbers:
    rows = np.array(
        [[*(float(role == name) for name in names), crest - CREST] for role, crest in zip(roles, crests, strict=True)]
    )
    return rows - rows.mean(axis=0)


def loud(roles: Sequence[str]) -> Numbers:
    """The loudness of the roles in MUSDB18, LUFS; stems of one role share its power."""
    alike = np.array([roles.count(r) for r in roles])
    return np.array([MUSDB18[r][0] for r in roles]) - 10 * np.log10(alike)


def balance(roles: Sequence[str], loudness: Numbers) -> Numbers:
    """By how much stems lie over the loudness of their roles, dB, 0 on average."""
    found = loudness - loud(roles)
    return found - found.mean()


def expected(known: Habit, roles: Sequence[str], crests: Numbers) -> Numbers:
    """The balance that engineers would mostly choose, dB, 0 on average."""
    found = np.array([known.roles.get(r, 0.0) for r in roles]) + known.slope * (crests - CREST)
    return found - found.mean()

"""Rhythms of half a bar, in sixteenths from 0 to 7, by how busy they are. Chosen, not made, so that they groove.

As a piece grows busier places are added to its rhythm and none is moved: a quiet bar is the busy one thinned out, all
parts have the same places to stand on, and what comes again is known again whatever the motion.
"""

import numpy as np

ORDERS = (  # in which the sixteenths of a half bar come in
    (0, 4, 6, 2, 7, 3, 5, 1),
    (0, 4, 2, 6, 3, 7, 5, 1),
    (0, 6, 4, 2, 3, 7, 5, 1),
    (0, 6, 3, 4, 2, 7, 5, 1),
    (0, 4, 3, 6, 2, 7, 5, 1),
)
MELODY, HARMONY, BASS = (1, 2, 3, 4, 5), (1, 2, 3, 4, 6), (1, 1, 2, 3, 4)  # places that a part has, by level


def orders(seed: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Those of a piece, for the first and the second half of each bar."""
    first, second = np.random.default_rng((seed, 7)).integers(0, len(ORDERS), 2)
    return ORDERS[first], ORDERS[second]


def places(order: tuple[int, ...], count: int) -> tuple[int, ...]:
    """The sixteenths at which a part with so many places sets in."""
    return tuple(sorted(order[:count]))


KICK, STICK, SNARE, CLAP, CLOSED, OPEN, LOW_TOM, TOM, HIGH_TOM, CRASH, RIDE, SHAKER = (
    36, 37, 38, 39, 42, 46, 45, 47, 50, 49, 51, 70,
)  # fmt: skip  # General MIDI percussion
HATS = (0, 0.4), (2, 0.3), (4, 0.4), (6, 0.3)
BUSY = *((place, loud + 0.05) for place, loud in HATS), (3, 0.3), (7, 0.3)  # a pulse still: never all eight
Strokes = tuple[tuple[int, int, float], ...]


def _with(strokes: Strokes, hats: tuple[tuple[int, float], ...], most: int = 8) -> Strokes:
    return (*strokes, *((place, CLOSED, loud) for place, loud in hats if place < most))


SOFT: Strokes = ((0, SHAKER, 0.3), (4, SHAKER, 0.25))
LIGHT: Strokes = ((0, CLOSED, 0.35), (4, STICK, 0.45), (4, CLOSED, 0.3), (6, SHAKER, 0.25))
DRUMS: tuple[
    tuple[Strokes, Strokes], ...
] = (  # by level, first and second half of the bar: (sixteenth, drum, loudness)
    ((), ()),
    (SOFT, SOFT),
    (((0, KICK, 0.6), (2, SHAKER, 0.25), *LIGHT), ((0, KICK, 0.5), *LIGHT)),
    (
        _with(((0, KICK, 0.75), (4, SNARE, 0.6), (6, KICK, 0.5)), HATS),
        _with(((0, KICK, 0.65), (2, KICK, 0.5), (4, SNARE, 0.65)), HATS),
    ),
    (
        _with(((0, KICK, 0.85), (3, KICK, 0.5), (4, SNARE, 0.75)), BUSY),
        _with(((0, KICK, 0.8), (2, KICK, 0.6), (4, SNARE, 0.8), (7, SNARE, 0.35), (7, OPEN, 0.35)), BUSY, 7),
    ),
)
FILL = ((0, SNARE, 0.6), (2, HIGH_TOM, 0.65), (3, HIGH_TOM, 0.5), (4, TOM, 0.7), (6, LOW_TOM, 0.75), (7, LOW_TOM, 0.6))

"""Rhythms of half a bar, in sixteenths from 0 to 7, by how busy they are. Chosen, not made, so that they groove."""

MELODY = (
    ((0,), ()),
    ((0,), (0, 4), (0, 6)),
    ((0, 4), (0, 4, 6), (0, 3, 4), (0, 6)),
    ((0, 2, 4), (0, 2, 4, 6), (0, 3, 6), (0, 4, 6, 7)),
    ((0, 2, 4, 6), (0, 2, 3, 4, 6), (0, 1, 2, 4, 6), (0, 2, 4, 5, 6)),
)
HARMONY = (  # sixteenths at which the next note of a broken chord, or the chord itself, is played
    ((0,),),
    ((0, 4),),
    ((0, 2, 4, 6), (0, 4, 6)),
    ((0, 2, 4, 6), (0, 3, 4, 6), (0, 2, 3, 6)),
    ((0, 1, 2, 3, 4, 5, 6, 7), (0, 2, 3, 4, 6, 7)),
)
BASS = (((0,),), ((0,),), ((0, 4), (0, 6)), ((0, 3, 4), (0, 4, 6)), ((0, 2, 4, 6), (0, 2, 3, 4, 6)))
KICK, STICK, SNARE, CLAP, CLOSED, OPEN, LOW_TOM, TOM, HIGH_TOM, CRASH, RIDE, SHAKER = (
    36, 37, 38, 39, 42, 46, 45, 47, 50, 49, 51, 70,
)  # fmt: skip  # General MIDI percussion
HATS, SIXTEENTHS = ((0, 0.4), (2, 0.3), (4, 0.4), (6, 0.3)), tuple((i, 0.45 - 0.15 * (i % 2)) for i in range(8))
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
        _with(((0, KICK, 0.85), (3, KICK, 0.5), (4, SNARE, 0.75)), SIXTEENTHS),
        _with(((0, KICK, 0.8), (2, KICK, 0.6), (4, SNARE, 0.8), (7, SNARE, 0.35), (7, OPEN, 0.35)), SIXTEENTHS, 7),
    ),
)
FILL = ((0, SNARE, 0.6), (2, HIGH_TOM, 0.65), (3, HIGH_TOM, 0.5), (4, TOM, 0.7), (6, LOW_TOM, 0.75), (7, LOW_TOM, 0.6))

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
DRUMS = (  # by level, first and second half of the bar: (sixteenth, drum, loudness)
    (((), ()),),
    ((((0, SHAKER, 0.3), (4, SHAKER, 0.25)), ((0, SHAKER, 0.3), (4, SHAKER, 0.25))),),
    (
        (
            ((0, KICK, 0.6), (0, CLOSED, 0.35), (4, STICK, 0.45), (4, CLOSED, 0.3), (2, SHAKER, 0.25), (6, SHAKER, 0.25)),
            ((0, KICK, 0.5), (0, CLOSED, 0.35), (4, STICK, 0.45), (4, CLOSED, 0.3), (6, SHAKER, 0.25)),
        ),
    ),
    (
        (
            ((0, KICK, 0.75), (4, SNARE, 0.6), (6, KICK, 0.5), *((i, CLOSED, 0.4 - 0.05 * (i % 4)) for i in (0, 2, 4, 6))),
            ((0, KICK, 0.65), (2, KICK, 0.5), (4, SNARE, 0.65), *((i, CLOSED, 0.4 - 0.05 * (i % 4)) for i in (0, 2, 4, 6))),
        ),
    ),
    (
        (
            ((0, KICK, 0.85), (3, KICK, 0.5), (4, SNARE, 0.75), *((i, CLOSED, 0.45 - 0.15 * (i % 2)) for i in range(8))),
            ((0, KICK, 0.8), (2, KICK, 0.6), (4, SNARE, 0.8), (7, SNARE, 0.35),
             *((i, CLOSED, 0.45 - 0.15 * (i % 2)) for i in range(7)), (7, OPEN, 0.35)),
        ),
    ),
)  # fmt: skip
FILL = ((0, SNARE, 0.6), (2, HIGH_TOM, 0.65), (3, HIGH_TOM, 0.5), (4, TOM, 0.7), (6, LOW_TOM, 0.75), (7, LOW_TOM, 0.6))

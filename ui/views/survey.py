"""What a sound file looks like from its beginning to its end: `python -m ui.views.survey SONG FILE.npz` finds it out.

In a process of its own, for an hour of music takes many seconds, and the window has its frames to draw. The process
tells how far it is in lines of JSON on stderr, and what is wrong in one sentence.
"""

import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from offline.__main__ import sentence

BAD_INPUT = 2


@dataclass(frozen=True)
class Survey:
    """low, high: lowest and highest sample of each column. level: (columns, bands) uint8, 0 is -100 dB, 255 is 0 dB.

    The bands lie from 30 Hz to 20 kHz in equal steps of pitch.
    """

    low: NDArray[np.float32]
    high: NDArray[np.float32]
    level: NDArray[np.uint8]
    seconds: float

    def part(self, begin: float, end: float) -> "Survey":
        """What lies between two times in seconds."""
        columns = len(self.low) / self.seconds
        first = min(max(int(begin * columns), 0), len(self.low) - 1)
        last = max(min(int(np.ceil(end * columns)), len(self.low)), first + 1)
        return Survey(self.low[first:last], self.high[first:last], self.level[first:last], end - begin)


def load(file: Path, name: str) -> Survey:
    """Read one that rtengine.jobs.overview.save has written under this name; OSError or ValueError if there is none."""
    with np.load(file, allow_pickle=False) as arrays:
        low, high, level, seconds = (arrays[f"{name}_{part}"] for part in ("low", "high", "level", "seconds"))
    shades = np.rint(np.clip((level + 100) * 2.55, 0, 255)).astype(np.uint8)
    return Survey(low, high, shades, float(seconds))


def make(song: Path, file: Path) -> str:
    """Look at a song; returns what is wrong with it, or "". ValueError or OSError if it cannot be read."""
    from offline.progress import progress
    from rtengine.files.source import open_source
    from rtengine.jobs.overview import Overview, save

    source = open_source(song)
    overview = Overview(source.sample_rate, source.samples)
    with progress(song.name, "json") as tell:
        for x in source.blocks():
            overview.add(x)
            tell(overview.samples, source.samples)
    save(file, song=overview)
    return source.damage


def main(arguments: list[str]) -> int:
    """Make one survey; 2 after a sentence if it cannot be."""
    song, file = map(Path, arguments)
    try:
        damage = make(song, file)
    except (ValueError, OSError) as error:
        print(sentence(error), file=sys.stderr)  # noqa: T201
        return BAD_INPUT
    if damage:
        print(damage, file=sys.stderr)  # noqa: T201
    return 0


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main(sys.argv[1:]))

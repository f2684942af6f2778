"""The samples of a piece at the rate of who plays it, perhaps as water: written to a file that grows while one plays.

16 bits, little-endian, left and right in turn: a browser makes them sound where it will, to the sample, so that one
piece follows another without a gap. Runs in a process of its own, for as long as a file `lease` is there.
"""

import errno
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from rtengine.files.blocks import Samples, through
from rtengine.files.disk import reason
from rtengine.files.source import open_source, resampled
from rtengine.library.decoding import speakable

FRAME = 4  # bytes
PART = ".part"


def ready() -> None:
    """Nothing, once this module is there."""


def write(file: Path, rate: int, textures: Mapping[str, float], mix: float, out: Path, lease: Path) -> str:
    """Write all of it beside `out`, then rename; "" or the sentence why not."""
    part = out.with_suffix(PART)
    try:
        with speakable(file) as path, part.open("wb") as data:
            for x in sound(path, rate, textures, mix):
                if not lease.exists():
                    part.unlink(missing_ok=True)
                    return "nobody plays it any more"
                data.write(packed(x))
                data.flush()
        part.replace(out)
    except (OSError, ValueError) as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return reason(error, out)
        return " ".join(str(error).split())
    return ""


def sound(file: Path, rate: int, textures: Mapping[str, float], mix: float) -> Iterator[Samples]:
    """Blocks of the piece, of two channels, at this rate (Hz), through the texture patch if there are textures."""
    source = open_source(file)
    blocks: Iterator[Samples] = (np.repeat(x, 2, axis=0) if len(x) == 1 else x for x in source.finite())
    if source.sample_rate != rate:
        blocks = resampled(blocks, source.sample_rate, rate, 2)
    if not textures:
        yield from blocks
        return
    from rtengine.jobs.render import Settings, build

    with build(rate, 2, "texture", Settings(textures, "lofi", mix, threads=0)) as graph:
        yield from through(graph, (np.ascontiguousarray(x[:, n : n + rate]) for x in blocks for n in steps(x, rate)))


def steps(x: Samples, size: int) -> range:
    """Where pieces of up to this size begin: what is textured comes in small ones, and can be played at once."""
    return range(0, x.shape[1], size)


def packed(x: Samples) -> bytes:
    """As bytes."""
    return np.clip(np.round(x.T * 32767), -32768, 32767).astype("<i2").tobytes()

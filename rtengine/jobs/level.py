"""Bring a stream to a loudness: once through to measure it, once more to write it."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import numpy as np

from rtengine.dsp import loudness
from rtengine.files.blocks import SIZE, Samples, through
from rtengine.files.disk import keeping
from rtengine.jobs.waiting import Cancel, pieces
from rtengine.native.record import record
from rtengine.patches.master import master

CEILING = -1.0  # dBTP
EXACT = 0.05  # LU
ROUNDS = 6  # of raising the gain to make up for what the limiter takes
MARGIN = 3.0  # dB; true peaks are rarely this much above the samples, so below it the limiter has nothing to do


def ready(sample_rate: int, channels: int) -> None:
    """Have the native code compiled or loaded, which may take long, before anything is half written."""
    silence = np.zeros((channels, 1), np.float32)
    _Meter(sample_rate, channels).add(silence)
    with master(sample_rate, channels, 0.0, CEILING) as graph:
        graph.process(silence)


def normalised(
    blocks: Iterable[Samples],
    sample_rate: int,
    channels: int,
    target: float,
    folder: Path | None,
    say: Callable[[str], None],
    cancel: Cancel | None = None,
) -> Iterator[Samples]:
    """The same sound at `target` LUFS, true peaks at most CEILING; a sentence is said if it cannot be reached.

    It is kept meanwhile in a nameless file in the folder, float32, which vanishes whatever happens; None is $TMPDIR.
    """
    with keeping(folder) as place:
        kept = TemporaryFile(dir=place)  # noqa: SIM115  # it is closed below
    with kept as file:
        peak = 0.0
        meter = _Meter(sample_rate, channels)
        for x in blocks:
            with keeping(folder):
                file.write(np.ascontiguousarray(x.T).data)  # not tofile, whose errors name no reason
                file.flush()
            peak = max(peak, float(np.abs(x).max()))
            meter.add(x)
        gain = target - meter.integrated
        if not np.isfinite(gain):
            say("the result is too quiet or too short to have a loudness: its level is left as it is")
            gain = 0.0
        elif peak * 10 ** (gain / 20) > 10 ** ((CEILING - MARGIN) / 20):
            gain = _made_up(file, sample_rate, channels, target, gain, say, cancel)
        yield from _at(file, sample_rate, channels, gain, cancel)


def _made_up(
    file: BinaryIO,
    sample_rate: int,
    channels: int,
    target: float,
    gain: float,
    say: Callable[[str], None],
    cancel: Cancel | None,
) -> float:
    """The gain in dB after which the limited sound has the target loudness."""
    for attempt in range(ROUNDS):
        meter = _Meter(sample_rate, channels)
        for y in _at(file, sample_rate, channels, gain, cancel):
            meter.add(y)
        missing = target - meter.integrated
        if abs(missing) <= EXACT:
            break
        if attempt == ROUNDS - 1:
            say(f"{target - missing:.1f} LUFS is as loud as it gets with true peaks at most {CEILING:g} dBTP")
            break
        gain += missing
    return gain


def _at(file: BinaryIO, sample_rate: int, channels: int, gain: float, cancel: Cancel | None) -> Iterator[Samples]:
    """The kept sound, louder by `gain` dB, limited."""
    factor = np.float32(10 ** (gain / 20))
    file.seek(0)
    with master(sample_rate, channels, 0.0, CEILING) as graph:
        yield from through(graph, (x * factor for x in pieces(_kept(file, channels), cancel)))


def _kept(file: BinaryIO, channels: int) -> Iterator[Samples]:
    while data := file.read(SIZE * channels * 4):
        yield np.ascontiguousarray(np.frombuffer(data, np.float32).reshape(-1, channels).T)


class _Meter:
    """Integrated loudness of a stream."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._memory = record(loudness.prepare(sample_rate, channels))

    def add(self, x: Samples) -> None:
        loudness.update(self._memory[0], x)

    @property
    def integrated(self) -> float:
        """LUFS; -inf if there was nothing to measure."""
        return loudness.integrated(self._memory[0])

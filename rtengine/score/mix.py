"""Music under a film's own sound: kept beside it, out of the way of speech, or in its place."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.console import compressor
from rtengine.film.speech import Speech
from rtengine.native.record import record

DEPTH = 12.0  # dB by which music gives way to speech
AHEAD = 0.12  # seconds before speech at which it begins to
DOWN, UP = 0.06, 0.35  # time constants: 9 of 12 dB are gone in 83 ms, and it comes back slower than syllables
THRESHOLD, RATIO, KNEE = -DEPTH * 2, 2.0, 0.0  # dB: a key of full scale takes DEPTH
BRIDGED = 1.6  # seconds of a pause through which it stays down
BESIDE = 4.0  # dB by which music is softer where the film's sound is kept
Samples = NDArray[np.float32]


def stretches(speech: Sequence[Speech]) -> list[tuple[float, float]]:
    """From when to when the music is to be down, pauses bridged."""
    joined: list[tuple[float, float]] = []
    for s in speech:
        if joined and s.start - joined[-1][1] < BRIDGED:
            joined[-1] = joined[-1][0], s.end
        else:
            joined.append((s.start, s.end))
    return joined


def keyed(first: int, count: int, speech: Sequence[tuple[float, float]], sample_rate: int) -> Samples:
    """(1, count) key for the compressor, from sample `first` on: 1 where the music is to be down, else 0.

    Speech itself would pump: its detector is the key, which knows of pauses and looks ahead.
    """
    time = (first + np.arange(count)) / sample_rate
    down = np.zeros(count, bool)
    for start, end in speech:
        down |= (time >= start - AHEAD) & (time < end)
    return down[None].astype(np.float32)


def faded(music: Iterable[Samples], first: float, last: float, end: float, sample_rate: int) -> Iterator[Samples]:
    """The music, louder within its first seconds and softer within its last before `end`, both raised cosines."""
    done = 0
    for x in music:
        time = (done + np.arange(x.shape[1])) / sample_rate
        done += x.shape[1]
        for share in ([time / first] if first else []) + ([(end - time) / last] if last else []):
            x = (x * (0.5 - 0.5 * np.cos(np.pi * np.clip(share, 0, 1)))).astype(np.float32)
        yield x


def mixed(
    music: Iterable[Samples], own: Iterator[Samples] | None, speech: Sequence[Speech], duck: bool, sample_rate: int
) -> Iterator[Samples]:
    """The music's blocks with the film's sound in them."""
    away, rest, done = stretches(speech) if duck else [], np.zeros((2, 0), np.float32), 0
    state = record(compressor.prepare())[0]
    down, up = (float(compressor.share(seconds, sample_rate)) for seconds in (DOWN, UP))
    for x in music:
        n = x.shape[1]
        if own is not None:
            near = [s for s in away if s[0] - 1 < (done + n) / sample_rate and s[1] + 1 > done / sample_rate]
            key, x = keyed(done, n, near, sample_rate), np.ascontiguousarray(x, np.float32).copy()
            compressor.run(state, x, key, THRESHOLD, RATIO, KNEE, down, up, -BESIDE)
            rest = _filled(rest, own, n)
            yield x + rest[:, :n]
            rest = rest[:, n:]
        else:
            yield x
        done += n


def _filled(rest: Samples, own: Iterator[Samples], n: int) -> Samples:
    """At least n samples of the film's sound; silence behind its end."""
    parts = [rest]
    have = rest.shape[1]
    while have < n:
        part = next(own, None)
        if part is None:
            part = np.zeros((2, n - have), np.float32)
        parts.append(part)
        have += part.shape[1]
    return np.concatenate(parts, axis=1)

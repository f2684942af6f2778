"""One channel of two, in which nothing cancels that is heard.

In each band of frequencies the right channel is added with the sign that it has to the left one, so what is inverted in
one of them, all of it or some, is not lost as in a plain mean; and the sum is brought to the mean power of both. Equal
channels come out as they are, a channel and its inverse as the left one, a sound in one channel alone 3 dB lower.

    M(k) = g(b) (L(k) + s(b) R(k)) / 2,   s = sign of Re sum L R*,   g = sqrt((|L|^2 + |R|^2) / 2) / |(L + s R) / 2|

both over the bins k of a band b and some time; 1 <= g <= sqrt 2. The sign is kept until the correlation is clearly
another, for channels that have nothing to do with each other would else change it all the time.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

N_FFT = 4096
HOP = N_FFT // 4
WINDOW = np.hanning(N_FFT + 1)[:-1].astype(np.float32)
OVERLAP = np.float32(1.5)  # what the squares of windows a hop apart add up to
EDGES = np.unique(np.concatenate(([0], np.geomspace(4, N_FFT // 2 + 1, 33).astype(int))))  # bins of the bands
MEMORY = 0.8  # of the powers from one hop to the next: 0.1 s at 44.1 kHz
CLEAR = 0.1  # correlation beyond which the sign is another
SURE = 0.9  # correlation of one frame beyond which it is so at once
BATCH = 32  # frames at once


class Fold:
    """The state of one stream."""

    def __init__(self) -> None:
        self._sign = np.ones(len(EDGES) - 1, np.float32)
        self._powers = np.zeros((2, len(EDGES) - 1))  # of both channels together, and of one against the other
        self._tail = np.zeros(N_FFT - HOP, np.float32)  # of the sum that is not complete
        self._begun = False

    def of(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
        """Blocks (2, samples) as blocks (1, samples), as many samples in all."""
        held = np.zeros((2, N_FFT - HOP), np.float32)  # so that the first sample is in as many frames as any other
        owed, skip = 0, N_FFT - HOP
        for x in blocks:
            owed += x.shape[1]
            held = np.concatenate((held, x), axis=1)
            while held.shape[1] >= N_FFT:
                frames = min((held.shape[1] - N_FFT) // HOP + 1, BATCH)
                y = self._next(held[:, : N_FFT + (frames - 1) * HOP])[skip:]
                skip = max(skip - frames * HOP, 0)
                held = held[:, frames * HOP :]
                if y.size:
                    owed -= y.size
                    yield y[None]
        while owed:
            held = np.pad(held, ((0, 0), (0, max(N_FFT - held.shape[1], 0))))
            y = self._next(held[:, :N_FFT])[skip:][:owed]
            skip = max(skip - HOP, 0)
            held = held[:, HOP:]
            if y.size:
                owed -= y.size
                yield y[None]

    def _next(self, x: Samples) -> Samples:
        """The samples that the frames of x complete: HOP for each."""
        frames = np.lib.stride_tricks.sliding_window_view(x, N_FFT, axis=1)[:, ::HOP]
        left, right = np.fft.rfft(frames * WINDOW, axis=2)
        both = np.add.reduceat(left.real**2 + left.imag**2 + right.real**2 + right.imag**2, EDGES[:-1], axis=1)
        cross = np.add.reduceat((left * right.conj()).real, EDGES[:-1], axis=1)
        signs, gains = np.empty((2, *both.shape), np.float32)
        for m in range(len(both)):
            signs[m], gains[m] = self._told(both[m], cross[m])
        width = np.diff(EDGES)
        signs, gains = (np.repeat(a, width, axis=1) for a in (signs, gains))
        parts = np.fft.irfft(gains * (left + signs * right) / 2, axis=1).astype(np.float32) * (WINDOW / OVERLAP)
        total = np.zeros(N_FFT + (len(parts) - 1) * HOP, np.float32)
        total[: self._tail.size] = self._tail
        for m, part in enumerate(parts):
            total[m * HOP : m * HOP + N_FFT] += part
        done = len(parts) * HOP
        self._tail = total[done:]
        return total[:done]

    def _told(self, both: NDArray[np.float64], cross: NDArray[np.float64]) -> tuple[Samples, Samples]:
        """Signs and gains of the bands in one frame, from the powers of this and those before."""
        if self._begun:
            self._powers = MEMORY * self._powers + (1 - MEMORY) * np.stack((both, cross))
        elif both.any():
            self._begun, self._powers = True, np.stack((both, cross))
        total, shared = self._powers
        correlation = 2 * shared / (total + 1e-30)
        now = 2 * cross / (both + 1e-30)
        turned = (correlation * self._sign < -CLEAR) | (now * self._sign < -SURE)
        self._powers = np.where(turned, np.stack((both, cross)), self._powers)
        total, shared = self._powers
        self._sign = np.where(turned, -self._sign, self._sign)
        power = total / 2 + self._sign * shared  # |L + s R|^2 / 2
        gain = np.sqrt(np.clip(total / np.maximum(power, 1e-30), 1, 2))
        return self._sign, np.where(total > 0, gain, 1).astype(np.float32)


def mono(x: Samples) -> Samples:
    """All of (channels, samples) as (samples,): a channel, two equal ones as they are, two others folded."""
    if len(x) == 1 or (len(x) == 2 and np.array_equal(x[0], x[1])):
        return x[0]
    if len(x) != 2:
        raise ValueError(f"{len(x)} channels are not 1 or 2")
    return np.concatenate([y[0] for y in Fold().of([x])] or [x[0]])

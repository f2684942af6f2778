"""Where a pair of channels stands in the picture: fader, width and pan as one matrix of four gains.

    mid, side = (L + R) / 2, width (L - R) / 2        width 0: mono, 1: as it is, 2: only twice the side
    left, right = cos(p)^e, sin(p)^e, over its value in the middle,  p = (1 + pan) pi / 4

e = 1, 3/2 and 2 are the laws of -3, -4.5 and -6 dB: as much does a sound in the middle lie below one at the side. The
middle counts as 0 dB here, so that a stereo strip passes unchanged, and the sides come out louder instead.
"""

import numpy as np

from rtengine.native.kernel import kernel

SILENCE = -90.0  # dB: the end of the fader
GLIDE = 0.005  # seconds, time constant from one sample to the next; the graph's own steps of 64 samples are below it
ARRIVED = 1e-6
LOUDEST = np.float32(1e4)  # 80 dB above full scale: louder samples count as this, or filters would overflow


@kernel
def bounded(v):
    """The sample, within what the console can bear."""
    return min(max(v, -LOUDEST), LOUDEST)


@kernel
def amplitude(level):
    """The factor of a fader; SILENCE is none."""
    return 0.0 if level <= SILENCE else 10 ** (level / 20)


@kernel
def sides(pan, law):
    """The gains of left and right; pan -1 to 1, law 0, 1, 2 for -3, -4.5, -6 dB."""
    e = 1 + law / 2
    angle = (1 + pan) * np.pi / 4
    if pan == 0:
        return 1.0, 1.0
    return (np.sqrt(2) * max(np.cos(angle), 0.0)) ** e, (np.sqrt(2) * max(np.sin(angle), 0.0)) ** e


@kernel
def matrix(target, gain, pan, law, width):
    """Write the gains L to L, R to L, L to R, R to R."""
    left, right = sides(pan, law)
    same, cross = (1 + width) / 2, (1 - width) / 2
    target[0], target[1] = gain * left * same, gain * left * cross
    target[2], target[3] = gain * right * cross, gain * right * same


@kernel
def run(gains, target, glide, x):
    """Move the gains towards the target and apply them to the first two rows; to one row the sum of the first two."""
    n = 0
    while n < x.shape[1] and not _arrived(gains, target):
        for i in range(4):
            gains[i] += glide * (target[i] - gains[i])
        _apply(gains, x, n, n + 1)
        n += 1
    _apply(gains, x, n, x.shape[1])


@kernel
def _arrived(gains, target):
    far = False
    for i in range(4):
        far |= abs(target[i] - gains[i]) > ARRIVED
    if not far:
        for i in range(4):
            gains[i] = target[i]
    return not far


@kernel
def _apply(gains, x, first, last):
    a, b, c, d = np.float32(gains[0]), np.float32(gains[1]), np.float32(gains[2]), np.float32(gains[3])
    if x.shape[0] == 1:
        for n in range(first, last):
            x[0, n] *= a + b
        return
    left, right = x[0], x[1]
    for n in range(first, last):
        u, v = left[n], right[n]
        left[n] = a * u + b * v
        right[n] = c * u + d * v

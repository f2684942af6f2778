"""A small hall for instruments: eight delays that feed each other through a lossless mixture.

    lines = H lines g + input,  H the 8 x 8 Hadamard matrix / sqrt(8): energy is kept but for g and the damping
Source: M. Puckette, J. Stautner, "Designing multi-channel reverberators", Computer Music Journal 6 (1982); J.-M. Jot,
A. Chaigne, "Digital delay networks for designing artificial reverberators", AES 90 (1991): g by the line's length.
"""

from typing import Any

import numpy as np

from rtengine.native.kernel import kernel
from rtengine.native.ring import power_of_two

LENGTHS = np.array([29.7, 37.1, 41.1, 43.7, 53.3, 61.7, 67.9, 73.1]) / 1000  # seconds, no common measure
TIME = 1.9  # seconds until -60 dB
DAMPING = 0.35  # of a one-pole low-pass in each line: high notes fade sooner, as in a room
BEFORE = 0.012  # seconds before the first reflection


def prepare(sample_rate: float) -> dict[str, Any]:
    """Memory of one room."""
    lengths = np.rint(LENGTHS * sample_rate).astype(np.int64)
    size = power_of_two(int(lengths.max()) + 1)
    return {
        "lines": np.zeros((8, size), np.float32),
        "lengths": lengths,
        "gains": (10 ** (-3 * lengths / (TIME * sample_rate)) / np.sqrt(8)).astype(np.float32),
        "low": np.zeros(8, np.float32),
        "before": np.zeros(power_of_two(int(BEFORE * sample_rate) + 1), np.float32),
        "ahead": int(BEFORE * sample_rate),
        "time": 0,
        "mixed": np.zeros(8, np.float32),
    }


@kernel
def sound(room, sent, left, right, amount):
    """Add the room's answer to what is sent into it, (n,) float32, to left and right."""
    mask, early = room.lines.shape[1] - 1, room.before.shape[0] - 1
    damping, a = np.float32(DAMPING), room.mixed
    for n in range(sent.shape[0]):
        room.before[room.time & early] = sent[n]
        x = room.before[(room.time - room.ahead) & early]
        for i in range(8):
            y = room.lines[i, (room.time - room.lengths[i]) & mask]
            room.low[i] += (np.float32(1) - damping) * (y - room.low[i])
            a[i] = room.low[i] * room.gains[i]
        left[n] += amount * (room.low[0] - room.low[2] + room.low[4] - room.low[6])
        right[n] += amount * (room.low[1] - room.low[3] + room.low[5] - room.low[7])
        half = 4
        while half:
            for i in range(8):
                if not i & half:
                    a[i], a[i | half] = a[i] + a[i | half], a[i] - a[i | half]
            half //= 2
        for i in range(8):
            room.lines[i, room.time & mask] = a[i] + x
        room.time += 1

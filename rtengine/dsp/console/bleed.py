"""How much of what a microphone hears are its neighbours, from the powers of all strips by hop and third octave.

    P_i(m, b) = S_i(m, b) + sum over j of B_ij S_j(m, b)

A sound that leaks from j to i is in P_i whenever j plays: so P_i / P_j is never lower than B_ij, and there are moments
and bands in which i rests and it is as low. That is a low quantile of the ratio. No gain changes B_ij B_ji, which is
what both leaks have in common: microphones that hear each other better than LEAK are not told apart.
"""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

REST = 0.1  # the quantile: so seldom at least does a strip rest in some band while another plays
LOUD = 20.0  # dB under the loudest of a band: only so loud a neighbour is heard elsewhere
LEAK = -22.0  # dB: B_ij B_ji at most, which is -11 dB each way at equal gains
FEW = 50  # points from which on a quantile means something
BLOCK, STEP = 17, 4  # hops: 400 and 100 ms at 44.1 kHz
GATE, SILENT = -10.0, -70.0  # dB under the mean of what is above SILENT, and of a block, dB


def leaks(power: Numbers) -> Numbers:
    """B, (strips, strips), 0 on the diagonal; power: (hops, strips, bands)."""
    strips = power.shape[1]
    found = np.zeros((strips, strips))
    loud = power > power.max(axis=0, keepdims=True, initial=0) * 10 ** (-LOUD / 10) + 1e-15
    for j in range(strips):
        heard = loud[:, j]
        if np.count_nonzero(heard) < FEW:
            continue
        for i in range(strips):
            if i != j:
                found[i, j] = np.quantile(power[:, i][heard] / power[:, j][heard], REST)
    both = np.sqrt(np.maximum(found * found.T, 1e-30))
    return np.asarray(found * np.minimum(1.0, 10 ** (LEAK / 20) / both))


def alone(power: Numbers) -> Numbers:
    """S: the powers without the neighbours', (hops, strips, bands), at least 0."""
    return np.maximum(power - np.einsum("ij,mjb->mib", leaks(power), power), 0.0)


def excess(power: Numbers, weight: Numbers) -> Numbers:
    """By how many dB the neighbours make each strip seem louder, (strips,). weight: of the bands, as ears have it."""
    if not len(power):  # all are shorter than a hop, and say nothing
        return np.zeros(power.shape[1])
    before, after = power @ weight, alone(power) @ weight
    return np.array([_loudness(before[:, s]) - _loudness(after[:, s]) for s in range(power.shape[1])])


def _loudness(energy: Numbers) -> float:
    """The gated mean of the energies of hops, dB, as ITU-R BS.1770-5 has it; SILENT if all is below that."""
    total = np.concatenate([[0.0], np.cumsum(energy)])
    size = min(BLOCK, len(energy))
    block = (total[size::STEP] - total[: len(total) - size : STEP]) / size
    heard = block[block > 10 ** (SILENT / 10)]
    if not heard.size:
        return SILENT
    heard = heard[heard > heard.mean() * 10 ** (GATE / 10)]
    return 10 * float(np.log10(heard.mean()))

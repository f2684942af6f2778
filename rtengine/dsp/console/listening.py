"""What Layer 0 hears of open microphones: loudness, peaks, width, and who is really playing.

Once a HOP it has the K-weighted energy, the highest sample and, in three bands, the energy of mid and side of every
strip. A strip counts as active if it is not silent, and louder than what of the others comes in by its microphone:

    bleed_ij = the lowest m_i - m_j of late (dB, momentary) while j sounds, at most LEAK, rising by FORGET
    active_i = m_i > SILENT and m_i > m_j + bleed_ij + CLEAR for all j

Loudness is averaged over active hops only, and only over those that lie at most 10 LU below the average so far; so it
stands still in silence and does not drift.
Source: ITU-R BS.1770-5 (weighting, gate); the rule for bleed is ours.
"""

from typing import Any

import numpy as np

from rtengine.dsp.loudness import OFFSET, k_weighting, weighted
from rtengine.native.kernel import kernel

HOP = 1024  # samples
MOMENTARY = 0.2  # seconds, time constant
LATE = 20.0  # seconds, time constant of averages once there is so much sound
SILENT = -50.0  # LUFS
GATE = -10.0  # LU
LEAK, LEAST, CLEAR, FORGET = 0.0, -40.0, 4.0, 0.3  # dB, dB, dB, dB a second
STEADY = 10  # hops, a quarter of a second
LOW, HIGH = 250.0, 2500.0  # Hz, between the bands of the width
FALL = 0.2  # dB a second: of the highest peak of late
QUARTER = 0.75  # of all peaks lie below the loud ones
STRIDE = 6.0  # dB a second, in which the quantile is followed


def prepare(sample_rate: float, strips: int) -> dict[str, Any]:
    """Return the memory for so many strips, two channels each."""
    return {
        "coefficients": k_weighting(sample_rate),
        "filters": np.zeros((2 * strips, 4)),
        "bands": np.zeros((strips, 2, 2)),  # low-passes at LOW and HIGH, of mid and of side
        "shares": -np.expm1(-2 * np.pi * np.array([LOW, HIGH]) / sample_rate),
        "seconds": HOP / sample_rate,
        "filled": 0,  # samples of the hop under way
        "energy": np.zeros(strips),  # its sum of squares
        "top": np.zeros(strips),  # its highest sample
        "mid": np.zeros((strips, 3)),
        "side": np.zeros((strips, 3)),
        "momentary": np.zeros(strips),  # mean squares of late
        "levels": np.full(strips, -120.0),  # the same in LUFS
        "bleed": np.full((strips, strips), LEAK),
        "sounding": np.zeros(strips, np.int64),  # hops without a break in which it was not silent
        "active": np.zeros(strips, np.int64),
        "heard": np.zeros(strips),  # seconds for which it was active
        "mean": np.zeros(strips),  # mean square of active hops
        "highest": np.full(strips, -120.0),  # dBFS, falling
        "quantile": np.full(strips, -60.0),  # dBFS: QUARTER of the peaks lie below
        "loud": np.full(strips, -60.0),  # dBFS: the mean of those above
        "width": np.zeros((strips, 2, 3)),  # mid and side by band, of late
    }


@kernel
def listen(state, x, first, last):
    """Take in samples first to last of x (2 strips, n), which are of one hop."""
    for s in range(state.energy.shape[0]):
        left, right = x[2 * s], x[2 * s + 1]
        _weigh(state, 2 * s, left, first, last, s)
        _weigh(state, 2 * s + 1, right, first, last, s)
        top = state.top[s]
        for n in range(first, last):
            top = max(top, np.float64(max(abs(left[n]), abs(right[n]))))
        state.top[s] = top
        _split(state.bands[s, 0], state.mid[s], state.shares, left, right, np.float32(0.5), first, last)
        _split(state.bands[s, 1], state.side[s], state.shares, left, right, np.float32(-0.5), first, last)
    state.filled += last - first


@kernel
def _weigh(state, c, row, first, last, s):
    """Add the K-weighted squares of one channel."""
    f, energy = state.filters[c], 0.0
    past = f[0], f[1], f[2], f[3]
    for n in range(first, last):
        v = np.float64(min(max(row[n], np.float32(-1e4)), np.float32(1e4)))
        y, past = weighted(state.coefficients, past, v)
        energy += y * y
    f[0], f[1], f[2], f[3] = past
    state.energy[s] += energy


@kernel
def _split(memory, total, shares, left, right, sign, first, last):
    """Add the squares of left / 2 + sign right by band."""
    low, high = memory[0], memory[1]
    a, b, c = 0.0, 0.0, 0.0
    for n in range(first, last):
        v = np.float64(min(max(np.float32(0.5) * left[n] + sign * right[n], np.float32(-1e4)), np.float32(1e4)))
        low += shares[0] * (v - low)
        high += shares[1] * (v - high)
        a += low * low
        b += (high - low) * (high - low)
        c += (v - high) * (v - high)
    memory[0], memory[1] = low, high
    total[0] += a
    total[1] += b
    total[2] += c


@kernel
def close(state, ratio, threshold):
    """End a hop: who is active, how loud, how high. ratio, threshold: of the compressors, whose effect is foreseen."""
    strips = state.energy.shape[0]
    share = -np.expm1(-state.seconds / MOMENTARY)
    for s in range(strips):
        state.momentary[s] += share * (state.energy[s] / HOP - state.momentary[s])
        state.levels[s] = OFFSET + 10 * np.log10(max(state.momentary[s], 1e-12))
    _find_active(state)
    for s in range(strips):
        if state.active[s] and OFFSET + 10 * np.log10(max(state.energy[s] / HOP, 1e-12)) > SILENT:  # not the tail
            _remember(state, s, ratio[s], threshold[s])
        state.energy[s] = state.top[s] = 0.0
        state.mid[s] = 0
        state.side[s] = 0
    state.filled = 0


@kernel
def _find_active(state):
    m, bleed = state.levels, state.bleed
    for j in range(m.shape[0]):
        state.sounding[j] = state.sounding[j] + 1 if m[j] > SILENT else 0
    for i in range(m.shape[0]):
        playing = m[i] > SILENT
        for j in range(m.shape[0]):
            if i != j and m[j] > SILENT:
                if state.sounding[j] > STEADY:  # before, the sound may not have crossed the stage
                    lowest = min(bleed[i, j] + FORGET * state.seconds, LEAK)
                    bleed[i, j] = max(min(lowest, m[i] - m[j]), LEAST)
                playing &= m[i] > m[j] + bleed[i, j] + CLEAR
        state.active[i] = playing


@kernel
def _remember(state, s, ratio, threshold):
    """An active hop of strip s: its share in the averages is that of its time, until they are LATE seconds old."""
    state.heard[s] += state.seconds
    share = max(state.seconds / state.heard[s], state.seconds / LATE)
    peak = 20 * np.log10(max(state.top[s], 1e-6))
    state.highest[s] = max(peak, state.highest[s] - FALL * state.seconds)
    step = STRIDE * state.seconds * (20 if state.heard[s] < 1 else 1)
    state.quantile[s] += step * (QUARTER if peak > state.quantile[s] else QUARTER - 1)
    if peak > state.quantile[s]:
        state.loud[s] = peak if state.loud[s] <= -60 else state.loud[s] + 4 * share * (peak - state.loud[s])
    taken = max(peak - threshold, 0.0) * (1 - 1 / ratio)
    energy = state.energy[s] / HOP * 10 ** (-taken / 10)
    if energy > state.mean[s] * 10 ** (GATE / 10):
        state.mean[s] += share * (energy - state.mean[s])
    for k in range(3):
        state.width[s, 0, k] += share * (state.mid[s, k] / HOP - state.width[s, 0, k])
        state.width[s, 1, k] += share * (state.side[s, k] / HOP - state.width[s, 1, k])


@kernel
def loudness(state, s):
    """LUFS of what strip s has played."""
    return OFFSET + 10 * np.log10(max(state.mean[s], 1e-12))

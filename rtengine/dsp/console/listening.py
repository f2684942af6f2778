"""What Layer 0 hears of open microphones: loudness, peaks, width, and who is really playing.

Once a HOP it has the K-weighted energy, the highest sample and, in three bands, the energy of mid and side of all
strips. One counts as active if it is not silent, and if in one VIEW at least, the whole or a band of it, it is louder
than all that of the others comes in by its microphone. In each view, with momentary powers P and levels m in dB:

    bleed_ij = the lowest m_i - m_j of late while j sounds and does not rise, at most LEAK, rising by FORGET
    B_ij B_ji <= BOTH: what always plays would else be taken for what comes in from the neighbours
    active_i = P_i > CLEAR sum over j of B_ij P_j

While j rises, what comes in later is lower than it will be. A quiet bass may never be louder than its neighbours in its
own microphone, but below LOW it is.

Loudness is nearly that of ITU-R BS.1770: the mean over active hops of late, without those whose momentary level goes
with a mean 10 LU below that of all. So it stands still in silence, and what was taken for a strip before it had begun
to play is left out when it has.
Source: ITU-R BS.1770-5 (weighting, gate); the rules for bleed are ours.
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
BOTH = -22.0  # dB: both leaks of two microphones at most, as in rtengine.dsp.console.bleed
VIEWS = 4  # K-weighted, and the middle below LOW, up to HIGH, above
LITTLE = 0.2  # of what a strip has are others where the controller is to remember it
BINS, BIN = 64, 1.0  # bins of 1 dB from SILENT on, in which levels are gathered
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
        "views": np.zeros((VIEWS, strips)),  # the same in each view
        "levels": np.full((VIEWS, strips), -120.0),  # the same in LUFS
        "bleed": np.full((VIEWS, strips, strips), LEAK),
        "sounding": np.zeros((VIEWS, strips), np.int64),  # hops without a break in which it was not silent
        "rising": np.zeros((VIEWS, strips), np.int64),
        "active": np.zeros(strips, np.int64),
        "clear": np.zeros(strips, np.int64),  # whether it is active as a whole, and not in a band only
        "heard": np.zeros(strips),  # seconds for which it was active
        "times": np.zeros((strips, BINS)),  # shares of active hops by momentary level
        "energies": np.zeros((strips, BINS)),  # times their mean squares
        "mean": np.zeros(strips),  # mean square of active hops that pass the gate
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
        for v in range(VIEWS):
            new = (state.energy[s] if v == 0 else state.mid[s, v - 1]) / HOP
            state.rising[v, s] = int(new > state.views[v, s])
            state.views[v, s] += share * (new - state.views[v, s])
            state.levels[v, s] = OFFSET + 10 * np.log10(max(state.views[v, s], 1e-12))
        state.momentary[s] = state.views[0, s]
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
    state.active[:] = 0
    for v in range(VIEWS):
        m, bleed, sounding = state.levels[v], state.bleed[v], state.sounding[v]
        for j in range(m.shape[0]):
            sounding[j] = sounding[j] + 1 if m[j] > SILENT else 0
        for i in range(m.shape[0]):
            for j in range(m.shape[0]):
                if i != j and sounding[j] > STEADY:  # before, the sound may not have crossed the stage
                    lowest = min(bleed[i, j] + FORGET * state.seconds, LEAK)
                    bleed[i, j] = lowest if state.rising[v, j] else max(min(lowest, m[i] - m[j]), LEAST)
        for i in range(m.shape[0]):
            others = 0.0
            for j in range(m.shape[0]):
                if i != j and m[j] > SILENT:
                    most = 0.5 * (BOTH + bleed[i, j] - bleed[j, i])
                    others += state.views[v, j] * 10 ** (min(bleed[i, j], most) / 10)
            state.active[i] |= int(m[i] > SILENT and state.views[v, i] > others * 10 ** (CLEAR / 10))
            if v == 0:
                state.clear[i] = state.active[i] & int(others < LITTLE * state.views[0, i])
    for i in range(state.active.shape[0]):
        state.active[i] &= int(state.levels[0, i] > SILENT)


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
    _gather(state, s, share, state.energy[s] / HOP * 10 ** (-taken / 10))
    for k in range(3):
        state.width[s, 0, k] += share * (state.mid[s, k] / HOP - state.width[s, 0, k])
        state.width[s, 1, k] += share * (state.side[s, k] / HOP - state.width[s, 1, k])


@kernel
def _gather(state, s, share, energy):
    """Count an active hop of strip s, and find the mean of all that pass the gate."""
    times, energies = state.times[s], state.energies[s]
    k = min(max(int((state.levels[0, s] - SILENT) / BIN), 0), BINS - 1)
    total, time = 0.0, 0.0
    for b in range(BINS):
        times[b] -= share * times[b]
        energies[b] -= share * energies[b]
        if b == k:
            times[b] += share
            energies[b] += share * energy
        time += times[b]
        total += energies[b]
    gate = total / time * 10 ** (GATE / 10)
    total, time = 0.0, 0.0
    for b in range(BINS):
        if energies[b] > gate * times[b]:
            time += times[b]
            total += energies[b]
    state.mean[s] = total / max(time, 1e-12)


@kernel
def loudness(state, s):
    """LUFS of what strip s has played."""
    return OFFSET + 10 * np.log10(max(state.mean[s], 1e-12))

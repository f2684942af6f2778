"""Loudness as broadcasting measures it: K-weighting, blocks of 400 ms every 100 ms, two gates.

The kernel filters and adds up squares; every 20 ms it closes a step. Twenty steps are the momentary window, 150 the
short-term one. Every 100 ms the momentary window is a block of the integrated loudness: above the absolute gate it
goes to a histogram that keeps the number and the energy of its blocks, so a whole concert needs constant memory, and
only the one bin where the relative gate falls is not split exactly.
Source: ITU-R BS.1770-5; EBU R 128, Tech 3341. Filters at any rate: B. De Man, "Evaluation of implementations of the EBU
R 128 loudness measurement", AES convention 145, 2018.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.native.kernel import kernel
from rtengine.native.record import record

STEP = 0.02  # seconds
MOMENTARY, SHORT_TERM, BLOCK = 20, 150, 5  # steps in 400 ms, in 3 s, and from one block to the next
ABSOLUTE_GATE, RELATIVE_GATE = -70.0, -10.0  # LUFS; LU below the mean of all that passed the absolute gate
OFFSET = -0.691  # dB: makes a full-scale sine of 997 Hz in one channel read -3.01 LUFS
BINS, BIN = 1024, 0.1  # bins of 0.1 LU, from the absolute gate to +32.4 LUFS; what is louder goes to the last
STEREO = 2  # channels that add up
TINY = 1e-100  # a filter dying away stops here, before it computes with slow denormal numbers


def prepare(sample_rate: float, channels: int) -> dict[str, Any]:
    """Return the memory of one measurement: of mono, or of left and right, each with weight 1.

    More channels are none of these (microphones at a desk, say): then it is the loudness of the loudest of them.
    """
    return {
        "coefficients": k_weighting(sample_rate),
        "filter": np.zeros((channels, 4)),  # float64: 38 Hz is too low for float32 at high rates
        "step": round(STEP * sample_rate),  # samples
        "filled": 0,  # samples of the step under way
        "energy": np.zeros(channels),  # its sum of squares
        "steps": np.zeros(SHORT_TERM),  # the latest mean squares, all channels added
        "count": 0,  # steps so far
        "momentary": 0.0,  # mean squares; `lufs` makes them loudness
        "short_term": 0.0,
        "highest_momentary": 0.0,  # since the start
        "highest_short_term": 0.0,
        "blocks": np.zeros(BINS, np.int64),  # histogram: how many blocks
        "energies": np.zeros(BINS),  # and the sum of their mean squares
    }


def k_weighting(sample_rate: float) -> NDArray[np.float64]:
    """Coefficients b0 b1 b2 a1 a2 of the shelf and of the high pass, shape (2, 5).

    The bilinear transforms of the analogue filters that give, at 48 kHz, the tables of the standard.
    """
    k, q = np.tan(np.pi * 1681.974450955533 / sample_rate), 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    shelf = [high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k, *_poles(k, q)[1:]]
    low, q_low = np.pi * 38.13547087602444, 0.5003270373238773
    poles = _poles(np.tan(low / sample_rate), q_low)
    gain = _poles(np.tan(low / 48_000), q_low)[0] / poles[0]  # the table's high pass has b = 1 -2 1 at 48 kHz
    return np.array([np.array(shelf) / _poles(k, q)[0], [gain, -2 * gain, gain, *(poles[1:] / poles[0])]])


def _poles(k: float, q: float) -> NDArray[np.float64]:
    """The denominator a0 a1 a2 of a second-order section, k = tan(pi frequency / sample_rate)."""
    return np.array([1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k])


@kernel
def update(state, x):
    """Measure x, float32 (channels, n), any n."""
    done = 0
    while done < x.shape[1]:
        stop = min(x.shape[1], done + state.step - state.filled)
        pairs = state.energy.shape[0] // 2
        for c in range(pairs):
            _filter_two(state, 2 * c, x, done, stop)
        for c in range(2 * pairs, state.energy.shape[0]):
            _filter(state, c, x, done, stop)
        state.filled += stop - done
        done = stop
        if state.filled == state.step:
            _close_step(state)


@kernel
def _filter(state, c, x, start, stop):
    """Add the K-weighted squares of x[c, start:stop] to the channel's energy."""
    memory, energy = state.filter[c], state.energy[c]
    past = memory[0], memory[1], memory[2], memory[3]
    for n in range(start, stop):
        y, past = weighted(state.coefficients, past, np.float64(x[c, n]))
        energy += y * y
    memory[0], memory[1], memory[2], memory[3] = past
    state.energy[c] = energy


@kernel
def _filter_two(state, c, x, start, stop):
    """The same of channels c and c + 1 in one loop: neither waits for the other, so that takes as long as for one."""
    one, other, energy, beside = state.filter[c], state.filter[c + 1], state.energy[c], state.energy[c + 1]
    past, past2 = (one[0], one[1], one[2], one[3]), (other[0], other[1], other[2], other[3])
    for n in range(start, stop):
        y, past = weighted(state.coefficients, past, np.float64(x[c, n]))
        y2, past2 = weighted(state.coefficients, past2, np.float64(x[c + 1, n]))
        energy += y * y
        beside += y2 * y2
    one[0], one[1], one[2], one[3] = past
    other[0], other[1], other[2], other[3] = past2
    state.energy[c], state.energy[c + 1] = energy, beside


@kernel
def weighted(coefficients, past, v):
    """A sample v, K-weighted, and the memory (four numbers, 0 at first) after it: transposed direct form II, twice."""
    b0, b1, b2, a1, a2 = coefficients[0]
    d0, d1, d2, c1, c2 = coefficients[1]
    s1, s2, t1, t2 = past
    w = b0 * v + s1
    y = d0 * w + t1
    return y, (b1 * v - a1 * w + s2, b2 * v - a2 * w, d1 * w - c1 * y + t2, d2 * w - c2 * y)


@kernel
def _close_step(state):
    """Turn the finished step into momentary and short-term energy, and every fifth time into a block."""
    total = 0.0
    for c in range(state.energy.shape[0]):
        total = total + state.energy[c] if state.energy.shape[0] <= STEREO else max(total, state.energy[c])
        state.energy[c] = 0
        for i in range(4):
            if abs(state.filter[c, i]) < TINY:
                state.filter[c, i] = 0
    state.steps[state.count % SHORT_TERM] = total / state.step
    state.count += 1
    state.filled = 0
    state.momentary = _mean(state, MOMENTARY)
    state.short_term = _mean(state, SHORT_TERM)
    state.highest_momentary = max(state.highest_momentary, state.momentary)
    state.highest_short_term = max(state.highest_short_term, state.short_term)
    if state.count >= MOMENTARY and state.count % BLOCK == 0:
        _add_block(state, state.momentary)


@kernel
def _add_block(state, energy):
    """Count a block of 400 ms in the histogram, if it is above the absolute gate."""
    level = OFFSET + 10 * np.log10(energy) - ABSOLUTE_GATE  # of silence -inf, which is not above
    if level > 0:
        k = min(int(level / BIN), BINS - 1)
        state.energies[k] += energy  # before it is counted: a reader on another thread divides the one by the other
        state.blocks[k] += 1


@kernel
def _mean(state, steps):
    """Mean square of the latest steps; those before the start were silent."""
    total = 0.0
    for i in range(steps):
        total += state.steps[(state.count - 1 - i) % SHORT_TERM]
    return total / steps


def lufs(energy: float) -> float:
    """Loudness of a K-weighted mean square; -inf of silence."""
    return OFFSET + 10 * float(np.log10(energy)) if energy > 0 else -np.inf


def integrated(state: np.void) -> float:
    """Integrated loudness in LUFS of all that was measured; -inf before the first block above the absolute gate."""
    blocks, energies = state["blocks"].copy(), state["energies"].copy()
    heard = blocks > 0
    if not heard.any():
        return -np.inf
    blocks, energies = blocks[heard], energies[heard]
    gate = lufs(energies.sum() / blocks.sum()) + RELATIVE_GATE
    above = OFFSET + 10 * np.log10(energies / blocks) > gate
    return lufs(energies[above].sum() / blocks[above].sum())


def loudness(x: NDArray[np.float32], sample_rate: float) -> float:
    """Integrated loudness in LUFS of a whole signal, (channels, n); -inf of silence and of less than 400 ms."""
    memory = record(prepare(sample_rate, x.shape[0]))
    update(memory[0], np.ascontiguousarray(x, np.float32))
    return integrated(memory[0])

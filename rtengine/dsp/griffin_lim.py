"""Griffin-Lim: a signal from the magnitude of its STFT, of whole files or hop by hop."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rtengine.block import kernel
from rtengine.dsp import cascade, fft
from rtengine.dsp.cascade import Cascade
from rtengine.dsp.frames import gains, hann
from rtengine.dsp.lanes import LANES, Lanes, lanes_of, width_of
from rtengine.dsp.rtisi import check_hop
from rtengine.dsp.stft import istft
from rtengine.dsp.transpose import from_lanes
from rtengine.dsp.pointer import numbers

MOMENTUM = 0.99
CHUNK = 16  # hops that a stage does in a go, so that it need not come from memory for each
MOST_CHANNELS = 4


def delay(n_fft: int, hop_length: int, n_iter: int) -> int:
    """Hops between a hop that goes into `step` and what the iterations make of it."""
    return n_iter * (n_fft // hop_length) + CHUNK - 1 if n_iter else 0


def prepare(n_fft: int, hop_length: int, channels: int, n_iter: int, momentum: float = MOMENTUM, lanes: Lanes = LANES) -> dict[str, Any]:
    """Return the memory of `step`. Raises ValueError for numbers it cannot do."""
    fft.check(n_fft)
    check_hop(n_fft, hop_length)
    if not 1 <= channels <= MOST_CHANNELS:
        raise ValueError(f"{channels} channels are not 1 to {MOST_CHANNELS}")
    if n_iter < 1:
        raise ValueError(f"n_iter = {n_iter} is below 1")
    window, overlap = hann(n_fft), n_fft // hop_length
    gain = gains(window, hop_length, overlap)[n_fft - hop_length : n_fft]
    stages = -(-n_iter // (lanes.width // channels))
    slots = delay(n_fft, hop_length, n_iter) + overlap + 1
    state = cascade.memory(n_fft, hop_length, channels, stages, slots, gain[None], lanes.width)
    return state | {"step": np.float32(momentum / (1 + momentum)), "n_iter": n_iter, "hops": 0}


@kernel
def step(state, magnitude, x, y):
    """Take the magnitude of a frame and the hop of a signal where it begins, give a hop as all iterations leave it.

    magnitude: (channels, bins) float32.  x, y: (channels, hop_length) float32; y is `delay` hops behind x.
    """
    t, slot = state.hops, state.hops % state.slots
    channels, hop_length = x.shape
    lanes, half = lanes_of(state.z), magnitude.shape[1] - 1
    s = cascade.stage(lanes, state, 0)
    for c in range(channels):
        for i in range(half // 2 + 1):
            tape = (slot * (half + 2) + 2 * i) * channels + c
            k = s.plan.bin[i]
            s.magnitude_tape[tape] = magnitude[c, k]
            s.magnitude_tape[tape + channels] = magnitude[c, half - k]
        for u in range(hop_length):
            tape = (slot * hop_length + u) * channels + c
            s.signal_tape[tape] = x[c, u]
            s.before_tape[tape] = 0
    state.hops = t + 1
    if (t + 1) % CHUNK == 0:
        first, left = t + 1 - CHUNK, state.n_iter
        most = width_of(lanes) // channels
        for g in range(-(-state.n_iter // most)):
            count = min(left, most)
            s = cascade.stage(lanes, state, g)
            cascade.run(lanes, s, first, CHUNK, count)
            first -= cascade.lag(s, count)
            left -= count
    slot = (t - state.n_iter * (2 * half // hop_length) - CHUNK + 1) 
    for c in range(channels):
        for u in range(hop_length):
            y[c, u] = s.signal_tape[(slot % state.slots * hop_length + u) * channels + c] if slot >= 0 else 0

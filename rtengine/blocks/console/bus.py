"""The sum of the strips, with a room, groups, mute, solo and a glue compressor.

    strip 1 --(on)--+--------------------------------> sum > glue > level
    strip 2 --(on)--+-- send > shelves > pre-delay > room --^      room: see also Hall

Solo is in place: while one strip is soloed, those that are not are mute, and those that are stay where they stand.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numba import carray
from numpy.typing import NDArray

from rtengine.block import Block, Parameter, Reading
from rtengine.dsp.console import biquad, compressor, place, reverb
from rtengine.native.intrinsics import fields
from rtengine.native.kernel import kernel
from rtengine.native.ring import power_of_two

MOST_STRIPS, GROUPS = 64, 8
OFF = -60.0  # dB, of a send
LOW, HIGH, SHELF = 600.0, 8500.0, -30.0  # Hz, Hz, dB: the shelves of a send to a plate, as at Abbey Road
PREDELAY = 0.25  # seconds at most
PLAIN = 13  # parameters that stand before those of groups and strips, see `parameters`
EACH = 4  # parameters of a strip


@dataclass(frozen=True, eq=False)
class Bus(Block):
    """Mix pairs of channels, one pair a strip, to two; one channel alone is a mono strip, and a mono bus.

    strips: how many, 1 to 64; ValueError says so.
    monitors: mixes behind the strips, see Monitors, which pass.
    Each strip has send1 (dB), mute1, solo1 and group1 (0: none, else 1 to 8), each group a fader and a mute.
    """

    strips: int = 1
    monitors: int = 0

    reduction = Reading(0.0, 20.0, "dB", "what the glue compressor takes")

    def __post_init__(self) -> None:
        if not 1 <= self.strips <= MOST_STRIPS:
            raise ValueError(f"{self.strips} strips are not 1 to {MOST_STRIPS}")

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """Those of the bus, then of the groups, then of the strips: the kernel counts on this order."""
        found = dict(BUS)
        for g in range(1, GROUPS + 1):
            found[f"group_fader{g}"] = Parameter(0.0, place.SILENCE, 10.0, "dB", "linear", f"of group {g}")
            found[f"group_mute{g}"] = Parameter(0, 0, 1, "", "step", f"silence group {g}", ("on", "mute"))
        for s in range(1, self.strips + 1):
            found[f"send{s}"] = Parameter(OFF, OFF, 10.0, "dB", "linear", f"of strip {s} to the room; -60 is none")
            found[f"mute{s}"] = Parameter(0, 0, 1, "", "step", f"silence strip {s}", ("on", "mute"))
            found[f"solo{s}"] = Parameter(0, 0, 1, "", "step", f"hear strip {s} alone", ("off", "solo"))
            found[f"group{s}"] = Parameter(0, 0, GROUPS, "", "step", f"the group of strip {s}; 0 is none")
        return found

    def channels(self, given: int) -> int:
        if given not in (1, 2 * self.strips + self.monitors):
            raise ValueError(f"{given} channels are not the {2 * self.strips} of {self.strips} strips")
        return 1 if given == 1 else 2 + self.monitors

    def dry(self, given: int) -> NDArray[np.float32]:
        """Left channels to the left, right ones to the right; monitor mixes as they are."""
        if given == 1:
            return np.ones((1, 1), np.float32)
        found = np.zeros((self.channels(given), given), np.float32)
        found[:2, : 2 * self.strips] = np.tile(np.eye(2, dtype=np.float32), self.strips)
        found[2:, 2 * self.strips :] = np.eye(self.monitors)
        return found

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        return {
            "sample_rate": float(sample_rate),
            "count": len(self.parameters),
            "on": np.full(self.strips, np.nan),  # gains of groups, mutes and solos, on their way
            "wet": np.full(self.strips, np.nan),  # gains of sends
            "glide": -np.expm1(-1 / (place.GLIDE * sample_rate)),
            "sum": np.zeros((2, block_size), np.float32),
            "send": np.zeros((1, block_size), np.float32),
            "shelves": biquad.prepare(2, 1),
            "line": np.zeros(power_of_two(round(PREDELAY * sample_rate) + block_size), np.float32),
            "time": 0,
            "room": reverb.prepare(sample_rate, block_size),
            "glue": compressor.prepare(),
            "level": np.nan,
        }

    @staticmethod
    @kernel
    def process(state, params, x):
        rate, n = state.sample_rate, x.shape[1]
        total, send = state.sum[:, :n], state.send[0, :n]
        gather(state, params, x)
        reverb.run(state.room, send, total[0], total[1], params.room_decay, params.room_damping, rate)
        finish(state, params, x)


@kernel
def gather(state, params, x):
    """Sum the strips, and what goes to the room, to state.sum and state.send."""
    rate, n = state.sample_rate, x.shape[1]
    total, send = state.sum[:, :n], state.send[:, :n]
    total[:] = 0
    send[:] = 0
    add_strips(state, carray(fields(params), state.count), x, total, send)
    biquad.tune(state.shelves, 0, biquad.LOW_SHELF, params.room_low, SHELF, biquad.BUTTERWORTH, rate)
    biquad.tune(state.shelves, 1, biquad.HIGH_SHELF, params.room_high, SHELF, biquad.BUTTERWORTH, rate)
    biquad.run(state.shelves, send)
    delayed(state, send[0], int(params.room_predelay * rate / 1000))


@kernel
def finish(state, params, x):
    """Glue the sum together, and hand it out."""
    rate, total = state.sample_rate, state.sum[:, : x.shape[1]]
    attack = compressor.share(params.attack / 1000, rate)
    release = compressor.share(params.release / 1000, rate)
    threshold, ratio, knee = np.float64(params.threshold), np.float64(params.ratio), np.float64(params.knee)
    compressor.run(state.glue, total, total, threshold, ratio, knee, attack, release, params.makeup)
    state.readings.reduction = state.glue.reduction
    hand_out(state, total, 0.0 if params.mute > 0 else place.amplitude(params.level), x)
    first = 2 * state.on.shape[0]
    for m in range(x.shape[0] - first):  # the monitor mixes move up behind the sum
        for i in range(x.shape[1]):
            x[2 + m, i] = x[first + m, i]


BUS = {
    "room_decay": Parameter(1.8, 0.2, 10.0, "s", "log", "time in which the room falls by 60 dB"),
    "room_damping": Parameter(0.3, 0.0, 0.95, "", "linear", "how much darker the room gets while it fades"),
    "room_predelay": Parameter(12.0, 0.0, 1000 * PREDELAY, "ms", "linear", "silence before the room answers"),
    "room_low": Parameter(LOW, 20.0, 2000.0, "Hz", "log", "sends are cut below"),
    "room_high": Parameter(HIGH, 1000.0, 20_000.0, "Hz", "log", "sends are cut above"),
    "threshold": Parameter(0.0, -60.0, 0.0, "dB", "linear", "of the glue compressor"),
    "ratio": Parameter(1.0, 1.0, 20.0, "", "log", "of the glue compressor; 1 is off"),
    "knee": Parameter(10.0, 0.0, 24.0, "dB", "linear", "of the glue compressor"),
    "attack": Parameter(30.0, 0.1, 200.0, "ms", "log", "of the glue compressor"),
    "release": Parameter(150.0, 5.0, 2000.0, "ms", "log", "of the glue compressor"),
    "makeup": Parameter(0.0, 0.0, 24.0, "dB", "linear", "gain behind the glue compressor"),
    "level": Parameter(0.0, place.SILENCE, 10.0, "dB", "linear", "of all; -90 is silence"),
    "mute": Parameter(0, 0, 1, "", "step", "silence all", ("on", "mute")),
}
assert len(BUS) == PLAIN


@kernel
def add_strips(state, p, x, total, send):
    """Sum what is on, and the sends of it. p: the parameters as one vector."""
    first = PLAIN + 2 * GROUPS
    soloed = False
    for s in range(state.on.shape[0]):
        soloed |= p[first + EACH * s + 2] > 0
    for s in range(state.on.shape[0]):
        mine = p[first + EACH * s : first + EACH * (s + 1)]
        on = 0.0 if mine[1] > 0 or (soloed and mine[2] == 0) else 1.0
        group = int(mine[3])
        if group > 0:
            on *= place.amplitude(p[PLAIN + 2 * group - 2]) if p[PLAIN + 2 * group - 1] == 0 else 0.0
        wet = 0.0 if mine[0] <= OFF else 10 ** (mine[0] / 20)
        if 2 * s < x.shape[0]:
            left, right = x[2 * s], x[min(2 * s + 1, x.shape[0] - 1)]
            add_strip(state, s, on, wet, left, right, total, send[0])


@kernel
def add_strip(state, s, on, wet, left, right, total, send):
    """Move the gains of one strip to where they should be, and add it."""
    if np.isnan(state.on[s]):
        state.on[s], state.wet[s] = on, wet
    n = 0
    while n < left.shape[0] and (state.on[s] != on or state.wet[s] != wet):
        state.on[s] = nearer(state.on[s], on, state.glide)
        state.wet[s] = nearer(state.wet[s], wet, state.glide)
        add(left, right, n, n + 1, np.float32(state.on[s]), np.float32(0.5 * state.wet[s]), total, send)
        n += 1
    if on > 0 and n < left.shape[0]:
        add(left, right, n, left.shape[0], np.float32(on), np.float32(0.5 * wet), total, send)


@kernel
def add(left, right, first, last, on, wet, total, send):
    """Add samples of one strip to the sum and to the send of the room."""
    for n in range(first, last):
        u, v = on * place.bounded(left[n]), on * place.bounded(right[n])
        total[0, n] += u
        total[1, n] += v
        send[n] += wet * (u + v)


@kernel
def nearer(value, target, share):
    value += share * (target - value)
    return target if abs(target - value) < place.ARRIVED else value


@kernel
def delayed(state, u, late):
    """Delay the send by the pre-delay, in place."""
    mask = state.line.shape[0] - 1
    for n in range(u.shape[0]):
        state.line[(state.time + n) & mask] = u[n]
    for n in range(u.shape[0]):
        u[n] = state.line[(state.time + n - late) & mask]
    state.time += u.shape[0]


@kernel
def hand_out(state, total, level, x):
    """Put the sum, at its level, into the first two rows of x."""
    if np.isnan(state.level):
        state.level = level
    n = 0
    while n < x.shape[1] and state.level != level:
        state.level = nearer(state.level, level, state.glide)
        for c in range(min(x.shape[0], 2)):
            x[c, n] = np.float32(state.level) * total[c, n]
        n += 1
    for c in range(min(x.shape[0], 2)):
        for i in range(n, x.shape[1]):
            x[c, i] = np.float32(level) * total[c, i]

"""Blocks of the kinds that instruments to come are made of: each as small as its kind allows."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rtengine import events
from rtengine.block import Block, Parameter, Reading, Work
from rtengine.blocks import offload
from rtengine.native import clock, ring
from rtengine.native.kernel import kernel

VOICES = 8
HOP = 5248  # samples between two results of the listener: 109 ms at 48 kHz


class Bus(Block):
    """All channels, in turn to the left and to the right."""

    gain = Parameter(1, 0, 2, "", "linear", "of each channel")

    def channels(self, given: int) -> int:
        return 2

    @staticmethod
    @kernel
    def process(state, params, x):
        for n in range(x.shape[1]):
            left = right = np.float32(0)
            for c in range(0, x.shape[0], 2):
                left += x[c, n]
            for c in range(1, x.shape[0], 2):
                right += x[c, n]
            x[0, n], x[1, n] = params.gain * left, params.gain * right


class Sine(Block):
    """A voice for each note, added to the sound."""

    level = Parameter(0.1, 0, 1, "", "linear", "of a note at full velocity")
    playing = Reading(0, VOICES, "", "notes that sound")

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        return {
            "note": np.zeros(VOICES, np.float32),
            "velocity": np.zeros(VOICES, np.float32),
            "phase": np.zeros(VOICES),
            "step": 2 * np.pi / sample_rate,
        }

    @staticmethod
    @kernel
    def receive(state, params, kind, channel, a, b):
        for v in range(VOICES):
            if kind == events.NOTE_ON and state.velocity[v] == 0:
                state.note[v], state.velocity[v], state.phase[v] = a, b, 0.0
                break
            if kind == events.PANIC or (kind == events.NOTE_OFF and state.note[v] == a):
                state.velocity[v] = 0

    @staticmethod
    @kernel
    def process(state, params, x):
        count = 0
        for v in range(VOICES):
            if state.velocity[v] > 0:
                count += 1
                step = state.step * 440 * 2 ** ((state.note[v] - 69) / 12)
                for n in range(x.shape[1]):
                    y = params.level * state.velocity[v] * np.float32(np.sin(state.phase[v]))
                    state.phase[v] = (state.phase[v] + step) % (2 * np.pi)
                    for c in range(x.shape[0]):
                        x[c, n] += y
        state.readings.playing = count


class Echo(Block):
    """Sends a note for each loud onset of its input, and another a fifth higher."""

    sends = True

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        return {"clock": np.int64(0), "quiet": 1000}

    @staticmethod
    @kernel
    def process(state, params, x):
        for n in range(x.shape[1]):
            state.quiet += 1
            if x[0, n] > 0.5:
                if state.quiet > 1000:
                    events.send(state.outbox, state.clock + n, events.NOTE_ON, 0, np.float32(60), np.float32(1))
                    events.send(state.outbox, state.clock + n + 100, events.NOTE_ON, 0, np.float32(67), np.float32(1))
                state.quiet = 0


class Listener(Block):
    """Says how loud every HOP samples were, found out off the audio thread; the sound passes, `delay` samples late."""

    level = Reading(0, 1, "", "rms of a hop", count=0)
    hops = Reading(0, 1e6, "", "how many were heard")

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds  # that the work pretends to take

    def latency(self, sample_rate: float) -> int:
        return 3 * HOP

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        return {
            "ends": offload.prepare(3 * HOP, 2 * HOP, channels, block_size, 1, False),
            "hop": np.zeros((channels, HOP), np.float32),
            "results": np.zeros((8, channels), np.float32),
            "received": 0,
            "clock": np.int64(0),
            "timer": clock.prepare(),
            "busy": int(self.seconds * clock.SECOND),
        }

    @property
    def works(self) -> tuple[Work]:
        return (Work(listen, self.seconds),)

    @property
    def parameters(self) -> dict[str, Parameter]:
        return {"unused": Parameter(0, 0, 1)}

    def late(self, state: np.void) -> int:
        return int(state["ends"]["late"])

    @staticmethod
    @kernel
    def fork(state, params, x):
        offload.send(state.ends, params, x)

    @staticmethod
    @kernel
    def process(state, params, x):
        offload.receive(state.ends, x, state.clock)
        state.received += x.shape[1]
        hop = (state.received - 3 * HOP) // HOP
        if hop >= 0:
            state.readings.hops = hop
            for c in range(x.shape[0]):
                state.readings.level[c] = state.results[hop % 8, c]


@kernel
def listen(state):
    """One hop: its levels, and the samples as they came."""
    up, down = state.ends.up, state.ends.down
    if ring.filled(up.index) < HOP or ring.free(down.index, down.data.shape[1]) < HOP:
        return False
    number = up.index[ring.READ] // HOP
    ring.read(up, state.hop)
    began = clock.now(state.timer)
    while clock.now(state.timer) - began < state.busy:
        pass
    for c in range(state.hop.shape[0]):
        total = np.float32(0)
        for n in range(HOP):
            total += state.hop[c, n] * state.hop[c, n]
        state.results[(number + 1) % 8, c] = np.sqrt(total / HOP)
    ring.write(down, state.hop)
    return True


class Rider(Block):
    """Wishes for a gain that brings the slow level of its input to a target: something to wire to a knob."""

    target = Parameter(0.25, 0, 1, "", "linear", "level that is aimed at")
    gain = Reading(0, 4, "", "that would bring the sound there", count=0)

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        return {"level": np.full(channels, 0.25, np.float32)}

    @staticmethod
    @kernel
    def process(state, params, x):
        for c in range(x.shape[0]):
            level = state.level[c]
            for n in range(x.shape[1]):
                level += np.float32(0.001) * (abs(x[c, n]) - level)
            state.level[c] = level
            state.readings.gain[c] = min(params.target / max(level, np.float32(1e-3)), np.float32(4))


WIRES: Mapping[str, str] = {"/bus/gain": "/rider/gain/1", "/sine": "/echo"}


def everything(seconds: float = 0.0) -> dict[str, Block]:
    """Eight channels in and two out, with one of each; for `Graph(rate, 8, wires=WIRES, **everything())`."""
    return {"rider": Rider(), "echo": Echo(), "bus": Bus(), "sine": Sine(), "listener": Listener(seconds)}

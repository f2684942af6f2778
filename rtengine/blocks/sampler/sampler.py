"""A player of sampled instruments: notes in as events, at their exact sample; sound out, added to what comes in.

    NOTE_ON -> every zone of the channel's preset that has the key -> a voice each -> left, right -> x
                                                                          '-> sent -> room -> left, right
At most VOICES sound. One more takes the place of the one that is heard least, which fades within 4 ms in a slot of its
own meanwhile: nothing clicks. Samples and zones lie outside the graph's record, which holds their addresses: so banks
of any size run the same compiled code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import carray

from rtengine.block import Block, Parameter, Reading
from rtengine.blocks.sampler import room
from rtengine.blocks.sampler.bank import FLOATS, INTEGERS, OPEN, Bank
from rtengine.blocks.sampler.voice import CUT, DECAY, DELAY, FADE, FREE, PLAYING, RELEASE, RELEASED, render
from rtengine.events import CONTROL, NOTE_OFF, NOTE_ON, PANIC
from rtengine.native.intrinsics import floats, integers
from rtengine.native.kernel import kernel

VOICES = 64
SLOTS = 2 * VOICES  # as many again for voices that fade
CHANNELS = 16
VOLUME, PAN, SUSTAIN = 7, 10, 64  # MIDI controllers
(KEY_LOW, KEY_HIGH, VELOCITY_LOW, VELOCITY_HIGH, START, END, LOOP_START, LOOP_END, LOOP, GROUP) = range(len(INTEGERS))
(ROOT, RATE, GAIN, PANNED, TRACKING, DELAYED, ATTACK, HOLD, FALL, SUSTAINED, LET_GO, CUTOFF,
 RESONANCE, SWEEP, SWEEP_ATTACK, SWEEP_DECAY, SWEEP_SUSTAIN, BRIGHTNESS, SEND) = range(len(FLOATS))  # fmt: skip


def memory() -> dict[str, Any]:
    """Of all slots."""
    whole = ("life", "stage", "channel", "key", "group", "born", "end", "loop_start", "loop_end", "loop", "wait",
             "attack", "hold", "age", "kept")  # fmt: skip
    exact = ("position", "step")
    names = ("value", "rise", "fall", "sustain", "release", "left", "right", "send", "filtered", "cutoff", "damping",
             "sweep", "sweep_attack", "sweep_decay", "sweep_sustain", "a1", "a2", "a3", "z1", "z2")  # fmt: skip
    kinds = {np.int64: whole, np.float64: exact, np.float32: names}
    return {name: np.zeros(SLOTS, kind) for kind, some in kinds.items() for name in some}


@kernel
def take(state, kind, channel, a, b):
    """A note, a controller, or silence at once."""
    v = state.voice
    if kind == NOTE_ON and b > 0:
        begin(state, channel, a, b)
    elif kind in (NOTE_OFF, NOTE_ON):
        for k in range(SLOTS):
            if v.life[k] == PLAYING and v.channel[k] == channel and v.key[k] == np.int64(a):
                v.kept[k] = state.sustain[channel]
                if not state.sustain[channel]:
                    let_go(v, k)
    elif kind == CONTROL:
        control(state, channel, np.int64(a), b)
    elif kind == PANIC:
        for k in range(SLOTS):
            cut(state, k)


@kernel
def control(state, channel, number, value):
    """Volume and pan hold for the notes to come; the pedal lets go of the notes that it kept."""
    v = state.voice
    if number == VOLUME:
        state.volume[channel] = value * value
    elif number == PAN:
        state.pan[channel] = np.float32(2) * value - np.float32(1)
    elif number == SUSTAIN:
        state.sustain[channel] = value >= np.float32(0.5)
        for k in range(SLOTS):
            if not state.sustain[channel] and v.life[k] == PLAYING and v.channel[k] == channel and v.kept[k]:
                let_go(v, k)


@kernel
def begin(state, channel, key, velocity):
    """Start a voice for each zone of the channel that has this key and velocity."""
    zones = carray(integers(state.zones), (state.count, len(INTEGERS)))
    numbers = carray(floats(state.numbers), (state.count, len(FLOATS)))
    hard = np.int64(np.rint(velocity * np.float32(127)))
    first, count = state.spans[channel, 0], state.spans[channel, 1]
    for z in range(first, first + count):
        zone = zones[z]
        if zone[KEY_LOW] <= key <= zone[KEY_HIGH] and zone[VELOCITY_LOW] <= hard <= zone[VELOCITY_HIGH]:
            if zone[GROUP]:
                silence(state, channel, zone[GROUP])
            start(state, room_for_one(state), zone, numbers[z], channel, key, velocity)
    state.born += 1


@kernel
def silence(state, channel, group):
    """Cut what sounds of a group, but for what has begun with this very note."""
    v = state.voice
    for k in range(SLOTS):
        if v.channel[k] == channel and v.group[k] == group and v.born[k] != state.born:
            cut(state, k)


@kernel
def room_for_one(state):
    """A free slot; where VOICES sound already, the one that is heard least gives way."""
    v = state.voice
    sounding, weakest, least, free = 0, -1, np.float32(np.inf), -1
    faintest, faint = 0, np.float32(np.inf)
    for k in range(SLOTS):
        if v.life[k] == FREE:
            free = k
            continue
        loud = v.value[k] * (v.left[k] + v.right[k])
        if v.life[k] == CUT:
            if loud < faint:
                faintest, faint = k, loud
            continue
        sounding += 1
        if v.stage[k] <= DECAY and v.life[k] == PLAYING:
            loud += np.float32(1)  # a held note goes last, and a new one is not yet loud
        if loud < least:
            weakest, least = k, loud
    if sounding >= VOICES:
        cut(state, weakest)
    return free if free >= 0 else faintest


@kernel
def start(state, k, zone, number, channel, key, velocity):
    """Fill slot k: from now on it plays."""
    v, rate = state.voice, state.sample_rate
    v.life[k], v.channel[k], v.key[k], v.group[k], v.born[k] = PLAYING, channel, np.int64(key), zone[GROUP], state.born
    v.end[k], v.loop[k] = zone[END], zone[LOOP]
    v.loop_start[k], v.loop_end[k] = zone[LOOP_START], zone[LOOP_END]
    v.position[k], v.age[k], v.kept[k] = zone[START], 0, 0
    v.step[k] = number[RATE] / rate * 2.0 ** ((key - number[ROOT]) * np.float64(number[TRACKING]) / 12.0)
    v.stage[k], v.value[k] = DELAY, 0
    v.wait[k] = np.int64(number[DELAYED] * rate)
    v.attack[k], v.hold[k] = max(np.int64(number[ATTACK] * rate), 1), np.int64(number[HOLD] * rate)
    v.rise[k] = np.float32(1) / v.attack[k]
    v.fall[k] = falling(number[FALL], rate)
    v.sustain[k] = number[SUSTAINED]
    v.release[k] = falling(number[LET_GO], rate)
    loud = number[GAIN] * velocity * velocity * state.volume[channel]
    side = min(max(number[PANNED] + state.pan[channel], np.float32(-1)), np.float32(1))
    angle = (side + np.float32(1)) * np.float32(np.pi / 4)
    v.left[k], v.right[k] = loud * np.cos(angle), loud * np.sin(angle)
    v.send[k] = loud * number[SEND]
    v.cutoff[k] = number[CUTOFF] * 2 ** (number[BRIGHTNESS] * (velocity - np.float32(1)))
    v.filtered[k] = v.cutoff[k] < np.float32(OPEN)
    v.damping[k] = np.float32(2**0.5 * 10 ** (-number[RESONANCE] / 20))
    v.sweep[k], v.sweep_attack[k] = number[SWEEP], number[SWEEP_ATTACK]
    v.sweep_decay[k], v.sweep_sustain[k] = number[SWEEP_DECAY], number[SWEEP_SUSTAIN]
    v.z1[k] = v.z2[k] = 0


@kernel
def falling(seconds, rate):
    """The factor a sample after which 100 dB are gone in so many seconds."""
    return np.float32(10 ** (-5 / max(seconds * rate, 8.0)))


@kernel
def let_go(v, k):
    """The key is up: the envelope falls from where it is."""
    v.life[k], v.stage[k] = RELEASED, RELEASE


@kernel
def cut(state, k):
    """Fade a voice within FADE."""
    v = state.voice
    if v.life[k] != FREE:
        v.life[k], v.stage[k] = CUT, RELEASE
        v.release[k] = min(v.release[k], falling(FADE, state.sample_rate))


@dataclass(frozen=True, eq=False)
class Sampler(Block):
    """Play the presets of a bank, one on each channel of events: `presets[i]` on channel i."""

    bank: Bank
    presets: Sequence[str] = ()

    level = Parameter(0.0, -60.0, 12.0, "dB", "linear", "loudness of all instruments")
    hall = Parameter(0.35, 0.0, 1.0, "", "linear", "how much of the hall is heard")
    voices = Reading(0, VOICES, "", "voices that sound")

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        spans = [self.bank.preset(name) for name in self.presets]
        if len(spans) > CHANNELS:
            raise ValueError(f"{len(spans)} instruments are more than the {CHANNELS} channels")
        spans += [(0, 0)] * (CHANNELS - len(spans))
        return {
            "sample_rate": float(sample_rate),
            "samples": 0,  # addresses, and how many
            "zones": 0,
            "numbers": 0,
            "size": len(self.bank.samples),
            "count": max(len(self.bank.integers), 1),
            "spans": np.array(spans, np.int64),
            "volume": np.full(CHANNELS, 1.0, np.float32),
            "pan": np.zeros(CHANNELS, np.float32),
            "sustain": np.zeros(CHANNELS, np.int8),
            "born": 0,
            "voice": memory(),
            "room": room.prepare(sample_rate),
            "sound": np.zeros((5, block_size), np.float32),  # left, right, sent, and a voice's envelope and sample
            "quiet": 0,  # samples since anything was sent to the room
        }

    def bind(self, state: np.void) -> object:
        bank = self.bank
        kept = bank.samples, np.ascontiguousarray(bank.integers), np.ascontiguousarray(bank.floats)
        state["samples"], state["zones"], state["numbers"] = (a.ctypes.data for a in kept)
        return kept

    @staticmethod
    @kernel
    def receive(state, params, kind, channel, a, b):
        take(state, kind, channel, a, b)

    @staticmethod
    @kernel
    def process(state, params, x):
        n = x.shape[1]
        left, right, sent = state.sound[0, :n], state.sound[1, :n], state.sound[2, :n]
        for i in range(n):
            left[i] = right[i] = sent[i] = 0
        data = carray(floats(state.samples), state.size)
        sounding, v = 0, state.voice
        for k in range(SLOTS):
            if v.life[k] != FREE:
                render(v, k, data, state.sound, n, np.float32(state.sample_rate))
                sounding += 1
        state.quiet = 0 if sounding else state.quiet + n
        if state.quiet < room.TIME * 2 * state.sample_rate:
            room.sound(state.room, sent, left, right, params.hall)
        gain = np.float32(10 ** (params.level / 20))
        if x.shape[0] == 1:
            for i in range(n):
                x[0, i] += gain * np.float32(0.5) * (left[i] + right[i])
        else:
            for i in range(n):
                x[0, i] += gain * left[i]
                x[1, i] += gain * right[i]
        state.readings.voices = np.float32(min(sounding, VOICES))

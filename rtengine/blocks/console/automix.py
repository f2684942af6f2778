"""Layer 0 at work: a block that hears all strips and shows where their parameters should go.

    microphones -> who plays, how loud, how high, how wide -> readings --wires--> faders, thresholds, pans, width
          '------------------------------------------------------------------> the strips, untouched, without delay

Nothing here turns a knob: the graph's wires do, so that a hand can take any of them. All moves are limited in speed:
fast while a strip is new (a sound check), slow in the show; a strip that is silent, or hears others only, stands still.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numba import carray

from rtengine.block import Block, Parameter, Reading
from rtengine.dsp.console import listening, moves
from rtengine.dsp.console.features import PEAK, read
from rtengine.dsp.console.normalise import ACTION
from rtengine.native.intrinsics import fields
from rtengine.native.kernel import kernel

MOST_STRIPS = 64
ROLES = ("vocals", "drums", "bass", "other", "speech")
OTHER, SPEECH = 3, 4
CHECK = 8.0  # seconds of its own sound for which a strip is new
FAST, SLOW = 12.0, 3.0  # dB a second
TURN = 0.2  # of the pan's way, a second
LIFT = 9.0  # dB from the loudness of stems in the references to that on the desk: mixes then have about -16 LUFS
BEFORE = 0.5  # seconds of sound before anything moves
SHARED = -30.0  # dB: the most that gain sharing takes
NARROW = -40.0  # dB of side where the width begins
FIRST = 3  # parameters before the roles


@dataclass(frozen=True, eq=False)
class Automix(Block):
    """Hear pairs of channels, one pair a strip, and show their settings; the sound passes bit for bit.

    strips: how many, 1 to 64; ValueError says so.  Wire the readings to the strips, see `wires`.
    Readings are vectors with a number a strip (one more, that rests, if there is but one strip).
    One channel alone is left alone: there is nothing to balance.
    """

    strips: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.strips <= MOST_STRIPS:
            raise ValueError(f"{self.strips} strips are not 1 to {MOST_STRIPS}")

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """Amount, speed, gain sharing, and the role of each strip: the kernel counts on this order."""
        found = {
            "amount": Parameter(1.0, 0.0, 1.0, "", "linear", "0: everything stays where it is, 1: all the way"),
            "speed": Parameter(0, 0, 1, "", "step", "of the moves once a strip is known", ("show", "sound check")),
            "sharing": Parameter(1, 0, 1, "", "step", "speech: who talks is heard, the others rest", ("off", "on")),
        }
        for s in range(1, self.strips + 1):
            found[f"role{s}"] = Parameter(OTHER, 0, len(ROLES) - 1, "", "step", f"what strip {s} plays", ROLES)
        return found

    @cached_property
    def readings(self) -> dict[str, Reading]:
        """Where parameters of the strips should go, and what is heard."""
        n = max(self.strips, 2)
        return {
            "fader": Reading(-60.0, 10.0, "dB", "wanted of each strip", n),
            "makeup": Reading(0.0, 24.0, "dB", "what the fader cannot give", n),
            "threshold": Reading(-60.0, 0.0, "dB", "wanted of each compressor", n),
            "pan": Reading(-1.0, 1.0, "", "wanted of each strip", n),
            "width": Reading(-60.0, 6.0, "dB", "side over mid to add: low, middle, high", 3),
            "active": Reading(0.0, 1.0, "", "whether each strip plays, and not its neighbours", n),
            "loudness": Reading(-70.0, 0.0, "LUFS", "of what each strip has played", n),
        }

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        if channels not in (1, 2 * self.strips):
            raise ValueError(f"{channels} channels are not the {2 * self.strips} of {self.strips} strips")
        references, n = read(), self.strips
        roles = [references["vocals" if r == "speech" else r] for r in ROLES]
        return {
            "ear": listening.prepare(sample_rate, n),
            "target": np.array([r.loudness + LIFT for r in roles]),
            "peak": np.array([r.peak for r in roles]),
            "stray": np.array([r.peak_deviation for r in roles]),
            "ratio": np.array([ACTION["vocals" if r == "speech" else r][2] for r in ROLES]),
            "places": np.array(moves.PLACES),
            "sides": np.array([side for _, _, side in moves.SIDES]),
            "fader": np.zeros(n),
            "share": np.zeros(n),
            "threshold": np.zeros(n),
            "pan": np.zeros(n),
            "width": np.full(3, NARROW),
            "ratios": np.ones(n),
        }

    @staticmethod
    @kernel
    def process(state, params, x):
        if x.shape[0] > 1:
            roles = carray(fields(params), FIRST + state.fader.shape[0])[FIRST:]
            done = 0
            while done < x.shape[1]:
                last = min(x.shape[1], done + listening.HOP - state.ear.filled)
                listening.listen(state.ear, x, done, last)
                if state.ear.filled == listening.HOP:
                    decide(state, params.amount, params.speed, params.sharing, roles)
                done = last
        show(state)


@kernel
def decide(state, amount, speed, sharing, roles):
    """At the end of a hop: where everything should go, as far as it may go in this time."""
    ear = state.ear
    for s in range(state.fader.shape[0]):
        state.ratios[s] = state.ratio[int(roles[s])]
    listening.close(ear, state.ratios, state.threshold)
    for s in range(state.fader.shape[0]):
        role, heard = int(roles[s]), ear.heard[s]
        pace = (FAST if heard < CHECK or speed > 0 else SLOW) * ear.seconds
        if ear.active[s] and heard >= BEFORE:
            state.threshold[s] = nearer(state.threshold[s], amount * threshold(state, s, role), pace)
            alike = 0
            for other in range(state.fader.shape[0]):
                alike += int(roles[other]) == role and ear.heard[other] >= BEFORE
            wanted = state.target[role] - 10 * np.log10(max(alike, 1)) - listening.loudness(ear, s)
            state.fader[s] = nearer(state.fader[s], amount * min(max(wanted, -60.0), 34.0), pace)
    place(state, amount, roles)
    widen(state, amount)
    talk(state, sharing, roles)


@kernel
def threshold(state, s, role):
    """The closed form of rtengine.dsp.console.threshold, where all loud peaks lie above the threshold."""
    mean = state.ear.loud[s] - state.ear.highest[s] + PEAK
    over = mean - state.peak[role] - state.stray[role]
    if over <= 0:
        return 0.0
    return min(max(state.ear.loud[s] - (over + state.stray[role]) / (1 - 1 / state.ratio[role]), -60.0), 0.0)


@kernel
def place(state, amount, roles):
    """Single microphones that neither lead nor carry the bass go to the sides in turn, if there are two of them."""
    single, turn = 0, 0
    for s in range(state.pan.shape[0]):
        single += narrow(state, s, roles)
    for s in range(state.pan.shape[0]):
        wanted = 0.0
        if narrow(state, s, roles):
            wanted = state.places[turn % state.places.shape[0]] if single > 1 else 0.0
            turn += 1
        if state.ear.active[s]:
            state.pan[s] = nearer(state.pan[s], amount * wanted, TURN * state.ear.seconds)


@kernel
def narrow(state, s, roles):
    """Whether strip s is a single microphone of neither a lead nor a bass."""
    mid, side = state.ear.width[s, 0].sum(), state.ear.width[s, 1].sum()
    return int(roles[s]) == OTHER and state.ear.heard[s] >= BEFORE and side < 0.00316 * mid


@kernel
def widen(state, amount):
    """Towards the side that mixes have, less the side that is there."""
    for k in range(3):
        mid, side, sounding = 0.0, 0.0, False
        for s in range(state.fader.shape[0]):
            gain = 10 ** (state.fader[s] / 10)
            mid += gain * state.ear.width[s, 0, k]
            side += gain * state.ear.width[s, 1, k]
            sounding |= state.ear.active[s] > 0
        if sounding and mid > 0:
            missing = amount * (10 ** (state.sides[k] / 10) - side / mid)
            wanted = 10 * np.log10(max(missing, 1e-4))
            state.width[k] = nearer(state.width[k], wanted, FAST * state.ear.seconds)


@kernel
def talk(state, sharing, roles):
    """Open microphones share one gain: each is turned down by how far it lies below all of them together.

    Source: D. Dugan, "Automatic microphone mixing", JAES 23 (1975).
    """
    total = 0.0
    for s in range(state.fader.shape[0]):
        if int(roles[s]) == SPEECH:
            total += state.ear.momentary[s]
    for s in range(state.fader.shape[0]):
        wanted = 0.0
        if int(roles[s]) == SPEECH and sharing > 0 and total > 1e-9:
            wanted = 10 * np.log10(max(state.ear.momentary[s] / total, 1e-3))
        elif int(roles[s]) == SPEECH and sharing > 0:
            wanted = state.share[s]  # silence: nobody moves
        state.share[s] = nearer(state.share[s], max(wanted, SHARED), 200 * state.ear.seconds)


@kernel
def nearer(value, wanted, most):
    """The value, moved by at most so much."""
    return value + min(max(wanted - value, -most), most)


@kernel
def show(state):
    """Write the readings."""
    r = state.readings
    for s in range(state.fader.shape[0]):
        gain = state.fader[s] + state.share[s]
        r.fader[s] = min(max(gain, -60.0), 10.0)
        r.makeup[s] = min(max(gain - 10.0, 0.0), 24.0)
        r.threshold[s], r.pan[s] = state.threshold[s], state.pan[s]
        r.active[s] = state.ear.active[s]
        r.loudness[s] = max(listening.loudness(state.ear, s), -70.0)
    for k in range(3):
        r.width[k] = state.width[k]


def wires(strips: int) -> dict[str, str]:
    """What Automix, named "automix", turns on strips named "strip/1" and so on, and on "spread"."""
    found = {}
    for s in range(strips):
        for name in ("fader", "makeup", "threshold", "pan"):
            found[f"/strip/{s + 1}/{name}"] = f"/automix/{name}/{s}"
    return found | {f"/spread/{band}": f"/automix/width/{k}" for k, band in enumerate(("low", "middle", "high"))}

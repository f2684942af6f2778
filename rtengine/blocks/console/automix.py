"""The automatic engineer: a block that hears all strips and shows where their parameters should go.

    microphones -> who plays, how loud, how high, how wide -> rules, or the controller -> readings --wires--> strips
          '------------------------------------------------------------------> the strips, untouched, without delay

Nothing here turns a knob: the graph's wires do, so that a hand can take any of them. All moves are limited in speed:
fast while a strip is new (a sound check), slow in the show; a strip that is silent, or hears others only, stands still.
The controller's network runs within `process`, a strip or two at each 64 samples, so that it comes out at the same
sample whatever the buffers are: no thread, and no latency for what passes.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numba import carray

from rtengine.block import Block, Parameter, Reading
from rtengine.blocks.console import rules
from rtengine.blocks.console.rules import BEFORE, OTHER, nearer
from rtengine.dsp.console import listening, moves
from rtengine.dsp.console.equaliser import responses, weighting
from rtengine.dsp.console.features import MUSDB18, read
from rtengine.dsp.console.normalise import ACTION
from rtengine.dsp.console.settings import FOLLOWED
from rtengine.models.console import ear, layout, network
from rtengine.models.console.model import Model, load
from rtengine.native.intrinsics import fields
from rtengine.native.kernel import kernel

MOST_STRIPS = 16
ROLES = layout.ROLES
CHECK = 8.0  # seconds of its own sound for which a strip is new
FAST, SLOW = 12.0, 3.0  # dB a second, of levels
FAST_BAND, SLOW_BAND = 6.0, 1.5  # dB a second, of the equaliser's bands
TURN = 0.2  # of the pan's way, a second
LIFT = 9.0  # dB from the loudness of stems in the references to that on the desk: mixes then have about -16 LUFS
NARROW = -40.0  # dB of side where the width begins
GRID = 64  # samples between two pieces of the network's work
THINK, ANSWER = 3, 2  # strips a piece
FIRST = 5  # parameters before those of the strips
BANDS = layout.BANDS


@dataclass(frozen=True, eq=False)
class Automix(Block):
    """Hear pairs of channels, one pair a strip, and show their settings; the sound passes bit for bit.

    strips: how many, 1 to 16; ValueError says so.  model: the controller.  wish: of a reference song, see
    rtengine.models.console.wish.  Wire the readings to the strips, see `wires`.
    Readings are vectors with a number a strip (one more, that rests, if there is but one strip).
    One channel alone is left alone: there is nothing to balance.
    """

    strips: int = 1
    model: Model = field(default_factory=load)
    wish: tuple[float, ...] = (0.0,) * layout.WISH

    def __post_init__(self) -> None:
        if not 1 <= self.strips <= MOST_STRIPS:
            raise ValueError(f"{self.strips} strips are not 1 to {MOST_STRIPS}")

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """Those of the whole, then role, amount, lock and trim of each strip: the kernel counts on this order."""
        found = {
            "amount": Parameter(1.0, 0.0, 1.0, "", "linear", "0: everything stays where it is, 1: all the way"),
            "speed": Parameter(0, 0, 1, "", "step", "of the moves once a strip is known", ("show", "sound check")),
            "sharing": Parameter(1, 0, 1, "", "step", "speech: who talks is heard, the others rest", ("off", "on")),
            "mind": Parameter(1, 0, 1, "", "step", "who decides", ("rules", "controller")),
            "propose": Parameter(0, 0, 1, "", "step", "what is wanted is shown, and not done", ("off", "on")),
        }
        strips = range(1, self.strips + 1)
        for s in strips:
            found[f"role{s}"] = Parameter(OTHER, 0, len(ROLES) - 1, "", "step", f"what strip {s} plays", ROLES)
        for s in strips:
            found[f"amount{s}"] = Parameter(1.0, 0.0, 1.0, "", "linear", f"how far strip {s} is moved, of the amount")
        for s in strips:
            found[f"lock{s}"] = Parameter(0, 0, 1, "", "step", f"strip {s} stays as it is", ("free", "locked"))
        for s in strips:
            found[f"trim{s}"] = Parameter(0.0, -12.0, 12.0, "dB", "linear", f"so much louder is strip {s} to be")
        return found

    @cached_property
    def readings(self) -> dict[str, Reading]:
        """Where parameters of the strips go, where they should go, and what is heard."""
        n = max(self.strips, 2)
        shown = {
            "fader": Reading(-60.0, 10.0, "dB", "of each strip", n),
            "makeup": Reading(0.0, 24.0, "dB", "what the fader cannot give", n),
            "threshold": Reading(-60.0, 0.0, "dB", "of each compressor", n),
            "pan": Reading(-1.0, 1.0, "", "of each strip", n),
            "width": Reading(-60.0, 6.0, "dB", "side over mid to add: low, middle, high", 3),
            "active": Reading(0.0, 1.0, "", "whether each strip plays, and not its neighbours", n),
            "loudness": Reading(-70.0, 0.0, "LUFS", "of what each strip has played", n),
            "sure": Reading(0.0, 1.0, "", "how sure the controller is of each strip", n),
            "wants_fader": Reading(-60.0, 34.0, "dB", "wanted of each strip", n),
            "wants_threshold": Reading(-60.0, 0.0, "dB", "wanted of each compressor", n),
            "wants_pan": Reading(-1.0, 1.0, "", "wanted of each strip", n),
        }
        for b in range(1, BANDS + 1):
            shown[f"eq{b}"] = Reading(-15.0, 15.0, "dB", f"band {b} of each strip", n)
        for b in range(1, BANDS + 1):
            shown[f"wants_eq{b}"] = Reading(-15.0, 15.0, "dB", f"wanted of band {b} of each strip", n)
        return shown

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        if channels not in (1, 2 * self.strips):
            raise ValueError(f"{channels} channels are not the {2 * self.strips} of {self.strips} strips")
        references, n = read(), self.strips
        named = ["vocals" if r == "speech" else r for r in ROLES]
        roles = [references[r] for r in named]
        brain = network.prepare(self.model.weights, n)
        brain["wish"][:] = self.wish
        return {
            "ear": listening.prepare(sample_rate, n),
            "spectra": ear.prepare(sample_rate, n),
            "brain": brain,
            "late": network.LATE * sample_rate / ear.HOP,
            "target": np.array([r.loudness + LIFT for r in roles]),
            "aim": np.array([MUSDB18[r][0] + LIFT for r in named]),  # from which the controller's balance counts
            "peak": np.array([r.peak for r in roles]),
            "stray": np.array([r.peak_deviation for r in roles]),
            "ratio": np.array([ACTION[r][2] for r in named]),
            "places": np.array(moves.PLACES),
            "sides": np.array([side for _, _, side in moves.SIDES]),
            "curves": responses()[:, ear.FIRST : ear.LAST].copy(),
            "weight": np.array(weighting())[ear.FIRST : ear.LAST],
            "fader": np.zeros(n),
            "share": np.zeros(n),
            "threshold": np.zeros(n),
            "pan": np.zeros(n),
            "eq": np.zeros((n, BANDS)),
            "width": np.full(3, NARROW),
            "want_fader": np.zeros(n),
            "want_threshold": np.zeros(n),
            "want_pan": np.zeros(n),
            "want_eq": np.zeros((n, BANDS)),
            "ratios": np.ones(n),
        }

    def bind(self, state: np.void) -> None:
        """Let readings begin where the parameters are: wires read them before the first sample has been heard."""
        for name in self.readings:
            if name not in ("active", "loudness", "sure"):
                state["readings"][name] = NARROW if name == "width" else 0.0

    @staticmethod
    @kernel
    def process(state, params, x):
        if x.shape[0] > 1:
            strips = state.fader.shape[0]
            own = carray(fields(params), FIRST + 4 * strips)[FIRST:]
            done = 0
            while done < x.shape[1]:
                before = state.ear.filled
                last = min(x.shape[1], done + GRID - before % GRID)
                listening.listen(state.ear, x, done, last)
                ear.listen(state.spectra, x, done, last, before)
                if state.ear.filled == listening.HOP:
                    close(state, params, own)
                elif state.ear.filled % GRID == 0 and params.mind > 0:
                    ponder(state, state.ear.filled // GRID, own)
                done = last
        show(state)


@kernel
def ponder(state, piece, own):
    """The piece of the network's work that is due after so many GRIDs of a hop."""
    strips, half = state.fader.shape[0], listening.HOP // GRID // 2
    if piece < half:
        for s in range((piece - 1) * THINK, min(piece * THINK, strips)):
            network.think(state.brain, s, int(own[s]), state.ear.seconds)
    else:
        for s in range((piece - half) * ANSWER, min((piece - half + 1) * ANSWER, strips)):
            network.answer(state.brain, s)
        if piece == listening.HOP // GRID - 1:
            network.judge(state.brain)


@kernel
def close(state, params, own):
    """At the end of a hop: hear it, decide where everything should go, and go as far as is allowed in this time."""
    hear, strips = state.ear, state.fader.shape[0]
    roles, amounts, locks, trims = (
        own[:strips],
        own[strips : 2 * strips],
        own[2 * strips : 3 * strips],
        own[3 * strips :],
    )
    for s in range(strips):
        state.ratios[s] = state.ratio[int(roles[s])]
    listening.close(hear, state.ratios, state.threshold)
    ear.close(state.spectra)
    for s in range(strips):
        if hear.clear[s] or (hear.active[s] and state.brain.hops[s] * hear.seconds < BEFORE):
            network.remember(state.brain, s, state.spectra.power[s], state.spectra.peak[s], state.late)
        state.spectra.peak[s] = 0
    middle = balance(state)
    for s in range(strips):
        if hear.active[s] and hear.heard[s] >= BEFORE:
            if params.mind > 0:
                ask(state, s, int(roles[s]), middle)
            else:
                rule(state, s, int(roles[s]))
            alike = 0
            for other in range(strips):
                alike += int(roles[other]) == int(roles[s]) and hear.heard[other] >= BEFORE
            wanted = state.want_fader[s] - 10 * np.log10(max(alike, 1)) + trims[s]
            state.want_fader[s] = min(max(wanted, -60.0), 34.0)
    rules.place(state, roles)
    for s in range(strips):
        if params.propose == 0 and locks[s] == 0 and hear.active[s] and hear.heard[s] >= BEFORE:
            move(state, s, params.amount * amounts[s], params.speed)
    if params.propose == 0:
        widen(state, params.amount, params.mind)
    rules.talk(state, params.sharing, roles)


@kernel
def balance(state):
    """The mean of what the controller says of the balance: its level as a whole means nothing."""
    total, count = 0.0, 0
    for s in range(state.fader.shape[0]):
        if state.brain.hops[s] > 0:
            total += network.balance(state.brain, s)
            count += 1
    return total / max(count, 1)


@kernel
def ask(state, s, role, middle):
    """What the controller wants of strip s."""
    brain, ratio = state.brain, state.ratio[role]
    plain, loud, weighted, louder = 0.0, 0.0, 0.0, 0.0
    for b in range(ear.COUNT):
        curve = 0.0
        for k in range(BANDS):
            curve += state.eq[s, k] * state.curves[k, b]
        power, gain = brain.power[s, b], 10 ** (curve / 10)
        plain += power
        loud += power * gain
        weighted += power * state.weight[b]
        louder += power * state.weight[b] * gain
    change = 10 * np.log10((louder + 1e-12) / (weighted + 1e-12))
    sure = network.sure(brain, s)
    for k in range(BANDS):
        state.want_eq[s, k] = network.band(brain, s, k) if k < FOLLOWED and sure > 0 else 0.0
    higher = 10 * np.log10((loud + 1e-12) / (plain + 1e-12))
    threshold = state.ear.loud[s] + higher - network.taken(brain, s) / (1 - 1 / ratio)
    state.want_threshold[s] = min(max(threshold, -60.0), 0.0)
    level = state.aim[role] + network.balance(brain, s) - middle
    state.want_fader[s] = level - listening.loudness(state.ear, s) - change


@kernel
def rule(state, s, role):
    """What the rules want of strip s: Layer 0."""
    for k in range(BANDS):
        state.want_eq[s, k] = 0.0
    state.want_threshold[s] = rules.threshold(state, s, role)
    state.want_fader[s] = state.target[role] - listening.loudness(state.ear, s)


@kernel
def move(state, s, amount, speed):
    """Strip s goes to where it should, as far as it may in a hop."""
    new = state.ear.heard[s] < CHECK or speed > 0
    pace = (FAST if new else SLOW) * state.ear.seconds
    state.threshold[s] = nearer(state.threshold[s], amount * state.want_threshold[s], pace)
    state.fader[s] = nearer(state.fader[s], amount * state.want_fader[s], pace)
    state.pan[s] = nearer(state.pan[s], amount * state.want_pan[s], TURN * state.ear.seconds)
    pace = (FAST_BAND if new else SLOW_BAND) * state.ear.seconds
    for k in range(BANDS):
        state.eq[s, k] = nearer(state.eq[s, k], amount * state.want_eq[s, k], pace)


@kernel
def widen(state, amount, mind):
    """Towards the side that mixes have, or that the controller wants, less the side that is there."""
    for k in range(3):
        mid, side, sounding = 0.0, 0.0, False
        for s in range(state.fader.shape[0]):
            gain = 10 ** (state.fader[s] / 10)
            mid += gain * state.ear.width[s, 0, k]
            side += gain * state.ear.width[s, 1, k]
            sounding |= state.ear.active[s] > 0
        if sounding and mid > 0:
            level = network.side(state.brain, k) if mind > 0 else state.sides[k]
            missing = amount * (10 ** (level / 10) - side / mid)
            wanted = 10 * np.log10(max(missing, 1e-4))
            state.width[k] = nearer(state.width[k], wanted, FAST * state.ear.seconds)


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
        r.sure[s] = network.sure(state.brain, s)
        r.wants_fader[s], r.wants_threshold[s] = state.want_fader[s], state.want_threshold[s]
        r.wants_pan[s] = state.want_pan[s]
        eq, want = state.eq[s], state.want_eq[s]
        r.eq1[s], r.eq2[s], r.eq3[s], r.eq4[s], r.eq5[s], r.eq6[s] = eq[0], eq[1], eq[2], eq[3], eq[4], eq[5]
        r.wants_eq1[s], r.wants_eq2[s], r.wants_eq3[s] = want[0], want[1], want[2]
        r.wants_eq4[s], r.wants_eq5[s], r.wants_eq6[s] = want[3], want[4], want[5]
    for k in range(3):
        r.width[k] = state.width[k]


def wires(strips: int) -> dict[str, str]:
    """What Automix, named "automix", turns on strips named "strip/1" and so on, and on "spread"."""
    found = {}
    for s in range(strips):
        for name in ("fader", "makeup", "threshold", "pan"):
            found[f"/strip/{s + 1}/{name}"] = f"/automix/{name}/{s}"
        for b in range(1, BANDS + 1):
            found[f"/strip/{s + 1}/eq{b}_gain"] = f"/automix/eq{b}/{s}"
    return found | {f"/spread/{band}": f"/automix/width/{k}" for k, band in enumerate(("low", "middle", "high"))}

"""The rules of a desk that plays, by hop: dynamics, places, width, and one gain for open microphones.

Each writes what is wanted; how fast it gets there is for `move` in automix.
"""

import numpy as np

from rtengine.dsp.console.features import PEAK
from rtengine.native.kernel import kernel

OTHER, SPEECH = 3, 4  # numbers of roles
BEFORE = 0.5  # seconds of sound before anything moves
SHARED = -30.0  # dB: the most that gain sharing takes


@kernel
def threshold(state, s, role):
    """The closed form of rtengine.dsp.console.threshold, where all loud peaks lie above the threshold."""
    mean = state.ear.loud[s] - state.ear.highest[s] + PEAK
    over = mean - state.peak[role] - state.stray[role]
    if over <= 0:
        return 0.0
    return min(max(state.ear.loud[s] - (over + state.stray[role]) / (1 - 1 / state.ratio[role]), -60.0), 0.0)


@kernel
def place(state, roles):
    """Single microphones that neither lead nor carry the bass go to the sides in turn, if there are two of them."""
    single, turn = 0, 0
    for s in range(state.pan.shape[0]):
        single += narrow(state, s, roles)
    for s in range(state.pan.shape[0]):
        wanted = 0.0
        if narrow(state, s, roles):
            wanted = state.places[turn % state.places.shape[0]] if single > 1 else 0.0
            turn += 1
        state.want_pan[s] = wanted


@kernel
def narrow(state, s, roles):
    """Whether strip s is a single microphone of neither a lead nor a bass."""
    mid, side = state.ear.width[s, 0].sum(), state.ear.width[s, 1].sum()
    return int(roles[s]) == OTHER and state.ear.heard[s] >= BEFORE and side < 0.00316 * mid


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

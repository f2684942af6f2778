"""What the controller says of a whole song: the same network, whose means over time are those of the song."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.console import listening
from rtengine.dsp.console.equaliser import weighting
from rtengine.dsp.console.settings import Settings
from rtengine.models.console import ear, layout, network
from rtengine.models.console.model import Model
from rtengine.native.kernel import kernel
from rtengine.native.record import record

Numbers = NDArray[np.float64]
EVER = 2**60  # hops
THREADS = 2
PIECE, ENOUGH = 10.0, 90.0  # seconds
PAUSE, LITTLE = 40.0, 2.0  # dB under the loudest hop, seconds


def settings(
    model: Model,
    stems: Sequence[NDArray[np.float32]],
    sample_rate: float,
    roles: Sequence[str],
    wish: Numbers | None = None,
) -> Settings:
    """Listen to stems (2, samples) of one length, and say how to set the desk for all of the song."""
    strips = len(stems)
    brain = record(network.prepare(model.weights, strips))[0]
    if wish is not None:
        brain["wish"][:] = wish
    pieces = [np.concatenate([x[:, a:b] for x in stems], axis=0) for a, b in excerpts(stems[0].shape[1], sample_rate)]
    with ThreadPoolExecutor(THREADS) as threads:
        heard = list(threads.map(lambda x: ear.hear(np.ascontiguousarray(x, np.float32), sample_rate), pieces))
    power, peak = np.concatenate([h[0] for h in heard]), np.concatenate([h[1] for h in heard])
    numbers = np.array([layout.ROLES.index(r) for r in roles])
    _hear(brain, power, peak, _played(power, sample_rate), numbers, ear.HOP / sample_rate)
    each = range(strips)
    return Settings(
        np.array([[network.band(brain, s, b) for b in range(layout.BANDS)] for s in each]),
        np.array([network.balance(brain, s) for s in each]),
        np.array([network.taken(brain, s) for s in each]),
        np.array([network.sure(brain, s) for s in each]),
        np.array([network.side(brain, k) for k in range(3)]),
        network.crest(brain),
    )


def excerpts(samples: int, sample_rate: float) -> list[tuple[int, int]]:
    """From where to where it listens: all of a song, or of a long one ENOUGH seconds in pieces that lie evenly."""
    piece, count = round(PIECE * sample_rate), round(ENOUGH / PIECE)
    if samples <= count * piece:
        return [(0, samples)]
    starts = np.linspace(0, samples - piece, count).astype(int)
    return [(int(a), int(a) + piece) for a in starts]


def _played(power: Numbers, sample_rate: float) -> NDArray[np.bool_]:
    """The hops in which each strip plays, (hops, strips): as the desk hears it, or if it hears little, all but pauses.

    Sounds that never pause cannot be told from what comes in from the neighbours.
    """
    energy = 2 * listening.HOP * (power @ np.array(weighting())[ear.FIRST : ear.LAST])
    active = np.zeros(energy.shape, np.bool_)
    _listen(record(listening.prepare(sample_rate, energy.shape[1]))[0], energy, active)
    level = 10 * np.log10(energy / listening.HOP + 1e-12)
    sounds = (level > level.max(axis=0) - PAUSE) & (level > listening.SILENT)
    little = active.sum(axis=0) < np.minimum(LITTLE * sample_rate / ear.HOP, 0.1 * sounds.sum(axis=0) + 1)
    return np.where(little, sounds, active)


@kernel
def _listen(ears, energy, active):
    none = np.zeros(energy.shape[1])
    for m in range(energy.shape[0]):
        for s in range(energy.shape[1]):
            ears.energy[s] = energy[m, s]
        listening.close(ears, none + 1, none)
        for s in range(energy.shape[1]):
            active[m, s] = ears.active[s] > 0


@kernel
def _hear(brain, power, peak, active, roles, seconds):
    """All hops in which a strip plays; then what there is to say."""
    strips = power.shape[1]
    for m in range(power.shape[0]):
        for s in range(strips):
            if active[m, s]:
                network.remember(brain, s, power[m, s], peak[m, s], EVER)
    for s in range(strips):
        network.think(brain, s, roles[s], seconds)
    for s in range(strips):
        network.answer(brain, s)
    network.judge(brain)

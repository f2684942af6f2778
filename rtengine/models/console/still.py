"""What the controller says of a whole song: the same network, whose means over time are those of the song."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.console import bleed, listening
from rtengine.dsp.console.equaliser import weighting
from rtengine.dsp.console.settings import Settings
from rtengine.models.console import ear, layout, network
from rtengine.models.console.model import Model
from rtengine.native.kernel import kernel
from rtengine.native.record import record

Numbers = NDArray[np.float64]
EVER = 2**60  # hops
PIECE, ENOUGH = 10.0, 90.0  # seconds
PAUSE, LITTLE = 40.0, 2.0  # dB under the loudest hop, seconds
MOSTLY = 0.85  # of the energy in SMOOTH hops, 200 ms, is a strip's own where it plays
SMOOTH = 9


Heard = tuple[Numbers, Numbers]  # of a strip: power (hops, COUNT) and peaks (hops,) of the excerpts


def settings(
    model: Model, strips: Sequence[Heard], sample_rate: float, roles: Sequence[str], wish: Numbers | None = None
) -> Settings:
    """Say how to set the desk for all of the song, from what was heard of its strips, see Listener."""
    brain = record(network.prepare(model.weights, len(strips)))[0]
    if wish is not None:
        brain["wish"][:] = wish
    power, peak = np.stack([s[0] for s in strips], axis=1), np.stack([s[1] for s in strips], axis=1)
    numbers = np.array([layout.ROLES.index(r) for r in roles])
    _hear(brain, power, peak, _played(power, sample_rate), numbers, ear.HOP / sample_rate)
    each = range(len(strips))
    return Settings(
        np.array([[network.band(brain, s, b) for b in range(layout.BANDS)] for s in each]),
        np.array([network.balance(brain, s) for s in each]),
        np.array([network.taken(brain, s) for s in each]),
        np.array([network.sure(brain, s) for s in each]),
        np.array([network.side(brain, k) for k in range(3)]),
        network.crest(brain),
    )


class Listener:
    """Hears one strip as it comes, of a song of so many samples: no more than an excerpt of it is in memory."""

    def __init__(self, samples: int, sample_rate: float) -> None:
        self._rate, self._at = sample_rate, 0
        self._left = excerpts(samples, sample_rate)
        self._held: list[NDArray[np.float32]] = []
        self._found: list[Heard] = []

    def add(self, x: NDArray[np.float32]) -> None:
        """Hear x (2, samples)."""
        while self._left and self._at + x.shape[1] > self._left[0][0]:
            first, last = self._left[0]
            part = x[:, max(first - self._at, 0) : last - self._at]
            self._held.append(part.copy())
            if self._at + x.shape[1] < last:
                break
            self._close()
        self._at += x.shape[1]

    def _close(self) -> None:
        first, last = self._left.pop(0)
        x = np.zeros((2, last - first), np.float32)
        held = np.concatenate([x[:, :0], *self._held], axis=1)
        x[:, : held.shape[1]] = held
        power, peak = ear.hear(x, self._rate)
        self._found.append((power[:, 0], peak[:, 0]))
        self._held = []

    def heard(self) -> Heard:
        """What was heard; the strip is silent from here to the song's end."""
        while self._left:
            self._close()
        return np.concatenate([f[0] for f in self._found]), np.concatenate([f[1] for f in self._found])


def heard(x: NDArray[np.float32], sample_rate: float) -> Heard:
    """The same of a strip that is in memory, (2, samples)."""
    listener = Listener(x.shape[1], sample_rate)
    listener.add(x)
    return listener.heard()


def excerpts(samples: int, sample_rate: float) -> list[tuple[int, int]]:
    """From where to where it listens: all of a song, or of a long one ENOUGH seconds in pieces that lie evenly."""
    piece, count = round(PIECE * sample_rate), round(ENOUGH / PIECE)
    if samples <= count * piece:
        return [(0, samples)]
    starts = np.linspace(0, samples - piece, count).astype(int)
    return [(int(a), int(a) + piece) for a in starts]


def _played(power: Numbers, sample_rate: float) -> NDArray[np.bool_]:
    """The hops in which each strip plays, (hops, strips): what it has is mostly its own; all but pauses if little is.

    Sounds that never pause cannot be told from what comes in from the neighbours.
    """
    weight = np.array(weighting())[ear.FIRST : ear.LAST]
    total, own = (_smooth(p @ weight) for p in (power, bleed.alone(power)))
    level = 10 * np.log10(2 * total + 1e-12)
    sounds = (level > level.max(axis=0, initial=listening.SILENT) - PAUSE) & (level > listening.SILENT)
    active = (own > MOSTLY * total) & (level > listening.SILENT)
    little = active.sum(axis=0) < np.minimum(LITTLE * sample_rate / ear.HOP, 0.1 * sounds.sum(axis=0) + 1)
    return np.where(little, sounds, active)


def _smooth(energy: Numbers) -> Numbers:
    """The mean over SMOOTH hops about each, (hops, strips)."""
    if not len(energy):
        return energy
    sums = np.cumsum(np.pad(energy, [(SMOOTH // 2 + 1, SMOOTH // 2), (0, 0)]), axis=0)
    return np.asarray(sums[SMOOTH:] - sums[:-SMOOTH]) / SMOOTH


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

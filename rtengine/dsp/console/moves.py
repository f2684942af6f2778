"""Layer 0: how a desk is to be set, by rules alone, each move with its reason.

Nothing is learnt and nothing is random. What the rules need to know of a stem is in `Stem`, what they aim at are the
references of its role. The order is that of an engineer: first each sound by itself (high-pass, spectrum, dynamics),
then the balance, then the places, then depth, and last the whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.console import bands
from rtengine.dsp.console.balance import balance
from rtengine.dsp.console.equaliser import EQUALISER, fit, responses, weighting
from rtengine.dsp.console.features import MIX, MUSDB18, PEAK, Features
from rtengine.dsp.console.normalise import ACTION, KNEE, difference
from rtengine.dsp.console.settings import FOLLOWED, Settings
from rtengine.dsp.console.threshold import threshold

SHARE = 0.3  # of the way to the role's spectrum: the rest is what the instrument is
LARGEST_CHANGE = 12.0  # dB: of the controller
SMALLEST_TAKEN = 2.0  # dB: a compressor that takes less was no gain on the songs that were held out
LARGEST_MOVE, SMALLEST_MOVE = 9.0, 0.5  # dB: no band does more, and less is not worth a move
HIGH_PASS = {"vocals": 80.0, "other": 40.0}  # Hz; drums and basses keep their lows
LOWEST, CONSTANT = 20.0, 0.01  # Hz, of all; of the highest sample: from so much on a mean is no chance
SENDS = {"vocals": -16.0, "other": -18.0, "drums": -26.0}  # dB to the room; basses stay dry
MONO = -25.0  # dB of side over mid: less is one microphone
PLACES = (0.35, -0.35, 0.6, -0.6, 0.2, -0.2, 0.8, -0.8)  # of mono stems that do not lead, in turn
SIDES = (
    (0, 10, -16.1),
    (10, 20, -10.9),
    (20, 28, -10.2),
)  # third octaves, and side over mid of human mixes there in dB:
# medians of ten songs of MUSDB18, below 250 Hz, up to 2500 Hz and above
QUIETEST = -60.0  # dB, of a fader
LOOSE, FREE = 1.0, 1.0  # dB: how far the whole's spectrum bends the balance, and the main equaliser
LOOSE_TO, FREE_TO = 6.0, 10.0  # dB, towards a song that is named
DARKER = np.array([0.0, 0.0, 0.0, 0.0, 1.5, 3.0])  # dB of the main bands, see _made_up_for; 4 was no worse there
LOOSE_SAID, FREE_SAID = 0.5, 0.5  # dB, where the controller has said what it thinks


NOTHING = np.zeros((0, 0)), np.zeros(0)


@dataclass(frozen=True)
class Stem:
    """One channel of the desk: name, role, features, and the peaks of its hops in dBFS with those of its onsets.

    heard: what the controller needs to know, see rtengine.models.console.still; nothing for the rules.
    offset: the mean of all samples.
    """

    name: str
    role: str
    features: Features
    peaks: NDArray[np.float64]
    onsets: NDArray[np.float64]
    heard: tuple[NDArray[np.float64], NDArray[np.float64]] = NOTHING
    offset: float = 0.0


@dataclass(frozen=True)
class Move:
    """One parameter, where it is to go, and why."""

    address: str
    value: float
    reason: str


def moves(
    stems: Sequence[Stem], references: dict[str, Features], song: Features | None = None, said: Settings | None = None
) -> list[Move]:
    """All moves for these stems, in the order of the strips; silent stems rest.

    song: features of a mix that this one is to be like; else it is to be like mixes are on average. said: what the
    controller says of the stems, in place of the rules for spectra, dynamics, balance and width.
    """
    heard = [i for i, s in enumerate(stems) if np.isfinite(s.features.loudness)]
    found: list[Move] = []
    power: dict[int, NDArray[np.float64]] = {}  # of strips at fader 0, in third octaves
    for i in heard:
        one = references[stems[i].role]
        own = list(_alone(stems[i], one) if said is None else _said(stems[i], one, said, i))
        found += [Move(f"/strip/{i + 1}/{m.address}", m.value, m.reason) for m in own]
        power[i] = _power(stems[i], own)
    found += _balance(stems, power, references, song, said)
    found += _places(stems, heard)
    found += _depth(stems, heard)
    wide = sides(song) if song else SIDES
    if said is not None and song is None:
        wide = tuple((a, b, float(level)) for (a, b, _), level in zip(SIDES, said.sides, strict=True))
    found += _width(stems, power, references, wide)
    return _made_up_for(found) if said is not None and song is None else found


def _without_rumble(stem: Stem) -> Iterator[Move]:
    """A high-pass where nothing is to be heard, and where a constant would take the room that the music needs."""
    below = HIGH_PASS.get(stem.role)
    if below:
        yield Move("high_pass", below, f"of {stem.name} there is only rumble below {below:g} Hz")
    elif abs(stem.offset) > CONSTANT * 10 ** (float(stem.peaks.max()) / 20):
        yield Move("high_pass", LOWEST, f"{stem.name} has a constant of {stem.offset:+.3f} in it, which is no sound")


def _alone(stem: Stem, reference: Features) -> Iterator[Move]:
    """What is done to one sound by itself; addresses are those of the strip."""
    yield from _without_rumble(stem)
    wanted = SHARE * difference(stem.features.spectrum, reference.spectrum)
    for band, gain in enumerate(fit(wanted, stem.features.spectrum, LARGEST_MOVE)):
        if abs(gain) >= SMALLEST_MOVE:
            has = "more" if gain < 0 else "less"
            why = f"{stem.name} has {has} around {EQUALISER[band][1]:g} Hz than {stem.role} mostly have"
            yield Move(f"eq{band + 1}_gain", gain, why)
    mean, deviation = reference.peak, reference.peak_deviation
    top = float(stem.peaks.max())
    attack, release, ratio = ACTION[stem.role]
    found = threshold(stem.onsets - top + PEAK, mean + deviation, ratio)
    if found is not None:
        over = (stem.onsets - top + PEAK).mean() - mean
        why = f"the beats of {stem.name} stand out {over:.1f} dB more than those of {stem.role} mostly do"
        for name, value in (("ratio", ratio), ("knee", KNEE), ("attack", attack), ("release", release)):
            yield Move(name, value, why)
        yield Move("threshold", float(np.clip(found + top - PEAK, -60, 0)), why)


def _said(stem: Stem, reference: Features, said: Settings, i: int) -> Iterator[Move]:
    """The same by the controller, where it knows anything; for the rest by the rule."""
    yield from _without_rumble(stem)
    wanted = SHARE * difference(stem.features.spectrum, reference.spectrum)
    rule = np.array(fit(wanted, stem.features.spectrum, LARGEST_MOVE))
    followed = (np.arange(len(rule)) < FOLLOWED) & (said.sure[i] > 0)
    gains = np.clip(np.where(followed, said.bands[i], rule), -LARGEST_CHANGE, LARGEST_CHANGE)
    for band, gain in enumerate(gains.tolist()):
        if abs(gain) >= SMALLEST_MOVE:
            has = "more" if gain < 0 else "less"
            sure = f"by ear, {said.sure[i]:.0%} sure"
            why = f"{stem.name} has {has} around {EQUALISER[band][1]:g} Hz than it should ({sure})"
            yield Move(f"eq{band + 1}_gain", round(gain, 2), why)
    attack, release, ratio = ACTION[stem.role]
    if said.taken[i] >= SMALLEST_TAKEN and stem.onsets.size:
        power = 10 ** (np.array(stem.features.spectrum) / 10)
        louder = 10 * np.log10((power * 10 ** (gains @ responses() / 10)).sum() / power.sum())
        found = float(stem.onsets.mean() + louder - said.taken[i] / (1 - 1 / ratio))
        why = f"the loud beats of {stem.name} are to come down by {said.taken[i]:.1f} dB, by ear"
        for name, value in (("ratio", ratio), ("knee", KNEE), ("attack", attack), ("release", release)):
            yield Move(name, value, why)
        yield Move("threshold", float(np.clip(found, -60, 0)), why)


def change(stem: Stem, own: Sequence[Move]) -> float:
    """By how much the moves change the loudness, dB: the curves' effect by power, the compressor's by its peaks."""
    values = {m.address: m.value for m in own}
    gains = np.array([values.get(f"eq{b + 1}_gain", 0.0) for b in range(len(EQUALISER))])
    power = 10 ** (np.array(stem.features.spectrum) / 10) * weighting()
    total = 10 * np.log10((power * 10 ** (gains @ responses() / 10)).sum() / power.sum())
    if "threshold" in values:
        over = np.maximum(stem.peaks - values["threshold"], 0) * (1 - 1 / values["ratio"])
        peaks = 10 ** (stem.peaks / 10)
        total += 10 * np.log10((peaks * 10 ** (-over / 10)).sum() / peaks.sum())
    return float(total)


def _power(stem: Stem, own: Sequence[Move]) -> NDArray[np.float64]:
    """The power of a strip in third octaves, such that its weighted sum is its loudness."""
    values = {m.address: m.value for m in own}
    gains = np.array([values.get(f"eq{b + 1}_gain", 0.0) for b in range(len(EQUALISER))])
    power = 10 ** ((np.array(stem.features.spectrum) + gains @ responses()) / 10)
    level = stem.features.loudness + change(stem, own)
    return power * 10 ** (level / 10) / (power * weighting()).sum()


def _balance(
    stems: Sequence[Stem],
    power: dict[int, NDArray[np.float64]],
    references: dict[str, Features],
    song: Features | None,
    said: Settings | None,
) -> Iterator[Move]:
    """Faders by the roles' loudness, bent towards the spectrum of mixes; the highest fader stands at 0 dB.

    Stems that share a role share its power.
    """
    if not power:
        return
    roles = [stems[i].role for i in power]
    loud = {i: 10 * np.log10((p * weighting()).sum()) for i, p in power.items()}
    wanted = [references[stems[i].role].loudness - 10 * np.log10(roles.count(stems[i].role)) - loud[i] for i in power]
    target = np.array((song or references[MIX]).spectrum)
    loose, free = (LOOSE_TO, FREE_TO) if song else (LOOSE, FREE) if said is None else (LOOSE_SAID, FREE_SAID)
    if said is not None:
        alike = {i: 10 * np.log10(roles.count(stems[i].role)) for i in power}
        wanted = [MUSDB18[stems[i].role][0] - alike[i] + float(said.balance[i]) - loud[i] for i in power]
    gains, main = balance(np.array(list(power.values())), np.array(wanted), target, loose, free)
    like = "the song has" if song else "mixes mostly have"
    for i, gain, role in zip(power, gains, wanted, strict=True):
        apart = role - np.median(wanted)
        reason = f"{stems[i].name} comes in {abs(apart):.1f} dB {'over' if apart < 0 else 'under'} its role"
        if abs(gain - role) >= SMALLEST_MOVE:
            reason += f"; {gain - role:+.1f} dB for the whole to sound as {like}"
        yield Move(f"/strip/{i + 1}/fader", float(max(gain - gains.max(), QUIETEST)), reason)
    for band, gain in enumerate(np.clip(main, -15, 15)):
        if abs(gain) >= SMALLEST_MOVE:
            word = "less" if gain > 0 else "more"
            why = f"all together have {word} around {EQUALISER[band][1]:g} Hz than {like}"
            yield Move(f"/main/eq{band + 1}_gain", round(float(gain), 2), why)


def _places(stems: Sequence[Stem], heard: Sequence[int]) -> Iterator[Move]:
    """Leads, basses and drums stay in the middle; other single microphones go to the sides in turn."""
    single = [i for i in heard if stems[i].role == "other" and mono(stems[i])]
    if len(single) < 2:  # one alone would pull the picture to its side
        return
    for turn, i in enumerate(single):
        side = "right" if PLACES[turn % len(PLACES)] > 0 else "left"
        yield Move(f"/strip/{i + 1}/pan", PLACES[turn % len(PLACES)], f"{stems[i].name} makes room: to the {side}")


def mono(stem: Stem) -> bool:
    """Whether left and right are one signal."""
    return bool(np.median(stem.features.side[8:24]) < MONO)


def _depth(stems: Sequence[Stem], heard: Sequence[int]) -> Iterator[Move]:
    """A fixed send by role for what came in dry; what is wide brought its own room."""
    for i in heard:
        if stems[i].role in SENDS and mono(stems[i]):
            yield Move(f"/bus/send{i + 1}", SENDS[stems[i].role], f"{stems[i].name} is dry")


def _made_up_for(made: list[Move]) -> list[Move]:
    """The moves, with the main equaliser making up for what the sides add, and for chance.

    Left and right have the power of middle and side: what the side adds somewhere, the whole is to have less there. And
    what was turned up by chance before it came here adds more power than is lacking where it was turned down, so what
    the strips cannot undo leaves the whole too bright, and DARKER is that much on made-up songs.
    """
    wide = {m.address: m.value for m in made if m.address.startswith("/spread/")}
    curve = np.zeros(bands.COUNT)
    for name, (first, last, _) in zip(("low", "middle", "high"), SIDES, strict=True):
        curve[first:last] = -10 * np.log10(1 + 10 ** (wide.get(f"/spread/{name}", QUIETEST) / 10))
    curve[SIDES[-1][1] :] = curve[SIDES[-1][1] - 1]
    gains = dict(enumerate(np.array(fit(curve, (0.0,) * bands.COUNT, LARGEST_MOVE)) - DARKER, 1))
    found = []
    for move in made:
        band = next((b for b in gains if move.address == f"/main/eq{b}_gain"), None)
        found.append(move if band is None else replace(move, value=round(move.value + float(gains.pop(band)), 2)))
    for band, gain in gains.items():
        if abs(gain) >= SMALLEST_MOVE:
            why = f"all together are too bright around {EQUALISER[band - 1][1]:g} Hz: by the sides, and by chance"
            found.append(Move(f"/main/eq{band}_gain", round(float(gain), 2), why))
    return found


def sides(song: Features) -> tuple[tuple[int, int, float], ...]:
    """The side over mid of a mix in the three bands, dB."""
    power, ratio = 10 ** (np.array(song.spectrum) / 10), 10 ** (np.array(song.side) / 10)
    mid, side = power / (1 + ratio), power * ratio / (1 + ratio)
    return tuple((a, b, float(10 * np.log10(side[a:b].sum() / mid[a:b].sum() + 1e-6))) for a, b, _ in SIDES)


def _width(
    stems: Sequence[Stem],
    power: dict[int, NDArray[np.float64]],
    references: dict[str, Features],
    wide: Sequence[tuple[int, int, float]],
) -> Iterator[Move]:
    """A side as wide as mixes have, less the side that is there: their powers add."""
    if not power:
        return
    mid, side = np.full(bands.COUNT, 1e-12), np.zeros(bands.COUNT)
    for i, p in power.items():
        own = stems[i]
        level = p / (p * weighting()).sum() * 10 ** (references[own.role].loudness / 10)
        ratio = 10 ** (np.array(own.features.side) / 10)
        mid += level / (1 + ratio)
        side += level * ratio / (1 + ratio)
    for name, (first, last, wanted) in zip(("low", "middle", "high"), wide, strict=True):
        there = side[first:last].sum() / mid[first:last].sum()
        missing = 10 ** (wanted / 10) - there
        level = 10 * np.log10(missing) if missing > 1e-3 else QUIETEST
        have = 10 * np.log10(max(there, 1e-6))
        reason = f"the sides have {have:.0f} dB of the middle there, and are to have {wanted:.1f}"
        yield Move(f"/spread/{name}", float(np.clip(level, QUIETEST, 6)), reason)

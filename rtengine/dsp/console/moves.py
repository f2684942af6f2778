"""Layer 0: how a desk is to be set, by rules alone, each move with its reason.

Nothing is learnt and nothing is random. What the rules need to know of a stem is in `Stem`, what they aim at are the
references of its role. The order is that of an engineer: first each sound by itself (high-pass, spectrum, dynamics),
then the balance, then the places, then depth, and last the whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.console import bands, biquad
from rtengine.dsp.console.features import PEAK, Features
from rtengine.dsp.console.normalise import ACTION, KNEE, difference
from rtengine.dsp.console.threshold import threshold

EQUALISER = (  # the bands of a strip: kind, Hz, q
    (biquad.LOW_SHELF, 90.0, biquad.BUTTERWORTH),
    (biquad.PEAK, 220.0, 1.0),
    (biquad.PEAK, 600.0, 1.0),
    (biquad.PEAK, 1600.0, 1.0),
    (biquad.PEAK, 4200.0, 1.0),
    (biquad.HIGH_SHELF, 9000.0, biquad.BUTTERWORTH),
)
HALF = 0.5  # of the way to the role's spectrum: the rest is what the instrument is
MOST, LEAST = 9.0, 0.5  # dB: no band does more, and less is not worth a move
RIDGE = 0.05  # keeps neighbouring bands from working against each other
HIGH_PASS = {"vocals": 80.0, "other": 40.0}  # Hz; drums and basses keep their lows
SENDS = {"vocals": -16.0, "other": -18.0, "drums": -26.0}  # dB to the room; basses stay dry
MONO = -25.0  # dB of side over mid: less is one microphone
PLACES = (0.35, -0.35, 0.6, -0.6, 0.2, -0.2, 0.8, -0.8)  # of mono stems that do not lead, in turn
SIDES = (
    (0, 10, -16.1),
    (10, 20, -10.9),
    (20, 28, -10.2),
)  # third octaves, and side over mid of human mixes there in dB:
# medians of ten songs of MUSDB18, below 250 Hz, up to 2500 Hz and above
LOUDNESS = -16.0  # LUFS of the whole
QUIETEST = -60.0  # dB, of a fader


@dataclass(frozen=True)
class Stem:
    """One channel of the desk: name, role, features, and the peaks of its hops in dBFS with those of its onsets."""

    name: str
    role: str
    features: Features
    peaks: NDArray[np.float64]
    onsets: NDArray[np.float64]


@dataclass(frozen=True)
class Move:
    """One parameter, where it is to go, and why."""

    address: str
    value: float
    reason: str


def moves(stems: Sequence[Stem], references: dict[str, Features]) -> list[Move]:
    """All moves for these stems, in the order of the strips; silent stems rest."""
    heard = [i for i, s in enumerate(stems) if np.isfinite(s.features.loudness)]
    found: list[Move] = []
    loud: dict[int, float] = {}  # LUFS of strips at fader 0
    for i in heard:
        own = list(_alone(stems[i], references[stems[i].role]))
        found += [Move(f"/strip/{i + 1}/{m.address}", m.value, m.reason) for m in own]
        loud[i] = stems[i].features.loudness + change(stems[i], own)
    found += _balance(stems, loud, references)
    found += _places(stems, heard)
    found += _depth(stems, heard)
    found += _width(stems, loud, references)
    return found


def _alone(stem: Stem, reference: Features) -> Iterator[Move]:
    """What is done to one sound by itself; addresses are those of the strip."""
    if stem.role in HIGH_PASS:
        yield Move(
            "high_pass", HIGH_PASS[stem.role], f"of {stem.name} there is only rumble below {HIGH_PASS[stem.role]:g} Hz"
        )
    wanted = HALF * difference(stem.features.spectrum, reference.spectrum)
    for band, gain in enumerate(fit(wanted, stem.features.spectrum)):
        if abs(gain) >= LEAST:
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


def responses(sample_rate: float = 48_000.0) -> NDArray[np.float64]:
    """What each band does to each third octave at 1 dB, (bands, COUNT)."""
    h = np.array([biquad.design(kind, f, 1.0, q, sample_rate) for kind, f, q in EQUALISER])
    return 20 * np.log10(np.abs(biquad.response(h, bands.CENTRES, sample_rate)))


def fit(wanted: NDArray[np.float64], spectrum: Sequence[float]) -> list[float]:
    """Gains of the bands that come nearest to a curve in third octaves, where the sound has its power (least squares).

    A band's curve in dB grows with its gain, nearly in proportion, so one linear system is enough.
    """
    a = responses()
    weight = np.clip((np.array(spectrum) + 45) / 30, 0, 1)
    normal = (a * weight) @ a.T + RIDGE * weight.sum() * np.eye(len(a))
    return np.clip(np.linalg.solve(normal, (a * weight) @ wanted), -MOST, MOST).round(2).tolist()


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


def weighting() -> NDArray[np.float64]:
    """How loud third octaves are, as power: the K curve, a shelf of 4 dB at 1.7 kHz and a high-pass at 38 Hz."""
    f = bands.CENTRES
    return (1 + (10**0.4 - 1) / (1 + (1682 / f) ** 4)) / (1 + (38 / f) ** 4)


def _balance(stems: Sequence[Stem], loud: dict[int, float], references: dict[str, Features]) -> Iterator[Move]:
    """Faders by the roles' loudness; stems that share a role share its power. The loudest fader stands at 0 dB."""
    if not loud:
        return
    roles = [stems[i].role for i in loud]
    wanted = {i: references[stems[i].role].loudness - 10 * np.log10(roles.count(stems[i].role)) for i in loud}
    gains = {i: wanted[i] - loud[i] for i in loud}
    highest = max(gains.values())
    for i, gain in gains.items():
        apart = gain - np.median(list(gains.values()))
        word = "over" if apart < 0 else "under"
        reason = f"{stems[i].name} comes in {abs(apart):.1f} dB {word} what {stems[i].role} have among the others"
        yield Move(f"/strip/{i + 1}/fader", float(max(gain - highest, QUIETEST)), reason)
    whole = 10 * np.log10(sum(10 ** (w / 10) for w in wanted.values())) - highest
    level, rest = min(LOUDNESS - whole, 10.0), max(LOUDNESS - whole - 10.0, 0.0)
    yield Move("/bus/level", float(max(level, QUIETEST)), f"the whole is to have {LOUDNESS:g} LUFS")
    if rest > 0:
        yield Move("/bus/makeup", float(min(rest, 24.0)), f"the whole is to have {LOUDNESS:g} LUFS")


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


def _width(stems: Sequence[Stem], loud: dict[int, float], references: dict[str, Features]) -> Iterator[Move]:
    """A side as wide as mixes have, less the side that is there: their powers add."""
    if not loud:
        return
    mid, side = np.zeros(bands.COUNT), np.zeros(bands.COUNT)
    for i in loud:
        own = stems[i].features
        power = 10 ** ((np.array(own.spectrum) + references[stems[i].role].loudness) / 10)
        ratio = 10 ** (np.array(own.side) / 10)
        mid += power / (1 + ratio)
        side += power * ratio / (1 + ratio)
    for name, (first, last, wanted) in zip(("low", "middle", "high"), SIDES, strict=True):
        there = side[first:last].sum() / mid[first:last].sum()
        missing = 10 ** (wanted / 10) - there
        level = 10 * np.log10(missing) if missing > 1e-3 else QUIETEST
        have = 10 * np.log10(max(there, 1e-6))
        reason = f"the sides have {have:.0f} dB of the middle there, mixes have {wanted:g}"
        yield Move(f"/spread/{name}", float(max(level, QUIETEST)), reason)

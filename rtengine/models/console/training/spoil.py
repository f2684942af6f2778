"""Random consoles, in the domain of the ear: what stages do to stems, thousands of times faster than to sound.

A stem's power in third octaves is multiplied by the curve of six bands, its hops are turned down by a compressor that
sees their peaks, the other stems' power is added with 12 to 25 dB less, and all of it gets any gain. Before, the stem
and its clean state get one random colour together, and a transposition: another instrument, spoilt in the same way, so
that the network learns how much of a departure from the average is the instrument's own.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from rtengine.dsp.console import bands, biquad
from rtengine.dsp.console.equaliser import EQUALISER, weighting
from rtengine.dsp.console.features import MUSDB18
from rtengine.models.console import ear, layout
from rtengine.models.console.training.network import Heard
from rtengine.models.console.training.songs import Song

GAIN = 9.0  # dB
BLEED = (-25.0, -12.0)  # dB
COLOUR = 3.0  # dB: deviation of the colour in each band
UNKNOWN = 0.2  # of the roles are not told
WISHED = 0.5  # of the songs come with the wish for the mix that they had
ALONE = 0.3  # of the songs come without bleed
OWN, OWN_BALANCE = (
    0.3,
    0.5,
)  # of a song's departure from the others is asked for: with few songs, more is learning by heart
WISHES = (4.0, 4.0, 4.0, 2.0)  # dB: so far do wishes for sides and crest stray from what the song had
SILENT, CLEAR = -60.0, 4.0  # dB: hops below, or so near to what comes from the neighbours, do not count
CENTRES = bands.CENTRES[ear.FIRST : ear.LAST]

Numbers = NDArray[np.float64]


class Usual(NamedTuple):
    """What the songs have in common: balance by role, sides and crest."""

    balance: dict[str, float]
    sides: Numbers
    crest: float


class Truth(NamedTuple):
    """What is to be found: curve (B, S, COUNT) dB that undoes the equaliser, and where it counts; balance (B, S) dB;
    sides (B, 3), crest (B,); known (B,): whether there was a human mix.
    """

    curve: torch.Tensor
    weight: torch.Tensor
    balance: torch.Tensor
    sides: torch.Tensor
    crest: torch.Tensor
    known: torch.Tensor
    strips: torch.Tensor


def usual(songs: list[Song]) -> Usual:
    """Of songs with a human mix."""
    known = [s for s in songs if s.mix is not None]
    found: dict[str, list[float]] = {}
    for song in known:
        levels = balance(song, range(len(song.roles)))
        for role, level in zip(song.roles, levels - levels.mean(), strict=True):
            found.setdefault(role, []).append(level)
    means = {role: float(np.mean(levels)) for role, levels in found.items()}
    return Usual(means, np.mean([s.sides for s in known], axis=0), float(np.mean([s.crest for s in known])))


def balance(song: Song, order: Sequence[int]) -> Numbers:
    """By how much stems lie over the loudness of their roles, dB."""
    roles = [song.roles[i] for i in order]
    alike = np.array([roles.count(r) for r in roles])
    return song.loudness[list(order)] - [MUSDB18[r][0] for r in roles] + 10 * np.log10(alike)


def response(gains: Numbers, random: np.random.Generator, stray: float) -> Numbers:
    """The curve of six bands in dB, (COUNT,); corners stray by so many octaves."""
    total = np.zeros(len(CENTRES))
    for (kind, frequency, q), gain in zip(EQUALISER, gains, strict=True):
        f = frequency * 2 ** random.uniform(-stray, stray)
        h = np.array(biquad.design(kind, f, gain, q, 48_000.0))
        total += 20 * np.log10(np.abs(biquad.response(h, CENTRES, 48_000.0)))
    return total


def compressed(peak: Numbers, seconds: float, random: np.random.Generator) -> Numbers:
    """Gains in dB by hop of a compressor at work on these peaks, (hops,)."""
    top = 20 * np.log10(max(peak.max(), 1e-6))
    threshold, ratio = top + random.uniform(-24, -12), random.uniform(2, 6)
    over = np.maximum(20 * np.log10(np.maximum(peak, 1e-6)) - threshold, 0) * (1 - 1 / ratio)
    held, found, fall = 0.0, np.empty(len(over)), np.exp(-seconds / 0.15)
    for m, wanted in enumerate(over):
        held = max(wanted, held * fall + wanted * (1 - fall))
        found[m] = -held
    return found


def alone(
    power: Numbers, peak: Numbers, seconds: float, random: np.random.Generator
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """One stem, as another instrument, spoilt: power, peaks, the curve that undoes it, and where that counts."""
    shift = random.integers(-2, 3)
    p = np.roll(power, shift, axis=1)
    if shift > 0:
        p[:, :shift] = p[:, shift : shift + 1]
    elif shift < 0:
        p[:, shift:] = p[:, shift - 1 : shift]
    spoilt = response(random.uniform(-GAIN, GAIN, 6), random, random.choice([0.0, 0.3]))
    clean = p * 10 ** (response(random.normal(0, COLOUR, 6), random, 0.5) / 10)
    now = clean * 10 ** (spoilt / 10)
    k = peak * np.sqrt(now.sum(1) / np.maximum(p.sum(1), 1e-20))
    if random.random() < 0.5:
        gain = compressed(k, seconds, random)
        now, k = now * 10 ** (gain[:, None] / 10), k * 10 ** (gain / 20)
    mean = clean.mean(0)
    share = 10 * np.log10(np.maximum(mean, 1e-20) / max(mean.sum(), 1e-20))
    return now, k, -spoilt, np.clip((share + 45) / 30, 0, 1)


def together(stems: list[tuple[Numbers, Numbers]], strips: int, random: np.random.Generator) -> dict[str, Numbers]:
    """Stems, power and peaks, in one room, at any level: what the ear hears of each strip."""
    hops, dry = len(stems[0][1]), random.random() < ALONE
    heard = {"power": np.zeros((strips, hops, ear.COUNT))}
    heard |= {name: np.zeros((strips, hops)) for name in ("peak", "active")}
    for row, (own, k) in enumerate(stems):
        others = np.zeros_like(own)
        for j, (power, _) in enumerate(stems):
            if j != row and not dry:
                others += power * 10 ** (random.uniform(*BLEED) / 10)
        loud = 10 * np.log10(np.maximum(own.sum(1), 1e-20))
        near = 10 * np.log10(np.maximum(others.sum(1), 1e-20))
        gain = 10 ** (random.uniform(-GAIN, GAIN) / 10)
        heard["active"][row] = (loud > loud.max() - 45) & (loud > SILENT) & (loud > near + CLEAR)
        heard["power"][row] = (own + others) * gain
        heard["peak"][row] = np.sqrt(k**2 + others.sum(1) * 4) * np.sqrt(gain)
    return heard


def one(
    song: Song, habit: Usual, random: np.random.Generator, hops: int, strips: int
) -> tuple[dict[str, Numbers], dict[str, Numbers]]:
    """One song, spoilt: what the ear hears and what is to be found, padded to so many strips."""
    seconds = ear.HOP / song.sample_rate
    count = len(song.roles)
    start = random.integers(0, max(song.power.shape[1] - hops, 0) + 1)
    power = song.power[:, start : start + hops].copy()
    peak = song.peak[:, start : start + hops].copy()
    order = random.permutation(count)
    if count > 2 and random.random() < 0.3:
        order = order[:-1]
    curve, weight, mine = np.zeros((strips, ear.COUNT)), np.zeros((strips, ear.COUNT)), []
    for row, i in enumerate(order):
        now, k, curve[row], weight[row] = alone(power[i], peak[i], seconds, random)
        mine.append((now, k))
    n = len(order)
    heard = together(mine, strips, random)
    roles = [song.roles[i] for i in order]
    levels, own = np.zeros(strips), balance(song, order.tolist())
    common = np.array([habit.balance.get(r, 0.0) for r in roles])
    levels[:n] = common + OWN_BALANCE * (own - own.mean() - common)
    told = np.full(strips, layout.ROLES.index("other"))
    told[:n] = [layout.ROLES.index("other" if random.random() < UNKNOWN else r) for r in roles]
    whole = float(song.mix is not None)
    wish, sides, crest = np.zeros(layout.WISH), habit.sides, habit.crest
    sides, crest = sides + OWN * (song.sides - sides), crest + OWN * (song.crest - crest)
    if n == count and random.random() < WISHED:
        stray = random.normal(0, WISHES)
        wish = np.clip(song.wish + np.append(np.zeros(ear.COUNT), stray / 10), -2, 2)
        sides, crest = song.sides + stray[:3], song.crest + stray[3]
    there = np.zeros(strips)
    there[:n] = 1
    return heard | {"role": told, "wish": wish}, {
        "curve": curve, "weight": weight, "balance": levels, "sides": sides, "crest": np.array(crest),
        "known": np.array(whole), "strips": there,
    }  # fmt: skip


def batch(songs: list[Song], habit: Usual, size: int, hops: int, random: np.random.Generator) -> tuple[Heard, Truth]:
    """Random songs, spoilt at random."""
    strips = max(len(s.roles) for s in songs)
    drawn = [one(songs[random.integers(len(songs))], habit, random, hops, strips) for _ in range(size)]

    def stacked(side: int, name: str) -> torch.Tensor:
        return torch.from_numpy(np.stack([d[side][name] for d in drawn]).astype(np.float32))

    power, peak, active, wish = (stacked(0, n) for n in ("power", "peak", "active", "wish"))
    heard = Heard(power, peak, active, stacked(0, "role").long(), wish)
    return heard, Truth(*(stacked(1, n) for n in Truth._fields))


assert len(weighting()) == bands.COUNT

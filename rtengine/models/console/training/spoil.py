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
from rtengine.models.console import ear, layout
from rtengine.models.console.training.habit import Habit, balance, expected, loud
from rtengine.models.console.training.network import Heard
from rtengine.models.console.training.songs import Song

GAIN = 9.0  # dB
BLEED = (-25.0, -12.0)  # dB
COLOUR = 3.0  # dB: deviation of the colour in each band
UNKNOWN = 0.2  # of the roles are not told
WISHED = 0.5  # of the songs come with the wish for the mix that they had
ALONE = 0.3  # of the songs come without bleed
OWN = 0.3  # of a song's departure from the others is asked for: with few songs, more is learning by heart
HUMAN = 0.35  # of the songs drawn are by people, if there are any
BORROWED = 0.5  # of a made-up song's stems are those of another
PASSES = 0.6  # of a compressor's change within a hop comes too late for the peak
WISHES = (4.0, 4.0, 4.0, 2.0)  # dB: so far do wishes for sides and crest stray from what the song had
SILENT, CLEAR = -60.0, 4.0  # dB: hops below, or so near to what comes from the neighbours, do not count
QUIETEST = 60.0  # dB under the whole mix: third octaves below do not count, and those 30 dB louder do in full
CENTRES, LOUD = bands.CENTRES[ear.FIRST : ear.LAST], weighting()[ear.FIRST : ear.LAST]

Numbers = NDArray[np.float64]


class Truth(NamedTuple):
    """What is to be found: curve (B, S, COUNT) dB that undoes the equaliser, and where it counts; balance (B, S) dB;
    sides (B, 3), crest (B,); known (B,): whether there was a human mix; balanced (B,): whether the balance
    that people would choose is known.
    """

    curve: torch.Tensor
    weight: torch.Tensor
    balance: torch.Tensor
    sides: torch.Tensor
    crest: torch.Tensor
    known: torch.Tensor
    balanced: torch.Tensor
    strips: torch.Tensor


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
    """One stem, as another instrument, spoilt: power, peaks, the curve that undoes it, and its clean mean power."""
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
        before = np.concatenate([gain[:1], gain[:-1]])
        late = np.where(gain < before, PASSES * before + (1 - PASSES) * gain, gain)
        now, k = now * 10 ** (gain[:, None] / 10), k * 10 ** (late / 20)
    return now, k, -spoilt, clean.mean(0)


def importance(power: Numbers, level: Numbers) -> Numbers:
    """What each strip has to do with each third octave of the mix, (strips, COUNT), 0 to 1.

    power: clean, (strips, COUNT).  level: loudness that the strips are to have, dB.  A strip that is not to be heard at
    some frequency is not to be turned there: what comes in there are its neighbours.
    """
    shares = power / np.maximum((power * LOUD).sum(1, keepdims=True), 1e-20) * 10 ** (level[:, None] / 10)
    mix = shares.sum(0)
    heard = np.clip((10 * np.log10(np.maximum(mix, 1e-20) / mix.sum()) + QUIETEST) / 30, 0, 1)
    return shares / np.maximum(mix, 1e-20) * heard


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


def cast(song: Song, songs: Sequence[Song], random: np.random.Generator) -> list[tuple[Song, int]]:
    """Who plays: song and number of each stem, in any order. In made-up songs some are those of another."""
    order = random.permutation(len(song.roles))
    if len(order) > 2 and random.random() < 0.3:
        order = order[:-1]
    found = [(song, int(i)) for i in order]
    if song.made_up:
        for row, (_, i) in enumerate(found):
            other = songs[int(random.integers(len(songs)))]
            same = [j for j, role in enumerate(other.roles) if role == song.roles[i]]
            if same and other.made_up and random.random() < BORROWED:
                found[row] = other, int(random.choice(same))
    return found


def one(
    playing: list[tuple[Song, int]], known: Habit, random: np.random.Generator, hops: int, strips: int
) -> tuple[dict[str, Numbers], dict[str, Numbers]]:
    """One song, spoilt: what the ear hears and what is to be found, padded to so many strips."""
    song, n = playing[0][0], len(playing)
    seconds = ear.HOP / song.sample_rate
    curve, weight, mine, clean = np.zeros((strips, ear.COUNT)), np.zeros((strips, ear.COUNT)), [], []
    start = random.integers(0, max(min(s.power.shape[1] for s, _ in playing) - hops, 0) + 1)
    for row, (s, i) in enumerate(playing):
        power, peak = (_piece(x[i], start, hops) for x in (s.power, s.peak))
        now, k, curve[row], mean = alone(power, peak, seconds, random)
        mine.append((now, k))
        clean.append(mean)
    heard = together(mine, strips, random)
    roles, crests = [s.roles[i] for s, i in playing], np.array([s.crests[i] for s, i in playing])
    levels = np.zeros(strips)
    levels[:n] = expected(known, roles, crests)
    if song.mix is not None:
        own = balance(roles, np.array([s.loudness[i] for s, i in playing]))
        levels[:n] += OWN * (own - levels[:n])
    weight[:n] = importance(np.array(clean), levels[:n] + loud(roles))
    told = np.full(strips, layout.ROLES.index("other"))
    told[:n] = [layout.ROLES.index("other" if random.random() < UNKNOWN else r) for r in roles]
    whole = float(song.mix is not None)
    sides, crest = known.sides + OWN * (song.sides - known.sides), known.crest + OWN * (song.crest - known.crest)
    wish = np.zeros(layout.WISH)
    if n == len(song.roles) and whole and random.random() < WISHED:
        stray = random.normal(0, WISHES)
        wish = np.clip(song.wish + np.append(np.zeros(ear.COUNT), stray / 10), -2, 2)
        sides, crest = song.sides + stray[:3], song.crest + stray[3]
    there = np.zeros(strips)
    there[:n] = 1
    return heard | {"role": told, "wish": wish}, {
        "curve": curve, "weight": weight, "balance": levels, "sides": sides, "crest": np.array(crest),
        "known": np.array(whole), "balanced": np.array(float(known.known)), "strips": there,
    }  # fmt: skip


def _piece(x: Numbers, start: int, hops: int) -> Numbers:
    """So many hops of it, from the beginning on again where it ends."""
    return np.take(x, np.arange(start, start + hops), axis=0, mode="wrap")


def batch(songs: list[Song], known: Habit, size: int, hops: int, random: np.random.Generator) -> tuple[Heard, Truth]:
    """Random songs, spoilt at random."""
    strips = max(len(s.roles) for s in songs)
    kinds = [s for s in ([s for s in songs if not s.made_up], [s for s in songs if s.made_up]) if s]
    drawn = []
    for _ in range(size):
        kind = kinds[0 if random.random() < HUMAN else -1]
        playing = cast(kind[random.integers(len(kind))], kind, random)
        drawn.append(one(playing, known, random, hops, strips))

    def stacked(side: int, name: str) -> torch.Tensor:
        return torch.from_numpy(np.stack([d[side][name] for d in drawn]).astype(np.float32))

    power, peak, active, wish = (stacked(0, n) for n in ("power", "peak", "active", "wish"))
    heard = Heard(power, peak, active, stacked(0, "role").long(), wish)
    return heard, Truth(*(stacked(1, n) for n in Truth._fields))

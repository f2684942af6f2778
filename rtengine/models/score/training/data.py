"""All stretches of a folder of MIDI files, kept in one file, and the crops that training takes of them."""

import csv
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtengine.models.score import words
from rtengine.models.score.training.pieces import Stretch, stretches
from rtengine.models.score.words import BAR, PITCHES, STYLES, Bars

HELD_OUT = 25  # one source in so many is validated on
LIVELY = 3.6  # steps with an onset a second, from which music counts as lively: the median of the songs
THINNED = (0.15, 1.0)  # share of the boundaries that a crop is told of, least and most
MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])  # Krumhansl, Kessler 1982
MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
GROOVES = {"punk": "rock", "country": "rock", "pop": "rock", "blues": "rock", "reggae": "latin", "afrocuban": "latin",
           "afrobeat": "latin", "highlife": "latin", "middleeastern": "latin", "neworleans": "funk", "gospel": "soul",
           "dance": "hiphop"}  # fmt: skip


class Music(NamedTuple):
    """Stretches, those that are trained on and those that are held out."""

    seen: list[Stretch]
    held: list[Stretch]


def gathered(folder: Path, told: Callable[[int, int], None] = lambda _done, _of: None) -> list[Stretch]:
    """The stretches of all MIDI files under a folder; those that cannot be read are left out.

    A folder with the info.csv of the Groove MIDI Dataset has its styles from there, and its fills left out.
    """
    found: list[Stretch] = []
    styles = {row[0]: row[1] for table in sorted(folder.rglob("info.csv")) for row in _grooves(table)}
    files = sorted(f for f in folder.rglob("*") if f.suffix.lower() in (".mid", ".midi") and f.is_file())
    if not files:
        raise ValueError(f"{folder} has no MIDI files (.mid)")
    for n, file in enumerate(files):
        told(n, len(files))
        style = styles.get(str(file.resolve()))
        if style == "":
            continue
        try:
            found += stretches(file, STYLES.index(style) if style else None)
        except (ValueError, OSError):
            continue
    if not found:
        raise ValueError(f"none of the {len(files)} MIDI files in {folder} has four bars of four quarters")
    return found


def _grooves(table: Path) -> list[tuple[str, str]]:
    """(file, style) of the Groove MIDI Dataset's table; "" for fills and other metres."""
    rows = []
    with table.open(newline="", encoding="utf-8") as opened:
        for row in csv.DictReader(opened):
            if not {"style", "beat_type", "time_signature", "midi_filename"} <= row.keys():
                return []
            name = row["style"].split("/")[0]
            whole = row["beat_type"] == "beat" and row["time_signature"] == "4-4"
            style = GROOVES.get(name, name if name in STYLES else "rock") if whole else ""
            rows.append((str((table.parent / row["midi_filename"]).resolve()), style))
    return rows


def keep(found: list[Stretch], path: Path) -> None:
    """Write stretches to one .npz."""
    columns: dict[str, list[NDArray[np.generic]]] = {"words": [s.words for s in found], "at": [s.at for s in found],
               "chords": [s.bars.chords for s in found],
               "density": [s.bars.density for s in found], "boundaries": [s.bars.boundaries for s in found],
               "strengths": [s.bars.strengths for s in found]}  # fmt: skip
    arrays: dict[str, Any] = {name: np.concatenate(parts).astype(np.int32) for name, parts in columns.items()}
    sizes = np.array([[len(column[i]) for column in columns.values()] for i in range(len(found))])
    facts = np.array([(s.bars.style, s.bars.tempo) for s in found])
    with path.open("wb") as opened:
        np.savez_compressed(opened, sizes=sizes, facts=facts, sources=np.array([s.source for s in found]), **arrays)


def kept(path: Path) -> list[Stretch]:
    """Read what `keep` wrote."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in ("words", "at", "chords", "density", "boundaries", "strengths")}
        ends, facts, sources = np.cumsum(file["sizes"], axis=0), file["facts"], file["sources"]
    starts = ends - np.diff(ends, axis=0, prepend=0)
    found = []
    for i, source in enumerate(sources):
        w, at, chords, density, boundaries, strengths = (
            a[starts[i, k] : ends[i, k]] for k, a in enumerate(arrays.values())
        )
        bars = Bars(int(facts[i, 0]), 0, float(facts[i, 1]), chords, density, boundaries, strengths)
        found.append(Stretch(w.astype(np.int16), at.astype(np.int64), bars, str(source)))
    return found


def divided(found: list[Stretch]) -> Music:
    """Held out by source, so that no stretch of a piece that is judged on was trained on."""
    held = [zlib.crc32(s.source.encode()) % HELD_OUT == 0 for s in found]
    return Music(
        [s for s, h in zip(found, held, strict=True) if not h], [s for s, h in zip(found, held, strict=True) if h]
    )


def key(histogram: NDArray[np.float64]) -> tuple[int, bool]:
    """Tonic and whether it is minor, of a pitch-class histogram: C. Krumhansl's profiles, 1990."""
    fits = [(float(np.corrcoef(np.roll(p, k), histogram)[0, 1]), k, p is MINOR) for p in (MAJOR, MINOR)
            for k in range(12)]  # fmt: skip
    _, tonic, minor = max(fits) if histogram.std() > 0 else (0.0, 0, False)
    return tonic, minor


def crop(stretch: Stretch, length: int, random: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(length + 1, fields) words and (length, conditions), from a bar on, in C; shorter stretches end in -1."""
    opens = np.flatnonzero(stretch.words[:, 0] == BAR)
    fits = opens[opens <= max(len(stretch.words) - length - 1, 0)]
    first = int(random.choice(fits))
    part = stretch.words[first : first + length + 1].astype(np.int64)
    at = stretch.at[first : first + length]
    bars = stretch.bars
    tempo = bars.tempo * float(random.uniform(0.92, 1.08))
    chords, minor = bars.chords.copy(), bool(random.integers(2))
    if bars.style < 2:
        notes = part[part[:, 2] > 0]
        weight = np.array(words.LENGTHS)[notes[:, 3] - 1]
        tonic, minor = key(np.bincount((notes[:, 2] - 1) % 12, weight, minlength=12).astype(float))
        shift = (-tonic + 6) % 12 - 6
        raised = part[:, 2] + shift
        raised = np.where(raised < 1, raised + 12, np.where(raised > PITCHES, raised - 12, raised))
        part[:, 2] = np.where(part[:, 2] > 0, raised, 0)
        chords[:, 0] = np.where(chords[:, 0] < 12, (chords[:, 0] + shift) % 12, 12)
    halves = slice(int(at[0]) // 8, int(at[-1]) // 8 + 1)
    lively = bars.density[halves].mean() * tempo / 120 > LIVELY
    told = random.random(len(bars.boundaries)) < random.uniform(*THINNED)
    there = bars._replace(emotion=words.quadrant(minor, bool(lively)), tempo=tempo, chords=chords,
                          boundaries=bars.boundaries[told], strengths=bars.strengths[told])  # fmt: skip
    conditions = words.conditions(there, at).astype(np.int64)
    padded = np.full((length + 1, part.shape[1]), -1)
    padded[: len(part)] = part
    return padded, np.pad(conditions, ((0, length - len(conditions)), (0, 0)))

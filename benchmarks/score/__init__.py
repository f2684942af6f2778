"""The score beside its peers: sync and music with chance taken off, cuts, the sampler beside FluidSynth, time.

Films: one of our own, and those of the folder $SCORE_FILMS.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.score import fluid, judge, music
from benchmarks.table import Row
from offline.score.scenes import cut_times, make_film
from rtengine.film.analysis import Analysis, analyse
from rtengine.film.mood import Mood
from rtengine.film.reader import open_film
from rtengine.models.score.model import FILE, Model
from rtengine.models.score.words import Bars
from rtengine.score.compose import compose
from rtengine.score.notes import Note, Piece
from rtengine.score.writer import Half, Writer

ENDINGS = (".mp4", ".mov", ".mkv", ".webm", ".m4v")


def rows() -> list[Row]:
    """Every row: each film, then the sampler."""
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "own.mp4"
        make_film(own)
        more = Path(os.environ["SCORE_FILMS"]) if "SCORE_FILMS" in os.environ else None
        films = [own, *sorted(f for f in more.iterdir() if f.suffix.lower() in ENDINGS)] if more else [own]
        told = {film.stem: timed(film) for film in films}
        found = [row for name, (film, seconds) in told.items() for row in scored(name, film, seconds, told["own"][0])]
        found += cuts(own, told["own"][0])
    return [*found, words_a_second(), *fluid.rows()]


def timed(path: Path) -> tuple[Analysis, float]:
    """A film read, and the processor's seconds that it took."""
    open_film(path)
    began = time.process_time()
    return analyse(path), time.process_time() - began


def scored(name: str, film: Analysis, seconds: float, other: Analysis) -> Iterator[Row]:
    """Sync beside a piece that was made for another film, music beside random notes, the time it takes."""
    began = time.process_time()
    piece = compose(film)
    wrote = time.process_time() - began
    unrelated = repeated(compose(other if other is not film else backwards(film), seed=5), film.end)
    fit, blind = (judge.figures(film, piece.hits, notes) for notes in (piece.notes, unrelated))
    sound, noise = (music.figures(*events(piece, notes)) for notes in (piece.notes, scattered(piece)))
    yield Row(f"{name}: sync", fit["sync"], "", "unrelated piece", max(blind["sync"], 0.0), more=True,
              note=f"cuts {fit['cut rate']:.2f} (chance {fit['cut chance']:.2f}), beats {fit['beat rate']:.2f} "
              f"({fit['beat chance']:.2f}), density {fit['rho']:+.2f}, p {fit['p']:.3f}")  # fmt: skip
    yield Row(
        f"{name}: music",
        sound["music"],
        "",
        "random notes",
        noise["music"],
        more=True,
        note=", ".join(f"{k} {v:.2f}" for k, v in sound.items() if k != "music"),
    )
    yield from networked(name, film, piece)
    yield Row(f"{name}: reading", seconds, "s", note=f"of {film.end:.1f} s of film; composing {wrote:.2f} s; CPU time")


def networked(name: str, film: Analysis, ruled: Piece) -> Iterator[Row]:
    """The same figures of the network's piece, beside those of the rules."""
    model = Model(FILE)
    began = time.process_time()
    piece = compose(film, model=model)
    took = time.process_time() - began
    fit, plain = (judge.figures(film, p.hits, p.notes) for p in (piece, ruled))
    sound, other = (music.figures(*events(p, p.notes)) for p in (piece, ruled))
    note = ", ".join(f"{k} {v:.2f}" for k, v in sound.items() if k != "music")
    yield Row(f"{name}: sync of the network", fit["sync"], "", "by rule", plain["sync"], more=True,
              note=f"density p {fit['p']:.3f}; composed in {took:.2f} s of CPU")  # fmt: skip
    yield Row(f"{name}: music of the network", sound["music"], "", "by rule", other["music"], more=True, note=note)


def words_a_second() -> Row:
    """How fast the network writes on one core, asked word by word under masks."""
    none = np.zeros(0, np.int64)
    bars = Bars(0, 0, 100.0, np.zeros((64, 2), np.int64), np.full(64, 5), none, none)
    writer, half = Writer(Model(FILE), 0, 0), Half(5, (0,), (0, 2, 4, 5, 7, 9, 11), (0, 4, 7), True, (1, 2, 3))
    began = time.process_time()
    for number in range(24):
        list(writer.bar(number, (half, half), bars))
    return Row("network", writer.words / (time.process_time() - began), "words a second", "the bound", 60.0, more=True)


def events(piece: Piece, notes: tuple[Note, ...]) -> tuple[list[music.Event], list[music.Event]]:
    """By beats: without drums, and all."""
    beat = [(float(piece.grid.beat(n.start)), float(piece.grid.beat(n.end))) for n in notes]
    made = [music.Event(a, b - a, n.pitch, n.velocity) for (a, b), n in zip(beat, notes, strict=True)]
    return [e for e, n in zip(made, notes, strict=True) if n.part != "drums"], made


def scattered(piece: Piece) -> tuple[Note, ...]:
    """As many notes, anywhere and of any pitch."""
    random = np.random.default_rng(0)
    starts = np.sort(random.uniform(0, piece.grid.end, len(piece.notes)))
    return tuple(Note(float(t), float(t) + 0.4, int(random.integers(40, 90)), 0.6, "melody") for t in starts)


def repeated(piece: Piece, end: float) -> tuple[Note, ...]:
    """A piece played over and over until a film ends."""
    turns = range(int(end // piece.grid.end) + 1)
    moved = [(n, t * piece.grid.end) for t in turns for n in piece.notes]
    return tuple(n._replace(start=n.start + by, end=n.end + by) for n, by in moved if n.start + by < end)


def backwards(film: Analysis) -> Analysis:
    """The same film with its moments mirrored: another film of the same kind."""
    cuts = [c._replace(time=film.end - c.time) for c in reversed(film.cuts)]
    impacts = [i._replace(time=film.end - i.time) for i in reversed(film.impacts)]
    return replace(film, cuts=cuts, impacts=impacts, mood=Mood(*(c[::-1] for c in film.mood)))


def cuts(path: Path, film: Analysis) -> list[Row]:
    """F1 of the cuts within one frame, beside PySceneDetect."""
    try:
        import scenedetect
    except ImportError:
        return []
    found = scenedetect.detect(str(path), scenedetect.AdaptiveDetector(), backend="pyav")
    ours, peer = (f1(times) for times in ([c.time for c in film.cuts], [start.seconds for start, _ in found][1:]))
    return [Row("own: cuts, F1 within a frame", ours, "", "PySceneDetect", peer, more=True)]


def f1(found: list[float]) -> float:
    """Of the cuts of our own film."""
    truth = cut_times()
    hits = sum(any(abs(a - b) <= 0.043 for b in found) for a in truth)
    return 2 * hits / max(len(truth) + len(found), 1)

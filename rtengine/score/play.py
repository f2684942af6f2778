"""A piece as sound: its notes become timed events of the sampler's graph, block by block, for films of any length."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtengine.blocks.limiter import Limiter
from rtengine.blocks.sampler.bank import Bank
from rtengine.blocks.sampler.fonts import load_bank
from rtengine.blocks.sampler.instruments.own import NAMES, own_bank
from rtengine.blocks.sampler.sampler import Sampler
from rtengine.events import NOTE_OFF, NOTE_ON
from rtengine.files.blocks import SIZE, excerpt
from rtengine.graph import Graph
from rtengine.score.midi import PROGRAMS, channels
from rtengine.score.notes import PARTS, Piece

SAMPLE_RATE = 48_000  # Hz
LEVELS = {
    "melody": 1.0,
    "harmony": 0.72,
    "pad": 0.55,
    "bass": 0.9,
    "accents": 0.8,
    "drums": 0.75,
}  # of velocity, by ear
FADE = 0.35  # seconds at the film's end in which all that rings on is gone
Samples = NDArray[np.float32]


def instruments(piece: Piece, font: Path | None) -> Bank:
    """The bank that a piece is played with: the font's presets, or our own; KeyError names what there is not."""
    check(piece.instruments)
    if font is None:
        return own_bank()
    return load_bank(font, {name: PROGRAMS[name] for name in set(piece.instruments.values())})


def check(instruments: Mapping[str, str]) -> None:
    """KeyError names a part's instrument that there is not; "off" is none."""
    for part, name in instruments.items():
        if name not in (*NAMES, "off"):
            raise KeyError(f"{part}={name}: there is no instrument {name}, but {', '.join(NAMES)}")


def play(piece: Piece, bank: Bank, parts: tuple[str, ...] = PARTS, level: float = 0.0) -> Iterator[Samples]:
    """The music, float32 (2, up to SIZE) blocks at SAMPLE_RATE, exactly as long as the film; level: dB."""
    length = round(piece.grid.end * SAMPLE_RATE)
    where = channels(piece)
    if not where:  # every part is off
        for first in range(0, length, SIZE):
            yield np.zeros((2, min(SIZE, length - first)), np.float32)
        return
    names = [""] * 16
    for part, channel in where.items():
        names[channel] = piece.instruments[part]
    presets = [name or piece.instruments[next(iter(where))] for name in names]
    queue = sorted(_events(piece, where, parts))
    with Graph(SAMPLE_RATE, 2, sampler=Sampler(bank, presets), limiter=Limiter()) as graph:
        graph["/sampler/level"] = level
        graph.settle()
        yield from excerpt(_played(graph, queue, length + graph.latency), graph.latency, length)


def _played(graph: Graph, queue: list[tuple[int, int, int, int, float]], length: int) -> Iterator[Samples]:
    at = 0
    for first in range(0, length, SIZE):
        size = min(SIZE, length - first)
        while at < len(queue) and queue[at][0] < first + size:
            time, kind, channel, pitch, velocity = queue[at]
            if not graph.send("/sampler", kind, channel, pitch, velocity, time):
                raise ValueError(
                    f"more than 4096 notes within {SIZE / SAMPLE_RATE:.1f} s at {time / SAMPLE_RATE:.1f} s"
                )
            at += 1
        yield _ended(graph.process(np.zeros((2, size), np.float32)), first, length)


def _ended(x: Samples, first: int, length: int) -> Samples:
    """Faded where the film ends."""
    left = length - first - np.arange(x.shape[1])
    fade = round(FADE * SAMPLE_RATE)
    if left[-1] < fade:
        x *= (np.clip(left / fade, 0, 1) ** 2).astype(np.float32)
    return x


def _events(piece: Piece, where: dict[str, int], parts: tuple[str, ...]) -> Iterator[tuple[int, int, int, int, float]]:
    """(sample, kind, channel, pitch, velocity); sorted, an end stands before a beginning at the same sample."""
    for note in piece.notes:
        if note.part in parts and note.part in where:
            start, end = round(note.start * SAMPLE_RATE), round(note.end * SAMPLE_RATE)
            channel = where[note.part]
            yield start, NOTE_ON, channel, note.pitch, note.velocity * LEVELS[note.part]
            yield max(end, start + 1), NOTE_OFF, channel, note.pitch, 0.0

"""What a made-up band plays: parts of MIDI files on the player's own instruments, and excerpts of recordings.

Nobody has to like it. It is there to be mixed: each stem is one role, clean, with a colour of its own.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtengine.blocks.sampler.bank import Bank
from rtengine.blocks.sampler.sampler import Sampler
from rtengine.dsp.console import biquad
from rtengine.dsp.console.equaliser import EQUALISER
from rtengine.dsp.resample import resample
from rtengine.events import NOTE_OFF, NOTE_ON
from rtengine.files.source import open_source
from rtengine.graph import Graph
from rtengine.native.record import record
from rtengine.score.midi import Tone

Samples = NDArray[np.float32]

SAMPLE_RATE = 44_100  # Hz
SECONDS = 16.0  # of a song
DRUMS = 9  # the MIDI channel
LOW = 38  # MIDI number about which a bass plays
OTHERS = ("piano", "strings", "pad", "guitar", "flute", "brass", "bells")
BASSES = ("bass", "bass", "pad", "brass", "strings")
COLOUR = 3.0  # dB: deviation of the colour in each of six bands
SHIFTS = (-3, -2, -1, 0, 0, 1, 2, 3)  # semitones


def excerpt(notes: Sequence[Tone], start: float) -> list[Tone]:
    """The notes that begin in SECONDS from start on, from 0 on."""
    return [n._replace(start=n.start - start, end=n.end - start) for n in notes if 0 <= n.start - start < SECONDS]


def played(notes: Sequence[Tone], bank: Bank, instrument: str, shift: int) -> Samples:
    """The notes on an instrument, (2, samples); shift: semitones."""
    length = round(SECONDS * SAMPLE_RATE)
    with Graph(SAMPLE_RATE, 2, sampler=Sampler(bank, [instrument] * 16)) as graph:
        graph.settle()
        for note in sorted(notes)[:1800]:
            pitch = min(max(note.pitch + shift, 0), 127)
            start, end = (round(min(t, SECONDS) * SAMPLE_RATE) for t in (note.start, note.end))
            graph.send("/sampler", NOTE_ON, 0, pitch, note.velocity, start)
            graph.send("/sampler", NOTE_OFF, 0, pitch, 0.0, max(end, start + 1))
        return np.array(graph.process(np.zeros((2, length), np.float32)))


def recorded(path: Path, random: np.random.Generator) -> Samples:
    """An excerpt of a recording, (2, samples), at another speed; a short one is repeated."""
    source = open_source(path)
    x = np.concatenate([b[[0, -1]] for b in source.blocks()], axis=1)
    rate = round(SAMPLE_RATE / 2 ** (random.choice(SHIFTS) / 12))
    length, needed = x.shape[1], round(SECONDS * source.sample_rate * 1.3)
    start = int(random.integers(max(length - needed, 0) + 1))
    x = np.ascontiguousarray(x[:, start : start + needed])
    y = resample(x, source.sample_rate, rate)
    samples = round(SECONDS * SAMPLE_RATE)
    return np.tile(y, (1, -(-samples // y.shape[1])))[:, :samples]


def coloured(x: Samples, random: np.random.Generator) -> Samples:
    """With a colour of its own, now and then driven, as another instrument would be."""
    y = np.array(x, np.float32)
    if random.random() < 0.3:
        drive = 10 ** (random.uniform(0, 18) / 20) / max(float(np.abs(y).max()), 1e-6)
        y = np.tanh(drive * y).astype(np.float32)
    filters = record(biquad.prepare(len(EQUALISER), 2))[0]
    for band, (kind, frequency, q) in enumerate(EQUALISER):
        f = frequency * 2 ** random.uniform(-0.5, 0.5)
        biquad.tune(filters, band, kind, f, random.normal(0, COLOUR), q, SAMPLE_RATE)
    biquad.run(filters, y)
    return y

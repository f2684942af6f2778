"""The sampler's speed, and its sound beside FluidSynth's with the same font, where the system has both.

Distance: the mean over three window lengths of |difference of log spectra| in dB, where either is within 60 dB of its
peak, after both are brought to one loudness. FluidSynth's chorus and reverb are off, as our hall is.
"""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.table import Row
from rtengine.blocks.sampler.fonts import load_bank
from rtengine.blocks.sampler.instruments.own import own_bank
from rtengine.blocks.sampler.sampler import VOICES, Sampler
from rtengine.events import NOTE_OFF, NOTE_ON
from rtengine.files.soundfont import find_font
from rtengine.graph import Graph
from rtengine.score.midi import PROGRAMS

RATE = 48_000
SECONDS, HELD = 3.0, 1.5
WINDOWS = (256, 1024, 4096)
REPEATS = 5
NOTES = {"piano": 60, "guitar": 52, "bass": 36, "strings": 64, "brass": 55, "flute": 74, "bells": 84}


def rows() -> list[Row]:
    """Speed always; distances where FluidSynth and a font are there."""
    found = [speed()]
    font = find_font()
    if font is None or shutil.which("fluidsynth") is None:
        return found
    bank = load_bank(font, {name: PROGRAMS[name] for name in NOTES})
    for name, note in NOTES.items():
        with Graph(RATE, 2, synth=Sampler(bank, (name,))) as graph:
            ours = played(graph, note)
        theirs = rendered(font, PROGRAMS[name][1], note)
        same = distance(ours, theirs)
        late = onset(theirs) - onset(ours)
        other = distance(ours, rendered(font, PROGRAMS[name][1], note + 1))
        found.append(Row(f"{name}: distance to FluidSynth", same, "dB", "a semitone off", other,
                         note=f"{font.name}; it sets in {late} samples after ours"))  # fmt: skip
    return found


def speed() -> Row:
    """64 voices of the strings, filters open and moving, in CPU time."""
    with Graph(RATE, 2, synth=Sampler(own_bank(), ("strings",))) as graph:
        for i in range(VOICES // 2):  # two zones a note
            graph.send("/synth", NOTE_ON, 0, 40 + i, 0.5)
        graph.process(np.zeros((2, RATE), np.float32))
        voices, took = graph.reading("/synth/voices")[0], []
        for _ in range(REPEATS):
            began = time.process_time()
            graph.process(np.zeros((2, RATE), np.float32))
            took.append(time.process_time() - began)
    return Row(f"sampler, {voices:.0f} voices", 100 * min(took), "% of a core", "the bound", 10.0)


def played(graph: Graph, note: int) -> NDArray[np.float64]:
    """One note of ours, dry."""
    graph["/synth/hall"] = 0
    graph.settle()
    graph.send("/synth", NOTE_ON, 0, note, 100 / 127)
    graph.send("/synth", NOTE_OFF, 0, note, time=int(HELD * RATE))
    return graph.process(np.zeros((2, int(SECONDS * RATE)), np.float32)).astype(np.float64)


def rendered(font: Path, program: int, note: int) -> NDArray[np.float64]:
    """One note of FluidSynth's, dry."""
    import mido

    with tempfile.TemporaryDirectory() as folder:
        file, track = mido.MidiFile(ticks_per_beat=480), mido.MidiTrack()
        file.tracks.append(track)  # 120 beats a minute: 960 ticks a second
        track.append(mido.Message("program_change", program=program))
        track.append(mido.Message("note_on", note=note, velocity=100))
        track.append(mido.Message("note_off", note=note, time=int(HELD * 960)))
        track.append(mido.MetaMessage("end_of_track", time=int((SECONDS - HELD) * 960)))
        file.save(Path(folder) / "x.mid")
        subprocess.run(
            ["fluidsynth", "-q", "-ni", "-R", "0", "-C", "0", "-g", "0.6", "-r", str(RATE), "-O", "float",
             "-F", f"{folder}/x.wav", str(font), f"{folder}/x.mid"],
            check=True, capture_output=True,
        )  # fmt: skip
        x = soundfile.read(f"{folder}/x.wav", always_2d=True)[0].T
    return np.pad(x, ((0, 0), (0, int(SECONDS * RATE))))[:, : int(SECONDS * RATE)]


def onset(x: NDArray[np.float64]) -> int:
    """The first sample that is not silent."""
    loud = np.abs(x).max(axis=0)
    return int(np.argmax(loud > 1e-3 * loud.max()))


def distance(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """dB; both are aligned at their onsets."""
    a, b = (x[:, onset(x) :].mean(axis=0) for x in (a, b))
    n = min(len(a), len(b), int((HELD + 0.5) * RATE))
    a, b = (x[:n] / np.sqrt((x[:n] ** 2).mean()) for x in (a, b))
    found = []
    for size in WINDOWS:
        window = np.hanning(size)
        spectra = [
            20
            * np.log10(
                np.abs(np.fft.rfft(np.lib.stride_tricks.sliding_window_view(x, size)[:: size // 2] * window)) + 1e-9
            )
            for x in (a, b)
        ]
        heard = np.maximum(*spectra) > max(s.max() for s in spectra) - 60
        found.append(float(np.abs(spectra[0] - spectra[1])[heard].mean()))
    return float(np.mean(found))

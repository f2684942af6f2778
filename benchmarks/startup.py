"""Start-up: from the shell to the first sample, with nothing compiled and with everything on disk; and --help."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.table import Row
from benchmarks.timing import Times

FIRST = """
import numpy as np
from rtengine.patches.texture import texture
texture(44_100).process(np.zeros((2, 1), np.float32))
"""
PEER = "import librosa, numpy; librosa.stft(numpy.zeros(4096, numpy.float32))"
RUNS = 5


def rows() -> list[Row]:
    """Wall time of whole processes; the peer is a process that takes one STFT with librosa.

    All have their modules as Python's own byte code, as whatever is installed has.
    """
    found = []
    with tempfile.TemporaryDirectory() as folder:
        usual = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        usual["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "bytecode")
        sound = Path(folder) / "sound.wav"
        soundfile.write(sound, np.zeros((441, 2)), 44_100)
        stft, first = [sys.executable, "-c", PEER], [sys.executable, "-c", FIRST]
        render = [sys.executable, "-m", "offline", "render", str(sound), str(sound.with_suffix(".flac")), "--force"]
        help_ = [sys.executable, "-m", "offline", "render", "--help"]
        cold = {**usual, "RTENGINE_CACHE": str(Path(folder) / "cache")}
        for command in (stft, first, render, help_):
            wall(command, usual)
        peer = _several(stft, usual).least
        found.append(Row("first sample, nothing compiled", wall(first, cold), "s", "librosa.stft", peer, "<= 30 s"))
        found.append(_row("first sample", _several(first, cold), peer, "<= 3 s"))
        found.append(_row("render of 10 ms, whole process", _several(render, usual), peer, "<= 3 s"))
        found.append(_row("render --help", _several(help_, usual), peer, "<= 0.5 s"))
    return found


def _row(name: str, took: Times, peer: float, note: str) -> Row:
    return Row(name, took.least, "s", "librosa.stft", peer, note, median=took.median)


def wall(command: list[str], environment: dict[str, str] | None = None) -> float:
    """Seconds of a whole process."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return time.perf_counter() - start


def _several(command: list[str], environment: dict[str, str] | None = None) -> Times:
    return Times.of([wall(command, environment) for _ in range(RUNS)])

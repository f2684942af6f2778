"""Peak memory of rendering files of 1, 10 and 60 minutes: it should not grow."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.table import Row

SAMPLE_RATE, MINUTES, LIMIT = 44_100, (1, 10, 60), 500.0
RENDER = """
import resource, sys
from offline.__main__ import main
assert main(["render", *sys.argv[1:], "--quality", "lofi"]) == 0
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def rows() -> list[Row]:
    """MB of the whole process; the peer is the file as float32 twice, as a program that loads it holds it."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for minutes in MINUTES:
            sound = Path(folder) / f"{minutes}.flac"
            with soundfile.SoundFile(sound, "w", SAMPLE_RATE, 2) as file:
                noise = np.random.default_rng(0).standard_normal((60 * SAMPLE_RATE, 2)) * 0.1
                for _ in range(minutes):
                    file.write(noise)
            start = time.perf_counter()
            command = [sys.executable, "-c", RENDER, str(sound), str(sound.with_suffix(".mp3"))]
            answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            took = time.perf_counter() - start
            kilobytes = int(answer.split()[-1]) // (1024 if sys.platform == "darwin" else 1)
            loaded = 2 * minutes * 60 * SAMPLE_RATE * 2 * 4 / 1e6
            note = f"<= {LIMIT:.0f} MB; {minutes * 60 / took:.0f} x real time, start and files included"
            found.append(Row(f"render {minutes} min, lofi", kilobytes / 1e3, "MB", "load it all", loaded, note))
    return found

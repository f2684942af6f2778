"""The project's own piece of music as a file: `python -m ui.demo_music FILE.wav` makes it, or copies it."""

import shutil
import sys
import wave
from pathlib import Path

import numpy as np

from rtengine.native.cache import cache_directory

SAMPLE_RATE = 48_000  # Hz
BAD_INPUT = 2


def music(rounds: int = 1) -> Path:
    """The demo piece as a file, so many times over, made once."""
    from rtengine.models.exemplars.music import music as render

    file = cache_directory() / ("demo.wav" if rounds == 1 else f"demo-{rounds}.wav")
    if not file.exists():
        x = np.tile(render(SAMPLE_RATE), rounds)
        file.parent.mkdir(parents=True, exist_ok=True)
        half = file.with_suffix(".part")
        with wave.open(str(half), "wb") as sound:
            sound.setnchannels(2)
            sound.setsampwidth(2)
            sound.setframerate(SAMPLE_RATE)
            sound.writeframes((np.clip(x.T, -1, 1) * 32767).astype("<i2").tobytes())
        half.replace(file)
    return file


def main(arguments: list[str]) -> int:
    """Put the piece there; 2 after a sentence if that fails."""
    file = Path(arguments[0])
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        half = file.with_suffix(".part")
        shutil.copyfile(music(), half)
        half.replace(file)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)  # noqa: T201
        return BAD_INPUT
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Try a sound: `python -m ui.audition FILE.wav` plays it once on this computer's own output.

A process of its own: neither the host, which goes on playing the music, nor the window waits for a sound card.
"""

import sys
import wave
from pathlib import Path

import numpy as np


def play(file: Path) -> None:
    """Play a WAV of 16 bits to its end; OSError or ValueError in a sentence if it cannot be."""
    import sounddevice

    with wave.open(str(file), "rb") as sound:
        x = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, sound.getnchannels())
        rate = sound.getframerate()
    fade = np.linspace(0, 1, min(rate // 50, len(x)))[:, None]  # 20 ms
    x = x / np.float32(32768)
    x[: len(fade)] *= fade
    x[len(x) - len(fade) :] *= fade[::-1]
    try:
        sounddevice.play(x, rate, blocking=True)
    except sounddevice.PortAudioError as error:
        raise OSError(f"no sound card plays {file.stem}: {error.args[0]}") from None


def main(files: list[str]) -> int:
    """Play the one file; 2 after a sentence if that fails."""
    try:
        play(Path(files[0]))
    except (OSError, ValueError, EOFError, wave.Error) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

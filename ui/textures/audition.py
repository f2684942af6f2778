"""Try a sound: `python -m ui.textures.audition FILE` plays it once on this computer's own output.

A process of its own: neither the host, which goes on playing the music, nor the window waits for a sound card.
"""

import sys
from pathlib import Path

import numpy as np

FADE = 0.02  # seconds, in and out


def play(file: Path) -> None:
    """Play any sound file to its end; OSError or ValueError in a sentence if it cannot be."""
    import sounddevice

    from rtengine.files.source import open_source

    source = open_source(file)
    x, rate = np.concatenate([*source.blocks()], axis=1).T.copy(), source.sample_rate
    fade = np.linspace(0, 1, min(round(FADE * rate), len(x)), dtype=np.float32)[:, None]
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
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

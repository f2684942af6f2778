"""Music for a film or a camera that is running: a sampler, and what its score can be told.

The notes come from outside, bars ahead: rtengine.score.stage writes them, and `python -m rtengine` starts it.
"""

from rtengine.block import Parameter
from rtengine.blocks.sampler.conductor import Conductor
from rtengine.blocks.sampler.fonts import load_bank
from rtengine.blocks.sampler.instruments.own import own_bank
from rtengine.blocks.sampler.sampler import Sampler
from rtengine.patches.patch import Files, Part, Patch, Setup

CHANNELS = ("piano", "strings", "flute", "brass", "guitar", "bass", "bells", "pad", "piano", "kit", "strings", "brass",
            "guitar", "flute", "pad", "bells")  # fmt: skip  # of MIDI, drums on theirs
PROGRAMS = {"piano": (0, 0), "guitar": (0, 24), "bass": (0, 33), "strings": (0, 48), "brass": (0, 61),
            "flute": (0, 73), "pad": (0, 89), "bells": (0, 9), "kit": (128, 0)}  # fmt: skip  # General MIDI
FILMS = (".mp4", ".mov", ".mkv", ".webm", ".m4v", ".avi")
FILM_SIZE, FONT_SIZE = 1 << 40, 1 << 32  # bytes


def build(setup: Setup) -> Part:
    """/score/..., /sampler/..."""
    fonts = list(setup.files.get("soundfont", {}).values())
    bank = load_bank(fonts[0], PROGRAMS) if fonts else own_bank()
    return Part({"score": Conductor(), "sampler": Sampler(bank, CHANNELS)})


PATCH = Patch(
    "score",
    "music for a film or a camera, written while it runs",
    build,
    settings={
        "running": Parameter(0, 0, 1, "", "step", "read a film while it runs, as a camera, not as a whole before",
                             ("off", "on")),
        "composer": Parameter(0, 0, 1, "", "step", "who writes the notes", ("rules", "network")),
    },
    files={
        "film": Files("a film to score", FILMS, FILM_SIZE),
        "soundfont": Files("a SoundFont to play with", (".sf2", ".sf3"), FONT_SIZE),
    },
)  # fmt: skip

"""It says what it hears, and the sound passes bit for bit: tags, a genre or that it is unsure, tempo, key, loudness."""

from rtengine.blocks.listener import Listener
from rtengine.models.listen.model import SHIPPED, load_model
from rtengine.patches.patch import Files, Part, Patch, Setup

LARGEST = 1 << 28  # bytes of a model


def build(setup: Setup) -> Part:
    """/listener/..., readings only. Alone, behind a texture or before it: it hears what comes to its place."""
    ears = PATCH.file(setup, "ears")
    if setup.live:
        load_model.cache_clear()  # a file of this name may be another than before
    return Part({"listener": Listener(load_model(ears))})


PATCH = Patch(
    "listener",
    "says what it hears: tags, genre or that it is unsure, tempo, key, loudness",
    build,
    files={"ears": Files("a listening model", (".onnx",), LARGEST, default=SHIPPED)},
)

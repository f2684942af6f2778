"""Every block of rtengine.blocks, found by itself, ready for tests/test_contract.py."""

import importlib
import inspect
import pkgutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from support.models import identity_model
from support.samples import sine_bank

import rtengine.blocks
from rtengine.block import Block
from rtengine.blocks.gain import Gain
from rtengine.blocks.mix import Mix
from rtengine.blocks.sampler.sampler import Sampler
from rtengine.blocks.texture.texture import Texture
from rtengine.models.texture.model import load_model


@cache
def small_model() -> Path:
    return identity_model(Path(tempfile.mkdtemp()) / "identity.onnx")


@dataclass(frozen=True, eq=False)
class LowLatencyTexture(Texture):
    """Texture with the shortest latency there is, which takes another way through phase reconstruction."""

    look_ahead: int = -2


def make(block: type[Block]) -> Block:
    """A block alone. Only what cannot be made from nothing has a line here."""
    if block is Mix:
        return Mix(inner=Gain())
    if issubclass(block, Texture):
        return block(load_model(small_model()))
    if block is Sampler:
        return Sampler(sine_bank(), ("sine",))
    return block()


def every_block() -> list[type[Block]]:
    found = []
    for module in pkgutil.walk_packages(rtengine.blocks.__path__, "rtengine.blocks."):
        for _, block in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(block, Block) and block.__module__ == module.name:
                found.append(block)
    return [*found, LowLatencyTexture]

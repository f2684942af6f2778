"""The instruments that come with the player: made once by the code beside this, then kept where kernels are."""

from pathlib import Path

import numpy as np

from rtengine.blocks.sampler.bank import Bank, Maker
from rtengine.blocks.sampler.instruments.held import brass, flute, pad, strings
from rtengine.blocks.sampler.instruments.kit import kit
from rtengine.blocks.sampler.instruments.plucked import bass, bells, guitar, piano
from rtengine.native.cache import cache_directory, digest, used

NAMES = ("piano", "strings", "pad", "bass", "guitar", "flute", "brass", "bells", "kit")
MAKERS = (piano, strings, pad, bass, guitar, flute, brass, bells, kit)


def make_bank() -> Bank:
    """Render all of them; some seconds."""
    make = Maker()
    for i, instrument in enumerate(MAKERS):
        instrument(make, np.random.default_rng(i))
    return make.bank()


def own_bank() -> Bank:
    """The bank, from where it is kept, or made and kept there."""
    folder = used(cache_directory() / f"instruments-{digest(Path(__file__)).hex()[:16]}")
    file = folder / "bank.npz"
    if file.is_file():
        try:
            return _read(file)
        except (OSError, ValueError, KeyError):
            file.unlink(missing_ok=True)  # half of it: another process was stopped
    bank = make_bank()
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"bank-{np.random.default_rng().integers(1 << 40):x}.npz"
    names = np.array(list(bank.presets)), np.array(list(bank.presets.values()), np.int64)
    kept = np.rint(bank.samples * 32767).astype(np.int16)
    np.savez(part, samples=kept, integers=bank.integers, floats=bank.floats, names=names[0], spans=names[1])
    part.replace(file)
    return _read(file)


def _read(file: Path) -> Bank:
    with np.load(file) as held:
        spans = {str(name): (int(a), int(b)) for name, (a, b) in zip(held["names"], held["spans"], strict=True)}
        return Bank((held["samples"] / np.float32(32767)).astype(np.float32), held["integers"], held["floats"], spans)

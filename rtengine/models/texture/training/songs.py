"""The songs that the network is trained on and, apart from them, those that it is judged by."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import soxr
import torch
from numpy.typing import NDArray
from torch import Tensor

from rtengine.files.folders import SOUNDS
from rtengine.files.loop import beginning
from rtengine.files.source import open_source
from rtengine.models.texture.bands import HOP_LENGTH, N_FFT, SAMPLE_RATE

HELD_OUT_SONGS = (
    "acappella_vocadito_1", "drums_loops_sonicpi", "electronic_synthgroove", "game_rpg_16", "indie_cabin_fever",
    "lofi_tad_florist", "orchestral_sugar_plum_fairy", "piano_chopin_op55_eliogu", "rock_hyde_acoustic_driven",
    "vocal_folkpop_karissa_hobbs",
)  # never trained on  # fmt: skip
HELD_OUT_SOUNDS = (
    "rain", "fire", "wind", "glass_beads", "metal_swirl", "bells_tinkle", "chime_balls", "radio_static", "birds",
    "sea_waves", "water_bubbles", "laser_zaps", "synth_arp", "scifi_computer", "crowd", "theremin_orchestra",
)  # recordings of textures, likewise  # fmt: skip
LONGEST = 60  # s of each song
LEVEL = 0.06  # RMS of what the losses and the judge hear
WINDOW = torch.hann_window(N_FFT)


def content_folder() -> Path:
    """Where the songs are: $RTENGINE_DATA/content, or ../shared/data/content."""
    return _data() / "content"


def sounds_folder() -> Path:
    """Where recordings of textures are: $RTENGINE_DATA/textures, or ../shared/data/textures."""
    return _data() / "textures"


def _data() -> Path:
    return Path(os.environ.get("RTENGINE_DATA", "../shared/data"))


def songs(
    folder: Path, shortest: int, only: Collection[str] = (), without: Collection[str] = ()
) -> dict[str, NDArray[np.float32]]:
    """All songs of a folder by name, mono, at least `shortest` samples; only or without those of some names.

    Raises OSError if there is none.
    """
    paths = [p for p in sorted(folder.glob("*")) if p.suffix.lower() in SOUNDS and p.stem not in without]
    found = {p.stem: load(p) for p in paths if not only or p.stem in only}
    found = {name: x for name, x in found.items() if len(x) >= shortest}
    if not found:
        raise OSError(f"no songs of {shortest / SAMPLE_RATE:.0f} s or more in {folder}")
    return found


def load(path: Path) -> NDArray[np.float32]:
    """Decode a song's first minute to mono at the model's sample rate."""
    source = open_source(path)
    return np.asarray(soxr.resample(beginning(source, LONGEST), source.sample_rate, SAMPLE_RATE), np.float32)


def crops(content: Sequence[NDArray[np.float32]], count: int, size: int, random: np.random.Generator) -> Tensor:
    """Random crops of songs, (samples,), of which a longer one is heard more often; levelled, (count, size)."""
    lengths, out = np.array([len(x) for x in content], float), []
    for i in random.choice(len(content), count, p=lengths / lengths.sum()):
        start = random.integers(len(content[i]) - size + 1)
        out.append(content[i][start : start + size])
    return levelled(torch.as_tensor(np.stack(out)))


def stft(x: Tensor) -> Tensor:
    """(batch, samples) to (batch, frames, bins), complex; frames are centred on multiples of the hop."""
    return torch.stft(x, N_FFT, HOP_LENGTH, window=WINDOW, return_complex=True).transpose(1, 2)


def istft(spectrum: Tensor, samples: int) -> Tensor:
    """(batch, frames, bins), complex, to (batch, samples)."""
    return torch.istft(spectrum.transpose(1, 2), N_FFT, HOP_LENGTH, window=WINDOW, length=samples)


def settle(spectrum: Tensor, samples: int, n_iter: int = 8) -> Tensor:
    """Griffin-Lim from the phase at hand: stands for the host's phase reconstruction."""
    magnitude = spectrum.abs()
    for _ in range(n_iter):
        spectrum = torch.polar(magnitude, stft(istft(spectrum, samples)).angle())
    return istft(spectrum, samples)


def levelled(x: Tensor) -> Tensor:
    """(batch, samples) at RMS LEVEL."""
    return x * (LEVEL / (x.detach().square().mean(1, keepdim=True).sqrt() + 1e-4))

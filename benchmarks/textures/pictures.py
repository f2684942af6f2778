"""Spectrograms of what was measured: a texture's own sound, and songs before and after."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rtengine.models.texture.bands import SAMPLE_RATE
from rtengine.models.texture.training import judge

Samples = NDArray[np.float32]
N_FFT, HOP_LENGTH = 2048, 512
LOWEST, HIGHEST, ROWS = 60, 20000, 320  # Hz, and points between them, evenly on a scale of octaves
DEPTH = 70  # dB


def draw(file: Path, sounds: dict[str, Samples]) -> None:
    """One PNG with a spectrogram of each sound, (samples,) at 44.1 kHz, under its title."""
    with mpl.rc_context({"font.size": 7}):
        figure = Figure(figsize=(14, 2.2 * len(sounds)), layout="constrained")
        for axes, (title, x) in zip(np.ravel(figure.subplots(len(sounds), 1)), sounds.items(), strict=True):
            _spectrogram(axes, title, x)
        figure.savefig(file, dpi=80)


def _spectrogram(axes: Axes, title: str, x: Samples) -> None:
    level = 10 * np.log10(judge.spectrogram(x, N_FFT, HOP_LENGTH) + 1e-9)
    f = np.geomspace(LOWEST, HIGHEST, ROWS)
    top = float(np.percentile(level, 99.9))
    rows = np.round(f * N_FFT / SAMPLE_RATE).astype(int)
    extent = (0, len(x) / SAMPLE_RATE, 0, ROWS)
    axes.imshow(level[rows], origin="lower", aspect="auto", vmin=top - DEPTH, vmax=top, cmap="magma", extent=extent)
    ticks = [100, 300, 1000, 3000, 10000]
    axes.set_yticks(np.searchsorted(f, ticks), [f"{t} Hz" for t in ticks])
    axes.set_title(title, loc="left")

"""How a training went: its losses over the steps, and spectrograms of the music, before, after, and of the sound."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

mpl.use("Agg")
from matplotlib import pyplot as plt

SAMPLE_RATE = 44_100  # Hz
SMOOTH = 25  # steps
FLOOR, TOP = -120, -30  # dB
SHOWN = {
    "gram": "texture: patterns",
    "wavelets": "texture: movement",
    "melody": "music kept: melody",
    "onsets": "music kept: onsets",
}


def draw(file: Path, losses: list[dict[str, float]], sounds: Mapping[str, NDArray[np.float32]]) -> None:
    """Write a PNG; sounds: four of them, (samples,) at 44.1 kHz, by what they are."""
    figure = plt.figure(figsize=(12, 8), layout="constrained")
    panels = figure.subplot_mosaic([["curves", "curves"], ["0", "1"], ["2", "3"]])
    axes = panels["curves"]
    for key, label in SHOWN.items():
        values = np.array([one[key] for one in losses])
        size = max(1, min(SMOOTH, len(values) // 6))
        smooth = np.convolve(values, np.ones(size) / size, "valid")
        axes.plot(np.arange(len(smooth)) + size, smooth, label=label, linestyle="-" if "texture" in label else "--")
    axes.set(xlabel="step", ylabel="texture: 0 is there;\nmusic: 1 is unchanged", ylim=(0, None))
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    for i, (label, x) in enumerate(sounds.items()):
        panel = panels[str(i)]
        panel.specgram(x, NFFT=1024, Fs=SAMPLE_RATE, noverlap=768, vmin=FLOOR, vmax=TOP, cmap="magma")
        panel.set(title=label, ylim=(0, 16_000), xlabel="s")
    figure.savefig(file, format="png", dpi=90)
    plt.close(figure)

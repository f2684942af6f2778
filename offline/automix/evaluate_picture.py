"""The table of an evaluation as a picture: one group of bars for each measure, each song a point."""

from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from matplotlib.figure import Figure

MEASURES = {
    "spectral": "spectral",
    "panning": "panning",
    "dynamic": "dynamic",
    "third_octaves": "third octaves, dB",
    "side": "side over mid, dB",
}


def draw(path: Path, scores: dict[str, list[dict[str, float]]]) -> None:
    """Write a PNG: the lower, the nearer to the human mix."""
    figure = Figure(figsize=(12, 3.6), layout="constrained")
    axes = figure.subplots(1, len(MEASURES))
    for axis, (key, title) in zip(axes, MEASURES.items(), strict=True):
        for i, songs in enumerate(scores.values()):
            values = [s[key] for s in songs]
            axis.bar(i, np.mean(values), color=f"C{i}", alpha=0.6)
            axis.plot([i] * len(values), values, ".", color="black", markersize=4)
        axis.set_title(title)
        axis.set_xticks(range(len(scores)), list(scores), rotation=60, ha="right")
    figure.savefig(path, dpi=120, format="png")

"""Pictures of sounds: waveform above spectrogram, before and after."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator
from numpy.typing import NDArray

from rtengine.jobs.overview import LOW, Overview

RANGE = 80.0  # dB shown below the loudest
TICKS = 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000  # Hz
STEPS = *(m * 10.0**e for e in range(-5, 1) for m in (1, 2, 5)), 10, 20, 60, 120, 300, 600, 1200, 3600, 7200  # seconds
INK, WAVE = "#22222a", "#5b3b8c"
DPI = 120


def drawn(sounds: Sequence[tuple[str, Overview]], title: str, across: int = 1) -> bytes:
    """A PNG with every sound under its name, `across` of them side by side, all on one scale of colour."""
    down = -(-len(sounds) // across)
    figure = Figure(figsize=(12, 1 + 3.4 * down), dpi=DPI, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=13, color=INK, fontweight="bold")
    axes = figure.subplots(2 * down, across, squeeze=False, height_ratios=[1, 4] * down, sharex=True)
    levels = [overview.spectrogram() for _, overview in sounds]
    top = 5 * np.ceil(max(level.max() for level in levels) / 5)
    peak = max(1e-6, *(np.abs(overview.waveform()).max() for _, overview in sounds))
    for i, ((name, overview), level) in enumerate(zip(sounds, levels, strict=True)):
        wave, spectrum = axes[2 * (i // across) : 2 * (i // across) + 2, i % across]
        _wave(wave, overview, peak)
        wave.set_title(name, loc="left", fontsize=11, color=INK)
        image = _spectrogram(spectrum, overview, level, top)
        if i % across:
            wave.set_ylabel("")
            spectrum.set_ylabel("")
        if i + across >= len(sounds):
            spectrum.set_xlabel("time")
    for i in range(len(sounds), down * across):
        axes[2 * (i // across), i % across].set_axis_off()
        axes[2 * (i // across) + 1, i % across].set_axis_off()
    bar = figure.colorbar(image, ax=axes, aspect=40, pad=0.01)
    bar.set_label("level (dB; a sine at full scale has 0)", color=INK, fontsize=9)
    bar.ax.tick_params(labelsize=8, colors=INK)
    data = BytesIO()
    figure.savefig(data, format="png")
    return data.getvalue()


def _wave(axes: Axes, overview: Overview, peak: float) -> None:
    low, high = overview.waveform()
    time = (np.arange(len(low)) + 0.5) * overview.hop / overview.sample_rate
    axes.fill_between(time, low, high, color=WAVE, linewidth=0.4)
    axes.set_ylim(-peak, peak)
    axes.set_ylabel("amplitude", color=INK, fontsize=8)
    axes.yaxis.set_major_locator(MaxNLocator(3, symmetric=True))
    axes.tick_params(labelsize=8, colors=INK)
    axes.spines[["top", "right"]].set_visible(False)


def _spectrogram(axes: Axes, overview: Overview, level: NDArray[np.float32], top: float) -> AxesImage:
    """Time along, frequency up, both in steps of equal size: the bands are equal on a logarithmic axis."""
    end = max(overview.columns * overview.hop / overview.sample_rate, 1e-9)
    low, high = np.log10(overview.frequencies[[0, -1]])
    image = axes.imshow(
        level.T, origin="lower", aspect="auto", extent=(0, end, low, high), cmap="magma", vmin=top - RANGE, vmax=top
    )
    axes.set_xlim(0, max(overview.seconds, 1e-9))
    ticks = [f for f in TICKS if LOW <= f <= overview.frequencies[-1] * 1.01]
    axes.set_yticks(np.log10(ticks), [f"{f:g}" if f < 1000 else f"{f // 1000}k" for f in ticks])
    axes.set_ylabel("frequency (Hz)", color=INK, fontsize=9)
    axes.xaxis.set_major_locator(MultipleLocator(next((s for s in STEPS if overview.seconds / s < 13), 36_000.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(_clock))
    axes.tick_params(labelsize=8, colors=INK)
    return image


def _clock(seconds: float, _: int | None = None) -> str:
    """Seconds as people write them: 0.25 s, 12 s, 1:05, 1:02:30."""
    if seconds < 60:
        return f"{seconds:g} s"
    hours, rest = divmod(round(seconds), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"

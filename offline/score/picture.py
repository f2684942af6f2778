"""A picture of a score over its film: curves, cuts and hits above, bars and notes as a piano roll below."""

import warnings
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from rtengine.files.names import printable
from rtengine.film.analysis import Analysis
from rtengine.film.mood import RATE
from rtengine.score.grid import BEATS
from rtengine.score.notes import Piece

COLOURS = {"melody": "#0072b2", "harmony": "#009e73", "pad": "#a8c686", "bass": "#8c564b", "accents": "#d55e00"}
CURVES = {"motion": ("#222222", "motion"), "valence": ("#cc79a7", "valence"), "arousal": ("#e69f00", "arousal"),
          "brightness": ("#56b4e9", "brightness")}  # fmt: skip
NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MOST_BARS, MOST_NAMES = 150, 80  # lines and names of harmonies that can be told apart side by side


def draw(path: Path, film: Analysis, piece: Piece | None, title: str) -> None:
    """Write a PNG; without a piece, of the film alone."""
    rows = [1.3, 0.8] + ([2.2, 0.7] if piece else [])
    figure = Figure(figsize=(13, 2.2 * sum(rows) * 0.9), dpi=110, layout="constrained")
    axes = figure.subplots(len(rows), 1, sharex=True, gridspec_kw={"height_ratios": rows}, squeeze=False)[:, 0]
    _curves(axes[0], film)
    _moments(axes[1], film)
    if piece:
        _roll(axes[2], piece)
        _drums(axes[3], piece)
        for axis in axes[:2]:
            _bars(axis, piece)
    axes[0].set_title(printable(title), fontsize=11, loc="left", parse_math=False)
    axes[-1].set_xlabel("seconds")
    axes[-1].set_xlim(0, film.end)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # of a name in letters that matplotlib's font lacks
        figure.savefig(path, format="png")


def _curves(axis: Axes, film: Analysis) -> None:
    for name, (colour, label) in CURVES.items():
        curve = getattr(film.mood, name)
        axis.plot((np.arange(len(curve)) + 0.5) / RATE, curve, color=colour, lw=1.4, label=label)
    for span in film.speech:
        axis.axvspan(span.start, span.end, color="#56b4e9", alpha=0.15, lw=0)
    axis.axhline(0, color="#999999", lw=0.5)
    axis.set_ylim(-1.05, 1.05)
    axis.legend(loc="lower left", ncols=4, fontsize=7, frameon=False)
    axis.set_ylabel("film\n(shaded: speech)", fontsize=8)


def _moments(axis: Axes, film: Analysis) -> None:
    axis.vlines([c.time for c in film.cuts], 0, [c.strength for c in film.cuts], color="#d55e00", lw=2.4, label="cuts")
    axis.vlines(
        [i.time for i in film.impacts], 0, [i.strength for i in film.impacts], color="#0072b2", lw=1, label="impacts"
    )
    for fade in film.fades:
        axis.axvspan(fade.start, fade.end, color="#000000", alpha=0.15, lw=0)
    axis.set_ylim(0, 1.05)
    if film.cuts or film.impacts:
        axis.legend(loc="upper right", fontsize=7, frameon=False, ncols=2)
    axis.set_ylabel("cuts, impacts\n(shaded: fades)", fontsize=8)


def _roll(axis: Axes, piece: Piece) -> None:
    _bars(axis, piece)
    for hit in piece.hits:
        axis.axvline(hit.time, color="#d55e00" if hit.cut else "#0072b2", lw=0.9, alpha=0.6, ls="-" if hit.cut else ":")
    for part, colour in COLOURS.items():
        notes = [n for n in piece.notes if n.part == part]
        lines = [((n.start, n.pitch), (n.end, n.pitch)) for n in notes]
        axis.add_collection(LineCollection(lines, colors=colour, linewidths=2.2, alpha=0.85, label=part))
    pitches = [n.pitch for n in piece.notes if n.part != "drums"] or [60]
    axis.set_ylim(min(pitches) - 7, max(pitches) + 6)  # room for the legend and for harmonies
    written = -np.inf
    for chord in piece.chords:
        third = (chord.classes[1] - chord.classes[0]) % 12
        name = NAMES[chord.classes[0]] + {3: "m", 4: ""}.get(third, "")
        if (at := max(float(piece.grid.time(chord.beat)), 0.0)) - written >= piece.grid.end / MOST_NAMES:
            axis.text(at, max(pitches) + 3, name, fontsize=6, color="#444444", clip_on=True)
            written = at
    axis.legend(loc="lower right", fontsize=7, frameon=False, ncols=5)
    axis.set_ylabel(f"notes: {NAMES[piece.key]}, {piece.mood},\n{piece.grid.tempo:.0f} a minute", fontsize=8)


def _drums(axis: Axes, piece: Piece) -> None:
    notes = [n for n in piece.notes if n.part == "drums"]
    axis.scatter(
        [n.start for n in notes], [n.pitch for n in notes], s=[30 * n.velocity for n in notes], color="#444444", lw=0
    )
    _bars(axis, piece)
    axis.set_ylabel("drums", fontsize=8)
    axis.set_yticks([])


def _bars(axis: Axes, piece: Piece) -> None:
    for beat in bar_lines(piece.grid.last):
        axis.axvline(float(piece.grid.time(beat)), color="#bbbbbb", lw=0.5, zorder=0)


def bar_lines(last: int) -> range:
    """Beats of the bar lines that are drawn: each, or each second, fourth ... of so many that they would be grey."""
    step = BEATS
    while last // step >= MOST_BARS:
        step *= 2
    return range(0, last + BEATS + 1, step)

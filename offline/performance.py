"""A performance of the live host, rendered from its recording and its log."""

import argparse
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rtengine.files.source import Source
from rtengine.take.automation import Performance, read

Samples = NDArray[np.float32]  # (channels, samples), C order

SAID = ("texture", "mix", "quality", "set", "start", "duration")  # options whose matter the log has all of


def check(options: argparse.Namespace, source: Source) -> Performance:
    """The log; ValueError or OSError in a sentence if it is none, of another input, or contradicted by options."""
    for name in SAID:
        if getattr(options, name):
            raise ValueError(f"--{name} and --automation exclude each other: the automation says it all")
    performance = read(options.automation)
    for name, there, here in (
        ("Hz", performance.sample_rate, source.sample_rate),
        ("channels", performance.inputs, source.channels),
    ):
        if there != here:
            raise ValueError(f"{options.automation} was played at {there:g} {name}, and {options.input} has {here:g}")
    return performance


def caution(performance: Performance, log: Path) -> str:
    """Why the render may differ from what was heard: a sentence, or ""."""
    if performance.late is None:
        return f"{log} has no end: what was played after its last line is missing"
    if performance.late or performance.lost:
        return (
            f"when {log} was played, {performance.late} samples were dry as the worker was late, and "
            f"{performance.lost} changes were not noted: there the render differs"
        )
    return ""


@contextmanager
def player(
    options: argparse.Namespace, performance: Performance
) -> Iterator[Callable[[Iterable[Samples]], Iterator[Samples]]]:
    """What makes of the dry recording the wet one, sample for sample."""
    from rtengine.live.replay import performed
    from rtengine.patches.texture import replay

    yield partial(
        performed,
        replay(
            performance,
            model=options.model,
            models=options.models,
            clips=options.clips,
            threads=options.threads,
            seed=options.seed,
        ),
        performance,
    )

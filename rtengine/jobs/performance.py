"""A performance of the live host, rendered from its recording and its log."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rtengine.files.blocks import Samples
from rtengine.files.source import Source
from rtengine.take import automation
from rtengine.take.automation import Performance

if TYPE_CHECKING:
    from rtengine.jobs.render import Automation, Settings

PLACES = 5  # that are told one by one


def read(log: Path, source: Source) -> Performance:
    """The log; ValueError or OSError in a sentence if it is none, or of another input."""
    performance = automation.read(log)
    for name, there, here in (
        ("Hz", performance.sample_rate, source.sample_rate),
        ("channels", performance.inputs, source.channels),
    ):
        if there != here:
            raise ValueError(f"{log} was played at {there:g} {name}, and {source.path} has {here:g}")
    return performance


def caution(performance: Performance, log: Path) -> str:
    """Why the render may differ from what was heard: a sentence, or ""."""
    if performance.late is None:
        return f"{log} has no end: what was played after its last line is missing"
    if performance.late or performance.lost:
        return (
            f"when {log} was played, {performance.late} samples were dry as the worker was late{places(performance)}, "
            f"and {performance.lost} changes were not noted: there the render differs"
        )
    return ""


def places(performance: Performance) -> str:
    """Where a worker was late: " (at 3.20 s and 9.75 s)"."""
    times = [f"{lapse.time / performance.sample_rate:.2f} s" for lapse in performance.lapses]
    if len(times) > PLACES:
        times = [*times[:PLACES], f"{len(times) - PLACES} times more"]
    return f" (at {' and '.join(filter(None, [', '.join(times[:-1]), times[-1]]))})" if times else ""


@contextmanager
def player(
    performance: Performance, about: "Automation", settings: "Settings"
) -> Iterator[Callable[[Iterable[Samples]], Iterator[Samples]]]:
    """What makes of the dry recording the wet one, sample for sample."""
    from rtengine.live.rebuild import rebuild
    from rtengine.live.replay import performed

    folders = {"model": about.models, "clip": about.clips}
    build = rebuild(
        performance,
        files={"model": settings.model} if settings.model else {},
        folders_of={kind: folder for kind, folder in folders.items() if folder},
        threads=settings.threads,
        seed=settings.seed,
    )
    yield partial(performed, build, performance)

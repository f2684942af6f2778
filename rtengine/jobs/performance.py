"""A performance of the live host, rendered from its recording and its log."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rtengine.files.blocks import Samples
from rtengine.files.source import Source
from rtengine.take import automation
from rtengine.take.automation import Lapse, Performance

if TYPE_CHECKING:
    from rtengine.jobs.order import Automation, Settings

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


def begin(performance: Performance, recording: Path) -> int:
    """The sample of the performance at which this dry recording begins; 0 if the log does not know it."""
    return performance.files.get(recording.name, 0)


def cautions(performance: Performance, log: Path, recording: Path) -> Iterator[str]:
    """Why the render may differ from what was heard, in sentences."""
    if first := begin(performance, recording):
        time = f"{first / performance.sample_rate:.2f} s"
        yield f"{recording.name} begins at {time} of {log}: as it begins, the render is as if silence had been before"
    elif performance.files and recording.name not in performance.files:
        yield f"{log} knows no {recording.name}, but {', '.join(performance.files)}: it was taken for the first"
    if performance.late is None:
        yield f"{log} has no end: what was played after its last line is missing"
    late = sum(lapse.samples for lapse in performance.lapses) if performance.late is None else performance.late
    gaps = sum(gap.samples for gap in performance.gaps)
    word = f"when {log} was played, "
    if late or performance.lost:
        yield (
            f"{word}{late} samples were dry as the worker was late{places(performance, performance.lapses)}, "
            f"and {performance.lost} changes were not noted: there the render differs"
        )
    if gaps:
        where = places(performance, performance.gaps)
        yield f"{word}{gaps} samples found no room on a slow disk{where}: from there on the render differs"


def places(performance: Performance, lapses: Sequence[Lapse]) -> str:
    """Where that was: " (at 3.20 s and 9.75 s)"."""
    times = [f"{lapse.time / performance.sample_rate:.2f} s" for lapse in lapses]
    if len(times) > PLACES:
        times = [*times[:PLACES], f"{len(times) - PLACES} times more"]
    return f" (at {' and '.join(filter(None, [', '.join(times[:-1]), times[-1]]))})" if times else ""


@contextmanager
def player(
    performance: Performance, about: "Automation", settings: "Settings", recording: Path
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
    yield partial(performed, build, performance, begin=begin(performance, recording))

"""A render as a function over typed values: a part of a sound file through a patch into another file.

The command line is one caller, the service another. Nothing stands at the output's place before it is whole.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from rtengine.files.beside import beside, check_path, is_stream
from rtengine.files.blocks import SIZE, Samples, excerpt, seen, silence, through
from rtengine.files.disk import written
from rtengine.files.names import shown
from rtengine.files.sink import Sink, check_format
from rtengine.files.source import Source, open_source
from rtengine.jobs.order import Automation, Input, Output, Progress, Rendered, Settings
from rtengine.jobs.waiting import Cancel, Cancelled, ask, patiently, pieces

if TYPE_CHECKING:
    from rtengine.graph import Graph  # brings the compiler: imported when what was asked for is known to be good

__all__ = ["Automation", "Cancelled", "Input", "Output", "Progress", "Rendered", "Settings", "check", "render"]

PATCH = "texture"  # what is played unless another is named
PACE = 0.2  # seconds between two words about the progress

Play = Callable[[Iterable[Samples]], Iterator[Samples]]

Compiling = Callable[[], AbstractContextManager[object]]


def check(source: Input, settings: Settings, sink: Output, most: int = 2) -> Source:
    """The opened input, if nothing can be refused without loading a model; ValueError or OSError in a sentence.

    most: more channels than these are mixed to stereo.
    """
    opened = open_source(source.path, source.stream, most)
    check_format(ending(sink.path), opened.sample_rate, sink.bit_depth)
    if sink.picture and sink.picture.suffix.lower() != ".png":
        raise ValueError(f"the picture {sink.picture} does not end in .png")
    if sink.overview and sink.overview.suffix.lower() != ".npz":
        raise ValueError(f"the overview {sink.overview} does not end in .npz")
    taken = {"input": source.path}
    for name, path in {"output": sink.path, "picture": sink.picture, "overview": sink.overview}.items():
        if path is None:
            continue
        for other, used in taken.items():
            if is_stream(path):
                continue
            if path.resolve() == used.resolve() or (path.exists() and used.exists() and path.samefile(used)):
                raise ValueError(f"{path} cannot be {other} and {name} at once")
        check_path(path, sink.force)
        taken[name] = path
    if opened.exact and source.start * opened.sample_rate >= opened.samples:
        raise ValueError(f"--start {source.start:g} is past the end at {opened.samples / opened.sample_rate:g} s")
    return opened


def render(
    source: Input,
    patch: str,
    settings: Settings,
    sink: Output,
    *,
    automation: Automation | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancel: Cancel | None = None,
    compiling: Compiling = nullcontext,
) -> Rendered:
    """Render, and return what was written.

    patch: a name, or a chain of names, see rtengine.patches.chain. automation: render the -dry recording of a
    performance as it was played, in place of settings.
    progress: called at most 5 times a second, and at the end. cancel: asked 10 times a second whether to stop; then
    Cancelled is raised within 0.5 s and nothing is left behind. compiling: entered while native code is compiled.
    Raises ValueError, KeyError or OSError in one sentence if what is asked for is impossible.
    """
    opened = check(source, settings, sink, _most(patch, automation))
    notices = [*opened.notices, *_late(source, opened)]
    with ExitStack() as stack:
        _prepare(opened, sink, compiling, cancel)
        if automation:
            from rtengine.jobs.performance import player, read

            performance = read(automation.log, opened)
            play = stack.enter_context(player(performance, automation, settings, source.path))
            outputs = performance.outputs
        else:
            play, outputs = stack.enter_context(_player(opened, patch, settings, compiling, cancel, notices.append))
        title = " + ".join(Path(name).stem for name in ([automation.log] if automation else settings.blend))
        samples, took = _write(
            source, opened, outputs, settings.seed, sink, play, title, notices.append, progress, cancel
        )
    if automation:
        from rtengine.jobs.performance import cautions

        notices += cautions(performance, automation.log, source.path)
    if opened.damage:
        rest = "what is whole was rendered" if "damaged" in opened.damage else "it is silent there"
        notices.append(f"{opened.damage}; {rest}")
    return Rendered(sink.path, opened.sample_rate, outputs, samples, took, tuple(notices))


def _prepare(opened: Source, sink: Output, compiling: Compiling, cancel: Cancel | None) -> None:
    """Load what takes long to load before anything is half written."""
    if sink.picture:
        patiently(partial(import_module, "rtengine.jobs.picture"), cancel)
    if sink.loudness is not None:

        def level() -> None:
            from rtengine.jobs.level import ready

            ready(opened.sample_rate, opened.channels)

        with compiling():
            patiently(level, cancel)


@contextmanager
def _player(
    opened: Source,
    patch: str,
    settings: Settings,
    compiling: Compiling,
    cancel: Cancel | None,
    say: Callable[[str], None],
) -> Iterator[tuple[Play, int]]:
    """What plays the patch on blocks of samples, and how many channels it makes."""
    with compiling():
        made = partial(build, opened.sample_rate, opened.channels, patch, settings, say)
        graph = patiently(made, cancel, lambda graph: graph.close())
    with graph:
        yield partial(through, graph), graph.outputs


def _most(patch: str, automation: Automation | None) -> int:
    """How many channels can be taken."""
    if automation:
        from rtengine.take.automation import read

        return max(read(automation.log).inputs, 2)
    if patch == PATCH:
        return 2  # known without what takes long to load
    from rtengine.patches.chain import chained

    return chained(patch)[0].inputs[1]


def build(
    sample_rate: int, channels: int, patch: str, settings: Settings, say: Callable[[str], None] = lambda word: None
) -> "Graph":
    """The patch's graph with these settings; ValueError names what it can blend, KeyError an address.

    say: is told where a file is played by another name than its own.
    """
    from rtengine.live.instrument import Instrument, played_as
    from rtengine.patches.chain import assign, chained, parsed
    from rtengine.patches.patch import Setup
    from rtengine.patches.texture import refined

    patches = chained(patch)
    known = {name for p in patches for name in p.settings}
    wanted = {name: value for name, value in refined(settings.quality).items() if name in known}
    wanted |= parsed(patches, settings.built)
    files = {"model": {settings.model.stem: settings.model}} if settings.model else {}
    mix = (
        [] if settings.mix is None else [(p.controls["mix"], str(settings.mix)) for p in patches if "mix" in p.controls]
    )
    setup = Setup(
        sample_rate, SIZE, channels, threads=settings.threads, seed=settings.seed, settings=wanted, files=files
    )
    blends = settings.blend if any(p.blends for p in patches) else None
    graph, built = Instrument(patches, setup).started(blends, lambda graph: assign(graph, [*mix, *settings.values]))
    for name, path in (item for sounds in built.setup.files.values() for item in sounds.items()):
        if name != played_as(path) and path != settings.model:
            say(f"{shown(path)} is played as {name}, for there is a {played_as(path)} already")
    return graph


def _write(
    source: Input,
    opened: Source,
    outputs: int,
    seed: int,
    sink: Output,
    play: Play,
    title: str,
    say: Callable[[str], None],
    progress: Callable[[Progress], None] | None,
    cancel: Cancel | None,
) -> tuple[int, float]:
    """Write the output, and the pictures if asked for; returns the samples of sound, and the seconds it took."""
    rate, channels = opened.sample_rate, opened.channels
    ahead, start, length = _part(source, opened)
    rest = max(opened.samples + ahead - start, 0) if opened.samples else 0
    expected = min(length, rest) if length and rest else length or rest
    with ExitStack() as stack:
        whole = stack.enter_context(beside(sink.path, sink.force))
        picture = stack.enter_context(beside(sink.picture, sink.force)) if sink.picture else None
        overview = stack.enter_context(beside(sink.overview, sink.force)) if sink.overview else None
        encoder = Sink(whole, ending(sink.path), rate, outputs, sink.bit_depth, seed, sink.path)
        file = stack.enter_context(encoder)
        began, samples = time.monotonic(), 0
        dry = pieces(excerpt(chain(silence(channels, ahead), opened.blocks()), start, length), cancel)
        if picture or overview:
            from rtengine.jobs.overview import Overview

            before, after = Overview(rate, expected), Overview(rate, expected)
            dry = seen(dry, before.add)
        wet = seen(play(dry), _told(progress, expected)) if progress else play(dry)
        if sink.loudness is not None:
            from rtengine.jobs.level import normalised

            folder = None if is_stream(sink.path) else sink.path.resolve().parent
            wet = normalised(wet, rate, outputs, sink.loudness, folder, say, cancel)
        for x in wet:
            file.write(x)
            samples += x.shape[1]
            if picture or overview:
                after.add(x)
        if not samples:
            raise ValueError(f"--start {source.start:g} is past the end of {source.path}")
        took = time.monotonic() - began
        if picture:
            from rtengine.jobs.picture import drawn

            names = [(f"before: {source.path.name}", before), (f"after: {sink.path.name}", after)]
            title = f"{source.path.stem} as {title}"
            data = patiently(partial(drawn, names, title), cancel)
            with written(sink.picture or picture):
                picture.write_bytes(data)
        if overview:
            from rtengine.jobs.overview import save

            with written(sink.overview or overview):
                save(overview, before=before, after=after)
        ask(cancel)
    if progress:
        progress(Progress(samples, samples))
    return samples, max(took, 1e-9)


def _part(source: Input, opened: Source) -> tuple[int, int, int | None]:
    """Samples of silence before the sound, then samples to skip, then samples to take, None for all."""
    late, start = round(opened.late * opened.sample_rate), round(source.start * opened.sample_rate)
    length = None if source.duration is None else max(round(source.duration * opened.sample_rate), 1)
    if source.align:
        return late, start, length
    ahead = max(late - start, 0)
    if length is not None and length <= ahead:
        raise ValueError(
            f"the sound of {shown(source.path)} begins at {opened.late:.3f} s, after what is to be rendered"
        )
    return 0, max(start - late, 0), length if length is None else length - ahead


def _late(source: Input, opened: Source) -> list[str]:
    """What is to be said of a sound that begins after its picture."""
    if source.align or source.start >= opened.late:
        return []
    after = opened.late - source.start
    since = f"{source.start:g} s" if source.start else "the picture"
    word = f"the sound of {shown(source.path)} begins {after:.3f} s after {since}, and the result with it"
    return [f"{word}: --align picture puts silence before it"]


def ending(path: Path) -> str:
    """What says which format to write: the standard output, and devices, are WAV."""
    return ".wav" if not path.suffix and is_stream(path) else path.suffix


def _told(progress: Callable[[Progress], None], expected: int) -> Callable[[Samples], None]:
    """What counts samples, and tells of them at the pace."""
    done, last = 0, time.monotonic()

    def tell(x: Samples) -> None:
        nonlocal done, last
        done += x.shape[1]
        if time.monotonic() >= last + PACE:
            last = time.monotonic()
            progress(Progress(done, expected))

    return tell

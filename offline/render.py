"""render: put a texture on a file."""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from offline import performance as automation
from offline.progress import patience, progress
from offline.stopping import at_once
from rtengine.files.blocks import SIZE, Samples, excerpt, seen, through
from rtengine.files.sink import Sink, beside, check_format, check_path
from rtengine.files.source import Source, open_source

Play = Callable[[Iterable[Samples]], Iterator[Samples]]

if TYPE_CHECKING:
    from rtengine.graph import Graph  # brings the compiler: imported when the arguments are known to be good


def run(options: argparse.Namespace) -> None:
    """Render as the options say; ValueError, KeyError or OSError in one sentence if they ask for the impossible."""
    source = open_source(options.input)
    performance = automation.check(options, source) if options.automation else None
    complete(options)
    output = options.output or options.input.with_name(f"{options.input.stem}-{'-'.join(named(options))}.wav")
    check(options, source, output)
    with automation.player(options, performance) if performance else player(options, source) as play:
        seconds, took = render(options, source, output, play)
    if performance and (warning := automation.caution(performance, options.automation)):
        say(warning)
    if source.damage:
        say(f"{source.damage}; what is whole was rendered")
    if options.verbose or sys.stderr.isatty():
        print(f"{output}: {seconds:.1f} s in {took:.1f} s, {seconds / took:.0f} times faster than real time")


def complete(options: argparse.Namespace) -> None:
    """Fill in what was left out."""
    if not options.automation:
        options.texture, options.quality = options.texture or {"water": 1.0}, options.quality or "standard"
    elif not options.output or options.output.suffix.lower() == ".wav":
        options.bit_depth = options.bit_depth or "float"  # for every bit of the recording


def named(options: argparse.Namespace) -> list[str]:
    """What is done to the sound."""
    return [Path(name).stem for name in ([options.automation] if options.automation else options.texture)]


@contextmanager
def player(options: argparse.Namespace, source: Source) -> Iterator[Play]:
    """What puts the texture on blocks of samples."""
    from rtengine.patches.texture import assign

    rate, channels = source.sample_rate, source.channels
    with build(rate, channels, options.texture, options.quality, options.threads, options.seed, options.model) as graph:
        if options.mix is not None:
            graph["/mix/amount"] = options.mix
        assign(graph, options.set)
        yield partial(through, graph)


def check(options: argparse.Namespace, source: Source, output: Path) -> None:
    """Refuse what can be refused without loading a model."""
    check_format(output.suffix, source.sample_rate, options.bit_depth)
    if options.picture and options.picture.suffix.lower() != ".png":
        raise ValueError(f"the picture {options.picture} does not end in .png")
    if options.overview and options.overview.suffix.lower() != ".npz":
        raise ValueError(f"the overview {options.overview} does not end in .npz")
    more = {"picture": options.picture, "overview": options.overview}
    written = {"output": output} | {name: path for name, path in more.items() if path}
    taken = {"input": options.input}
    for name, path in written.items():
        for other, used in taken.items():
            if path.resolve() == used.resolve() or (path.exists() and used.exists() and path.samefile(used)):
                raise ValueError(f"{path} cannot be {other} and {name} at once")
        check_path(path, options.force)
        taken[name] = path
    if source.exact and options.start * source.sample_rate >= source.samples:
        raise ValueError(f"--start {options.start:g} is past the end at {source.samples / source.sample_rate:g} s")


def build(
    sample_rate: int,
    channels: int,
    weights: Mapping[str, float],
    quality: str,
    threads: int,
    seed: int,
    model: Path | None,
) -> "Graph":
    """The texture graph with these weights of textures or sound files; ValueError names those that the model has."""
    from rtengine.live import instrument
    from rtengine.models.texture.model import SHIPPED
    from rtengine.patches.texture import REFINE, texture, textures

    model = model or SHIPPED
    known = textures(model)
    weights, clips = instrument.among(weights, known)
    with at_once(), patience("compiling for this processor, once ..."):
        graph = texture(
            sample_rate,
            SIZE,
            channels,
            model=model,
            clips=clips,
            refine=REFINE[quality],
            threads=threads,
            seed=seed,
        )
    for name in (*known, *clips):
        graph[f"/texture/{name}"] = weights.get(name, 0.0)
    graph["/texture/quality"] = graph.parameters["/texture/quality"].choices.index(quality)
    graph.settle()
    return graph


def render(options: argparse.Namespace, source: Source, output: Path, play: Play) -> tuple[float, float]:
    """Write the output, and the picture if asked for; returns the seconds of sound, and the seconds it took."""
    rate, channels = source.sample_rate, source.channels
    start, length = round(options.start * rate), None
    if options.duration is not None:
        length = max(round(options.duration * rate), 1)
    rest = max(source.samples - start, 0) if source.samples else 0
    expected = min(length, rest) if length and rest else length or rest
    with ExitStack() as stack:
        whole = stack.enter_context(beside(output, options.force))
        picture = stack.enter_context(beside(options.picture, options.force)) if options.picture else None
        overview = stack.enter_context(beside(options.overview, options.force)) if options.overview else None
        longest = expected if source.exact else 2 * expected
        sink = Sink(whole, output.suffix, rate, channels, longest, options.bit_depth, options.seed)
        stack.enter_context(sink)
        done = stack.enter_context(progress(output.name, expected, options.progress))
        began, samples = time.monotonic(), 0
        dry = excerpt(source.blocks(), start, length)
        if picture or overview:
            from offline.overview import Overview, save

            before, after = Overview(rate, expected), Overview(rate, expected)
            dry = seen(dry, before.add)
        wet = seen(play(dry), lambda x: done(x.shape[1]))
        if options.loudness is not None:
            from offline.level import normalised

            wet = normalised(wet, rate, channels, options.loudness, output.parent, say)
        for x in wet:
            sink.write(x)
            samples += x.shape[1]
            if picture or overview:
                after.add(x)
        if not samples:
            raise ValueError(f"--start {options.start:g} is past the end of {options.input}")
        took = time.monotonic() - began
        if picture:
            from offline.picture import draw

            names = [(f"before: {options.input.name}", before), (f"after: {output.name}", after)]
            draw(picture, names, f"{options.input.stem} as {' + '.join(named(options))}")
        if overview:
            save(overview, before=before, after=after)
    return samples / rate, max(took, 1e-9)


def say(sentence: str) -> None:
    """Tell what the user should know, beside the result."""
    print(f"offline render: {sentence}", file=sys.stderr)

"""render: put a texture on a file, as the arguments say."""

import argparse
import sys
from functools import partial
from pathlib import Path

from offline.compiling import compiling
from offline.progress import progress
from rtengine.files.beside import is_stream
from rtengine.files.names import STANDARD, printable
from rtengine.jobs.render import Automation, Input, Output, Settings, ending, render

SAID = ("texture", "mix", "quality", "set", "start", "duration")  # options whose matter an automation has all of


def run(options: argparse.Namespace) -> None:
    """Render as the options say; ValueError, KeyError or OSError in one sentence if they ask for the impossible."""
    if options.remote:
        from offline import remote  # HTTP and TLS, 5 MB

        remote.run(options)
        return
    source, settings, sink, automation = read(options)
    with progress(sink.path.name, options.progress) as tell:
        rendered = render(
            source, options.patch, settings, sink, automation=automation,
            progress=lambda now: tell(now.done, now.of), compiling=partial(compiling, say),
        )  # fmt: skip
    for notice in rendered.notices:
        say(notice)
    if options.verbose or sys.stderr.isatty():
        seconds = rendered.samples / rendered.sample_rate
        speed = f"{seconds / rendered.took:.0f} times faster than real time"
        word = f"{printable(str(sink.path))}: {seconds:.1f} s in {rendered.took:.1f} s, {speed}"
        print(word, file=sys.stderr if is_stream(sink.path) else sys.stdout)


def read(options: argparse.Namespace) -> tuple[Input, Settings, Output, Automation | None]:
    """The arguments as values; ValueError if they contradict each other."""
    automation = bits = None
    if options.automation:
        for name in SAID:
            if getattr(options, name):
                raise ValueError(f"--{name} and --automation exclude each other: the automation says it all")
        automation = Automation(options.automation, options.models, options.clips)
        bits = "float"  # for every bit of the recording
    blend = options.texture or {"water": 1.0}
    done = "-".join(Path(name).stem for name in ([options.automation] if automation else blend))
    path = options.output
    if not path:  # beside the input; standard input has none
        path = STANDARD if options.input == STANDARD else options.input.with_name(f"{options.input.stem}-{done}.wav")
    settings = Settings(
        blend,
        options.quality or "standard",
        options.mix,
        options.set,
        options.model,
        options.seed,
        options.threads,
        options.setting,
    )
    bits = options.bit_depth or (bits if ending(path).lower() == ".wav" else None)
    sink = Output(path, bits, options.loudness, options.picture, options.overview, options.force)
    source = Input(options.input, options.start, options.duration, options.stream, options.align == "picture")
    return source, settings, sink, automation


def say(sentence: str) -> None:
    """Tell what the user should know, beside the result."""
    print(f"offline render: {sentence}", file=sys.stderr)

"""python -m rtengine: play, until Ctrl-C or SIGTERM."""

import argparse
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from rtengine.cli.arguments import parse

if TYPE_CHECKING:
    from rtengine.graph import Graph
    from rtengine.live.engine import Engine
    from rtengine.live.instrument import Instrument
    from rtengine.midi.port import Midi
    from rtengine.osc.server import Server

BAD_INPUT = 2
NULL = "null"
LATENCY = "latency"  # the command that measures it
NOT_FOR_OTHERS = ("127.", "localhost", "::1")  # addresses by which nobody else could reach us
NO_DEVICE_RATE = 48_000.0  # Hz
REFRESH = 0.1  # seconds between two states of the status line


class Stopped(BaseException):
    """Someone asked the program to end."""


def main(argv: list[str] | None = None) -> int:
    """Play as the arguments say, and return the exit status: 0, or 2 for bad input, after one sentence."""
    argv = sys.argv[1:] if argv is None else argv
    options = None if argv[:1] == [LATENCY] else parse(argv)
    try:
        if options is None:
            from rtengine.cli import measure_latency

            print(measure_latency.measure(argv[1:]))
        elif options.list_devices:
            list_devices()
        elif options.list_patches:
            list_patches()
        else:
            play(options)
    except (ValueError, KeyError, OSError) as error:
        say(sentence(error))
        return BAD_INPUT
    except Stopped:
        return 0
    return 0


def play(options: argparse.Namespace) -> None:
    """Open everything, wait, and close it again."""
    check(options)
    from rtengine.live.engine import Engine
    from rtengine.live.routing import parse as channels

    chosen = channels(options.inputs), channels(options.outputs)
    source, sink, file = choose(options)
    sample_rate = options.sample_rate or rate_of(source, sink, file)
    loop = None
    if file:
        from rtengine.files.loop import read

        loop = read(file, sample_rate, len(chosen[0]) or options.channels)
    graph, instrument = built(options, sample_rate, len(chosen[0]) or options.channels)
    with ExitStack() as stack:
        engine = Engine(
            graph, source, sink, options.block_size,
            loop=loop, chosen=chosen, record=options.record, log=options.log, instrument=instrument, say=say,
            presets=folder(options, "presets"), songs=folder(options, "songs"), takes=folder(options, "takes"),
        )  # fmt: skip
        stack.callback(engine.close)
        if options.midi:
            stack.enter_context(listen(engine, options.midi))
        if options.preset:
            engine.scene_recall(options.preset)
        engine.start()
        serve(engine, options, stack)
        watch(engine, options.seconds)


def built(options: argparse.Namespace, sample_rate: float, inputs: int) -> "tuple[Graph, Instrument]":
    """The graph to play, turned as the options say, and what it was built from; ValueError or OSError in a sentence."""
    from rtengine.live.instrument import Instrument
    from rtengine.patches.chain import assign, chained
    from rtengine.patches.patch import Setup

    patches = chained(options.patch)
    settings, files, values = dict[str, float](), dict[str, dict[str, Path]](), list[tuple[str, str]]()
    for patch in patches:
        for name, setting in patch.settings.items():
            given = getattr(options, name, None)
            if given is not None:
                settings[name] = setting.parse(given) if isinstance(given, str) else float(given)
        files |= {kind: {f.stem: f} for kind in patch.files if (f := getattr(options, kind, None))}
        values += [(a, str(v)) for name, a in patch.controls.items() if (v := getattr(options, name, None)) is not None]
    setup = Setup(sample_rate, options.block_size, inputs, live=True, settings=settings, files=files)
    folders = {kind: folder(options, f"{kind}s") for patch in patches for kind in patch.files}
    return Instrument(patches, setup, folders).started(
        options.texture, lambda graph: assign(graph, [*values, *options.set])
    )


def folder(options: argparse.Namespace, kind: str) -> Path:
    """Where the files of this kind are; the player's own folders are made, so that they can be found."""
    from rtengine.files import folders

    chosen: Path | None = getattr(options, kind, None)
    if chosen:
        return chosen
    folders.default(kind).mkdir(parents=True, exist_ok=True)
    return folders.default(kind)


def check(options: argparse.Namespace) -> None:
    """Refuse what can be refused before anything heavy is loaded."""
    for file in (options.record, options.log):
        if file and file.exists() and not options.force:
            raise ValueError(f"{file} exists; --force overwrites it")
        if file and not file.absolute().parent.is_dir():
            raise ValueError(f"{file.absolute().parent} is no folder")


def choose(options: argparse.Namespace) -> tuple[str | None, str | None, Path | None]:
    """Input, output, and the file that is the input; a device that was named must be there."""
    from rtengine.devices import portaudio

    source, sink, file = options.input, options.output, None
    if source and source != NULL and Path(source).is_file():
        source, sink, file = NULL, NULL, Path(source)
    if sink == NULL and source in (NULL, None):
        return NULL, NULL, file
    if source not in (NULL, None):
        portaudio.find(source, "input")
    if sink not in (NULL, None):
        portaudio.find(sink, "output")
    return source, sink, None


def rate_of(source: str | None, sink: str | None, file: Path | None) -> float:
    """The sample rate to play at: the file's, the output's, the input's, or the usual one where there is no device."""
    if file:
        from rtengine.files.loop import rate

        return rate(file)
    if source != NULL or sink != NULL:
        from rtengine.devices import portaudio

        try:
            return (portaudio.find(sink, "output") if sink != NULL else portaudio.find(source, "input")).sample_rate
        except OSError:
            pass  # the engine will say so
    return NO_DEVICE_RATE


def listen(engine: "Engine", port: str) -> "Midi":
    """Open a MIDI input and give its messages to the engine; OSError if there is none."""
    from rtengine.midi.port import Midi

    midi = Midi(port, engine.midi.turn, engine.program)
    engine.midi.open = True
    return midi


def serve(engine: "Engine", options: argparse.Namespace, stack: ExitStack) -> None:
    """Listen to OSC and answer OSCQuery; a port that is taken does not keep anyone from playing."""
    if options.xair_port:
        from rtengine.osc.xair.server import XAir

        try:
            stack.enter_context(XAir(engine, options.osc_host, options.xair_port))
        except OSError as error:
            say(f"port {options.xair_port}: {error.strerror}; playing without X Air remotes")
    if not options.osc_port:
        return
    from rtengine.osc.server import Server

    try:
        server = stack.enter_context(Server(engine, options.osc_host, options.osc_port))
    except OSError as error:
        say(f"{sentence(error)}; playing without OSC")
        return
    if options.oscquery_port:
        try:
            describe(server, options, stack)
        except (OSError, ImportError) as error:
            say(f"{sentence(error)}; playing without OSCQuery")


def describe(server: "Server", options: argparse.Namespace, stack: ExitStack) -> None:
    """Tell browsers and programs what there is to play, and the network if it may play."""
    from rtengine.oscquery.server import QueryServer

    query = stack.enter_context(
        QueryServer(server, options.osc_host, options.oscquery_port, allowed=options.allow_host)
    )
    if sys.stderr.isatty():
        say(f"play in a browser: http://{options.osc_host}:{query.port}/")
    if not options.osc_host.startswith(NOT_FOR_OTHERS):
        try:
            from rtengine.oscquery.announce import announced

            stack.enter_context(announced(query.name, options.osc_host, server.port, query.port))
        except (OSError, ImportError) as error:
            say(f"{sentence(error)}; the network is not told")


def watch(engine: "Engine", seconds: float | None) -> None:
    """Wait for the end, with a status line if this is a terminal."""
    end = time.monotonic() + seconds if seconds is not None else None

    def going() -> bool:
        time.sleep(REFRESH if end is None else max(min(REFRESH, end - time.monotonic()), 0))
        return end is None or time.monotonic() < end

    if not sys.stderr.isatty():
        while going():
            pass
        return
    from rich.console import Console
    from rich.live import Live

    from rtengine.cli.terminal import line

    with Live(console=Console(stderr=True), auto_refresh=False) as shown:
        while going():
            shown.update(line(engine.status()), refresh=True)


def list_patches() -> None:
    """Print what can be played."""
    from rtengine.patches import chain

    for name in chain.names():
        print(f"{name:12}{chain.find(name).doc}")


def list_devices() -> None:
    """Print a table of all devices."""
    from rtengine.devices import portaudio, round_trips

    rows = list(portaudio.table(round_trips.newest))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if len(rows) == 1:
        print("none; --device null plays without one")
    from rtengine.midi import port as midi

    print("MIDI inputs:", ", ".join(midi.inputs()) or "none")


def stop(number: int, frame: FrameType | None) -> None:
    """Leave, once: while the sound fades out, further signals change nothing."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    raise Stopped(number)


def sentence(error: Exception) -> str:
    """What went wrong, on one line."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error.args[0] if error.args else error).split())


def say(text: str) -> None:
    """Tell the player, on the terminal or wherever errors go."""
    print(f"rtengine: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, stop)
    sys.exit(main())

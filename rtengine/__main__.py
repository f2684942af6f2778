"""python -m rtengine: play, until Ctrl-C or SIGTERM."""

import argparse
import signal
import sys
import time
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from rtengine.cli import lists
from rtengine.cli.arguments import AUTO, PATCH, parse
from rtengine.cli.folders import folder
from rtengine.cli.refusals import check
from rtengine.native.collector import leave_the_end
from rtengine.native.memory import one_heap

if TYPE_CHECKING:
    from rtengine.graph import Graph
    from rtengine.live.engine import Engine
    from rtengine.live.instrument import Instrument
    from rtengine.live.session import Kept, Session
    from rtengine.midi.port import Midi
    from rtengine.osc.server import Server
    from rtengine.patches.chain import Controls

BAD_INPUT = 2
NULL = "null"
COMMANDS = {"latency": "measure_latency", "export": "export", "prepare": "prepare"}  # that do not play, in rtengine.cli
NOT_FOR_OTHERS = ("127.", "localhost", "::1")  # addresses by which nobody else could reach us
NO_DEVICE_RATE = 48_000.0  # Hz
SESSION = "session.json"  # among the player's own data
REFRESH = 0.1  # seconds between two states of the status line


class Stopped(BaseException):
    """Someone asked the program to end."""

    asked = False  # whether anybody has: what a compiler that was interrupted makes of it is no error


def main(argv: list[str] | None = None) -> int:
    """Play as the arguments say, and return the exit status: 0, or 2 for bad input, after one sentence."""
    argv = sys.argv[1:] if argv is None else argv
    options = None if argv and argv[0].removeprefix("--") in COMMANDS else parse(argv)
    try:
        if options is None:
            print(command(argv))
        elif options.list_devices:
            print(*lists.devices(), sep="\n")
        elif options.list_patches:
            print(*lists.patches(), sep="\n")
        else:
            play(options)
    except (ValueError, KeyError, OSError) as error:
        say(sentence(error))
        return BAD_INPUT
    except Stopped:
        return 0
    except Exception:
        if Stopped.asked:
            return 0
        raise
    return 0


def command(argv: list[str]) -> str:
    """Do what is not playing, and return what to print."""
    module = import_module(f"rtengine.cli.{COMMANDS[argv[0].removeprefix('--')]}")
    return str(module.run(argv[1:], say))


def play(options: argparse.Namespace) -> None:
    """Open everything, wait, and close it again."""
    check(options)
    one_heap()
    from rtengine.files import folders
    from rtengine.live.routing import parse as channels
    from rtengine.live.session import Session

    chosen = channels(options.inputs), channels(options.outputs)
    with Session(folders.default(SESSION), say) as session:
        kept = None if options.fresh else session.read()
        if kept and options.patch not in (None, kept.patch):
            kept = kept._replace(settings={}, files={}, values={})
        play_on(options, chosen, session, kept)


def play_on(
    options: argparse.Namespace,
    chosen: "tuple[tuple[int, ...], tuple[int, ...]]",
    session: "Session",
    kept: "Kept | None",
) -> None:
    """The same as it was the last time, but for what the options say. chosen: the devices' channels."""
    from rtengine.cli.compiling import told
    from rtengine.live.engine import Engine

    source, sink, file = choose(options)
    if kept and (options.input, options.output) == (None, None):
        source, sink = (None if name is None else str(name) for name in kept.device)
    otherwise = kept.sample_rate if kept else NO_DEVICE_RATE
    sample_rate = options.sample_rate or rate_of(source, sink, file, otherwise)
    loop = None
    if file:
        from rtengine.files.loop import read

        loop = read(file, sample_rate, len(chosen[0]) or options.channels)
    inputs = len(chosen[0]) or options.channels
    with ExitStack() as stack:
        with told(say):
            graph, instrument = built_as_before(options, sample_rate, inputs, kept)
            engine = Engine(
                graph, source, sink, options.block_size,
                loop=loop, chosen=chosen, record=options.record, log=options.log, instrument=instrument, say=say,
                presets=folder(options, "presets"), songs=folder(options, "songs"), takes=folder(options, "takes"),
            )  # fmt: skip
        stack.callback(engine.close)
        conduct(engine, options, stack)
        if options.quality == AUTO:
            for address in [a for a, parameter in engine.parameters.items() if parameter.costly]:
                engine.release(address)
        if options.midi:
            stack.enter_context(listen(engine, options.midi))
        if kept:
            engine.restore(kept)
        if options.preset:
            engine.scene_recall(options.preset)
        engine.start()
        session.keep(engine.kept)
        stack.callback(session.close)
        serve(engine, options, stack)
        watch(engine, options.seconds)


def built_as_before(
    options: argparse.Namespace, sample_rate: float, inputs: int, kept: "Kept | None"
) -> "tuple[Graph, Instrument]":
    """As below; what cannot be built as it was the last time begins anew, and says so."""
    if not kept:
        return built(options, sample_rate, inputs, None)
    try:
        return built(options, sample_rate, inputs, kept)
    except (ValueError, KeyError, OSError) as error:
        anew = built(options, sample_rate, inputs, None)  # if the options are wrong, that is all there is to say
        say(f"what was played the last time cannot be built, so this begins anew: {sentence(error)}")
        return anew


def built(
    options: argparse.Namespace, sample_rate: float, inputs: int, kept: "Kept | None"
) -> "tuple[Graph, Instrument]":
    """The graph to play, turned as the options say, and what it was built from; ValueError or OSError in a sentence."""
    from rtengine.live.instrument import Instrument
    from rtengine.live.values import within
    from rtengine.patches.chain import assign, chained, parsed
    from rtengine.patches.patch import Setup

    patches = chained(options.patch or (kept and kept.patch) or PATCH)
    settings = dict(kept.settings) if kept else {}
    files, values = kept.paths() if kept else {}, list[tuple[str, str]]()
    for patch in patches:
        for name, setting in patch.settings.items():
            given = getattr(options, name, None)
            if given not in (None, AUTO):
                settings[name] = setting.parse(given) if isinstance(given, str) else float(given)
        files |= {kind: {f.stem: f} for kind in patch.files if (f := getattr(options, kind, None))}
        values += [(a, str(v)) for name, a in patch.controls.items() if (v := getattr(options, name, None)) is not None]
    settings |= parsed(patches, options.setting)
    setup = Setup(sample_rate, options.block_size, inputs, live=True, settings=settings, files=files)
    folders = {kind: folder(options, f"{kind}s") for patch in patches for kind in patch.files}

    def turn(graph: "Controls") -> None:
        known = within(graph.parameters, kept.values) if kept else {}
        for address, value in known.items():
            if options.texture is None or not graph.parameters[address].share:
                graph[address] = value
        assign(graph, [*values, *options.set])
        graph.settle()

    return Instrument(patches, setup, folders).started(options.texture, turn)


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


def rate_of(source: str | None, sink: str | None, file: Path | None, otherwise: float) -> float:
    """The sample rate to play at: the file's, the output's, the input's, or another where there is no device."""
    if file:
        from rtengine.files.loop import rate

        return rate(file)
    if source != NULL or sink != NULL:
        from rtengine.devices import portaudio

        try:
            return (portaudio.find(sink, "output") if sink != NULL else portaudio.find(source, "input")).sample_rate
        except OSError:
            pass  # the engine will say so
    return otherwise


def listen(engine: "Engine", port: str) -> "Midi":
    """Open a MIDI input and give its messages to the engine; OSError if there is none."""
    from rtengine.midi.port import Midi

    midi = Midi(port, engine.midi.turn, engine.program, engine.say)
    engine.midi.open = True
    return midi


def conduct(engine: "Engine", options: argparse.Namespace, stack: ExitStack) -> None:
    """Let a score be written for the film or the camera, whenever the patch is played; OSError if MIDI is missing."""
    if options.film is None and options.midi_out is None and options.patch != "score":
        return
    from rtengine.cli.compiling import told
    from rtengine.score.stage import Stage
    from rtengine.score.warm import warm

    with told(say):
        warm()
    out = None
    if options.midi_out:
        from rtengine.midi.out import MidiOut

        out = MidiOut(options.midi_out)
        stack.callback(out.close)
    engine.score = Stage(engine, engine.say, out, lambda: engine.instrument.setup if engine.instrument else None)
    stack.callback(engine.score.close)


def serve(engine: "Engine", options: argparse.Namespace, stack: ExitStack) -> None:
    """Listen to OSC and answer OSCQuery; OSError if a port is taken: nobody is to play another host by mistake."""
    if options.xair_port:
        from rtengine.osc.xair.server import XAir

        stack.enter_context(XAir(engine, options.osc_host, options.xair_port))
    if not options.osc_port:
        return
    from rtengine.osc.server import Server

    server = stack.enter_context(Server(engine, options.osc_host, options.osc_port))
    if options.oscquery_port:
        try:
            describe(server, options, stack)
        except ImportError as error:
            say(f"{sentence(error)}; playing without OSCQuery")


def describe(server: "Server", options: argparse.Namespace, stack: ExitStack) -> None:
    """Tell browsers and programs what there is to play, and the network if it may play."""
    from rtengine.oscquery.server import QueryServer

    query = stack.enter_context(
        QueryServer(server, options.osc_host, options.oscquery_port, allowed=options.allow_host)
    )
    if query.address:
        from rtengine.oscquery.address import code_text

        say(f"play on a phone: {query.address}")
        if sys.stderr.isatty():
            print(code_text(query.address), file=sys.stderr)
    elif sys.stderr.isatty():
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


def stop(number: int, frame: FrameType | None) -> None:
    """Leave, once: while the sound fades out, further signals change nothing."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    Stopped.asked = True
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
    leave_the_end()
    sys.exit(main())

"""python -m ui export: layouts for other programs, from the parameters of the instrument."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rtengine.block import Reading
from ui.export import reaper, touchosc

if TYPE_CHECKING:
    from rtengine.graph import Graph

LOWEST_RATE = 48_000  # Hz: the parameters are the same at any


def parse(argv: list[str]) -> argparse.Namespace:
    """The arguments of `python -m ui`."""
    parser = argparse.ArgumentParser(prog="python -m ui", description="Surfaces to play the host with.")
    command = parser.add_subparsers(dest="command", required=True, metavar="export")
    export = command.add_parser("export", help="write a layout for another program")
    program = export.add_subparsers(dest="program", required=True, metavar="touchosc | reaper")
    layout = program.add_parser("touchosc", help="a layout for TouchOSC")
    layout.add_argument("file", type=Path, metavar="FILE.tosc")
    layout.add_argument(
        "--feedback-port",
        type=port,
        metavar="PORT",
        help="TouchOSC's receive port, where it is another than the one it sends from",
    )
    folder = program.add_parser("reaper", help="an effect and a pattern file for REAPER, and where to put them")
    folder.add_argument("folder", type=Path, metavar="FOLDER")
    for one in (layout, folder):
        one.add_argument("--patch", default="texture", metavar="NAME,...", help="what the host plays (texture)")
        one.add_argument("--inputs", type=int, metavar="COUNT", help="channels that it plays (2, where it takes them)")
    return parser.parse_args(argv)


def port(text: str) -> int:
    """A UDP port; ArgumentTypeError names the bound."""
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"{text} is no port from 1 to 65535")
    return int(text)


def run(options: argparse.Namespace) -> None:
    """Write what the options ask for; OSError if it cannot be written."""
    if options.program == "touchosc":
        graph = instrument(options.patch, options.inputs)
        options.file.write_bytes(touchosc.layout(graph.parameters, options.feedback_port, readings(graph)))
        return
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, text in reaper.files(instrument(options.patch, options.inputs).parameters).items():
        (options.folder / name).write_text(text, "utf-8")


def instrument(patch: str, inputs: int | None = None) -> "Graph":
    """What is played: patches in a chain, for so many channels, or for two where it takes them; ValueError if not."""
    from rtengine.patches import chain
    from rtengine.patches.patch import Setup

    patches = chain.chained(patch)
    low, high = patches[0].inputs
    return chain.build(patches, Setup(LOWEST_RATE, inputs=inputs or min(max(2, low), high)))


def readings(graph: "Graph") -> dict[str, Reading]:
    """What a host shows that plays it, and how many numbers each has."""
    from rtengine.live import meters

    inside = {address: replace(r, count=len(graph.reading(address))) for address, r in graph.readings.items()}
    return meters.readings(inside, graph.inputs, graph.outputs)

"""python -m ui export: layouts for other programs, from the parameters of the instrument."""

import argparse
from pathlib import Path

from rtengine.block import Parameter
from ui.export import reaper, touchosc

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
    return parser.parse_args(argv)


def port(text: str) -> int:
    """A UDP port; ArgumentTypeError names the bound."""
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"{text} is no port from 1 to 65535")
    return int(text)


def run(options: argparse.Namespace) -> None:
    """Write what the options ask for; OSError if it cannot be written."""
    if options.program == "touchosc":
        options.file.write_bytes(touchosc.layout(parameters(), options.feedback_port))
        return
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, text in reaper.files(parameters()).items():
        (options.folder / name).write_text(text, "utf-8")


def parameters() -> dict[str, Parameter]:
    """The controls of the instrument."""
    from rtengine.patches.texture import texture

    return texture(LOWEST_RATE).parameters

"""The command line of the window. Nothing heavy is imported, so help is instant."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from rtengine.cli.options import Parser, number

STATES = ("first", "idle", "playing", "morphing", "rendering", "lost")
LANGUAGES = ("en", "zh")
EXAMPLES = """\
examples:
  python -m ui                                   joins the host that runs here, or starts one
  python -m ui -- --device "USB Audio" --mix 0.7       what follows -- is for the host it starts
  python -m ui --connect 192.168.1.20:9001
  python -m ui export touchosc rtengine.tosc     layouts for other programs: export --help"""


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the arguments; leaves with status 0 (help) or 2 and one sentence where they are wrong."""
    parser = Parser(prog="python -m ui", description="A window to play the host with.", epilog=EXAMPLES)
    add = parser.add_argument
    add("--connect", type=address, metavar="HOST:PORT", help="join the host whose OSCQuery answers there")
    add("--language", choices=LANGUAGES, help="of the window (the system's)")
    add("--full-screen", action="store_true", help="take all of the screen")
    add("--demo", choices=STATES, nargs="?", const="playing", metavar="STATE",
        help=f"play the demo music on a host without a device, and show {', '.join(STATES)} (playing)")  # fmt: skip
    add("--screenshot", type=Path, metavar="FILE.png", help="write a picture of the window there, and leave")
    add("--seconds", type=number(0, 3600), metavar="SECONDS",
        help="leave after so long; with --screenshot, the time of the picture (5)")  # fmt: skip
    argv = list(argv)
    cut = argv.index("--") if "--" in argv else len(argv)
    options = parser.parse_args(argv[:cut])
    options.host = argv[cut + 1 :]
    if options.screenshot and options.screenshot.suffix != ".png":
        parser.error(f"{options.screenshot} does not end in .png")
    if options.connect and (options.demo or options.host):
        parser.error("--connect joins a host, and --demo and -- start one")
    return options


def address(text: str) -> tuple[str, int]:
    """HOST:PORT, or [IPv6]:PORT."""
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.%\w]+)\]|([^\s:/\[\]]+)):(\d{1,5})", text)
    if not found or not 1 <= int(found[3]) <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT with a port from 1 to 65535")
    return found[1] or found[2], int(found[3])

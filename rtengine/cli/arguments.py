"""The live host's command line: every option with its unit and range. Nothing heavy is imported, so help is instant."""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rtengine.cli.options import Parser, assignment, blend, number, setting, whole

QUALITIES = (
    "lofi",
    "standard",
    "hifi",
)  # of rtengine.blocks.texture.texture, which is too heavy to import for a help text
AUTO = "auto"  # of the quality: see rtengine.live.steady
PATCH = "texture"
OSC_PORT, OSCQUERY_PORT = 9000, 9001
FOLDERS = {  # of rtengine.files.folders; what comes from the network names files in these and in no others
    "presets": "where scenes are kept",
    "models": "models that /model/load finds",
    "clips": "sounds that /clip/add makes textures",
    "songs": "songs that /input/file plays as the input",
    "takes": "where /record/start writes",
    "films": "films that /film/load scores",
}
DESCRIPTION = """\
Play: what comes in at the input goes out at the output with a texture on it.
Without a device it plays on, silently, on a clock of its own, and looks for one."""
EXAMPLES = """\
examples:
  python -m rtengine --list-devices
  python -m rtengine --device "USB Audio" --texture water --mix 0.7
  python -m rtengine --device JACK --block-size 64 --record tonight.wav
  python -m rtengine --device song.wav --record song-in-water.wav --seconds 30
  python -m rtengine latency --help             measure what a device's latency is
  python -m rtengine export --help              write an instrument as a plug-in, LV2 or CLAP
  python -m rtengine prepare                    compile now, so that no start waits for it"""


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the arguments; leaves with status 0 (help) or 2 and one sentence where they are wrong."""
    parser = Parser(
        prog="python -m rtengine",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _device(parser.add_argument_group("device"))
    _sound(parser.add_argument_group("sound"))
    _control(parser.add_argument_group("control"))
    options = parser.parse_args(argv)
    options.input = options.device if options.input is None else options.input
    options.output = options.device if options.output is None else options.output
    return options


def _device(group: Any) -> None:  # argparse's groups have no public type
    add = group.add_argument
    add("--list-devices", action="store_true", help="say which devices and MIDI inputs there are, and leave")
    add("--device", metavar="NAME", help="input and output: a part of the name or the number of a device, "
        "null for none at all, or a sound file that is played in a loop as the input")  # fmt: skip
    add("--input", metavar="NAME", help="input only")
    add("--output", metavar="NAME", help="output only")
    add("--channels", type=int, choices=(1, 2), default=2, help="mono or stereo (2)")
    add(
        "--inputs",
        default="",
        metavar="LIST",
        help="the input's channels that are played, as 1,2,5-8: as many as the patch takes",
    )
    add("--outputs", default="", metavar="LIST", help="the output's channels to which it plays, as 3,4")
    add("--sample-rate", type=number(8_000, 384_000), metavar="HZ", help="8000 to 384000 (the device's own)")
    add("--block-size", type=whole(32, 2048), default=128, metavar="SAMPLES", help="of a buffer, 32 to 2048 (128)")


def _sound(group: Any) -> None:
    add = group.add_argument
    add("--patch", metavar="NAME[,NAME...]", help=f"what to play, or a chain of such ({PATCH}, or the last one)")
    add("--fresh", action="store_true", help="begin anew; else all that is not said here is as it was the last time")
    add("--setting", type=setting, action="append", default=[], metavar="NAME=VALUE",
        help="build the patch with this setting, as automatic=off; may be repeated")  # fmt: skip
    add("--list-patches", action="store_true", help="say which patches there are, and leave")
    add("-t", "--texture", type=blend, metavar="NAME[:WEIGHT],...",
        help="a texture, a sound file, or a blend with weights, as water:0.7,kitchen.wav:0.3")  # fmt: skip
    add("-m", "--mix", type=number(0, 1), metavar="0..1", help="0 is the input alone, 1 the texture alone")
    add("-q", "--quality", choices=(*QUALITIES, AUTO),
        help="how much care for the phases; costs time, not latency; auto: as much as the machine bears")  # fmt: skip
    add(
        "--low-latency",
        action="store_const",
        const=1.0,
        help="29 ms less between hand and ear, for a little more roughness",
    )
    add("--set", type=assignment, action="append", default=[], metavar="/path=value",
        help="turn any other parameter, as /output/gain=-6; may be repeated")  # fmt: skip
    add("--model", type=Path, metavar="FILE", help="a texture model (the one that comes with it)")
    add("--film", type=Path, metavar="FILE|CAMERA",
        help="of --patch score: a film; camera, camera:1, /dev/video0, a pipe, or http://phone:8080/video")  # fmt: skip
    add("--soundfont", type=Path, metavar="FILE", help="of --patch score: an SF2 or SF3 to play with (our own sounds)")
    add("--record", type=Path, metavar="FILE.wav", help="write what comes out there, and what goes in to FILE-dry.wav")
    add("--log", type=Path, metavar="FILE", help="write every change of a parameter there, with its sample time")
    add("-f", "--force", action="store_true", help="overwrite what exists")
    add("--seconds", type=number(0, math.inf), metavar="SECONDS", help="leave after so long")


def _control(group: Any) -> None:
    add = group.add_argument
    add("--preset", metavar="NAME", help="a scene to start with")
    for kind, what in FOLDERS.items():
        add(f"--{kind}", type=Path, metavar="FOLDER", help=f"{what} (among your own data: {kind})")
    add("--midi", metavar="PORT", help="a part of the name of a MIDI input; /learn ADDRESS over OSC binds a controller")
    add("--midi-out", metavar="PORT", help="of --patch score: play its notes there as well, with clock; virtual opens "
        "an output of our own")  # fmt: skip
    add("--osc-port", type=whole(0, 65_535), default=OSC_PORT, metavar="PORT", help=f"for OSC, 0 for none ({OSC_PORT})")
    add("--xair-port", type=whole(0, 65_535), default=0, metavar="PORT",
        help="for remote controls of the X Air kind, which want 10024; 0 for none (0)")  # fmt: skip
    add("--oscquery-port", type=whole(0, 65_535), default=OSCQUERY_PORT, metavar="PORT",
        help=f"for OSCQuery and a page for any browser, 0 for none ({OSCQUERY_PORT})")  # fmt: skip
    add("--osc-host", default="127.0.0.1", metavar="ADDRESS", help="at which to listen: 127.0.0.1 is for this computer "
        "alone; 0.0.0.0 lets the network play, and announces it there (127.0.0.1)")  # fmt: skip
    add("--allow-host", action="append", default=[], metavar="NAME", help="another name or address by which browsers "
        "reach this host, as that of a proxy; may be repeated")  # fmt: skip

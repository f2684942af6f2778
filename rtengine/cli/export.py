"""python -m rtengine export: an instrument as a plug-in for other programs, with no Python in it."""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rtengine.cli.arguments import PATCH, QUALITIES
from rtengine.cli.options import Parser, assignment, blend, number, setting, whole_numbers

DESCRIPTION = """\
Write an instrument as a plug-in, LV2 or CLAP, that runs where no Python is: in Ardour, REAPER, Bitwig, Qtractor ...
What it is set to here is what it begins with. A C compiler is needed (cc, or $CC)."""
EXAMPLES = """\
examples:
  python -m rtengine export lv2 --texture water -o Water.lv2          then move it to ~/.lv2
  python -m rtengine export clap --texture kitchen.wav -o Kitchen.clap    then move it to ~/.clap
  python -m rtengine export lv2 --patch console --setting automatic=on -o Desk.lv2"""
COMMON = "x86-64-v3" if platform.machine() in ("x86_64", "AMD64") else "native"
PROCESSORS = ("x86-64-v3", "x86-64-v4", "native")
RATES, LOWEST, HIGHEST, MOST_RATES = "44100,48000,88200,96000", 8_000, 384_000, 8
ENDINGS = {"lv2": ".lv2", "clap": ".clap"}
MEGABYTE = 1e6


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the arguments; leaves with status 0 (help) or 2 and one sentence where they are wrong."""
    parser = Parser(prog="python -m rtengine export", description=DESCRIPTION, epilog=EXAMPLES)
    add = parser.add_argument
    add("kind", choices=tuple(ENDINGS), help="the plug-in's format")
    add("-o", "--output", type=Path, required=True, metavar="NAME.lv2|NAME.clap", help="the bundle")
    add("--patch", default=PATCH, metavar="NAME[,NAME...]", help=f"what to export, or a chain of such ({PATCH})")
    add("--setting", type=setting, action="append", default=[], metavar="NAME=VALUE",
        help="build the patch with this setting, as refine=8; may be repeated")  # fmt: skip
    add("-t", "--texture", type=blend, metavar="NAME[:WEIGHT],...",
        help="a texture, a sound file that goes into the bundle, or a blend with weights")  # fmt: skip
    add("-m", "--mix", type=number(0, 1), metavar="0..1", help="0 is the input alone, 1 the texture alone")
    add("-q", "--quality", choices=QUALITIES, help="how much care for the phases, to begin with")
    add("--set", type=assignment, action="append", default=[], metavar="/path=value",
        help="what another parameter begins with, as /output/gain=-6; may be repeated")  # fmt: skip
    add("--model", type=Path, metavar="FILE", help="a texture model (the one that comes with it)")
    add("--name", help="for people (the bundle's, without its ending)")
    add("--presets", type=Path, metavar="FOLDER", help="scenes, JSON files as the host keeps them, that become presets")
    add("--channels", type=whole_numbers(1, 32, 4), default=(), metavar="N[,N...]", help="a plug-in for each (1,2)")
    add("--rates", type=whole_numbers(LOWEST, HIGHEST, MOST_RATES), default=RATES, metavar="HZ[,HZ...]",
        help=f"sample rates at which it runs ({RATES})")  # fmt: skip
    add("--cpu", choices=PROCESSORS, default=COMMON, help=f"the processors on which it runs ({COMMON})")
    add("-f", "--force", action="store_true", help="overwrite what exists")
    return parser.parse_args(argv)


def run(argv: Sequence[str], say: Callable[[str], object]) -> str:
    """Export as the arguments say, and return what to print; ValueError, KeyError or OSError in one sentence."""
    options = parse(argv)
    check(options)
    if options.cpu != "native":  # numba reads it when it is imported; the features are those of the name
        os.environ |= {"NUMBA_CPU_NAME": options.cpu, "NUMBA_CPU_FEATURES": ""}
    assert "numba" not in sys.modules
    from rtengine.cli.compiling import Work, told
    from rtengine.export.ahead import Count
    from rtengine.export.build import compiler, export
    from rtengine.export.order import Order

    compiler()
    settings = [*options.setting]
    if options.quality and not any(name == "quality" for name, _ in settings):
        settings.append(("quality", options.quality))
    order = Order(
        options.name or options.output.stem, options.patch, options.texture, tuple(settings), tuple(options.set),
        options.mix, options.model, options.rates, options.channels, scenes_in(options.presets),
    )  # fmt: skip
    count = Count(len(order.counts) * len(order.rates))
    with told(say, work=Work("compiling for the plug-in", "parts", lambda: count)):
        plugins = export(order, options.kind, options.output, options.force, count)
    size = sum(file.stat().st_size for file in _files(options.output)) / MEGABYTE
    forms = " and ".join(plugin.form for plugin in plugins)
    return f"{options.output}: {order.name}, {forms}, {size:.1f} MB"


def check(options: argparse.Namespace) -> None:
    """Refuse what can be refused before anything heavy is loaded."""
    out: Path = options.output
    if out.suffix.lower() != ENDINGS[options.kind]:
        raise ValueError(f"{out} does not end in {ENDINGS[options.kind]}")
    if not out.absolute().parent.is_dir():
        raise ValueError(f"{out.absolute().parent} is no folder")
    if out.exists() and not options.force:
        raise ValueError(f"{out} exists; --force overwrites it")
    if out.exists() and out.is_dir() != (options.kind == "lv2"):
        raise ValueError(f"{out} is {'a folder' if out.is_dir() else 'a file'}, and no {options.kind.upper()} bundle")
    if out.is_dir() and not (out / "manifest.ttl").is_file():
        raise ValueError(f"{out} is a folder without manifest.ttl, and no LV2 bundle: it stays as it is")
    if options.presets and not options.presets.is_dir():
        raise ValueError(f"{options.presets} is no folder of scenes")


def scenes_in(folder: Path | None) -> Mapping[str, Mapping[str, float]]:
    """The values of the scenes in a folder, by their names."""
    if not folder:
        return {}
    from rtengine.take import scenes

    return {name: scenes.recall(folder, name).values for name in scenes.listed(folder)}


def _files(path: Path) -> list[Path]:
    return [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]

"""The command line of listen and library. Nothing heavy is imported here."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rtengine.cli.options import number, whole

Parsers = Any  # argparse keeps the type of add_subparsers' result to itself
SEEDS = 2**32
PAIRS = {
    "listen": ("train", "evaluate"),
    "library": ("add", "similar", "path", "radio", "list", "teach", "rate", "serve"),
}
DEFAULTS = {"listen": None, "library": "list"}


def joined(argv: Sequence[str]) -> list[str]:
    """The arguments with a command of two words as one: listen train, library add."""
    if len(argv) > 1 and argv[1] in PAIRS.get(argv[0], ()):
        return [f"{argv[0]} {argv[1]}", *argv[2:]]
    return list(argv)


def add(commands: Parsers) -> None:
    """Add the commands to those of python -m offline."""
    for name, fill, module, about, text in COMMANDS:
        parser = commands.add_parser(name, help=about, description=text or about)
        parser.set_defaults(command=module, action=name.split()[-1])
        fill(parser)


def _listen(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("files", type=Path, nargs="+", metavar="FILE", help="a sound file")
    add("--json", action="store_true", help="as JSON, a line for each file, with the course of tags and loudness")
    add("--top", type=whole(1, 50), default=6, metavar="N", help="so many tags, 1 to 50 (6)")
    _models(parser)


def _models(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--model", type=Path, metavar="FILE.onnx", help="another listening model (the one that comes with it)")
    add("--head", type=Path, metavar="FILE.npz", help="a head for genres of your own, from listen train")


def _train(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("folder", type=Path, metavar="FOLDER", help="a folder for each genre, with its pieces in it")
    add("--out", type=Path, metavar="FILE.npz", help="the head to write (FOLDER.npz)")
    add("--model", type=Path, metavar="FILE.onnx", help="another listening model (the one that comes with it)")
    add("--network", action="store_true",
        help="learn a whole network from this music alone, and write FILE.onnx too: minutes to hours")  # fmt: skip
    add("--steps", type=whole(1, 1_000_000), default=2000, metavar="N", help="of that training (2000)")
    add("--seeds", type=whole(1, 10), default=3, metavar="N", help="so many trainings, of which the best is kept (3)")
    add("--cores", type=whole(1, 64), default=2, metavar="N", help="processor cores to use (2)")
    add("--json", action="store_true", help="what was measured, as JSON")
    add("-f", "--force", action="store_true", help="overwrite what exists")


def _evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON, with the confusion matrix")


def _library(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--library", type=Path, metavar="FOLDER", help="where it is kept (among your own data)")
    parser.add_argument("--json", action="store_true", help="as JSON")


def _add(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("folders", type=Path, nargs="+", metavar="FOLDER", help="a folder of music, with all folders in it")
    add("--threads", type=whole(1, 64), default=2, metavar="N", help="processor cores to use, 1 to 64 (2)")
    add("--again", action="store_true", help="try those again that could not be read")
    _library(parser)


def _choice(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--count", type=whole(1, 10_000), default=20, metavar="N", help="so many pieces (20)")
    add("--seed", type=whole(0, SEEDS - 1), default=0, metavar="N", help="of everything random (0)")
    add("--m3u8", type=Path, metavar="FILE.m3u8", help="write them as a playlist, with paths relative to it")
    add("-f", "--force", action="store_true", help="overwrite what exists")
    _library(parser)


def _similar(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("seeds", nargs="+", metavar="PIECE", help="a piece's number, its file, or words of its title and artist")
    add("--farther", type=number(0, 1), default=0.0, metavar="0..1", help="0 is the nearest, 1 far from it (0)")
    add("--genre", metavar="NAME", help="only of this genre")
    add("--mood", choices=("calm", "loud"), help="only of this mood")
    _choice(parser)


def _path(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("start", metavar="PIECE", help="where it begins: number, file, or words")
    parser.add_argument("end", metavar="PIECE", help="where it ends")
    _choice(parser)


def _radio(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("seeds", nargs="*", metavar="PIECE", help="what it begins with (what you like)")
    add("--discover", action="store_true", help="go on among what you have not played yet")
    _choice(parser)


def _list(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("words", nargs="*", metavar="WORD", help="in title, artist, album, genre or tags (all pieces)")
    add("--errors", action="store_true", help="the files that could not be read, and why")
    add("--liked", action="store_true", help="those that you like")
    add("--count", type=whole(1, 1_000_000), default=100, metavar="N", help="so many at most (100)")
    _library(parser)


def _teach(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("examples", type=_example, nargs="+", metavar="NAME=SOURCE",
        help="a word of your own, and pieces it fits: a folder, a playlist, likes or dislikes")  # fmt: skip
    _library(parser)


def _example(text: str) -> tuple[str, str]:
    name, sign, source = text.partition("=")
    if not sign or not name.strip() or not source:
        raise argparse.ArgumentTypeError(f"{text!r} is no NAME=SOURCE, as calm=~/Music/ambient or mine=likes")
    return name.strip(), source


def _rate(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("verdict", choices=("like", "dislike", "skip", "played", "none"), help="what you say of it")
    add("seeds", nargs="+", metavar="PIECE", help="a piece's number, its file, or words of its title and artist")
    _library(parser)


def _serve(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--host", default="127.0.0.1", metavar="ADDRESS", help="where to listen (127.0.0.1: this computer alone)")
    add("--port", type=whole(0, 65_535), default=4533, metavar="N", help="0 takes any that is free (4533)")
    add("--name", action="append", default=[], metavar="HOST", help="a name by which others reach this computer")
    add("--app", metavar="NAME", help="make a password and a key for the app of this name, show them once, and leave")
    _library(parser)


Fill = Callable[[argparse.ArgumentParser], None]
SERVE = """\
Let the players on your phone and your desk play the library: any that speaks
Subsonic. Make a password for each: library serve --app NAME."""
TEACH = """\
Show some pieces of each word, as: library teach calm=~/Music/ambient
party=party.m3u8 mine=likes other=dislikes. All other pieces are then judged by
them: what is sure becomes a piece's heard genre. No file is heard again."""
COMMANDS: tuple[tuple[str, Fill, str, str, str], ...] = (
    ("listen", _listen, "listen", "say what a file sounds like: tags, genre, tempo, key, loudness", ""),
    ("listen train", _train, "listen_train", "learn genres of your own from folders of music", ""),
    ("listen evaluate", _evaluate, "listen_evaluate", "measure how well genres are told, on published data", ""),
    ("library", _library, "library", "the same as library list", ""),
    ("library add", _add, "library", "listen to all music in a folder; what is known already is left out", ""),
    ("library similar", _similar, "library", "what is like these pieces, and why", ""),
    ("library path", _path, "library", "a way from one piece to another", ""),
    ("library radio", _radio, "library", "what to play next, and next", ""),
    ("library list", _list, "library", "search the library", ""),
    ("library teach", _teach, "library_teach", "teach it words of your own, in a second", TEACH),
    ("library rate", _rate, "library", "like, dislike or skip pieces", ""),
    ("library serve", _serve, "library_serve", "let Subsonic players play the library", SERVE),
)

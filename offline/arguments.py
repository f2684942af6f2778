"""The command line: every option with its unit and range. Nothing heavy is imported here, so help is instant."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from offline import arguments_listen, arguments_score
from offline.automix.arguments import AUTOMIX, automix
from rtengine.cli.options import Parser, assignment, blend, number, setting, whole

QUALITIES = {  # names of rtengine.patches.texture.REFINE, which is too heavy to import for a help text
    "lofi": "as on stage",
    "standard": "refined by 8 Griffin-Lim iterations",
    "hifi": "fitted to the texture, six seconds at a time, then refined by 4",
}
SEEDS = 2**32


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the arguments; leaves with status 0 (help) or 2 and one sentence where they are wrong."""
    parser = Parser(prog="python -m offline", description="Give a song the texture of water, a laser or the future.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _render(commands.add_parser("render", help="put a texture on a file", description=RENDER, epilog=EXAMPLES))
    _textures(commands.add_parser("textures", help="list the textures, or write them as sound files"))
    _demo(commands.add_parser("demo", help="render a piece of music with every texture, with a picture"))
    arguments_score.add(commands)
    automix(commands.add_parser("automix", help="mix stems, with every move explained", description=AUTOMIX))
    _train(commands.add_parser("train", help="make textures of your own sounds", description=TRAIN))
    _batch(commands.add_parser("batch", help="put a texture on every song of a folder", description=BATCH))
    _serve(commands.add_parser("serve", help="render for browsers and programs", description=SERVE))
    arguments_listen.add(commands)
    options = parser.parse_args(arguments_listen.joined(arguments_score.joined(argv)))
    options.output = getattr(options, "named", None) or getattr(options, "output", None)
    return options


RENDER = """\
Read INPUT, put a texture on it, write OUTPUT: same sample rate, channels and
length. INPUT is any sound file (wav, flac, ogg, opus, mp3, m4a, the sound of
an mp4 ...); more than two channels are mixed to stereo. The ending of OUTPUT
chooses its format: wav, flac, ogg, mp3 or opus. "-" is standard input, and
standard output, which is WAV. Of a damaged file, what is whole is rendered,
with a word about the rest."""
EXAMPLES = """\
examples:
  python -m offline render song.mp3
  python -m offline render song.wav out.flac --texture water:0.7,laser:0.3 --mix 0.8
  python -m offline render song.m4a --texture future --quality hifi --picture song.png
  python -m offline render take-dry.wav again.wav --automation take.log"""


def _render(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("input", type=Path, metavar="INPUT", help="the file to read")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("output", type=Path, metavar="OUTPUT", nargs="?",
        help="the file to write; else INPUT-TEXTURE.wav")  # fmt: skip
    where.add_argument("-o", "--output", dest="named", type=Path, metavar="OUTPUT", help="the same")
    add("--patch", default="texture", metavar="NAME[,NAME...]", help="what to play it through, or a chain (texture)")
    add("--setting", type=setting, action="append", default=[], metavar="NAME=VALUE",
        help="build the patch with this setting; may be repeated")  # fmt: skip
    add("-t", "--texture", type=blend, metavar="NAME[:WEIGHT],...",
        help="a texture, a sound file, or a blend with weights, as water:0.7,kitchen.wav:0.3 (water)")  # fmt: skip
    add("-m", "--mix", type=number(0, 1), metavar="0..1", help="0 is the input alone, 1 the texture alone")
    add("-q", "--quality", choices=QUALITIES,
        help="; ".join(f"{name}: {doc}" for name, doc in QUALITIES.items()) + " (standard)")  # fmt: skip
    add(
        "--start",
        type=number(0),
        default=0.0,
        metavar="SECONDS",
        help="skip so much of the input, of a film so much of its picture (0)",
    )
    add("--duration", type=number(0, above=True), metavar="SECONDS", help="render so much of it (all)")
    add("--stream", type=whole(1, 1000), default=1, metavar="N", help="of several audio streams the N-th (1)")
    add("--align", choices=("sound", "picture"), default="sound",
        help="where the sound of a film begins after its picture: picture puts silence before it (sound)")  # fmt: skip
    add("--loudness", type=number(-70, 0), metavar="LUFS",
        help="-70 to 0: bring the result to this loudness (ITU-R BS.1770), true peak at most -1 dBTP")  # fmt: skip
    add("--bit-depth", choices=("16", "24", "float"), help="of wav and flac (24; 16 is dithered; float: wav only)")
    add("--picture", type=Path, metavar="FILE.png", help="draw waveform and spectrogram before and after")
    add("--overview", type=Path, metavar="FILE.npz", help="write what such a picture shows as numbers")
    add("--progress", choices=("bar", "json"), default="bar",
        help="bar: for people, where one watches; json: lines for programs, on stderr (bar)")  # fmt: skip
    add("--model", type=Path, metavar="FILE.onnx", help="a texture model (the one that comes with it)")
    add("--seed", type=whole(0, SEEDS - 1), default=0, metavar="N", help="of everything random, 0 to 2^32 - 1 (0)")
    add("--set", type=assignment, action="append", default=[], metavar="/path=value",
        help="turn any other parameter, as /texture/strength=0.5; may be repeated")  # fmt: skip
    add("--automation", type=Path, metavar="FILE", help="render INPUT, the -dry recording of python -m rtengine "
        "--record, as it was played: FILE is what --log wrote; the same samples, as float in a wav file")  # fmt: skip
    for kind, what in (("models", "models"), ("clips", "sounds that were textures")):
        add(f"--{kind}", type=Path, metavar="FOLDER", help=f"{what} of the automation (among your own data: {kind})")
    add("--threads", type=whole(1, 64), default=2, metavar="N", help="processor cores to use, 1 to 64 (2)")
    add("--remote", metavar="URL", help="have it rendered by the service there (python -m offline serve); "
        "its token, if it asks for one, is in the environment as RTENGINE_TOKEN")  # fmt: skip
    add("-f", "--force", action="store_true", help="overwrite what exists")
    add("-v", "--verbose", action="store_true", help="say how fast it went even where no one watches")


def _textures(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--json", action="store_true", help="as JSON")
    add("--export", type=Path, metavar="FOLDER", help="write each texture's exemplar there as NAME.wav, to listen to")
    add("--seconds", type=number(0.1, 600), default=10.0, metavar="SECONDS", help="of each exemplar, 0.1 to 600 (10)")
    add("-f", "--force", action="store_true", help="overwrite what exists")


TRAIN = """\
Train the shipped model further until it knows the sounds of the CLIPs, each of
half a second to some minutes. Writes a model with all textures of before and
the new ones, for render --model and python -m rtengine --model, and a picture
of how it went. With --closer it takes half a minute, and changes what is known
of the CLIPs alone. A training never loses: what came nearest is kept. One that was
broken off goes on with --resume. (Without any training, render --texture CLIP
takes a sound at once, less closely.)"""


def _train(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("clips", type=Path, nargs="+", metavar="CLIP", help="a sound file; its name becomes the texture's")
    add("--content", type=Path, metavar="FOLDER", help="music to train on (pieces of our own)")
    add("--out", type=Path, metavar="MODEL.onnx", help="the model to write (the first clip's name)")
    add("--closer", action="store_true", help="only listen closer: half a minute, and other textures stay as they are")
    add("--minutes", type=number(0.1, 10_000), metavar="MINUTES", help="how long (10)")
    add("--steps", type=whole(1, 1_000_000), metavar="N", help="instead, how many steps, so that a run can be repeated")
    add("--model", type=Path, metavar="FILE.onnx", help="the model to go on from (the one that comes with it)")
    add("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where PyTorch computes (auto)")
    add("--seed", type=whole(0, SEEDS - 1), default=0, metavar="N", help="of everything random (0)")
    add("--resume", action="store_true", help="go on from the checkpoint of a training that was broken off")
    add("-f", "--force", action="store_true", help="overwrite what exists")


def _demo(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("folder", type=Path, nargs="?", default=Path("demo"), metavar="FOLDER", help="where to write (./demo)")
    add("-q", "--quality", choices=QUALITIES, default="standard", help="of the renders (standard)")
    add("--threads", type=whole(1, 64), default=2, metavar="N", help="processor cores to use, 1 to 64 (2)")


SERVE = """\
Serve a page, and an interface for programs (/openapi.json), on which songs are
uploaded and rendered. All it keeps is in FOLDER. For other computers than this
one it needs a secret in the environment, RTENGINE_TOKEN, of 16 letters or more;
the page is then opened as http://HOST:PORT/#token=SECRET. See docs/service.md."""


def _serve(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--host", default="127.0.0.1", metavar="HOST", help="where to listen; 0.0.0.0 for all networks (127.0.0.1)")
    add("--port", type=whole(0, 65_535), default=8770, metavar="N", help="0 takes a free one (8770)")
    add("--folder", type=Path, default=Path("service"), metavar="FOLDER", help="where all is kept (./service)")
    add("--library", type=Path, nargs="?", const=True, metavar="FOLDER",
        help="with the pages of the music library, kept in FOLDER (among your own data)")  # fmt: skip
    add("--workers", type=whole(1, 256), metavar="N", help="processes that render, 1 to 256 (as many as cores)")
    add("--scheduler", metavar="tcp://HOST:8786", help="of a Dask cluster that works instead; it sees FOLDER too")
    add("--allow-host", action="append", default=[], metavar="NAME",
        help="a name by which it is reached too, as a proxy's; may be repeated")  # fmt: skip
    add("--behind-proxy", action="store_true", help="clients are told apart by the last X-Forwarded-For")
    add("--keep", type=number(0.01, 87_600), default=168.0, metavar="HOURS", help="of songs and results (168)")
    add("--largest", type=number(0.001, 100_000), default=1000.0, metavar="MB", help="of a song (1000)")
    add("--longest", type=number(0.1, 10_000), default=240.0, metavar="MINUTES", help="of a song (240)")
    add("--reserve", type=number(0, 1e9), default=1000.0, metavar="MB", help="of the disk to leave free (1000)")
    add("--performer", help=argparse.SUPPRESS)  # for tests


BATCH = """\
Render every sound file of FOLDER, and of the folders in it, into OUT under the
same names. OUT/manifest.tsv says what was made of what. Broken off, or with new
songs in FOLDER, begin it again: what has not changed is not rendered twice.
Songs that cannot be read are listed with the reason, and the status is 1."""


def _batch(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("folder", type=Path, metavar="FOLDER", help="the songs")
    add("--out", type=Path, required=True, metavar="OUT", help="where the results go")
    add("--setting", type=setting, action="append", default=[], metavar="NAME=VALUE",
        help="build the patch with this setting; may be repeated")  # fmt: skip
    add("-t", "--texture", type=blend, metavar="NAME[:WEIGHT],...", help="as of render (water)")
    add("-m", "--mix", type=number(0, 1), metavar="0..1", help="0 is the song alone, 1 the texture alone (1)")
    add("-q", "--quality", choices=QUALITIES, help="as of render (standard)")
    add("--loudness", type=number(-70, 0), metavar="LUFS", help="-70 to 0: bring each result to this loudness")
    add("--format", choices=("wav", "flac", "ogg", "mp3", "opus"), default="flac", help="of the results (flac)")
    add("--bit-depth", choices=("16", "24", "float"), help="of wav and flac (24; 16 is dithered; float: wav only)")
    add("--seed", type=whole(0, SEEDS - 1), default=0, metavar="N", help="of everything random (0)")
    add("--set", type=assignment, action="append", default=[], metavar="/path=value", help="any other parameter")
    add("--library", type=Path, nargs="?", const=True, metavar="FOLDER",
        help="with the pages of the music library, kept in FOLDER (among your own data)")  # fmt: skip
    add("--workers", type=whole(1, 256), metavar="N", help="processes, 1 to 256 (as many as cores)")
    add("--scheduler", metavar="tcp://HOST:8786", help="of a Dask cluster that does it; it sees the same folders")
    add("--progress", choices=("bar", "json"), default="bar", help="as of render (bar)")
    add("--performer", help=argparse.SUPPRESS)  # for tests

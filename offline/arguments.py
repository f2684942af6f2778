"""The command line: every option with its unit and range. Nothing heavy is imported here, so help is instant."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from offline import arguments_listen
from offline.automix.arguments import AUTOMIX, automix
from rtengine.cli.options import Parser, assignment, blend, number, setting, whole

QUALITIES = {  # names of rtengine.patches.texture.REFINE, which is too heavy to import for a help text
    "lofi": "as on stage",
    "standard": "refined by 8 Griffin-Lim iterations",
    "hifi": "refined by 64",
}
SEEDS = 2**32


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the arguments; leaves with status 0 (help) or 2 and one sentence where they are wrong."""
    parser = Parser(prog="python -m offline", description="Give a song the texture of water, a laser or the future.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _render(commands.add_parser("render", help="put a texture on a file", description=RENDER, epilog=EXAMPLES))
    _textures(commands.add_parser("textures", help="list the textures, or write them as sound files"))
    _demo(commands.add_parser("demo", help="render a piece of music with every texture, with a picture"))
    _score(commands.add_parser("score", help="write music that fits a film", description=SCORE, epilog=SCORES))
    automix(commands.add_parser("automix", help="mix stems, with every move explained", description=AUTOMIX))
    _train(commands.add_parser("train", help="make textures of your own sounds", description=TRAIN))
    _batch(commands.add_parser("batch", help="put a texture on every song of a folder", description=BATCH))
    _serve(commands.add_parser("serve", help="render for browsers and programs", description=SERVE))
    arguments_listen.add(commands)
    options = parser.parse_args(arguments_listen.joined(argv))
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


SCORE = """\
Write music for FILM, and FILM with it: accents and chords fall on the cuts,
the density follows the motion, the mood the picture. As long as the film; the
picture is copied as it is. The ending of the output chooses the sound's form:
mp4, m4v (AAC), mov (PCM), mkv, webm (Opus)."""
SCORES = """\
examples:
  python -m offline score holiday.mp4
  python -m offline score holiday.mp4 -o scored.mp4 --emotion calm --film-sound replace
  python -m offline score trailer.mov -o trailer.mp4 --tempo 128 --midi trailer.mid --cues trailer.edl
  python -m offline score short.mp4 --instruments melody=piano,drums=off --songs 3 --loudness -16"""
PARTS = ("melody", "harmony", "pad", "bass", "accents", "drums")
MOODS = {"happy": (0.6, 0.6), "tense": (-0.6, 0.6), "sad": (-0.6, -0.5), "calm": (0.5, -0.5)}  # of rtengine.score


def _score(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("film", type=Path, metavar="FILM", help="the film to read")
    add("-o", "--output", type=Path, metavar="OUTPUT", help="the film to write; else FILM-scored")
    add("--film-sound", choices=("keep", "duck", "replace"), default="duck",
        help="the film's own sound: keep it, leave it out, or let the music give way to speech (duck)")  # fmt: skip
    add("--loudness", type=number(-70, 0), metavar="LUFS", help="-70 to 0: of the result, true peak at most -1 dBTP")
    add("--emotion", type=emotion, metavar="MOOD",
        help=f"{', '.join(MOODS)}, or VALENCE,AROUSAL from -1 to 1 each (the picture's own)")  # fmt: skip
    add("--sensitivity", type=number(0, 1), default=0.5, metavar="0..1",
        help="how faint a movement the music meets (0.5)")  # fmt: skip
    add("--tempo", type=number(40, 240), metavar="BPM",
        help="40 to 240 beats a minute (chosen so that cuts fall on beats)")  # fmt: skip
    add("--instruments", type=instruments, default={}, metavar="PART=NAME,...",
        help=f"{', '.join(PARTS)}: an instrument, or off, as melody=piano,drums=off (by mood)")  # fmt: skip
    add("--soundfont", metavar="FILE", help="an SF2 or SF3 file to play, or system to look for one (our own sounds)")
    add("--texture", type=blend, metavar="NAME:AMOUNT", help="a texture over the music, as water:0.3")
    add("--songs", type=whole(1, 100), default=1, metavar="N", help="so many different scores, 1 to 100 (1)")
    add("--seed", type=whole(0, SEEDS - 1), default=0, metavar="N", help="of all choices, 0 to 2^32 - 1 (0)")
    add("--midi", type=Path, metavar="FILE.mid", help="write the notes there as well")
    add("--stems", type=Path, metavar="FOLDER", help="write each part alone there, as WAV")
    add("--cues", type=Path, metavar="FILE", help="write cuts, hits and bars there: .csv, .edl or .fcpxml")
    add("--picture", type=Path, metavar="FILE.png", help="draw curves, cuts, bars and notes")
    add("-f", "--force", action="store_true", help="overwrite what exists")


def emotion(text: str) -> tuple[float, float]:
    """A mood by name, or valence and arousal."""
    if text in MOODS:
        return MOODS[text]
    both = text.split(",")
    if len(both) != 2:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(MOODS)}, and not VALENCE,AROUSAL")
    read = number(-1, 1)
    return read(both[0]), read(both[1])


def instruments(text: str) -> dict[str, str]:
    """PART=NAME,PART=NAME as a dict."""
    chosen: dict[str, str] = {}
    for entry in text.split(","):
        part, equals, name = entry.strip().partition("=")
        if part not in PARTS or not equals or not name or part in chosen:
            raise argparse.ArgumentTypeError(f"{entry!r} is not PART=NAME with a part of {', '.join(PARTS)}, each once")
        chosen[part] = name
    return chosen


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
of how it went. A training that was broken off goes on with --resume. (Without
any training, render --texture CLIP takes a sound at once, less closely.)"""


def _train(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("clips", type=Path, nargs="+", metavar="CLIP", help="a sound file; its name becomes the texture's")
    add("--content", type=Path, metavar="FOLDER", help="music to train on (pieces of our own)")
    add("--out", type=Path, metavar="MODEL.onnx", help="the model to write (the first clip's name)")
    add("--minutes", type=number(0.1, 10_000), default=10.0, metavar="MINUTES", help="how long (10)")
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

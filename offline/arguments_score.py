"""The command line of score: films, training, judging. Nothing heavy is imported here."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rtengine.cli.options import blend, number, whole

Parsers = Any  # argparse keeps the type of add_subparsers' result to itself
SEEDS = 2**32
STYLES = ("song", "quartet", "rock", "funk", "jazz", "latin", "hiphop", "soul")  # of rtengine.models.score.words
ACTIONS = ("train", "judge")


def joined(argv: Sequence[str]) -> list[str]:
    """The arguments with a command of two words as one: score train. A film of that name is ./train."""
    if len(argv) > 1 and argv[0] == "score" and argv[1] in ACTIONS:
        return [f"score {argv[1]}", *argv[2:]]
    return list(argv)


def add(commands: Parsers) -> None:
    """Add the commands to those of python -m offline."""
    _score(commands.add_parser("score", help="write music that fits a film", description=SCORE, epilog=SCORES))
    train = commands.add_parser("score train", help="teach the score network your own MIDI files", description=TRAIN)
    train.set_defaults(command="score.train")
    _train(train)
    judge = commands.add_parser("score judge", help="let people compare scored films, blind", description=JUDGE)
    judge.set_defaults(command="score.judge")
    _judge(judge)


TRAIN = """\
Teach the network the MIDI files of FOLDER: bars of four quarters, parts told
apart by track, drums on channel 10. Training can be stopped and goes on where
it stood. The result is a file for --model."""
JUDGE = """\
FOLDER has a folder for each film with two or more versions in it, one a
system. Writes pages for creators and for an audience, blind and in random
order, without a server; with --votes the figures of what was saved there."""


def _train(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("folder", type=Path, metavar="FOLDER", help="MIDI files, in folders of any depth")
    add("--out", type=Path, metavar="FILE.onnx", help="the file to write (FOLDER.onnx)")
    add("--state", type=Path, metavar="FOLDER", help="where training is kept, to go on from (FOLDER-training)")
    add("--from", type=Path, dest="begin", metavar="FILE.onnx", help="go on from this network; a new one by default")
    add("--minutes", type=number(0, 1e6, above=True), default=360.0, metavar="N", help="to train in all (360)")
    add("--threads", type=whole(1, 64), default=1, metavar="N", help="processor cores to use, 1 to 64 (1)")
    add("--seed", type=whole(0, SEEDS - 1), default=0, metavar="N", help="of all chances, 0 to 2^32 - 1 (0)")
    add("--sources", default="", metavar="TEXT", help="what was learnt from and its licence, for the file's own card")
    add("-f", "--force", action="store_true", help="overwrite what exists")


def _judge(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("folder", type=Path, metavar="FOLDER", help="a folder for each film, with its versions")
    add("--votes", type=Path, nargs="+", metavar="FILE.csv", help="what raters have saved: print means and intervals")
    add("--out", type=Path, metavar="FILE.csv", help="write these figures there as well")
    add("-f", "--force", action="store_true", help="overwrite what exists")


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
    add(
        "--composer",
        choices=("rules", "network"),
        default="rules",
        help="who writes melody, harmony, bass and drums: rules, or the network, whose accents are the rules' (rules)",
    )
    add("--style", choices=STYLES, help="of the network: song or quartet of the pitched parts, or one of the drums' "
        "(song, drums by mood)")  # fmt: skip
    add("--model", type=Path, metavar="FILE.onnx", help="a network of your own, from score train; implies the network")
    add("--fade-in", type=number(0, 30), default=0.0, metavar="SECONDS", help="of the music, 0 to 30 (0)")
    add("--fade-out", type=number(0, 30), default=0.0, metavar="SECONDS",
        help="of the music, 0 to 30, before the film's end (0: the last chord rings out)")  # fmt: skip
    add("--soundfont", metavar="FILE", help="an SF2 or SF3 file to play, or system to look for one (our own sounds)")
    add("--texture", type=blend, metavar="NAME:AMOUNT", help="a texture over the music, as water:0.3")
    add("--songs", type=whole(1, 100), default=1, metavar="N", help="so many different scores, 1 to 100 (1)")
    add("--seed", type=whole(0, SEEDS - 1), default=0, metavar="N", help="of all choices, 0 to 2^32 - 1 (0)")
    add("--midi", type=Path, metavar="FILE.mid", help="write the notes there as well")
    add("--stems", type=Path, metavar="FOLDER", help="write each part alone there, as WAV")
    add("--cues", type=Path, metavar="FILE", help="write cuts, hits and bars there: .csv, .edl or .fcpxml")
    add("--picture", type=Path, metavar="FILE.png", help="draw curves, cuts, bars and notes")
    add("--progress", choices=("bar", "json"), default="bar", help="bar for people, json for programs, on stderr (bar)")
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

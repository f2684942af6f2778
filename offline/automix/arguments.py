"""The options of automix."""

import argparse
from pathlib import Path

from rtengine.cli.options import whole

SEEDS = 2**32
AUTOMIX = """\
Mix STEMs, up to 16 files, one for each strip of the desk: balance, equalisers,
compressors, places, a room, width and a limiter, set by a small network and by
rules. Each move has a reason (--moves), and is a parameter of the live desk. Roles are guessed from
names and sounds where they are not given.

  automix features FOLDER   measure what the stems of a data set are like
  automix evaluate FOLDER   judge mixes of a data set's songs (a folder each,
                            with a human mix in it as mix.wav or unity_sum)
  automix practice FOLDER   make up songs of recordings and MIDI files, to learn from
  automix train FOLDER      teach the controller from such songs (needs torch)"""


def automix(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("stems", nargs="+", metavar="STEM", help="a sound file; or features FOLDER, or evaluate FOLDER")
    add("-o", "--output", type=Path, metavar="FILE", help="the mix (mix.wav); of features and evaluate: a .json")
    add("--roles", type=lambda text: text.split(","), metavar="ROLE,...", help="vocals, drums, bass, other or ?")
    add("--references", type=Path, metavar="FILE.json", help="what stems should be like, as features wrote it")
    add("--reference", type=Path, action="append", default=[], metavar="SONG",
        help="a song that the mix is to be like, in spectrum, width and dynamics; may be repeated")  # fmt: skip
    add("--rules", action="store_true", help="decide by rules alone, without the network that has learnt to mix")
    add("--controller", type=Path, metavar="FILE.onnx", action="append", default=[],
        help="a network of your own, from train; evaluate: several, for each song one that never heard it")  # fmt: skip
    add("--room", type=Path, metavar="FILE", help="an impulse response in place of the room")
    add("--live", action="store_true", help="as on stage: the desk learns while it plays, and moves its faders")
    add("--moves", type=Path, metavar="FILE.json", help="write every move there, each with its reason")
    add("--bit-depth", choices=("16", "24", "float"), help="of wav and flac (24; 16 is dithered; float: wav only)")
    add("--clean", action="store_true", help="evaluate: take the stems as they are, and do not degrade them first")
    add("--seed", type=whole(0, SEEDS - 1), default=0, metavar="N", help="evaluate: of the random degradations (0)")
    add(
        "--times",
        type=whole(1, 1000),
        default=1,
        metavar="N",
        help="evaluate: so many degradations of each song (1); practice: so many songs",
    )
    add("--minutes", type=float, default=30.0, metavar="M", help="train: for at most so long (30)")
    add("--steps", type=whole(1, 1_000_000), default=3000, metavar="N", help="train: so many steps (3000)")
    add("--practice", type=Path, action="append", default=[], metavar="FOLDER",
        help="train: songs that practice made up, to learn from as well; may be repeated")  # fmt: skip
    add("--hold", action="append", default=[], metavar="SONG", help="train: hold this song out; may be repeated")
    add("--picture", type=Path, metavar="FILE.png", help="evaluate: draw the table")
    add("--progress", choices=("bar", "json"), default="bar", help="bar for people, json for programs, on stderr (bar)")
    add("-f", "--force", action="store_true", help="overwrite what exists")

"""demo: a piece of our own, rendered with every texture, and a picture of them all; a film, scored; a band, mixed."""

import argparse
import time
from pathlib import Path

import numpy as np

from offline.automix.demo import mixed
from offline.compiling import compiling
from offline.progress import progress
from offline.score.demo import scored
from rtengine.files.blocks import SIZE, Samples, through
from rtengine.files.sink import Sink, beside
from rtengine.jobs.overview import Overview
from rtengine.jobs.render import Settings, build
from rtengine.models.exemplars.music import music

SAMPLE_RATE = 44_100  # Hz


def run(options: argparse.Namespace) -> None:
    """Write the piece, a render of it with each texture and the picture; print where, and how fast it went."""
    from rtengine.patches.texture import textures

    options.folder.mkdir(parents=True, exist_ok=True)
    song = music(SAMPLE_RATE)
    sounds = [("the music", _write(options.folder / "song.wav", song))]
    _say(options.folder / "song.wav", "the music")
    for texture in textures():
        y, took = _rendered(song, texture, options)
        file = options.folder / f"song-{texture}.wav"
        sounds.append((texture, _write(file, y)))
        _say(file, f"as {texture}, {song.shape[1] / SAMPLE_RATE / took:.0f} times faster than real time")
    _draw(options.folder / "textures.png", sounds)
    scored(options.folder)
    mixed(options.folder)


def _rendered(song: Samples, texture: str, options: argparse.Namespace) -> tuple[Samples, float]:
    """The song with a texture, and the seconds it took."""
    channels, samples = song.shape
    settings = Settings({texture: 1.0}, options.quality, threads=options.threads)
    with compiling(print):
        graph = build(SAMPLE_RATE, channels, "texture", settings)
    with graph, progress(texture) as tell:
        began, done = time.monotonic(), 0
        parts = []
        for y in through(graph, (np.ascontiguousarray(song[:, n : n + SIZE]) for n in range(0, samples, SIZE))):
            parts.append(y)
            done += y.shape[1]
            tell(done, samples)
        return np.concatenate(parts, axis=1), time.monotonic() - began


def _write(file: Path, x: Samples) -> Overview:
    """Write a WAV over what is there, and look at it."""
    overview = Overview(SAMPLE_RATE, x.shape[1])
    overview.add(x)
    with beside(file, force=True) as whole, Sink(whole, ".wav", SAMPLE_RATE, len(x), name=file) as sink:
        sink.write(x)
    return overview


def _draw(file: Path, sounds: list[tuple[str, Overview]]) -> None:
    from rtengine.jobs.picture import drawn

    with beside(file, force=True) as whole:
        whole.write_bytes(drawn(sounds, "One song, before and after", across=3))
    _say(file, "all of them, before and after")


def _say(file: Path, what: str) -> None:
    width = len(str(file.with_name("song-future.wav")))  # the longest of the usual names
    print(f"{file!s:<{width}}  {what}", flush=True)

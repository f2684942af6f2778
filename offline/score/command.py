"""score: read a film, write music that fits it, and put it under the picture."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from offline.compiling import compiling
from offline.progress import progress
from rtengine.files.blocks import Samples
from rtengine.files.disk import written
from rtengine.files.names import printable
from rtengine.files.sink import Sink, beside, check_path
from rtengine.film.analysis import Analysis, analyse
from rtengine.film.mux import KINDS, check_kind, fitting, mux
from rtengine.film.reader import Film, open_film
from rtengine.film.sound import sound
from rtengine.score.cues import ENDINGS, write_cues
from rtengine.score.mix import faded, mixed
from rtengine.score.notes import PARTS, Piece

if TYPE_CHECKING:
    from rtengine.graph import Graph
    from rtengine.models.score.model import Model


READING = 0.6  # of the time, about, in which a score is made


def run(options: argparse.Namespace) -> None:
    """Score as the options say; ValueError, KeyError or OSError in one sentence if they ask for the impossible."""
    began = time.monotonic()
    film = open_film(options.film)
    outputs = named(options, film)
    check(options, outputs)
    for path in outputs:
        check_kind(film, path.suffix)
    with compiling(say):  # what is wrong with these is said before a long film is read
        from rtengine.files.soundfont import Font
        from rtengine.score import play

        play.check(options.instruments)
        if chosen := font(options):
            Font(chosen)
        network = model(options)
        if options.texture:
            with texture(options):
                pass
    with progress("reading the film", options.progress, (0, READING)) as done:
        analysis = analyse(options.film, lambda seconds: done(round(1000 * seconds), round(1000 * film.stated)))
    if analysis.film.damage:
        say(f"{analysis.film.damage}; what is whole was scored")
    with compiling(say):
        from rtengine.score.compose import compose

    for n, output in enumerate(outputs):
        piece = compose(
            analysis,
            emotion=options.emotion,
            sensitivity=options.sensitivity,
            tempo=options.tempo,
            instruments=options.instruments,
            seed=options.seed + n,
            model=network,
            style=options.style,
        )
        bank = play.instruments(piece, font(options))
        write(options, analysis, piece, bank, output, n)
        told(piece, analysis, output, time.monotonic() - began)
        began = time.monotonic()


def model(options: argparse.Namespace) -> "Model | None":
    """The network that writes, or None for the rules."""
    if options.model is None and options.composer == "rules":
        if options.style:
            raise ValueError(f"--style {options.style} is of the network: --composer network")
        return None
    from rtengine.models.score.model import FILE, Model

    return Model(options.model or FILE)


def font(options: argparse.Namespace) -> Path | None:
    """The SoundFont to play with, or None for our own instruments."""
    if options.soundfont is None:
        return None
    if str(options.soundfont) != "system":
        return Path(options.soundfont)
    from rtengine.files.soundfont import PLACES, find_font

    found = find_font()
    if found is None:
        raise ValueError(f"--soundfont system: there is none in {', '.join(PLACES)}")
    return found


def named(options: argparse.Namespace, film: Film) -> list[Path]:
    """The films to write: one a song."""
    output = options.output or options.film.with_name(f"{options.film.stem}-scored{fitting(film)}")
    return [numbered(output, n if options.songs > 1 else None) for n in range(options.songs)]


def numbered(path: Path, n: int | None) -> Path:
    """The name of song n."""
    return path if n is None else path.with_name(f"{path.stem}-{n + 1}{path.suffix}")


def check(options: argparse.Namespace, outputs: list[Path]) -> None:
    """Refuse what can be refused before any work."""
    wanted = {"--midi": (options.midi, (".mid", ".midi")), "--cues": (options.cues, ENDINGS),
              "--picture": (options.picture, (".png",))}  # fmt: skip
    for option, (path, endings) in wanted.items():
        if path and path.suffix.lower() not in endings:
            raise ValueError(f"{option} {path} does not end in {' or '.join(endings)}")
    for path in [*outputs, *(p for p, _ in wanted.values() if p)]:
        check_path(path, options.force)
        if path.exists() and path.samefile(options.film):
            raise ValueError(f"{path} is the film itself: name another file")
    if options.instruments and all(options.instruments.get(part) == "off" for part in PARTS):
        raise ValueError("--instruments: every part is off, and nothing is left to play")
    if options.stems:
        check_stems(options)


def check_stems(options: argparse.Namespace) -> None:
    """Refuse a folder that cannot be made or written to, or holds what may not be replaced."""
    there = next(folder for folder in (options.stems, *options.stems.parents) if folder.exists())
    if not there.is_dir():
        raise NotADirectoryError(f"--stems {there} is not a folder")
    for part in PARTS:
        for n in range(options.songs):
            check_path(
                numbered(there / f"{part}.wav", n if options.songs > 1 else None),
                options.force or there != options.stems,
            )


def write(options: argparse.Namespace, film: Analysis, piece: Piece, bank: object, output: Path, n: int) -> None:
    """The film and all that was asked for beside it."""
    from rtengine.score import play
    from rtengine.score.midi import write_midi

    several = n if options.songs > 1 else None
    with ExitStack() as stack:
        whole = stack.enter_context(beside(output, options.force))
        kind = KINDS[output.suffix.lower()]
        music = music_of(options, film, piece, bank, output)
        share = (1 - READING) / options.songs
        part = READING + n * share, READING + (n + 1) * share
        done = stack.enter_context(progress(printable(output.name), options.progress, part))
        with written(output):
            mux(film.film, whole, kind, counted(music, done, round(film.end * play.SAMPLE_RATE)), play.SAMPLE_RATE)

        def extra(path: Path, make: Callable[[Path], object]) -> None:
            place = numbered(path, several)
            temporary = stack.enter_context(beside(place, options.force))
            with written(place):
                make(temporary)

        if options.midi:
            extra(options.midi, lambda path: write_midi(piece, path))
        if options.cues:
            extra(options.cues, lambda path: write_cues(piece, film, path, options.cues.suffix.lower()))
        if options.picture:
            from offline.score.picture import draw

            extra(options.picture, lambda path: draw(path, film, piece, output.name))
        if options.stems:
            write_stems(options, piece, bank, several)


def counted(blocks: Iterator[Samples], done: Callable[[int, int], None], of: int) -> Iterator[Samples]:
    """The same blocks; `done` is told of each."""
    samples = 0
    for x in blocks:
        yield x
        samples += x.shape[1]
        done(samples, of)


def music_of(
    options: argparse.Namespace, film: Analysis, piece: Piece, bank: object, output: Path
) -> Iterator[Samples]:
    """The film's new sound."""
    from rtengine.blocks.sampler.bank import Bank
    from rtengine.score import play

    assert isinstance(bank, Bank)
    music = faded(play.play(piece, bank), options.fade_in, options.fade_out, piece.grid.end, play.SAMPLE_RATE)
    if options.texture:
        music = textured(options, music)
    keep = options.film_sound != "replace" and film.film.has_sound
    own = sound(film.film, play.SAMPLE_RATE, 2) if keep else None
    result = mixed(music, own, film.speech, options.film_sound == "duck", play.SAMPLE_RATE)
    if options.loudness is None:
        from rtengine.score.export import limited

        return limited(result, play.SAMPLE_RATE) if keep else result
    from rtengine.jobs.level import normalised

    return normalised(result, play.SAMPLE_RATE, 2, options.loudness, output.parent, say)


def textured(options: argparse.Namespace, music: Iterator[Samples]) -> Iterator[Samples]:
    """The music through a texture of the same host."""
    from rtengine.files.blocks import through

    with texture(options) as graph:
        yield from through(graph, music)


def texture(options: argparse.Namespace) -> "Graph":
    """The graph that the music goes through; ValueError names the textures that there are."""
    from rtengine.jobs.render import Settings, build
    from rtengine.score import play

    blend = dict.fromkeys(options.texture, 1.0)
    settings = Settings(blend, mix=max(options.texture.values()), seed=options.seed)
    return build(play.SAMPLE_RATE, 2, "texture", settings)


def write_stems(options: argparse.Namespace, piece: Piece, bank: object, n: int | None) -> None:
    """Each part alone, as 24-bit WAV, as long as the film."""
    from rtengine.blocks.sampler.bank import Bank
    from rtengine.score import play

    assert isinstance(bank, Bank)
    with written(options.stems):
        options.stems.mkdir(parents=True, exist_ok=True)
    for part in piece.instruments:
        path = numbered(options.stems / f"{part}.wav", n)
        with beside(path, options.force) as whole, Sink(whole, ".wav", play.SAMPLE_RATE, 2, name=path) as sink:
            for x in play.play(piece, bank, (part,)):
                sink.write(x)


def told(piece: Piece, film: Analysis, output: Path, seconds: float) -> None:
    """One line on what was written."""
    starts = np.array([n.start for n in piece.notes])
    met = [h for h in piece.hits if len(starts) and np.min(np.abs(starts - h.time)) <= 0.04]
    print(
        f"{printable(str(output))}: {film.end:.1f} s, {len(film.cuts)} cuts, {piece.mood}, "
        f"{piece.grid.tempo:.0f} beats a minute, {len(piece.notes)} notes, "
        f"{len(met)} of {len(piece.hits)} hits met, in {seconds:.1f} s"
    )


def say(sentence: str) -> None:
    """Tell what the user should know, beside the result."""
    print(f"offline score: {sentence}", file=sys.stderr)

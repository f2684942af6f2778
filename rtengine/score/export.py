"""What is heard of a session, written as a film: the same notes, parts, mix and fades."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from rtengine.blocks.limiter import Limiter
from rtengine.blocks.sampler.bank import Bank
from rtengine.files.blocks import Samples, excerpt, silence
from rtengine.files.disk import written
from rtengine.files.sink import beside
from rtengine.film.mux import KINDS, fitting, mux
from rtengine.film.sound import sound
from rtengine.graph import Graph
from rtengine.score.midi import write_midi
from rtengine.score.mix import mixed
from rtengine.score.notes import PARTS
from rtengine.score.play import SAMPLE_RATE, play
from rtengine.score.session import Session


def ending(session: Session) -> str:
    """That of the film's own container where it can be written, else of one that holds the picture."""
    return fitting(session.film.film).lower()


def export(session: Session, bank: Bank, path: Path, parts: frozenset[str] = frozenset(PARTS),
           force: bool = False) -> None:  # fmt: skip
    """Write the film with its music to `path`, and the notes beside it as .mid. OSError or ValueError in a sentence."""
    film = session.film
    piece = replace(session.piece, notes=tuple(n for n in session.piece.notes if n.part in parts))
    notes = path.with_suffix(".mid")
    with beside(path, force) as whole, beside(notes, force) as whole_notes:
        own = sound(film.film, SAMPLE_RATE, 2) if film.film.has_sound else None
        music = mixed(play(piece, bank), own, film.speech, True, SAMPLE_RATE)
        if own:
            music = limited(music, SAMPLE_RATE)
        with written(path):
            mux(film.film, whole, KINDS[path.suffix.lower()], music, SAMPLE_RATE)
        with written(notes):
            write_midi(piece, whole_notes)


def limited(blocks: Iterator[Samples], sample_rate: int) -> Iterator[Samples]:
    """Music and film together, true peaks under -1 dBTP."""
    with Graph(sample_rate, 2, limiter=Limiter()) as graph:

        def all_of_it() -> Iterator[Samples]:
            yield from map(graph.process, blocks)
            yield from map(graph.process, silence(2, graph.latency))

        yield from excerpt(all_of_it(), graph.latency, None)

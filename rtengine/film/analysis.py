"""All that the score needs to know of a film, read once: moving a slider later never reads it again."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rtengine.film import speech
from rtengine.film.cuts import Cut, Fade, find_cuts, find_fades
from rtengine.film.dissolves import find_dissolves
from rtengine.film.impacts import Impact, find_impacts, visual_tempo
from rtengine.film.look import Look
from rtengine.film.mood import Mood, mood
from rtengine.film.reader import SHORTEST, Film, open_film
from rtengine.film.sound import sound


@dataclass(frozen=True)
class Analysis:
    """What happens in a film, times in seconds of film time.

    end: when the last picture ends. tempo: (beats a minute, clearness 0 to 1) of the motion itself.
    """

    film: Film
    end: float
    frames: int
    cuts: list[Cut]
    fades: list[Fade]
    impacts: list[Impact]
    mood: Mood
    tempo: tuple[float, float]
    speech: list[speech.Speech]


def analyse(path: Path, done: Callable[[float], object] = lambda seconds: None) -> Analysis:
    """Read a film; `done` is told how many seconds are read. ValueError or OSError says why it cannot be scored."""
    film, look, told = open_film(path), Look(), 0.0
    for picture in film.pictures():
        look.add(picture)
        if picture.time - told >= 1:
            done(picture.time)
            told = picture.time
    if film.end < SHORTEST:
        raise ValueError(f"{path} lasts {film.end:.2f} s, and music needs at least {SHORTEST:g} s")
    look.close()
    cuts = find_cuts(look)
    cuts = sorted([*cuts, *find_dissolves(look, cuts, find_fades(look))])
    return Analysis(
        film,
        film.end,
        len(look.time),
        cuts,
        find_fades(look),
        find_impacts(look, cuts),
        mood(look, cuts, film.end),
        visual_tempo(look, cuts),
        [s for s in speech.find_speech(sound(film, speech.SAMPLE_RATE, 1)) if s.start < film.end],
    )

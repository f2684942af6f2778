"""A piece: on every cut, in its key, as long as the film, the same for the same seed."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import mido
import numpy as np
import pytest
from support.analyses import told

from rtengine.score.compose import CURT, LOOSE, compose
from rtengine.score.grid import BEATS, TAIL
from rtengine.score.midi import write_midi
from rtengine.score.notes import PARTS, Piece
from rtengine.score.rhythm import BASS, HARMONY, MELODY, ORDERS, places

CUTS = (2.31, 5.9, 8.04, 11.77, 12.5, 17.0, 23.45, 27.9)
IMPACTS = (1.4, 6.8, 14.2, 20.5)


@pytest.mark.parametrize("mood", ["happy", "tense", "sad", "calm"])
def test_every_cut_has_a_chord_or_accent_within_a_millisecond(mood: str) -> None:
    emotion = {"happy": (0.6, 0.6), "tense": (-0.6, 0.6), "sad": (-0.6, -0.5), "calm": (0.5, -0.5)}[mood]
    piece = compose(told(cuts=CUTS, impacts=IMPACTS), emotion=emotion)
    assert piece.mood == mood
    starts = np.array([n.start for n in piece.notes])
    for moment in (*CUTS, *IMPACTS):
        assert np.min(np.abs(starts - moment)) < 1e-3
    for cut in CUTS:
        assert sum(abs(n.start - cut) < 1e-3 for n in piece.notes) >= 3


def test_nothing_sets_in_just_before_a_hit() -> None:
    piece = compose(told(cuts=CUTS))
    for cut in CUTS:
        assert not [n for n in piece.notes if 0.001 < cut - n.start < 0.05 and n.part != "pad"]


def test_it_lies_in_the_film_and_reaches_its_end() -> None:
    for end in (1.0, 4.0, 30.0, 301.3):
        film = told(end, tuple(c for c in CUTS if c < end - 0.2))
        piece = compose(film)
        assert all(0 <= n.start < n.end <= end + 0.07 for n in piece.notes)
        assert max(n.end for n in piece.notes) >= end - 0.01
        assert all(0 <= n.pitch <= 127 and 0 < n.velocity <= 1 and n.part in PARTS for n in piece.notes)


def test_it_is_in_its_key_and_ends_on_the_tonic() -> None:
    for emotion in ((0.6, 0.6), (-0.6, -0.5)):
        piece = compose(told(60.0, CUTS), emotion=emotion)
        tonal = [n.pitch % 12 for n in piece.notes if n.part != "drums"]
        assert np.mean([p in piece.scale for p in tonal]) > 0.97
        assert piece.chords[-1].classes[0] == piece.key
        assert piece.chords[-2].classes[0] == (piece.key + 7) % 12  # a cadence


def test_density_follows_motion() -> None:
    film = told(60.0, seed=3)
    piece = compose(film)
    onsets = np.array(sorted({round(n.start, 2) for n in piece.notes if n.part != "pad"}))
    density = np.array([np.sum((onsets >= t) & (onsets < t + 2)) for t in range(0, 56, 2)])
    motion = np.array([film.mood.motion[4 * t : 4 * t + 8].mean() for t in range(0, 56, 2)])
    ranks = [np.argsort(np.argsort(x)) for x in (density, motion)]
    assert np.corrcoef(*ranks)[0, 1] > 0.6


def test_a_busier_rhythm_only_adds_places() -> None:
    for order in ORDERS:
        assert sorted(order) == list(range(8))
        for counts in (MELODY, HARMONY, BASS):
            cells = [set(places(order, count)) for count in counts]
            assert all(quiet <= busy for quiet, busy in pairwise(cells))


def steady(level: float, end: float = 40.0) -> Piece:
    """A piece for a film that moves as much from its beginning to its end, without a cut."""
    film = told(end)
    return compose(replace(film, mood=film.mood._replace(motion=np.full_like(film.mood.motion, level))))


def test_the_theme_is_known_again_however_busy_it_is() -> None:
    themes = []
    for level in (0.55, 1.0):
        piece = steady(level)
        beats = [(round(float(piece.grid.beat(n.start)) * 4) / 4, n.pitch) for n in piece.notes if n.part == "melody"]
        themes.append({beat: pitch for beat, pitch in beats if beat < piece.grid.last - BEATS})
    quiet, busy = themes
    assert len(busy) > 1.2 * len(quiet)
    assert all(busy.get(beat) == pitch for beat, pitch in quiet.items())


def test_no_player_is_early() -> None:
    piece = steady(1.0)
    beats = np.array([float(piece.grid.beat(n.start)) for n in piece.notes])
    off = (beats - np.round(beats * 4) / 4) * 60 / piece.grid.tempo
    assert np.min(off) > -1e-6
    assert np.max(off) <= 2 * LOOSE + 1e-6


def test_what_is_left_of_a_bar_leads_into_the_theme() -> None:
    piece = compose(told(60.0, cuts=(1.0,)), tempo=60)
    assert float(piece.grid.beat(0.0)) == pytest.approx(3.0)
    assert piece.chords[0].classes[0] == (piece.key + 7) % 12
    assert piece.chords[1].classes[0] == piece.key


def test_a_film_that_is_lively_to_its_end_is_played_to_its_end() -> None:
    ends = np.linspace(40, 44, 9)
    lively, still = ([_struck(steady(level, end)) for end in ends] for level in (1.0, 0.0))
    assert max(lively) < max(still)
    assert all(left >= CURT for left in lively)
    assert all(left >= TAIL for left in still)


def _struck(piece: Piece) -> float:
    """Seconds before the film's end at which the last note sets in."""
    return piece.grid.end - max(n.start for n in piece.notes if n.part != "pad") + 2 * LOOSE


def test_seeds_repeat_and_differ() -> None:
    film = told(cuts=CUTS)
    assert compose(film, seed=1) == compose(film, seed=1)
    assert compose(film, seed=1).notes != compose(film, seed=2).notes


def test_instruments_and_tempo_are_obeyed() -> None:
    piece = compose(told(cuts=CUTS), instruments={"drums": "off", "melody": "bells"}, tempo=132)
    assert piece.instruments["melody"] == "bells"
    assert not [n for n in piece.notes if n.part == "drums"]
    assert piece.grid.tempo == 132


def test_the_melody_makes_room_for_speech() -> None:
    quiet = compose(told(60.0, speech=((10.0, 50.0),)))
    free = compose(told(60.0))
    count = lambda piece: sum(n.part == "melody" and 12 < n.start < 48 for n in piece.notes)  # noqa: E731
    assert count(quiet) < 0.7 * count(free)


def test_the_midi_file_has_the_same_times(tmp_path: Path) -> None:
    piece = compose(told(cuts=CUTS, impacts=IMPACTS))
    write_midi(piece, tmp_path / "x.mid")
    time, found = 0.0, []
    for message in mido.MidiFile(tmp_path / "x.mid"):
        time += message.time
        if message.type == "note_on" and message.velocity:
            found.append((time, message.note))
    wanted = sorted((n.start, n.pitch) for n in piece.notes)
    assert len(found) == len(wanted)
    assert np.max(np.abs(np.sort([t for t, _ in found]) - np.sort([t for t, _ in wanted]))) < 0.002

"""A score in the making: markers move and snap, a stretch is written anew, a locked part stays."""

import numpy as np
import pytest
from support.analyses import told

from rtengine.score.session import NEAR, Session


@pytest.fixture
def session() -> Session:
    return Session(told(cuts=(6.1, 13.4, 20.2), impacts=(3.0, 9.7, 16.6, 24.1)))


def starts(session: Session, part: str | None = None) -> np.ndarray:
    return np.array([n.start for n in session.piece.notes if part in (None, n.part)])


def test_a_marker_that_is_set_is_met_and_one_that_is_removed_is_gone(session: Session) -> None:
    where = session.add(session.film.end / 2 + 0.111, snap=False)
    assert any(m.time == where for m in session.markers)
    assert np.min(np.abs(starts(session) - where)) <= 0.001
    session.remove(where)
    assert not any(abs(m.time - where) < 0.04 for m in session.markers)


def test_a_marker_moves_and_keeps_its_strength(session: Session) -> None:
    old = session.markers[0]
    to = session.move(old.time, old.time + 0.7, snap=False)
    moved = [m for m in session.markers if m.time == to]
    assert len(moved) == 1
    assert moved[0].strength == old.strength
    assert not any(abs(m.time - old.time) < 0.04 for m in session.markers)


def test_a_marker_snaps_to_what_happens_in_the_film(session: Session) -> None:
    cut = session.film.cuts[0].time
    assert session.snapped(cut + NEAR / 2) == cut
    beat = float(session.piece.grid.time(6))
    far = [m for m in (c.time for c in session.film.cuts) if abs(m - beat) < NEAR]
    assert far or session.snapped(beat + 0.02) in (beat, *[i.time for i in session.film.impacts])


def test_a_stretch_is_written_anew_and_the_rest_is_not(session: Session) -> None:
    before = session.piece
    session.regenerate(4.0, 9.0)
    inside = [[n for n in p.notes if 4 <= n.start < 9 and n.part == "melody"] for p in (before, session.piece)]
    outside = [[n for n in p.notes if not 4 <= n.start < 9] for p in (before, session.piece)]
    assert outside[0] == outside[1]
    assert inside[0] != inside[1]
    assert session.piece.chords == before.chords


def test_a_locked_part_stays_whatever_changes(session: Session) -> None:
    before = [n for n in session.piece.notes if n.part == "bass"]
    session.lock("bass")
    session.wish(seed=5)
    assert [n for n in session.piece.notes if n.part == "bass"] == before
    session.lock("bass", False)
    assert [n for n in session.piece.notes if n.part == "bass"] != before


def test_sensitivity_changes_the_markers_without_reading_again(session: Session) -> None:
    count = len(session.markers)
    session.sensitive(0.0)
    assert len(session.markers) < count
    assert session.version == 1


@pytest.mark.parametrize(("action", "words"), [
    (lambda s: s.add(1e9), "outside the film"),
    (lambda s: s.remove(s.film.end - 0.2), "no marker within"),
    (lambda s: s.lock("violin"), "there is no part"),
    (lambda s: s.sensitive(2), "outside 0 to 1"),
    (lambda s: s.regenerate(5, 4), "no stretch"),
])  # fmt: skip
def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_is_lost(session: Session, action, words: str) -> None:
    before = session.piece
    with pytest.raises(ValueError, match=words):
        action(session)
    assert session.piece == before

"""The page of a score: it asks piece by piece for what changed, and every gesture is a command."""

import json

import pytest
from pytestqt.qtbot import QtBot

from rtengine.block import Parameter
from rtengine.blocks.sampler.conductor import Conductor
from ui.host.desk import Desk
from ui.host.namespace import Control
from ui.score.page import ScorePage

FACTS = {"film": "/nowhere.mp4", "end": 20.0, "version": 2, "mood": "calm", "tempo": 96.0, "seed": 4,
         "locked": ["bass"], "composer": "rules"}  # fmt: skip
ROWS = {
    "markers": [[2.0, 1.0, 1, 0], [9.5, 0.6, 0, 0], [12.0, 0.8, 0, 1]],
    "notes": [[0.0, 1.0, 60, 0.5, 1], [2.0, 3.0, 72, 0.8, 0], [2.0, 2.2, 36, 0.8, 5]],
    "bars": [[0.0, 0], [2.5, 4]],
    "curves": [[i / 4, 0.2, 0.1, -0.1, 0.5] for i in range(80)],
}


class Asked(list):
    """What the page has asked for, in order."""

    def of(self, address: str) -> list[tuple[object, ...]]:
        return [arguments for a, arguments in self if a == address]


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    desk = Desk()
    declared = {n: p for n, p in vars(Conductor).items() if isinstance(p, Parameter)}
    fields = ("default", "low", "high", "unit", "scale", "doc", "choices", "share")
    desk.controls = {f"/score/{name}": Control(*(getattr(p, f) for f in fields), address=f"/score/{name}")
                     for name, p in declared.items()}  # fmt: skip
    desk.values = {a: c.default for a, c in desk.controls.items()}
    return desk


@pytest.fixture
def page(qtbot: QtBot, desk: Desk):
    asked = Asked()
    desk.ask.connect(lambda address, arguments: asked.append((address, arguments)))
    page = ScorePage(desk)
    page.asked = asked
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.show()
    yield page
    page.body.picture.end()


def come(desk: Desk, version: float = 1.0) -> None:
    """The host tells of a version, in answers of two rows each."""
    desk.hear("/score/version", (version,))
    desk.hear("/score/about.reply", (json.dumps(FACTS),))
    for kind, rows in ROWS.items():
        first = 0.0
        while True:
            here = [row for row in rows if row[0] >= first]
            left = [row[0] for row in here if row[0] > here[min(1, len(here) - 1)][0]] if here else []
            until = left[0] if left else FACTS["end"]
            desk.hear(f"/score/{kind}.reply", (first, float(until), json.dumps([r for r in here if r[0] < until])))
            if not left:
                break
            first = until


def test_all_that_there_is_comes_piece_by_piece(page: ScorePage, desk: Desk) -> None:
    come(desk)
    assert page.asked.of("/score/about") == [(1,)]
    assert page.body.score.rows == ROWS
    assert page.asked.of("/score/markers") == [(0.0,), (12.0,)]
    assert len(page.body.timeline.markers) == 3
    assert "96" in page.body.about.text()
    assert page.body.locks["bass"].isChecked()
    assert not page.body.locks["pad"].isChecked()
    before = len(page.asked.of("/score/curves"))
    come(desk, 2.0)
    assert len(page.asked.of("/score/curves")) == before, "the curves are the film's"


def test_every_gesture_is_a_command(page: ScorePage, desk: Desk) -> None:
    come(desk)
    body = page.body
    body.timeline.markers[0].setValue(3.3)
    body.timeline.markers[0].sigPositionChangeFinished.emit(body.timeline.markers[0])
    body.timeline.added.emit(5.0)
    body.timeline.removed.emit(9.4)
    body.timeline.sought.emit(7.0)
    body.again.click()
    body.marked.click()
    body.again.click()
    body.other.click()
    body.locks["pad"].click()
    body.played.click()
    body.name.setText("holiday")
    body.saved.click()
    asked = page.asked
    assert asked.of("/score/marker/move") == [(2.0, 3.3)]
    assert asked.of("/score/marker/add") == [(5.0,)]
    assert asked.of("/score/marker/remove") == [(9.4,)]
    assert asked.of("/score/seek") == [(7.0,)]
    assert asked.of("/score/regenerate") == [(0.0, 20.0), (5.0, 10.0)]
    assert asked.of("/score/seed") == [(5,)]
    assert asked.of("/score/lock") == [("pad", True)]
    assert asked.of("/score/play") == [(False,)]
    assert asked.of("/score/export") == [("holiday",)]


def test_answers_that_are_none_change_nothing(page: ScorePage, desk: Desk) -> None:
    come(desk)
    for bad in ("{", "[[1]]", "null", 3, '{"end": "x"}', "[" * 100_000):
        desk.hear("/score/markers.reply", (0.0, 20.0, bad))
    desk.hear("/score/about.reply", ("[1, 2]",))
    assert page.body.score.rows == ROWS


def test_it_is_made_anew_with_other_controls(page: ScorePage, desk: Desk) -> None:
    before = page.body
    desk.rebuilt.emit()
    assert page.body is not before
    page.forget()
    assert page.body.score.end == 0.0

"""Any patch is shown by what it declares: an instrument that the window has never heard of."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from support.pixels import pixels, share
from support.windows import Stage, stage

from rtengine.block import Reading as Declared
from rtengine.oscquery.tree import reading as node_of
from ui.host.namespace import Reading, readings
from ui.look import theme
from ui.parts.controls import Pick
from ui.parts.reading import FEW

__all__ = ["stage"]


def shown(address: str, types: str = "f", low: float = -60.0, high: float = 0.0, **more: Any) -> dict[str, Any]:
    bounds = [{"MIN": low, "MAX": high}] * len(types)
    return {"FULL_PATH": address, "TYPE": types, "RANGE": bounds, "TAGS": ["reading", "block"]} | more


def turned(address: str, low: float, high: float, *choices: str) -> dict[str, Any]:
    node = {"FULL_PATH": address, "TYPE": "f", "RANGE": [{"MIN": low, "MAX": high}], "DEFAULT": [low]}
    scale = {"SCALE": ["step"], "CHOICES": list(choices)} if choices else {"SCALE": ["linear"]}
    return node | scale | {"TAGS": ["parameter"]}


def tree(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"FULL_PATH": "/", "CONTENTS": {str(i): node for i, node in enumerate(nodes)}}


CONSOLE = tree(
    turned("/strip/1/gain", -60, 12),
    shown("/strip/1/reduction", "f", 0, 20, SYMBOL=["dB"], DESCRIPTION="what the compressor takes"),
    turned("/strip/2/gain", -60, 12),
    turned("/score/key", 0, 5, *"CDEFGA"),
    shown("/bus/level", "ff", SYMBOL=["dBFS", "dBFS"]),
    shown("/ear/tags", "f" * 50, 0, 1),
    shown("/ear/genre", "s", CHOICES=["rock", "jazz"], RANGE=[{"VALS": ["rock", "jazz"]}]),
)


def test_readings_are_those_of_the_namespace_and_what_is_none_is_left_out() -> None:
    found = readings(CONSOLE)
    assert list(found) == ["/strip/1/reduction", "/bus/level", "/ear/tags", "/ear/genre"]
    assert found["/strip/1/reduction"] == Reading("/strip/1/reduction", 0, 20, "dB", "what the compressor takes")
    assert (found["/ear/tags"].count, found["/ear/genre"].choices) == (50, ("rock", "jazz"))
    good = shown("/a/b")
    bad = [
        {**good, "TYPE": "T"},
        {**good, "TYPE": ""},
        {**good, "TYPE": 3},
        {**good, "TYPE": "f" * 5000},
        {**good, "RANGE": [{"MIN": 1, "MAX": 1}]},
        {**good, "RANGE": "no"},
        {**good, "TAGS": ["reading"]},
    ]
    assert list(readings(tree(*bad))) == []


def test_an_instrument_without_textures_has_a_page_of_its_own(stage: Stage) -> None:
    window = stage.window
    window.show()
    window.desk.offer(CONSOLE)
    page = window.patch
    assert window.tabs.currentWidget() is page
    assert not window.tiles.isVisible()
    assert page.isVisible()
    assert page.blocks() == ["/strip/1", "/strip/2", "/score", "/bus", "/ear"]
    assert list(page.controls) == ["/strip/1/gain", "/strip/2/gain", "/score/key"]
    assert list(page.meters) == list(window.desk.shown)
    key = page.controls["/score/key"]
    assert isinstance(key, Pick)
    stage.qtbot.keyClick(key, Qt.Key.Key_Down)
    key.activated.emit(3)
    assert window.desk.values["/score/key"] == 3
    stage.controls.values["/texture/water"] = 0.0  # the host comes back with the other one
    window.desk.offer(tree(*(turned(f"/texture/{n}", 0, 1) | {"TAGS": ["parameter", "share"]} for n in "abc")))
    assert window.tabs.indexOf(page) < 0
    assert window.tiles.isVisible()


def test_a_meter_shows_its_range_and_forgets_a_lost_host(stage: Stage) -> None:
    window = stage.window
    window.resize(1280, 660)
    window.desk.offer(CONSOLE)
    level, tags, genre = (window.patch.meters[a] for a in ("/bus/level", "/ear/tags", "/ear/genre"))
    window.desk.hear("/bus/level", (-10.0, -60.0))
    window.desk.hear("/ear/tags", tuple(i / 50 for i in range(50)))
    window.desk.hear("/ear/genre", ("jazz",))
    assert level.numbers() == "−10.0  −60.0 dBFS"
    assert genre.numbers() == "jazz"
    assert tags.reading.count > FEW
    assert share(pixels(level), theme.WARM) > 0.003, "louder than -20 dBFS"
    assert share(pixels(level), theme.STOP) == 0
    lit = share(pixels(tags), theme.GOOD)
    window.desk.hear("/ear/tags", (1.0,) * 50)
    assert share(pixels(tags), theme.GOOD) == pytest.approx(2 * lit, rel=0.2)
    window.show_connected(False)
    assert level.numbers() == "–"
    assert share(pixels(tags), theme.GOOD) == 0


def test_there_are_as_many_columns_as_there_is_room_for(stage: Stage) -> None:
    window = stage.window
    window.desk.offer(tree(*(turned(f"/strip/{i}/gain", 0, 1) for i in range(16))))
    window.resize(1200, 660)
    stage.qtbot.wait(20)
    few = len({c.x() for c in window.patch.cards})
    window.resize(1900, 1000)
    stage.qtbot.wait(20)
    assert len({c.x() for c in window.patch.cards}) > few >= 3
    tops = [c.geometry() for c in window.patch.cards]
    assert not any(a.intersects(b) for i, a in enumerate(tops) for b in tops[:i])


def test_what_a_host_tells_of_its_readings_is_understood() -> None:
    """The nodes as rtengine.oscquery makes them, of a number, of a vector and of a name."""
    told = {
        "/a/level": (Declared(-60, 0, "dBFS", "of each channel", 2), (-6.0, -9.0)),
        "/a/tags": (Declared(0, 1, "", "how likely", 50), (0.5,) * 50),
        "/a/genre": (Declared(0, 1, "", "", 1, ("rock", "jazz")), ("jazz",)),
    }
    found = readings(tree(*(node_of(address, declared, values) for address, (declared, values) in told.items())))
    assert list(found) == list(told)
    for address, (declared, values) in told.items():
        shown = found[address]
        assert (shown.count, shown.unit, shown.choices) == (len(values), declared.unit, declared.choices)
        assert shown.choices or (shown.low, shown.high) == (declared.low, declared.high)

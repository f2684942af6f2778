"""The desk in the window: strips, what the machine wants, and what it has done."""

import math

import pytest
from PySide6.QtCore import QPoint, Qt
from support.pixels import pixels, share
from support.windows import Stage, stage
from test_patch_page import shown, tree, turned

from ui.console.page import ConsolePage
from ui.console.proposals import moves
from ui.look import theme

__all__ = ["stage"]

STRIPS, BANDS = 3, 6


def desk(strips: int = STRIPS) -> dict:
    """What a host with a desk says of itself."""
    nodes = [turned("/automix/amount", 0, 1), turned("/automix/mind", 0, 1, "rules", "controller")]
    nodes += [turned("/bus/level", -90, 10), shown("/bus/reduction", "f", 0, 20), shown("/main/level", "ff")]
    nodes.append(shown("/automix/loudness", "f" * strips, -70, 0))
    for name, low, high in (("fader", -60, 34), ("threshold", -60, 0), ("pan", -1, 1)):
        nodes.append(shown(f"/automix/wants_{name}", "f" * strips, low, high))
    nodes += [shown(f"/automix/wants_eq{b}", "f" * strips, -15, 15) for b in range(1, BANDS + 1)]
    for s in range(1, strips + 1):
        nodes += [turned(f"/strip/{s}/fader", -90, 10), turned(f"/strip/{s}/threshold", -60, 0)]
        nodes += [turned(f"/strip/{s}/pan", -1, 1), shown(f"/strip/{s}/level", "ff"), shown(f"/strip/{s}/reduction")]
        for b in range(1, BANDS + 1):
            nodes += [turned(f"/strip/{s}/eq{b}_gain", -15, 15), turned(f"/strip/{s}/eq{b}_frequency", 20, 20_000)]
            nodes.append(turned(f"/strip/{s}/eq{b}_q", 0.3, 10))
        nodes += [turned(f"/bus/mute{s}", 0, 1, "on", "mute"), turned(f"/bus/solo{s}", 0, 1, "off", "solo")]
        nodes += [turned(f"/automix/role{s}", 0, 4, "vocals", "drums", "bass", "other", "speech")]
        nodes += [turned(f"/automix/lock{s}", 0, 1, "free", "locked"), turned(f"/automix/amount{s}", 0, 1)]
    return tree(*nodes)


@pytest.fixture
def page(stage: Stage) -> ConsolePage:
    window = stage.window
    window.desk.offer(desk())
    found = window.tabs.currentWidget()
    assert isinstance(found, ConsolePage)
    found.timer.stop()
    hear = window.desk.hear
    for s in range(1, STRIPS + 1):
        hear(f"/strip/{s}/fader", (-6.0,))
        hear(f"/strip/{s}/threshold", (0.0,))
        hear(f"/strip/{s}/pan", (0.0,))
        for b in range(1, BANDS + 1):
            hear(f"/strip/{s}/eq{b}_gain", (0.0,))
            hear(f"/strip/{s}/eq{b}_frequency", (1000.0,))
            hear(f"/strip/{s}/eq{b}_q", (1.0,))
    hear("/automix/loudness", (-20.0, -30.0, -70.0))
    hear("/automix/wants_fader", (-9.0, -6.2, 4.0))
    hear("/automix/wants_eq2", (0.0, 5.0, 0.0))
    return found


EQ, FADER = ("/strip/2/eq2_gain", 0.0, 5.0, "eq"), ("/strip/1/fader", -6.0, -9.0, "loud")


@pytest.fixture
def asked(page: ConsolePage) -> list[tuple[str, tuple]]:
    """What the page asks of the host from now on."""
    found: list[tuple[str, tuple]] = []
    page.desk.ask.connect(lambda address, arguments: found.append((address, arguments)))
    return found


def test_a_desk_has_a_page_with_a_strip_for_each_channel(page: ConsolePage) -> None:
    assert len(page.channels) == STRIPS
    page.desk.offer(desk(5))
    assert len(page.channels) == 5
    assert page.channels[4].fader.control.address == "/strip/5/fader"


def test_moves_are_proposed_with_a_reason_in_the_windows_words(page: ConsolePage, asked: list) -> None:
    page.proposals.look()
    assert asked == [("/moves/list", ())]
    page.desk.hear("/moves/list.reply", (*EQ, *FADER, "/nobody/knows", 1.0, 2.0, "it", "/strip/1/pan"))
    assert [m.address for m in page.proposals.shown] == ["/strip/2/eq2_gain", "/strip/1/fader"]
    eq, fader = page.proposals.shown
    assert (fader.value, fader.wanted) == (-6, -9)
    assert "3.0 dB too loud" in fader.reason
    assert "5.0 dB too little around 1000 Hz" in eq.reason


def test_a_move_is_done_or_refused_by_the_host(page: ConsolePage, asked: list) -> None:
    page.desk.hear("/moves/list.reply", (*EQ, *FADER))
    page.proposals.list.item(1).setSelected(True)
    page.proposals.accept.click()
    assert asked[0] == ("/moves/accept", ("/strip/1/fader",))
    assert [m.address for m in page.proposals.shown] == ["/strip/2/eq2_gain"]
    page.proposals.refuse.click()
    assert ("/moves/refuse", ()) in asked
    assert page.proposals.shown == []
    page.proposals.again.click()
    assert asked[-2:] == [("/moves/again", ()), ("/moves/list", ())]


def test_what_the_machine_did_can_be_taken_back_and_done_again(page: ConsolePage, asked: list) -> None:
    assert not page.history.undo.isEnabled()
    page.desk.hear("/moves/changed", ())
    looks = [("/moves/done", ()), ("/moves/undone", ())]
    assert asked == looks
    page.desk.hear("/moves/done.reply", ("/strip/1/fader", -6.0, -9.0))
    assert [(m.before, m.after) for m in page.history.done] == [(-6, -9)]
    page.history.undo.click()
    page.desk.hear("/moves/undone.reply", ("/strip/1/fader", -6.0, -9.0))
    page.history.redo.click()
    assert [a for a in asked if a not in looks] == [("/moves/undo", ()), ("/moves/redo", ())]


def test_there_is_something_to_do_again_only_after_it_was_taken_back(page: ConsolePage) -> None:
    undo, redo, move = page.history.undo, page.history.redo, ("/strip/1/fader", -6.0, -9.0)
    lit = []
    for done, undone in (((), ()), (move, ()), ((), move), (move, ())):
        page.desk.hear("/moves/done.reply", done)
        page.desk.hear("/moves/undone.reply", undone)
        lit.append((undo.isEnabled(), redo.isEnabled()))
    assert lit == [(False, False), (True, False), (False, True), (True, False)]


def test_a_fader_is_dragged_stepped_and_given_back(page: ConsolePage, stage: Stage) -> None:
    fader = page.channels[0].fader
    for value in (-90.0, -60.0, -30.0, -29.0, 0.0, 10.0):
        assert math.isclose(fader.level(fader.position(value)), value, abs_tol=1e-9)
    middle = fader.rect().center()
    stage.qtbot.mousePress(fader, Qt.MouseButton.LeftButton, pos=middle)
    stage.qtbot.mouseMove(fader, middle - QPoint(0, 20))
    stage.qtbot.mouseRelease(fader, Qt.MouseButton.LeftButton, pos=middle - QPoint(0, 20))
    before = page.desk.values["/strip/1/fader"]
    stage.qtbot.keyClick(fader, Qt.Key.Key_Down)
    assert page.desk.values["/strip/1/fader"] < before
    asked: list[tuple[str, tuple]] = []
    page.desk.ask.connect(lambda address, arguments: asked.append((address, arguments)))
    stage.qtbot.keyClick(fader, Qt.Key.Key_Backspace)
    assert ("/auto", ("/strip/1/fader",)) in asked


def test_ghosts_curves_and_meters_are_drawn(page: ConsolePage) -> None:
    channel = page.channels[1]
    channel.fader.show_levels(-20.0, -3.0)
    channel.taken.show_value(10.0)
    assert share(pixels(channel.fader), theme.WARM) > 0.002
    assert share(pixels(channel.fader), theme.GOOD) > 0.005
    assert 0.4 < share(pixels(channel.taken), theme.WARM) < 0.6
    gains = [0.0, 6.0, 0.0, 0.0, 0.0, 0.0]
    assert abs(channel.curve.response(gains).max() - 6) < 0.1
    page.forget()
    assert channel.fader.wanted is None


def test_nonsense_from_the_network_hurts_nobody(page: ConsolePage) -> None:
    for address in ("/automix/wants_fader", "/automix/wants_eq1", "/strip/1/level", "/strip/1/reduction"):
        for arguments in ((), ("x",), (float("nan"),) * STRIPS, (1.0,), (None,)):
            page.desk.hear(address, arguments)
    page.desk.hear("/automix/loudness", ("a", "b", "c"))
    page.look()
    for widget in (page.channels[0].fader, page.channels[0].curve, page.channels[0].taken):
        pixels(widget)


def test_there_are_no_moves_where_there_is_no_desk() -> None:
    assert moves((), {}, {}, ()) == []
    assert moves(FADER, {}, {}, ()) == []

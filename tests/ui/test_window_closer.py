"""Listening closer from the window: a button for one's own sound, how far it is, a way to stop."""

from collections.abc import Callable, Sequence

import pytest
from PySide6.QtCore import Qt
from support.controls import Controls
from support.windows import Stage, stage

from rtengine.osc.commands import COMMANDS, Command
from rtengine.osc.packet import Argument, encode

__all__ = ["stage"]  # a fixture


class Host:
    """What a host with clips answers; future is one of the player's own."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.closely: list[str] = []
        self.progress: tuple[str, float, float] = ("", 0.0, -1.0)
        self.asked: list[tuple[object, ...]] = []
        plain = stage.controls.status
        monkeypatch.setattr(stage.controls, "status", lambda: plain() | {"closer": self.progress})

        def asks(address: str) -> Callable[[Controls, Sequence[Argument]], None]:
            return lambda controls, arguments: self.asked.append((address, *arguments))

        def lists(address: str, names: Callable[[], list[str]]) -> Callable[[Controls, Sequence[Argument]], bytes]:
            return lambda controls, arguments: encode(f"{address}.reply", *names())

        for address, run in (
            ("/clip/list", lists("/clip/list", lambda: ["future"])),
            ("/clip/closer/list", lists("/clip/closer/list", lambda: self.closely)),
            ("/clip/closer", asks("/clip/closer")),
            ("/clip/closer/stop", asks("/clip/closer/stop")),
        ):
            monkeypatch.setitem(COMMANDS, address, Command("s", "", run))
        stage.end()
        stage.begin()  # with these commands
        stage.until(lambda: "/clip/closer/progress" in stage.window.desk.readings)  # the last of the state
        stage.window.ask()


def test_ones_own_sound_can_be_listened_to_closer(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    host, window = Host(stage, monkeypatch), stage.window
    part = window.closer
    stage.until(lambda: "/clip/list.reply" in window.desk.readings)
    assert part.isHidden(), "water was not made of a sound of one's own"
    window.choose_texture(2)
    stage.until(part.listen.isVisible)
    assert part.listen.text() == "Listen closer to future"
    stage.qtbot.mouseClick(part.listen, Qt.MouseButton.LeftButton)
    stage.until(lambda: host.asked == [("/clip/closer", "future")])
    host.progress = ("future", 0.25, 21.4)
    stage.until(part.bar.isVisible)
    assert part.bar.text() == "Listening closer to future · 21 s left"
    assert part.bar.value() == 250
    assert part.listen.isHidden()
    window.resize(1280 - 16, 720 - 40)
    assert window.height() == 720 - 40, "it fits a small screen"
    stage.qtbot.mouseClick(part.stop, Qt.MouseButton.LeftButton)
    stage.until(lambda: host.asked[-1] == ("/clip/closer/stop",))
    host.progress = ("", 0.0, -1.0)
    stage.until(part.listen.isVisible)
    assert part.stop.isHidden()


def test_what_was_listened_to_is_offered_no_more(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    host, window = Host(stage, monkeypatch), stage.window
    window.choose_texture(2)
    stage.until(window.closer.listen.isVisible)
    host.progress = ("future", 0.02, -1.0)
    stage.until(window.closer.bar.isVisible)
    assert window.closer.bar.text() == "Listening closer to future"
    host.progress, host.closely = ("", 0.0, -1.0), ["future"]
    stage.until(window.closer.isHidden)


def test_nothing_is_shown_of_a_host_that_is_lost(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    host, window = Host(stage, monkeypatch), stage.window
    host.progress = ("future", 0.5, 10.0)
    stage.until(window.closer.bar.isVisible)
    stage.end()
    stage.until(lambda: not window.client.is_connected)
    stage.until(window.closer.bar.isHidden)
    stage.begin()

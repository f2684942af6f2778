"""A host without sound and a window on it, for tests: the real servers and the real client, in one process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from support.controls import Controls

from rtengine.osc.server import Server
from rtengine.oscquery.server import QueryServer
from ui.host.client import Client
from ui.host.client_host import HERE
from ui.window import Window

SOON = 5000  # milliseconds


class Stage:
    """A host that can be lost and come back at the same ports, and the window that plays it."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.controls, self.qtbot = Controls(), qtbot
        self.port = 0
        self.begin()
        self.window = Window(Client(HERE, self.port), folder / "clips", folder / "songs")
        qtbot.addWidget(self.window)
        self.window.client.open()
        self.window.show()
        self.until(lambda: self.window.client.is_connected)

    def begin(self) -> None:
        self.server = Server(self.controls, port=0)
        self.server.start()
        self.query = QueryServer(self.server, port=self.port)
        self.query.start()
        self.port = self.query.port

    def end(self) -> None:
        self.query.close()
        self.server.close()

    def until(self, condition: Callable[[], bool]) -> None:
        """Let the window work until this is so; fails after SOON."""
        self.qtbot.waitUntil(condition, timeout=SOON)


@pytest.fixture
def stage(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RTENGINE_CACHE", str(tmp_path / "cache"))
    stage = Stage(qtbot, tmp_path)
    yield stage
    stage.window.close()
    stage.end()

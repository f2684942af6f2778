"""The address of the phone page in the window: a code that a camera reads, or what is in its way."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from support.pixels import pixels
from support.windows import Stage, stage

from ui import window as module
from ui.host.address import of_this_computer
from ui.parts.phone import QUIET_ZONE, Code, Phone

__all__ = ["stage"]

URL = "http://192.168.1.20:9001/"


def test_the_code_is_that_of_the_standard_with_its_quiet_zone(stage: Stage) -> None:
    code = Code(URL)
    stage.qtbot.addWidget(code)
    dark = pixels(code).sum(axis=2) < 100
    count, size = len(code.modules), code.size_of_module
    assert count == 25, "version 2: 25 modules"
    assert dark.shape == ((count + 2 * QUIET_ZONE) * size,) * 2
    edge = QUIET_ZONE * size
    assert not dark[:edge].any()
    read = dark[edge + size // 2 :: size, edge + size // 2 :: size][:count, :count]
    finder = np.pad(np.pad(np.ones((3, 3), bool), 1), 1, constant_values=True)
    for corner in (read[:7, :7], read[:7, -7:], read[-7:, :7]):
        assert np.array_equal(corner, finder)
    assert np.array_equal(read, np.array([list(row) for row in code.modules], bool))


def test_a_host_for_this_computer_alone_can_be_opened(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    window, options = stage.window, []
    monkeypatch.setattr(module, "of_this_computer", lambda: "")
    window.is_ours = True
    window.restarted.connect(options.append)
    stage.qtbot.mouseClick(window.phone, Qt.MouseButton.LeftButton)
    (page,) = window.findChildren(Phone)
    assert page.url == ""
    stage.qtbot.mouseClick(page.open_up, Qt.MouseButton.LeftButton)
    assert options == [{"--osc-host": "0.0.0.0"}]


def test_what_the_network_reaches_is_shown(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "of_this_computer", lambda: "127.0.0.1")  # as good as one of the network
    assert stage.window.phone_url() == f"http://127.0.0.1:{stage.port}/"
    monkeypatch.setattr(module, "is_running", lambda host, port: False)
    assert stage.window.phone_url() == ""


def test_this_computers_address_is_one_or_none() -> None:
    assert not of_this_computer().startswith("127.")

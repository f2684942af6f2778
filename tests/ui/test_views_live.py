"""The views on a host: how late they are."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from support.card import SAMPLE_RATE, scale

from rtengine.live.engine import Engine
from rtengine.osc.scope.pictures import RATE
from rtengine.osc.server import Server
from rtengine.osc.stream import PERIOD
from rtengine.oscquery.server import QueryServer
from ui.host.client import Client
from ui.views.frames import FRAME
from ui.views.load import Load
from ui.views.meters import SILENCE, Meters
from ui.views.spectrogram import BANDS, Spectrograms
from ui.views.waveform import Waveform

BURSTS = 6


class Watched(Meters):
    """Notes at each rise of the input's peak how long ago its burst began, when the rise is painted."""

    def __init__(self, engine: Engine, period: int) -> None:
        super().__init__()
        self.engine, self.period = engine, period
        self.delays: list[float] = []  # seconds
        self._before = SILENCE

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        peak = self.input.channels[0][0] if self.input.channels else SILENCE
        if peak > self._before + 3:
            self.delays.append(self.engine.clock % self.period / SAMPLE_RATE)
        self._before = peak


@pytest.fixture
def nimble() -> Iterator[None]:
    """Host and window share an interpreter here, which they never do: let neither wait 5 ms for the other."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("nimble")
def test_from_the_sound_to_the_meter_on_the_screen_are_at_most_50_ms(qtbot: QtBot) -> None:
    loop = np.zeros((SAMPLE_RATE, 2), np.float32)
    loop[: SAMPLE_RATE // 20] = 0.5
    engine = Engine(scale(), sink="null", loop=loop)
    meters = Watched(engine, len(loop))
    qtbot.addWidget(meters)
    meters.resize(226, 300)
    meters.show()
    with engine, Server(engine, port=0) as server, QueryServer(server, port=0) as query:
        client = Client("127.0.0.1", query.port)
        hears = meters.hears()
        client.message.connect(lambda address, arguments: address in hears and hears[address](*arguments))
        client.connected.connect(lambda on: client.send("/scope", 1))
        client.open()
        try:
            qtbot.waitUntil(lambda: len(meters.delays) > BURSTS, timeout=9000)
        finally:
            client.close()
    delays = meters.delays[1:]  # at the first one it was compiled
    assert 1 / RATE + PERIOD + FRAME / 1000 < 0.05, "a column, a look, a frame: the most that is by design"
    assert 0.001 < min(delays) < 0.05, f"seconds: {np.round(delays, 4)}; what is above is other programs' doing"


@pytest.mark.parametrize("size", [(1280, 720), (900, 500)])
def test_a_frame_of_all_live_views_takes_little_of_its_time(qtbot: QtBot, size: tuple[int, int]) -> None:
    views = Spectrograms(), Waveform(), Meters(), Load()
    window = QWidget()
    whole, left, right = QHBoxLayout(window), QVBoxLayout(), QVBoxLayout()
    whole.addLayout(left, 3)
    whole.addLayout(right, 1)
    for layout, view in zip((left, left, right, right), views, strict=True):
        layout.addWidget(view)
    qtbot.addWidget(window)
    window.resize(*size)
    window.show()
    random = np.random.default_rng(0)
    spectra = random.integers(0, 256, (300, BANDS), np.uint8)
    waves = random.integers(-127, 128, (300, 2, 2), np.int8)
    levels = (-20.0, -20.0, *(-10.0, -20.0, -9.0) * 2)
    QApplication.processEvents()
    began = time.process_time()
    for spectrum, wave in zip(spectra, waves, strict=True):
        for view in views[:3]:
            view.feed_input(0, spectrum.tobytes(), wave.tobytes(), *levels)
            view.feed_output(0, spectrum.tobytes(), wave.tobytes(), *levels)
            view.refresh()
        QApplication.processEvents()
    took = (time.process_time() - began) / len(spectra)
    assert took < 0.25 / 60, f"{1000 * took:.2f} ms of a frame's 16.7"

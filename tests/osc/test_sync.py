"""/synced comes when what was asked for is heard, not before, and not never."""

from collections.abc import Iterator

import numpy as np
import pytest
from support.card import SAMPLE_RATE, Card, Scale
from support.controls import Controls
from support.osc_peer import Clock, Peer, send

from rtengine.graph import Graph
from rtengine.live.engine import Engine
from rtengine.osc import sync
from rtengine.osc.server import Server

BLOCK = 64
LATE = 5000  # samples


class Late(Scale):
    """As Scale, and says that it is late."""

    def latency(self, sample_rate: float) -> int:
        return LATE


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine(Graph(SAMPLE_RATE, tone=Late()))
    yield engine
    engine.close()


def test_it_comes_when_the_change_is_through(engine: Engine) -> None:
    card, server, clock = Card(engine, (BLOCK,)), None, Clock()
    server = Server(engine, now=clock)
    block = np.zeros((2, BLOCK), np.float32)
    card.play(block)
    peer = Peer()
    send(server, "/scale", 4.0, peer=peer)
    send(server, "/sync", 7, peer=peer)
    asked, when = engine.clock, None
    while when is None and engine.clock < asked + 2 * LATE:
        card.play(block)
        server.run_due()
        if heard := peer.heard():
            assert heard == [("/synced", 7)]
            when = engine.clock
    assert when is not None
    assert LATE <= when - asked <= LATE + 3 * BLOCK


def test_a_fade_is_over_before(engine: Engine, tmp_path: object) -> None:
    card, server = Card(engine, (BLOCK,)), Server(engine, now=Clock())
    engine.presets = tmp_path  # type: ignore[assignment]
    second = np.zeros((2, SAMPLE_RATE), np.float32)
    engine["/tone/scale"] = 4
    engine.scene_store("loud")
    engine["/tone/scale"] = 1
    peer = send(server, "/scene/recall", "loud", 1.5)
    send(server, "/sync", 1, peer=peer)
    card.play(second)
    server.run_due()
    assert peer.heard() == []
    card.play(second)
    server.run_due()
    card.play(second)
    server.run_due()
    assert peer.heard() == [("/synced", 1)]
    assert engine["/tone/scale"] == 4


def test_a_sound_that_stands_still_is_told(engine: Engine) -> None:
    clock = Clock()
    server = Server(engine, now=clock)
    peer = send(server, "/sync", 1)
    clock.time += sync.PATIENCE - 0.1
    server.run_due()
    assert peer.heard() == []
    clock.time += 0.2
    server.run_due()
    ((address, about, sentence),) = peer.heard()
    assert (address, about) == ("/error", "/sync")
    assert "stands still" in str(sentence)


def test_so_many_may_wait(engine: Engine) -> None:
    server, peer = Server(engine, now=Clock()), Peer()
    for n in range(sync.MOST_WAITING + 3):
        send(server, "/sync", n, peer=peer)
    assert peer.heard() == [("/error", "/sync", f"{sync.MOST_WAITING} wait already")]


def test_controls_without_a_sound_answer_at_once() -> None:
    assert send(Server(Controls()), "/sync", -3).heard() == [("/synced", -3)]
    assert send(Server(Controls()), "/sync", True).heard()[0][:2] == ("/error", "/sync")
    assert send(Server(Controls()), "/sync").heard()[0][:2] == ("/error", "/sync")

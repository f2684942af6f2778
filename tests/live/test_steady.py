"""The quality that the machine can bear: down before the worker is late, up when there is room; a hand takes it."""

from types import SimpleNamespace
from typing import Any

import pytest

from rtengine.block import Parameter
from rtengine.live import steady
from rtengine.live.engine import Engine
from rtengine.live.steady import CALM, LITTLE, LOOK, MUCH, Steady
from rtengine.patches.texture import texture

QUALITY = "/texture/quality"
LOFI, STANDARD, HIFI = range(3)


class Played:
    """A quality, a clock and a worker that a test turns."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.said, self.values = 1000.0, list[str](), {QUALITY: STANDARD}
        monkeypatch.setattr(steady.time, "monotonic", lambda: self.now)
        quality = Parameter(1, 0, 2, "", "step", "", ("lofi", "standard", "hifi"), costly=True)
        parameters = {QUALITY: quality, "/mix/amount": Parameter(1, 0, 1)}
        self.graph = SimpleNamespace(parameters=parameters, worked=0.0, threads=1)
        self.exchange: Any = SimpleNamespace(graph=self.graph, late=0)
        values: Any = self.values
        self.steady = Steady(self.exchange, values, self.said.append)

    def run(self, seconds: float, share: float) -> int:
        """Let the worker be busy for this share of some seconds; the quality after them."""
        for _ in range(round(seconds / 0.1)):
            self.now += 0.1
            self.graph.worked += 0.1 * share
            self.steady.control()
        return self.values[QUALITY]


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Played:
    played = Played(monkeypatch)
    assert played.steady.take(QUALITY)
    return played


def test_it_goes_down_before_anything_is_late(played: Played) -> None:
    assert played.run(1.1, MUCH + 0.1) == LOFI
    assert played.said == ["quality lofi: the processor is busy"]
    assert played.run(5, 1.0) == LOFI


def test_it_goes_down_at_once_when_something_was_late(played: Played) -> None:
    played.exchange.late = 64
    assert played.run(2 * LOOK, 0.01) == LOFI


def test_it_goes_up_when_there_has_been_room_for_a_while(played: Played) -> None:
    assert played.run(CALM - 1, LITTLE - 0.1) == STANDARD
    assert played.run(2, LITTLE - 0.1) == HIFI
    assert played.said == ["quality hifi: there is room for it"]


def test_between_the_two_it_stays(played: Played) -> None:
    assert played.run(60, (MUCH + LITTLE) / 2) == STANDARD
    assert not played.said


def test_after_a_step_up_in_vain_it_waits_twice_as_long(played: Played) -> None:
    played.run(CALM + 1, 0.1)
    assert played.run(LOOK + 0.1, 0.9) == STANDARD
    assert played.run(2 * CALM - 1, 0.1) == STANDARD
    assert played.run(2, 0.1) == HIFI


def test_a_hand_takes_it(played: Played) -> None:
    played.steady.leave(QUALITY)
    assert played.run(10, 0.9) == STANDARD
    assert not played.steady.address


def test_another_graph_is_no_work(played: Played) -> None:
    played.run(1, 0.4)
    played.graph.worked = 0.0
    assert played.run(0.2, 0.0) == STANDARD
    del played.graph.parameters[QUALITY]
    assert played.run(3, 0.9) == STANDARD


def test_only_a_quality_can_be_left_to_it(played: Played) -> None:
    assert not played.steady.take("/mix/amount")
    assert not played.steady.take("/nothing/quality")


def test_the_engine_gives_and_takes_it_like_what_is_wired() -> None:
    with Engine(texture(48_000, live=True), "null", "null") as engine:
        assert not engine.automatic(QUALITY)
        engine.release(QUALITY)
        assert engine.automatic(QUALITY)
        engine[QUALITY] = HIFI
        assert not engine.automatic(QUALITY)
        with pytest.raises(ValueError, match="not wired"):
            engine.release("/mix/amount")

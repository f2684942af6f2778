"""Choosing devices, with devices that are native threads in place of PortAudio's."""

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from support.card import scale

from rtengine.devices import portaudio
from rtengine.devices.null_clock import NullClock
from rtengine.devices.pair import Connection
from rtengine.devices.portaudio import Device
from rtengine.live import player
from rtengine.live.engine import Engine
from rtengine.osc.commands import COMMANDS
from rtengine.osc.packet import decode
from rtengine.osc.state import state

CARDS = [
    Device(0, "one", "A", 2, 2, 48_000, 0.01, 0.01),
    Device(1, "two", "B", 2, 2, 48_000, 0.01, 0.01),
    Device(2, "busy", "A", 2, 2, 48_000, 0.01, 0.01),
]


class Card:
    """What devices.Stream is; any number of them may play at once."""

    def __init__(
        self,
        callback: int,
        memory: int,
        source: Device | None,
        sink: Device | None,
        channels: tuple[int, int],
        sample_rate: float,
        block_size: int,
    ) -> None:
        device = sink or source
        assert device
        if device.name == "busy":
            raise OSError("busy: Device unavailable")
        self.inputs, self.outputs, self.name, self.latency = 2, 2, device.name, (0.01, 0.01)
        self._sound = np.full((64, channels[0]), 0.25, np.float32)
        self._arguments = (callback, memory, channels, block_size or 64, sample_rate, self._sound)
        self._clock: NullClock | None = None
        self.pulses: tuple[int, ...] = ()

    def start(self) -> None:
        self._clock = NullClock(*self._arguments)

    def close(self, gone: object = ()) -> None:
        if self._clock:
            self._clock.stop()


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> list[Device]:
    """The devices that there are."""
    there = list(CARDS)

    def find(wanted: str | None, kind: str) -> Device:
        named = [d for d in there if wanted in (None, d.name)]
        if not named:
            raise OSError(f"there is no {kind} device {wanted}")
        return named[0]

    monkeypatch.setattr(portaudio, "find", find)
    monkeypatch.setattr(portaudio, "look_again", lambda: None)
    monkeypatch.setattr("rtengine.devices.pair.Stream", Card)
    monkeypatch.setattr(player, "GONE", 10.0)  # a busy machine is not a device that is gone
    return there


def wait(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)


def heard(engine: Engine) -> bool:
    """Whether the device's sound is, at the full level."""
    return abs(engine.status()["peak_out"][0] + 12.04) < 0.1 and engine.memory["level"][0] == 1


def test_it_goes_to_another_device_and_back_and_to_none(cards: list[Device]) -> None:
    with Engine(scale(), "one", "one") as engine:
        wait(lambda: heard(engine))
        status = engine.status()
        assert (status["device"], status["device_state"]) == ("one", "connected")
        assert (status["input"], status["output"]) == ("one", "one")
        for name in ("two", "one"):
            engine.select_device(name, name)
            wait(lambda name=name: engine.status()["device"] == name)
            wait(lambda: heard(engine))
        engine.select_device("null", "null")
        wait(lambda: engine.status()["device_state"] == "null")
        before = engine.clock
        wait(lambda: engine.clock > before)
        engine.select_device("two", "two")
        wait(lambda: heard(engine))


def test_what_does_not_answer_is_not_waited_for(cards: list[Device], monkeypatch: pytest.MonkeyPatch) -> None:
    opened, told = list[Card](), list[object]()

    class Counted(Card):
        def start(self) -> None:
            super().start()
            opened.append(self)

        def die(self) -> None:
            super().close()

        def close(self, gone: object = ()) -> None:
            told.append(gone)
            super().close()

    def dying(callback: int, memory: Any, here: Device, there: Device, *rest: Any) -> Connection:
        opened[-1].die()
        return joined(callback, memory, here, there, *rest)

    monkeypatch.setattr("rtengine.devices.pair.Stream", Counted)
    joined = player.joined
    with Engine(scale(), "one", "one") as engine:
        wait(lambda: heard(engine))
        engine.select_device("two", "two")
        wait(lambda: engine.status()["device"] == "two")
        wait(lambda: heard(engine))
        monkeypatch.setattr(player, "joined", dying)
        engine.select_device("one", "one")
        wait(lambda: engine.status()["device"] == "one")
        wait(lambda: heard(engine))
    assert told == [[False], [True], [False]]


def test_what_is_not_there_or_does_not_want_to_changes_nothing(cards: list[Device]) -> None:
    said: list[str] = []
    with Engine(scale(), "one", "one", say=said.append) as engine:
        wait(lambda: heard(engine))
        engine.select_device("gone", "gone")
        wait(lambda: bool(said))
        engine.select_device("one", "busy")
        wait(lambda: len(said) == 2)
        wait(lambda: heard(engine))
        assert engine.status()["device"] == "one"
        assert engine.memory["smallest"][0] == 128
    assert said == ["there is no output device gone; one plays on", "busy: Device unavailable"]


def test_what_is_new_is_found_and_until_then_the_old_one_plays(cards: list[Device]) -> None:
    said: list[str] = []
    with Engine(scale(), "one", "one", say=said.append) as engine:
        engine.select_device("new", "new")
        wait(lambda: bool(said))
        wait(lambda: heard(engine))
        assert said == ["there is no output device new; one plays on"]
        cards.append(Device(3, "new", "A", 2, 2, 48_000, 0.01, 0.01))
        engine.select_device("new", "new")
        wait(lambda: engine.status()["device"] == "new")
        wait(lambda: heard(engine))


def refuse(monkeypatch: pytest.MonkeyPatch, times: int, why: str) -> list[Device | None]:
    """Let devices refuse so many times; returns those that were asked."""
    tries, joined = list[Device | None](), player.joined

    def refusing(callback: int, memory: Any, here: Device, there: Device, *rest: Any) -> Connection:
        tries.append(there)
        if len(tries) <= times:
            raise OSError(why)
        return joined(callback, memory, here, there, *rest)

    monkeypatch.setattr(player, "joined", refusing)
    return tries


def test_a_device_that_refuses_the_first_time_is_asked_once_more(
    cards: list[Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    with Engine(scale(), "null", "null", say=said.append) as engine:
        tries = refuse(monkeypatch, 1, "two: Insufficient memory")
        engine.select_device("two", "two")
        wait(lambda: engine.status()["device"] == "two")
    assert (len(tries), said) == (2, [])


def test_why_a_device_that_is_back_does_not_play_is_told_once(
    cards: list[Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(player, "AGAIN", 0.05)
    with Engine(scale(), "null", "null", say=said.append) as engine:
        refuse(monkeypatch, 3, "two: it does not play at 48000 Hz")
        engine._player._target = ("two", "two")  # as when it was gone
        wait(lambda: engine.status()["device"] == "two")
    assert said == ["two: it does not play at 48000 Hz; it is tried again and again", "two is back"]


def test_what_is_let_go_first_is_played_on_without_while_the_next_one_takes_its_time(
    cards: list[Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    joined, asked, go = player.joined, list[Device | None](), threading.Event()

    def slow(callback: int, memory: Any, here: Device, there: Device, *rest: Any) -> Connection:
        asked.append(there)
        if len(asked) == 1:
            raise OSError("one: Device unavailable")  # it plays already
        assert go.wait(60)
        return joined(callback, memory, here, there, *rest)

    with Engine(scale(), "one", "one", loop=np.full((64, 2), 0.25, np.float32)) as engine:
        wait(lambda: heard(engine))
        monkeypatch.setattr(player, "joined", slow)
        engine.select_device("one", "one")
        wait(lambda: len(asked) == 2)
        wait(lambda: heard(engine))
        assert engine.status()["device"] == "null"
        go.set()
        wait(lambda: engine.status()["device"] == "one")
        wait(lambda: heard(engine))


def test_two_devices_of_two_clocks_are_bridged(cards: list[Device]) -> None:
    with Engine(scale(), "one", "two") as engine:
        wait(lambda: heard(engine))
        status = engine.status()
        assert status["device"] == "one -> two"
        assert status["bridge"]["lag"] > 0.005
        assert status["device_latency"][0] > 0.01 + 0.004
        engine.select_device("one", "one")
        wait(lambda: engine.status()["bridge"] is None)
        engine.select_device("two", "null")
        wait(lambda: engine.status()["device"] == "two -> null")
        wait(lambda: heard(engine))


def test_which_devices_have_one_clock() -> None:
    def card(name: str, host: str = "ALSA", index: int = 0) -> Device:
        return Device(index, name, host, 2, 2, 48_000, 0, 0)

    assert portaudio.one_clock(card("USB: Audio (hw:1,0)"), card("USB: Audio #1 (hw:1,1)", index=1))
    assert not portaudio.one_clock(card("USB: Audio (hw:1,0)"), card("PCH: Analog (hw:0,0)", index=1))
    assert portaudio.one_clock(
        card("system", "JACK Audio Connection Kit"), card("other", "JACK Audio Connection Kit", 1)
    )
    assert portaudio.one_clock(
        card("Mic (USB Audio)", "Windows WASAPI"), card("Speakers (USB Audio)", "Windows WASAPI", 1)
    )
    assert not portaudio.one_clock(card("x"), card("x", "JACK Audio Connection Kit"))
    assert not portaudio.one_clock(card("Built-in Microphone", "Core Audio"), card("Built-in Output", "Core Audio", 1))


def test_a_surface_chooses_and_is_told(cards: list[Device]) -> None:
    select, listed = COMMANDS["/device/select"].run, COMMANDS["/device/list"].run
    with Engine(scale(), "null", "null") as engine:
        assert state(engine)["/device"] == ("null", "null")
        select(engine, ("one", "one"))
        wait(lambda: state(engine)["/device"] == ("connected", "one"))
        for hostile in (("one",), ("one", 2.5), ("x" * 201, "one"), ("one", "a\nb"), ("one", b"one"), ()):
            with pytest.raises(ValueError, match=r"no name of a device|the names of an input"):
                select(engine, hostile)
        answer = listed(engine, ())
        assert answer
        assert decode(answer)[0].address == "/device/list.reply"

import asyncio
import logging
import socket
import struct
import time
from collections.abc import Callable, Iterator
from typing import ClassVar

import pytest

from rtengine.graph import Graph
from rtengine.osc.packet import decode, encode
from rtengine.osc.xair import laws
from rtengine.osc.xair.server import REMOTES, XAir
from rtengine.osc.xair.table import table
from rtengine.patches.console import console


@pytest.fixture(scope="module")
def graph() -> Graph:
    return console(48_000, 2)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    for remote in Remote.opened:
        remote.socket.close()
    Remote.opened.clear()


@pytest.fixture
def desk(graph: Graph) -> Iterator[tuple[Graph, XAir]]:
    graph.reset()
    with XAir(graph, port=0) as server:
        yield graph, server
    graph.reset()


class Remote:
    """A remote control on a socket of its own."""

    opened: ClassVar[list["Remote"]] = []

    def __init__(self, server: XAir) -> None:
        self.opened.append(self)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(2)
        self.socket.connect((server.host, server.port))

    def send(self, address: str, *values: object) -> None:
        self.socket.send(encode(address, *values))

    def ask(self, address: str, *values: object) -> tuple[object, ...]:
        self.send(address, *values)
        return self.hear()[1]

    def hear(self) -> tuple[str, tuple[object, ...]]:
        message = decode(self.socket.recv(8192))[0]
        return message.address, message.arguments

    def silent(self, seconds: float = 0.2) -> bool:
        self.socket.settimeout(seconds)
        try:
            self.hear()
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(2)
        return False


def wait(condition: Callable[[], bool], seconds: float = 2.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.005)
    return False


@pytest.mark.parametrize(
    ("position", "decibels"),
    [(0, -90), (0.0625, -60), (0.25, -30), (0.5, -10), (0.75, 0), (1, 10), (0.03125, -75), (0.6, -6)],
)
def test_the_fader_s_law(position: float, decibels: float) -> None:
    assert abs(laws.fader.ours(position) - decibels) < 1e-9
    assert abs(laws.fader.theirs(decibels) - position) < 1e-9


def test_every_law_comes_back(graph: Graph) -> None:
    for address, entry in table(graph.parameters).items():
        p = graph.parameters[entry.parameter]
        for f in (0, 1) if entry.law.whole else (0.1, 0.5, 0.9):
            ours = entry.law.ours(f)
            assert abs(entry.law.theirs(ours) - f) < 1e-6, address
            assert p.low - 1e-6 <= ours <= p.high + 1e-6 or not entry.law.whole, address


def test_the_table_is_made_of_the_parameters(graph: Graph) -> None:
    known = table(graph.parameters)
    assert known["/ch/02/mix/fader"].parameter == "/strip/2/fader"
    assert known["/ch/01/eq/2/g"].parameter == "/strip/1/eq3_gain"
    assert not any(a.startswith("/ch/03") for a in known)
    assert table({}) == {}


def test_get_and_set(desk: tuple[Graph, XAir]) -> None:
    graph, server = desk
    remote = Remote(server)
    assert remote.ask("/xinfo") == (server.host, "rtengine", "XR18", "1.22")
    assert remote.ask("/ch/01/mix/fader") == (0.75,)
    remote.send("/ch/01/mix/fader", 0.5)
    remote.send("/ch/02/mix/on", 0)
    remote.send("/ch/02/eq/1/f", 0.5)
    remote.send("/ch/01/config/name", "Anna")
    assert remote.ask("/ch/01/config/name") == ("Anna",)
    assert graph["/strip/1/fader"] == -10
    assert graph["/bus/mute2"] == 1
    assert abs(graph["/strip/2/eq1_frequency"] - 632.46) < 0.01
    remote.send("/ch/01/mix/fader", float("nan"))
    remote.socket.send(b"no OSC at all")
    assert remote.ask("/ch/01/mix/fader") == (0.5,)
    assert server.refused == 1


def test_others_hear_a_set_and_what_moves_by_itself_but_never_the_sender(desk: tuple[Graph, XAir]) -> None:
    graph, server = desk
    one, other = Remote(server), Remote(server)
    for remote in (one, other):
        remote.send("/xremote")
        remote.ask("/status")
    one.send("/ch/01/mix/fader", 0.25)
    assert other.hear() == ("/ch/01/mix/fader", (0.25,))
    assert one.silent()
    graph["/strip/2/pan"] = 0.5
    assert one.hear() == other.hear() == ("/ch/02/mix/pan", (0.75,))


def test_32_remotes_are_told_and_the_33rd_is_not(desk: tuple[Graph, XAir]) -> None:
    _, server = desk
    remotes = [Remote(server) for _ in range(REMOTES + 1)]
    for remote in remotes:
        remote.send("/xremote")
        remote.ask("/status")
    Remote(server).send("/lr/mix/fader", 0.5)
    for remote in remotes[:REMOTES]:
        assert remote.hear() == ("/lr/mix/fader", (0.5,))
    assert remotes[-1].silent()


def test_meters_come_as_blobs(desk: tuple[Graph, XAir]) -> None:
    import numpy as np

    graph, server = desk
    graph.process(np.full((4, 4800), 0.5, np.float32))
    remote = Remote(server)
    remote.send("/meters", "/meters/1")
    address, (blob,) = remote.hear()
    assert address == "/meters/1"
    assert isinstance(blob, bytes)
    count, *levels = struct.unpack(f"<i{(len(blob) - 4) // 2}h", blob)
    assert count == len(levels) == 40
    assert abs(levels[0] / 256 + 6.02) < 0.01
    assert levels[10] == -128 * 256


def test_behringer_mixer_drives_it(desk: tuple[Graph, XAir], caplog: pytest.LogCaptureFixture) -> None:
    mixer_api = pytest.importorskip("behringer_mixer.mixer_api")
    graph, server = desk

    async def drive() -> tuple[bool, float, object]:
        mixer = mixer_api.create("XR18", ip=server.host, port=server.port, logLevel=logging.ERROR)
        assert await mixer.start()
        await mixer.set_value("/ch/1/mix_fader", 0.25)
        for _ in range(100):
            if graph["/strip/1/fader"] == -30:
                break
            await asyncio.sleep(0.02)
        await mixer.reload()
        known = len(mixer.state()), mixer.state("/ch/1/mix_fader_db")
        await mixer.stop()
        return known

    values, shown = asyncio.run(asyncio.wait_for(drive(), 30))
    assert graph["/strip/1/fader"] == -30
    assert values > 300
    assert shown == -30


def test_xair_api_drives_it(desk: tuple[Graph, XAir]) -> None:
    xair_api = pytest.importorskip("xair_api")
    graph, server = desk
    with xair_api.connect("XR18", ip=server.host, port=server.port, connect_timeout=3, delay=0.1) as remote:
        remote.strip[0].mix.fader = -6
        remote.strip[1].mix.on = False
        remote.strip[1].eq.low.gain = 3.0
        remote.strip[0].preamp.highpassfilter = 100
        remote.strip[0].dyn.ratio = laws.RATIOS.index(4)  # this client sends indices and reads values
        assert wait(lambda: graph["/strip/1/ratio"] == 4)
        assert remote.strip[0].dyn.ratio == 4
        assert remote.strip[0].mix.fader == -6
        assert remote.strip[1].mix.on is False
        assert remote.strip[0].preamp.highpassfilter in (99, 100)
    remote.server.server_close()  # which this client forgets
    assert abs(graph["/strip/1/fader"] + 6) < 1e-6
    assert graph["/bus/mute2"] == 1
    assert abs(graph["/strip/2/eq1_gain"] - 3) < 1e-5


def test_switches_and_what_is_taken(desk: tuple[Graph, XAir]) -> None:
    import numpy as np

    graph, server = desk
    remote = Remote(server)
    for address, parameter in (("eq", "equaliser_on"), ("dyn", "compressor_on"), ("gate", "gate_on")):
        assert remote.ask(f"/ch/01/{address}/on") == (1,)
        remote.send(f"/ch/01/{address}/on", 0)
        assert remote.ask(f"/ch/01/{address}/on") == (0,)
        assert graph[f"/strip/1/{parameter}"] == 0
        remote.send(f"/ch/01/{address}/on", 1)
    remote.send("/ch/01/dyn/thr", 0.5)
    remote.send("/ch/01/dyn/ratio", 10)
    assert remote.ask("/ch/01/dyn/ratio") == (10,)
    graph.process(np.full((4, 24_000), 0.5, np.float32))
    remote.send("/meters", "/meters/6")
    address, (blob,) = remote.hear()
    assert address == "/meters/6"
    assert isinstance(blob, bytes)
    count, *taken = struct.unpack(f"<i{(len(blob) - 4) // 2}h", blob)
    assert count == len(taken) == 39
    assert taken[16] / 256 < -15
    assert taken[17] == taken[0] == 0


def test_the_moves_of_the_machine_are_asked_for_here_too(desk: tuple[Graph, XAir]) -> None:
    from rtengine.live.moves import Moves, Wanted

    graph, server = desk
    found = Moves(graph)
    found.wanted = lambda: [Wanted("/strip/1/fader", 0.0, -9.0, "too loud")]  # type: ignore[method-assign]
    graph.moves = found  # type: ignore[attr-defined]
    try:
        remote = Remote(server)
        assert remote.ask("/moves/list") == ("/strip/1/fader", 0.0, -9.0, "too loud")
        remote.send("/moves/accept", "/strip/1/fader")
        assert wait(lambda: graph["/strip/1/fader"] == -9)
    finally:
        del graph.moves  # type: ignore[attr-defined]

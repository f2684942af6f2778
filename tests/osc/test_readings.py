"""What blocks show, and events and wires, on the surfaces: of blocks for which no line of these was written."""

import json
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree

import numpy as np
import pytest
from support.instruments import WIRES, everything
from support.osc_peer import Clock, Peer, send

from rtengine import events
from rtengine.block import Block, Parameter, Reading
from rtengine.blocks.gain import Gain
from rtengine.blocks.meter import Meter
from rtengine.graph import Graph
from rtengine.native.kernel import kernel
from rtengine.osc.inbox import event
from rtengine.osc.server import Server
from rtengine.oscquery.tree import find, tree
from ui.export import export, touchosc

RATE = 48_000


class Judge(Block):
    """Says in a word how loud it is."""

    edge = Parameter(0.1, 0, 1)
    verdict = Reading(1, 3, "", "how loud it is", choices=("silent", "soft", "loud"))

    @staticmethod
    @kernel
    def process(state, params, x):
        highest = np.float32(0)
        for n in range(x.shape[1]):
            highest = max(highest, abs(x[0, n]))
        state.readings.verdict = np.float32(3 if highest > params.edge else 2 if highest > 0 else 1)


@pytest.fixture(scope="module")
def judged() -> Graph:
    return Graph(RATE, 2, judge=Judge(), meter=Meter())


@pytest.fixture(scope="module")
def whole() -> Graph:
    return Graph(RATE, 8, wires=WIRES, **everything())


@pytest.fixture(autouse=True)
def fresh(judged: Graph) -> Iterator[None]:
    yield
    judged.reset()


def test_they_are_told_as_they_change(judged: Graph) -> None:
    server = Server(judged)
    peer = send(server, "/notify", 1)
    server.tick()
    heard = {address: values for address, *values in peer.heard()}
    assert heard["/judge/verdict"] == ["silent"]
    assert heard["/meter/peak"] == [-120, -120]
    assert heard["/meter/in"] == heard["/meter/out"] == [-120, -120]
    judged.process(np.full((2, RATE), 0.5, np.float32))
    server.tick()
    heard = {address: values for address, *values in peer.heard()}
    assert heard["/judge/verdict"] == ["loud"]
    assert heard["/meter/peak"] == pytest.approx([-6.02, -6.02], abs=0.01)
    assert heard["/meter/in"] == pytest.approx([-6.02, -6.02], abs=0.3), "peak, and rms of a constant"
    assert "/judge/edge" not in heard
    send(server, "/judge/verdict", 1.0, peer=peer)
    assert peer.heard() == [("/error", "/judge/verdict", "there is nothing at /judge/verdict")], "not to be moved"


def test_oscquery_tells_all_that_is_declared(judged: Graph, whole: Graph) -> None:
    judged.process(np.full((2, 64), 0.01, np.float32))
    for graph in (judged, whole):
        root = json.loads(json.dumps(tree(graph)))
        for address, r in graph.readings.items():
            node = find(root, address)
            assert node
            count = len(graph.reading(address))
            assert node["ACCESS"] == 1
            assert node["TAGS"] == ["reading", "block"]
            assert node["DESCRIPTION"] == r.doc
            assert node["TYPE"] == ("s" if r.choices else "f") * count
            assert len(node["VALUE"]) == len(node["RANGE"]) == count
            assert node.get("SYMBOL", [""]) == [r.unit] * (count if r.unit else 1)
            if not r.choices:
                assert node["RANGE"] == [{"MIN": r.low, "MAX": r.high}] * count
    verdict = find(tree(judged), "/judge/verdict")
    assert verdict
    assert (verdict["VALUE"], verdict["RANGE"]) == (["soft"], [{"VALS": ["silent", "soft", "loud"]}])
    note = find(tree(whole), "/sine/note")
    assert note
    assert (note["ACCESS"], note["TYPE"], note["TAGS"]) == (2, "ff", ["inbox"])


def test_touchosc_shows_them(judged: Graph) -> None:
    layout = touchosc.layout(judged.parameters, None, export.readings(judged))
    root = ElementTree.fromstring(zlib.decompress(layout))
    scripts = [
        p.findtext("value", "") for p in root.iter("property") if p.findtext("key") == "script" and "onReceive" in
        (p.findtext("value") or "")
    ]  # fmt: skip
    for address in judged.readings:
        numbers = [script for script in scripts if f"'{address}'" in script]
        assert len(numbers) == len(judged.reading(address))
    (peak,) = (s for s in scripts if "'/meter/peak'" in s and "message[2][2]" in s)
    assert "(message[2][2].value - -120) / 144" in peak
    (verdict,) = (s for s in scripts if "'/judge/verdict'" in s)
    assert "self.values.text = message[2][1].value" in verdict


# Events and wires


def test_notes_reach_an_inbox_at_their_sample(whole: Graph) -> None:
    whole.reset()
    whole.memory["events"]["logging"] = True
    server, clock = Server(whole), Clock()
    server.now = clock
    for address, *numbers in (
        ("/sine/note", 60, 0.5), ("/sine/note", 60, 0), ("/sine/note", 61), ("/sine/off", 61, 0, 3),
        ("/sine/bend", -0.5), ("/sine/panic",),
    ):  # fmt: skip
        assert send(server, address, *numbers).heard() == []
    whole.process(np.zeros((8, 64), np.float32))
    sent = [tuple(e)[2:] for address, e in whole.taken() if address == "/sine"]
    assert sent == [
        (events.NOTE_ON, 0, 60, 0.5), (events.NOTE_OFF, 0, 60, 0), (events.NOTE_ON, 0, 61, 1),
        (events.NOTE_OFF, 3, 61, 0), (events.BEND, 0, -0.5, 0), (events.PANIC, 0, 0, 0),
    ]  # fmt: skip
    assert whole.reading("/sine/playing") == (0,)
    for arguments in ((60, 0.5, 16), (60, 0.5, 0.5), ("c", 1), (1, 2, 3, 4), (True,)):
        ((error, address, _),) = send(server, "/sine/note", *arguments).heard()
        assert (error, address) == ("/error", "/sine/note")
    assert event(whole.inboxes, "/bus/note", (60,)) is None


def test_a_hand_takes_a_wired_parameter_and_gives_it_back(whole: Graph) -> None:
    whole.reset()
    server, peer, x = Server(whole), Peer(), np.zeros((8, 64), np.float32)
    whole.process(x)
    tags = find(tree(whole), "/bus/gain?"[:-1])
    assert tags
    assert "wired" in tags["TAGS"]
    send(server, "/bus/gain", 0.5, peer=peer)
    whole.process(x)
    assert not whole.automatic("/bus/gain")
    node = find(tree(whole), "/bus/gain")
    assert node
    assert "wired" not in node["TAGS"]
    whole.release("/bus/gain")
    whole.process(x)
    assert whole.automatic("/bus/gain")
    assert peer.heard() == []


def test_a_block_that_shows_peak_and_rms_is_a_meter() -> None:
    graph = Graph(RATE, input=Meter(), output=Gain(), meter=Meter())
    assert {"/meter/in", "/meter/out"} <= {*Server(graph).controls.parameters, *_state(graph)}


def _state(graph: Graph) -> set[str]:
    server = Server(graph)
    peer = send(server, "/notify", 1)
    server.tick()
    return {str(address) for address, *_ in peer.heard()}

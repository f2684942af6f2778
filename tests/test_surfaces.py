"""Every surface shows the parameters of the graph, all of them and no others, with the same ranges, units and steps.

Once with the instrument, and once with a block that nobody knew when the surfaces were written: no file but the block's
own and the patch has to change for a new control.
"""

import asyncio
import json
import re
import socket
import time
import zlib
from argparse import ArgumentTypeError
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen
from xml.etree import ElementTree

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from support.browser import CHROMIUM, Page, browse
from support.card import Card, Scale

from offline import arguments as offline_arguments
from rtengine.block import SMOOTHING, Block, Parameter, Reading
from rtengine.blocks.gain import Gain
from rtengine.blocks.mix import Mix
from rtengine.cli import arguments
from rtengine.graph import Graph
from rtengine.listing import GRID
from rtengine.live.engine import Engine
from rtengine.native.kernel import kernel
from rtengine.osc.namespace import shares_of
from rtengine.osc.packet import encode
from rtengine.osc.server import Server
from rtengine.oscquery.server import QueryServer
from rtengine.oscquery.tree import tree
from rtengine.patches.chain import assign
from rtengine.patches.texture import texture, textures
from ui.export import export, reaper, touchosc
from ui.host.desk import Desk
from ui.host.namespace import leaves
from ui.parts.controls import Choice
from ui.parts.controls_list import ControlList


class Tremolo(Block):
    """Invented for this file."""

    rate = Parameter(5, 0.1, 20, "Hz", "log", "beats a second")
    depth = Parameter(50, 0, 100, "%", "linear", "0 leaves the signal alone")
    loudest = Parameter(-3, -20, 0, "dBTP", "linear", "of a beat")
    shape = Parameter(1, 0, 2, "", "step", "of the beat", ("sine", "square", "saw"))
    voices = Parameter(2, 1, 9, "", "step", "how many")
    left = Parameter(1, 0, 1, "", "linear", "share of the left", share=True)
    right = Parameter(0, 0, 1, "", "linear", "share of the right", share=True)
    swing = Reading(-30, 0, "dB", "of the last beat", count=0)
    mood = Reading(0, 1, "", "of the beat", choices=("calm", "wild"))

    @staticmethod
    @kernel
    def process(state, params, x):
        state.readings.mood = np.float32(params.rate > 10)
        for c in range(x.shape[0]):
            for n in range(x.shape[1]):
                x[c, n] *= params.depth * np.float32(0.01)


class Facts(NamedTuple):
    """What a surface says of a control. steps: how many it has, 0 if it glides."""

    low: float
    high: float
    unit: str
    steps: int


Shown = Mapping[str, Facts]


@pytest.fixture(scope="module", params=["the instrument", "an invented block"])
def graph(request: pytest.FixtureRequest) -> Graph:
    if request.param == "the instrument":
        return texture(48_000)
    return Graph(48_000, tremolo=Tremolo(), output=Gain())


@pytest.fixture
def query(graph: Graph) -> Iterator[QueryServer]:
    with Server(graph, port=0) as server, QueryServer(server, port=0) as query:
        yield query
    for address, p in graph.parameters.items():
        graph[address] = p.default


def truth(graph: Graph) -> Shown:
    return {
        a: Facts(p.low, p.high, p.unit, round(p.high - p.low) + 1 if p.scale == "step" else 0)
        for a, p in graph.parameters.items()
    }


def test_oscquery(graph: Graph, query: QueryServer) -> None:
    with urlopen(f"http://127.0.0.1:{query.port}/", timeout=10) as answer:
        nodes = [n for n in leaves(json.load(answer)) if "parameter" in n.get("TAGS", ())]
    shown = {}
    for node in nodes:
        (bounds,), (unit,) = node["RANGE"], node.get("SYMBOL", [""])
        steps = bounds["MAX"] - bounds["MIN"] + 1 if node["SCALE"] == ["step"] else 0
        shown[node["FULL_PATH"]] = Facts(bounds["MIN"], bounds["MAX"], unit, steps)
        assert len(node.get("CHOICES", ())) == len(bounds.get("VALS", ()))
    assert list(shown.items()) == list(truth(graph).items())


def test_oscquery_tells_the_readings(graph: Graph, query: QueryServer) -> None:
    with urlopen(f"http://127.0.0.1:{query.port}/", timeout=10) as answer:
        nodes = {n["FULL_PATH"]: n for n in leaves(json.load(answer)) if "block" in n.get("TAGS", ())}
    assert list(nodes) == list(graph.readings)
    for address, r in graph.readings.items():
        node = nodes[address]
        assert (node["ACCESS"], node["DESCRIPTION"], len(node["VALUE"])) == (1, r.doc, len(graph.reading(address)))
        assert node["RANGE"][0] == ({"VALS": list(r.choices)} if r.choices else {"MIN": r.low, "MAX": r.high})
        assert node.get("SYMBOL", [""])[0] == r.unit


def test_touchosc_shows_the_readings(graph: Graph) -> None:
    text = zlib.decompress(touchosc.layout(graph.parameters, None, export.readings(graph))).decode()
    for address in graph.readings:
        assert text.count(f"message[1] == '{address}'") == len(graph.reading(address))


@pytest.mark.skipif(not CHROMIUM, reason="needs the Debian package chromium")
def test_the_page_shows_the_readings(graph: Graph, query: QueryServer, tmp_path: Path) -> None:
    """Each is drawn, and follows what the block shows."""

    async def perform(page: Page) -> None:
        drawn = json.loads(await page.evaluate("JSON.stringify(Object.keys(show))"))
        assert set(graph.readings) <= set(drawn)
        if "/tremolo/mood" in graph.readings:
            graph["/tremolo/rate"] = 20
            graph.settle()
            graph.process(np.zeros((2, 64), np.float32))
            mood = "[...document.querySelectorAll('.row')].find(r => r.textContent.startsWith('Mood'))"
            await page.until(f"{mood}.textContent.endsWith('wild')")

    browse(f"http://127.0.0.1:{query.port}/", tmp_path, perform)


def test_touchosc(graph: Graph) -> None:
    root = ElementTree.fromstring(zlib.decompress(touchosc.layout(graph.parameters)))

    def said(node: ElementTree.Element, key: str) -> str:
        found = (p.findtext("value", "") for p in node.iterfind("properties/property") if p.findtext("key") == key)
        return next(found, "")

    page = next(node for node in root.iter("node") if said(node, "name") == "all")
    labels = {
        said(n, "name"): n.findtext("values/value/default", "") for n in page.iter("node") if n.get("type") == "LABEL"
    }
    shown = {}
    for fader in (node for node in page.iter("node") if node.get("type") == "FADER"):
        address = said(fader, "name")
        message = fader.find("messages/osc")
        assert message is not None
        assert message.findtext("path/partial/value") == address
        low, high = (float(message.findtext(f"arguments/partial/{end}", "")) for end in ("scaleMin", "scaleMax"))
        unit = re.fullmatch(r"[^(]*(?: \((.*)\))?", labels[f"{address} label"])
        assert unit
        shown[address] = Facts(low, high, unit[1] or "", int(said(fader, "gridSteps") or 0))
    assert list(shown.items()) == list(truth(graph).items())


def test_reaper(graph: Graph) -> None:
    form = re.compile(r"slider\d+:[^<]+<([^,]+),([^,]+),([^{>]+)(?:\{.*\})?>(\S+)(?: \((.*)\))?")
    shown = {}
    for low, high, step, address, unit in form.findall(reaper.effect(graph.parameters)):
        steps = round((float(high) - float(low)) / float(step)) + 1
        shown[address] = Facts(float(low), float(high), unit, 0 if steps == 1001 else steps)
    assert list(shown.items()) == list(truth(graph).items())


def test_the_window(graph: Graph, qtbot: QtBot) -> None:
    """What it shows, and that the two ends of each control are the two ends of the parameter."""
    desk = Desk()
    controls = ControlList(desk)
    qtbot.addWidget(controls)
    desk.offer(tree(graph))
    moved: dict[str, float] = {}
    desk.move.connect(moved.update)
    shown, ends = {}, {}
    for address, row in controls.rows.items():
        c = row.control
        shown[address] = Facts(c.low, c.high, c.unit, round(c.high - c.low) + 1 if c.scale == "step" else 0)
        for end in (0, -1):
            if isinstance(row, Choice):
                row.buttons()[end].click()
            else:
                row.move_to(-end)
            qtbot.waitUntil(lambda address=address: address in moved)
            ends[address, end] = moved.pop(address)
    assert list(shown.items()) == list(truth(graph).items())
    for address, p in graph.parameters.items():
        assert (ends[address, 0], ends[address, -1]) == (p.low, p.high)


@pytest.mark.skipif(not CHROMIUM, reason="needs the Debian package chromium")
def test_the_page(graph: Graph, query: QueryServer, tmp_path: Path) -> None:
    """What a browser shows, and that each control moves the host to where it may be, a step by a step."""
    before = {address: graph[address] for address in graph.parameters}

    async def perform(page: Page) -> None:
        drawn = json.loads(await page.evaluate(DRAWN))
        assert sorted(d["address"] for d in drawn) == sorted(graph.parameters), "each once"
        for d in drawn:
            p = graph.parameters[d["address"]]
            if p.choices:
                assert d["names"] == list(p.choices)
            else:
                assert (float(d["low"]), float(d["high"])) == (p.low, p.high)
                assert not p.unit or d["text"].endswith(f" {p.unit}"), d
        await page.evaluate(NUDGE)
        for _ in range(100):
            if all(graph[a] != v for a, v in before.items()):
                break
            await asyncio.sleep(0.05)
        for address, p in graph.parameters.items():
            assert graph[address] != before[address], address
            assert p.scale != "step" or abs(graph[address] - before[address]) == 1

    browse(f"http://127.0.0.1:{query.port}/", tmp_path, perform)
    assert query.server.counts["refused"] == 0, query.server.refusal


DRAWN = """JSON.stringify([...document.querySelectorAll('[data-address]')].map(e => ({
  address: e.dataset.address, low: e.getAttribute('aria-valuemin'), high: e.getAttribute('aria-valuemax'),
  text: e.getAttribute('aria-valuetext'), names: [...e.querySelectorAll('button')].map(b => b.textContent) })))"""
NUDGE = """for (const e of document.querySelectorAll('[data-address]')) {
  const other = [...e.querySelectorAll('button[aria-pressed=false]')].pop();
  const full = e.getAttribute('aria-valuenow') === e.getAttribute('aria-valuemax');
  if (other) other.click();
  else e.onkeydown({ key: full ? 'ArrowDown' : 'ArrowUp', preventDefault() {} });
}"""


def test_the_command_line(graph: Graph) -> None:
    """--set takes each, and refuses what is outside with the range and the unit."""
    shown = {}
    for address, p in graph.parameters.items():
        for value in (p.low, p.high, p.default):
            assign(graph, arguments.parse(["--set", f"{address}={value!r}"]).set)
            assert graph[address] == np.float32(value)
        with pytest.raises(ValueError, match="is outside") as refused:
            assign(graph, arguments.parse(["--set", f"{address}=inf"]).set)
        said = re.fullmatch(rf"{address} = inf is outside (\S+) to (\S+)(?: (.*))?", str(refused.value))
        assert said
        shown[address] = Facts(float(said[1]), float(said[2]), said[3] or "", truth(graph)[address].steps)
        if p.scale == "step":
            with pytest.raises(ValueError, match="is not a whole number"):
                assign(graph, arguments.parse(["--set", f"{address}={p.low + 0.5}"]).set)
    assert shown == truth(graph)
    with pytest.raises(KeyError):
        assign(graph, arguments.parse(["--set", "/nothing/here=1"]).set)


def test_the_flags_with_names_of_their_own() -> None:
    """--quality, --mix and --texture of both command lines are the parameters of those names."""
    parameters = texture(48_000).parameters
    quality, mix = parameters["/texture/quality"], parameters["/mix/amount"]
    assert tuple(arguments.QUALITIES) == tuple(offline_arguments.QUALITIES) == quality.choices
    assert [f"/texture/{name}" for name in textures()] == shares_of(parameters, "/texture")
    for parse, words in ((arguments.parse, []), (offline_arguments.parse, ["render", "song.wav"])):
        for value in (mix.low, mix.high):
            assert parse([*words, "--mix", str(value)]).mix == value
        for value in (mix.low - 0.01, mix.high + 0.01):
            with pytest.raises((SystemExit, ArgumentTypeError)) as stop:
                parse([*words, f"--mix={value}"])
            assert getattr(stop.value, "code", 2) == 2


def faded(block_size: int) -> Engine:
    """Silence while /mix is 1, the input where it is 0."""
    graph = Graph(48_000, mix=Mix(tone=Scale()))
    graph["/tone/scale"] = 0
    graph.settle()
    return Engine(graph, sink="null", block_size=block_size, loop=np.full((48_000, 2), 0.5, np.float32))


def test_from_a_mix_message_to_the_sound_is_at_most_one_block_and_the_smoothing() -> None:
    """A message between two buffers is heard from the first sample of the next one on; one that comes later waits."""
    size = 256
    engine = faded(size)
    card, server = Card(engine, sizes=(size,)), Server(engine)
    x = np.full((2, 48_000), 0.5, np.float32)
    assert not card.play(x)[:, -size:].any()
    began = engine.clock
    server.dispatch(encode("/mix", 0.0), object())  # type: ignore[arg-type]
    y = card.play(x)[0]
    assert engine.clock - began == len(y)
    first = int(np.argmax(y > 0))
    settled = int(np.argmax(y > 0.5 * (1 - 1 / np.e)))
    assert first <= -began % GRID + 1, "the first point of the grid, a sample late for the effect is"
    assert settled <= GRID + SMOOTHING * 48_000
    assert y[-1] == pytest.approx(0.5, abs=1e-3)


def test_from_a_mix_message_on_the_wire_to_the_audio_thread() -> None:
    """UDP, thread and all: from the clock as it was sent to the sample at which the parameter moved."""
    size, delays = 512, []
    engine = faded(size)
    engine.graph.memory["events"]["logging"] = True
    with engine, Server(engine, port=0) as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as surface:
        surface.connect(("127.0.0.1", server.port))
        for n in range(21):
            time.sleep(0.013)  # somewhere within a buffer
            sent = engine.clock
            surface.send(encode("/mix", n % 2 / 2))
            end = time.monotonic() + 10
            while not (moved := list(engine.graph.taken())):
                assert time.monotonic() < end
                time.sleep(0.001)
            delays.append(moved[0][1].time - sent)
    assert min(delays) >= 0
    assert np.median(delays) <= size + SMOOTHING * 48_000, f"samples: {delays}"

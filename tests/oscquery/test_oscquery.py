import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import aiohttp
import pytest
from support.browser import CHROMIUM, Page, browse
from support.controls import Controls

from rtengine.block import Parameter
from rtengine.osc.commands import COMMANDS
from rtengine.osc.packet import decode, encode
from rtengine.osc.server import Server
from rtengine.osc.state import FACTS
from rtengine.oscquery import server as oscquery
from rtengine.oscquery.server import QueryServer
from rtengine.oscquery.tree import UNITS, changes, find, tree


@pytest.fixture
def controls() -> Controls:
    return Controls()


@pytest.fixture
def query(controls: Controls) -> Iterator[QueryServer]:
    with Server(controls, port=0) as server, QueryServer(server, port=0, name="stage") as query:
        yield query


def get(query: QueryServer, path: str, headers: str = "", method: str = "GET") -> tuple[int, dict[str, str], str]:
    """Status, headers and body, by hand: a client library would put the path in order first."""
    with closing(socket.create_connection(("127.0.0.1", query.port), 5)) as client:
        client.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n".encode())
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    head, _, body = answer.decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    return int(first.split()[1]), dict(line.lower().split(": ", 1) for line in lines), body


def ask(query: QueryServer, path: str) -> dict[str, Any]:
    status, headers, body = get(query, path)
    assert (status, headers["content-type"]) == (200, "application/json; charset=utf-8")
    return json.loads(body)


def leaves(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "ACCESS" in node and (node["ACCESS"] or "CONTENTS" not in node):  # /learn is a method and a container
        yield node
    for inner in node.get("CONTENTS", {}).values():
        yield from leaves(inner)


# HTTP


def test_every_parameter_is_there_with_all_its_facts(query: QueryServer, controls: Controls) -> None:
    root = ask(query, "/")
    told = {node["FULL_PATH"]: node for node in leaves(root) if "parameter" in node.get("TAGS", ())}
    assert list(told) == list(controls.parameters)
    for address, p in controls.parameters.items():
        node = told[address]
        assert (node["TYPE"], node["ACCESS"], node["CLIPMODE"]) == ("f", 3, ["both"])
        assert node["VALUE"] == [controls[address]]
        assert (node["RANGE"][0]["MIN"], node["RANGE"][0]["MAX"]) == (p.low, p.high)
        assert (node["DESCRIPTION"], node["DEFAULT"], node["SCALE"]) == (p.doc, [p.default], [p.scale])
        assert node.get("UNIT") == ([UNITS[p.unit]] if p.unit else None)
        assert ask(query, address) == node
    assert told["/texture/quality"]["RANGE"] == [{"MIN": 0, "MAX": 2, "VALS": [0, 1, 2]}]
    assert told["/texture/quality"]["CHOICES"] == ["lofi", "standard", "hifi"]
    assert told["/limiter/release"]["UNIT"] == ["time.ms"]


def test_containers_commands_and_readings(query: QueryServer) -> None:
    root = ask(query, "/")
    assert (root["FULL_PATH"], root["ACCESS"]) == ("/", 0)
    limiter = ask(query, "/limiter")
    assert limiter == root["CONTENTS"]["limiter"]
    assert limiter["FULL_PATH"] == "/limiter"
    assert set(limiter["CONTENTS"]) == {"ceiling", "release"}
    assert "TYPE" not in limiter
    told = {node["FULL_PATH"]: node for node in leaves(root)}
    assert told.keys() >= COMMANDS.keys()
    assert (told["/panic"]["ACCESS"], told["/engine/load"]["ACCESS"], told["/bypass"]["ACCESS"]) == (2, 1, 3)
    assert (told["/engine/load"]["VALUE"], told["/bypass"]["VALUE"]) == ([0.25], [False])


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/mix/amount?VALUE", 200, {"VALUE": [1.0]}),
        ("/mix/amount?RANGE", 200, {"RANGE": [{"MIN": 0, "MAX": 1}]}),
        ("/output/gain?UNIT", 200, {"UNIT": ["gain.db"]}),
        ("/mix/?FULL_PATH", 200, {"FULL_PATH": "/mix"}),
        ("/mix/amount?UNIT", 204, None),
        ("/mix/amount?CONTENTS", 204, None),
        ("/mix?VALUE", 204, None),
        ("/panic?VALUE", 204, None),
        ("/mix/amount?LOUDNESS", 400, None),
        ("/mix/amount?value", 400, None),
        ("/mix/amount?VALUE&RANGE", 400, None),
        ("/mix/nothing", 404, None),
        ("/mix/amount/more", 404, None),
        ("/nothing?VALUE", 404, None),
        ("/../etc/passwd", 404, None),
        ("/%2e%2e/%00", 404, None),
        ("/CONTENTS", 404, None),
    ],
)
def test_attributes_and_status_codes(query: QueryServer, path: str, status: int, body: object) -> None:
    got, _, text = get(query, path)
    assert got == status
    assert body is None or json.loads(text) == body
    assert status != 204 or text == ""


def test_host_info_on_any_path(query: QueryServer) -> None:
    info = ask(query, "/mix/amount?HOST_INFO")
    assert info == ask(query, "/?HOST_INFO")
    ours = {"NAME": "stage", "OSC_IP": "127.0.0.1", "OSC_PORT": query.server.port, "OSC_TRANSPORT": "UDP"}
    assert info.items() >= (ours | {"WS_IP": "127.0.0.1", "WS_PORT": query.port}).items()
    every = ("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "UNIT", "CLIPMODE", "TAGS", "LISTEN", "PATH_CHANGED")
    assert all(info["EXTENSIONS"][name] for name in every)


def test_malformed_http_is_refused_with_its_status(query: QueryServer) -> None:
    assert get(query, "/", method="POST")[0] == 405
    assert get(query, "/", method="DELETE")[0] == 405
    assert get(query, "/", headers="a b c\r\n")[0] == 400
    assert get(query, "/" + "a" * 20_000)[0] == 400
    assert get(query, "/", headers="Upgrade: websocket\r\nConnection: Upgrade\r\n")[0] == 400
    for rubbish in (b"\0" * 100, b"\xff\xfe\r\n\r\n", b"GET\r\n\r\n"):
        with closing(socket.create_connection(("127.0.0.1", query.port), 5)) as client:
            client.sendall(rubbish)
            client.shutdown(socket.SHUT_WR)
            assert client.recv(4096).split()[1:2] in ([b"400"], [])
    assert ask(query, "/mix/amount?VALUE") == {"VALUE": [1.0]}


def test_the_page_is_for_browsers_and_brings_nothing_from_outside(query: QueryServer, controls: Controls) -> None:
    status, headers, page = get(query, "/", headers="Accept: text/html,*/*\r\n")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in headers["content-security-policy"]
    assert not any(word in page for word in ("http://", "https://", "@import", "src="))
    assert not any(address in page for address in controls.parameters), "controls are named by the host alone"
    assert get(query, "/mix", headers="Accept: text/html\r\n")[1]["content-type"].startswith("application/json")


def test_a_port_in_use_is_named(query: QueryServer) -> None:
    with pytest.raises(OSError, match=f"OSCQuery cannot listen at 127.0.0.1:{query.port}"):
        QueryServer(query.server, port=query.port).start()


# WebSocket

Socket = aiohttp.ClientWebSocketResponse


def connected(query: QueryServer, play: Callable[[Socket], Awaitable[None]]) -> None:
    async def main() -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(f"http://127.0.0.1:{query.port}/") as ws:
            await asyncio.wait_for(play(ws), 10)

    asyncio.run(main())


async def listen(ws: Socket, path: str, command: str = "LISTEN") -> None:
    await ws.send_str(json.dumps({"COMMAND": command, "DATA": path}))


async def message(ws: Socket) -> tuple[object, ...]:
    (m,) = decode(await ws.receive_bytes())
    return (m.address, *m.arguments)


def test_listen_tells_the_value_and_its_changes_until_ignored(query: QueryServer, controls: Controls) -> None:
    async def play(ws: Socket) -> None:
        await listen(ws, "/mix/amount")
        assert await message(ws) == ("/mix/amount", 1.0)
        controls["/limiter/release"] = 50  # not listened to
        controls["/mix/amount"] = 0.25
        assert await message(ws) == ("/mix/amount", 0.25)
        await listen(ws, "/mix/amount", "IGNORE")
        await ws.send_bytes(encode("/sync", 1))
        assert await message(ws) == ("/synced", 1)
        controls["/mix/amount"] = 0.5
        await listen(ws, "/engine/load")
        assert await message(ws) == ("/engine/load", 0.25)

    connected(query, play)
    assert query.refused == 0


def test_binary_frames_are_osc_and_not_echoed_to_the_hand(query: QueryServer, controls: Controls) -> None:
    async def play(ws: Socket) -> None:
        await listen(ws, "/mix/amount")
        await listen(ws, "/output/gain")
        assert {await message(ws), await message(ws)} == {("/mix/amount", 1.0), ("/output/gain", 0.0)}
        await ws.send_bytes(encode("/mix/amount/touched", True))
        await ws.send_bytes(encode("/mix/amount", 0.125))
        await ws.send_bytes(encode("/sync", 2))
        assert await message(ws) == ("/synced", 2)
        assert controls["/mix/amount"] == 0.125
        controls["/mix/amount"] = 0.75
        await asyncio.sleep(0.1)
        controls["/output/gain"] = -3
        assert await message(ws) == ("/output/gain", -3.0)
        await ws.send_bytes(encode("/mix/amount/touched", False))
        assert await message(ws) == ("/mix/amount", 0.75)

    connected(query, play)


@pytest.mark.parametrize(
    "frame",
    ["", "rubbish", "[]", "1", '{"COMMAND": "LISTEN"}', '{"COMMAND": "LISTEN", "DATA": 1}', "[" * 5000]
    + [json.dumps({"COMMAND": "LISTEN", "DATA": path}) for path in ("/nothing", "/mix", "/panic", "/mix/amount/", "")]
    + [json.dumps({"COMMAND": "FORMAT", "DATA": "/mix/amount"}), b"rubbish", b"", encode("/mixx", 7)],
    ids=lambda f: repr(f)[:30],
)
def test_bad_frames_are_counted_and_dropped(query: QueryServer, controls: Controls, frame: str | bytes) -> None:
    async def play(ws: Socket) -> None:
        await (ws.send_bytes(frame) if isinstance(frame, bytes) else ws.send_str(frame))
        await ws.send_bytes(encode("/sync", 3))
        while await message(ws) != ("/synced", 3):
            pass  # /error

    connected(query, play)
    assert query.refused + query.server.counts["refused"] == 1
    assert controls["/mix/amount"] == 1


def test_a_frame_that_is_too_long_ends_the_connection_only(query: QueryServer) -> None:
    async def play(ws: Socket) -> None:
        await ws.send_bytes(bytes(100_000))
        assert (await ws.receive()).type == aiohttp.WSMsgType.CLOSE
        assert ws.close_code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG

    connected(query, play)
    assert ask(query, "/mix/amount?VALUE") == {"VALUE": [1.0]}


def test_pages_of_other_sites_cannot_connect(query: QueryServer) -> None:
    handshake = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    handshake += "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    assert get(query, "/", headers=handshake + "Origin: http://elsewhere.example\r\n")[0] == 403


def test_another_graph_is_told(query: QueryServer, controls: Controls, monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(ws: Socket) -> None:
        await listen(ws, "/mix/amount")
        await message(ws)
        parameters = dict(controls.parameters)
        del parameters["/texture/future"]
        parameters["/texture/glass"] = Parameter(0, 0, 1, share=True)
        parameters["/output/gain"] = Parameter(0, -60, 12, "dB")
        controls.values["/texture/glass"] = 0.0
        controls.parameters = parameters
        told = [json.loads(await ws.receive_str()) for _ in range(4)]
        assert [(t["COMMAND"], t["DATA"]) for t in told] == [
            ("PATH_REMOVED", "/texture/future"),
            ("PATH_ADDED", "/texture/glass"),
            ("PATH_CHANGED", "/output/gain"),
            ("PATH_CHANGED", "/texture"),
        ]
        query.tell("PATH_CHANGED", "/")
        assert json.loads(await ws.receive_str()) == {"COMMAND": "PATH_CHANGED", "DATA": "/"}

    monkeypatch.setattr(oscquery, "LOOK", 0.01)
    connected(query, play)
    assert get(query, "/texture/future")[0] == 404
    assert ask(query, "/texture/glass?TAGS") == {"TAGS": ["parameter", "share"]}


def test_changes_of_nothing_are_none(controls: Controls) -> None:
    assert changes(controls.parameters, dict(controls.parameters)) == []


def test_find(controls: Controls) -> None:
    root = tree(controls)
    assert find(root, "/") is root
    assert find(root, "/mix/amount/") is root["CONTENTS"]["mix"]["CONTENTS"]["amount"]
    assert find(root, "/mix//amount") is None


def test_fifty_subscribers_and_a_sleeping_one_do_not_slow_the_host(query: QueryServer, controls: Controls) -> None:
    """The sleeping one never reads; what waits for it is bounded by the number of addresses."""

    async def main() -> None:
        async with aiohttp.ClientSession() as session:
            sockets = [await session.ws_connect(f"http://127.0.0.1:{query.port}/") for _ in range(50)]
            reader, writer = await asyncio.open_connection("127.0.0.1", query.port)
            writer.write(
                b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
            )
            await reader.readuntil(b"\r\n\r\n")
            for ws in sockets:
                await listen(ws, "/mix/amount")
                assert await message(ws) == ("/mix/amount", 1.0)
            asleep = {peer for peer in query._peers if peer not in query.server.feedback.subscribers}
            assert len(asleep) == 1
            (sleeper,) = asleep
            for address in controls.parameters:
                query.server.listen(sleeper, address)
            began = time.process_time()
            for n in range(20):
                controls["/mix/amount"] = n / 32
                query.server.tick()
            assert time.process_time() - began < 1.0, "20 ticks for 51 peers"
            for n in range(100_000):  # far more than any socket's buffer holds
                sleeper.send(encode("/mix/amount", n / 100_000))
            assert len(sleeper._waiting) <= len(controls.parameters)
            for ws in sockets:
                while await message(ws) != ("/mix/amount", 19 / 32):
                    pass
            writer.close()

    asyncio.run(asyncio.wait_for(main(), 30))


def test_there_is_room_for_so_many_and_no_more(query: QueryServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oscquery, "MOST_SOCKETS", 3)

    async def main() -> None:
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{query.port}/"
            sockets = [await session.ws_connect(url) for _ in range(3)]
            with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
                await session.ws_connect(url)
            await sockets[0].close()
            while len(query._peers) > 2:
                await asyncio.sleep(0.01)
            await session.ws_connect(url)

    asyncio.run(asyncio.wait_for(main(), 10))


# The live host

ROOT = Path(__file__).parents[2]


def reachable(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def fetch(url: str) -> dict[str, Any]:
    with urlopen(url, timeout=10) as answer:
        return json.load(answer)


def test_the_live_host_answers_beside_its_osc_port(tmp_path: Path) -> None:
    def free(kind: socket.SocketKind) -> int:
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    osc, port = free(socket.SOCK_DGRAM), free(socket.SOCK_STREAM)
    command = [sys.executable, "-m", "rtengine", "--device", "null", "--presets", str(tmp_path)]
    command += ["--osc-port", str(osc), "--oscquery-port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        try:
            deadline = time.monotonic() + 300  # it may have to compile
            while not reachable(port):
                assert time.monotonic() < deadline
                assert process.poll() is None
                time.sleep(0.05)
            answer = fetch(f"http://127.0.0.1:{port}/?HOST_INFO")
            assert (answer["OSC_PORT"], answer["WS_PORT"]) == (osc, port)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(10)
                client.connect(("127.0.0.1", osc))
                client.send(encode("/texture", "laser"))
                client.send(encode("/sync", 5))
                assert decode(client.recv(100))[0].arguments == (5,)
            shares = fetch(f"http://127.0.0.1:{port}/texture")["CONTENTS"]
            assert (shares["laser"]["VALUE"], shares["water"]["VALUE"]) == ([1.0], [0.0])
            readings = [fetch(f"http://127.0.0.1:{port}{a}")["ACCESS"] for a in FACTS]
            assert readings == [1] * len(FACTS), "the engine tells all of them"
        finally:
            process.terminate()
        assert process.wait(10) == 0
        assert process.stderr
        said = process.stderr.read().splitlines()
        assert all("compiling" in line for line in said), "nothing else, and that only where it had to"


# A browser


@pytest.mark.skipif(not CHROMIUM, reason="needs the Debian package chromium")
def test_the_page_in_a_browser(query: QueryServer, controls: Controls, tmp_path: Path) -> None:
    """A finger on the page moves the sound, and what others move shows on the page; at the size of a phone."""

    async def perform(page: Page) -> None:
        shown = json.loads(await page.evaluate("JSON.stringify(Object.keys(show))"))
        assert {*controls.parameters, "/bypass"} <= set(shown)
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth"), "it fits"

        slider = "document.querySelector('[data-address=\"/mix/amount\"]')"
        handle = f"{slider}.querySelector('.handle')"
        way = await page.evaluate(f"({slider}.clientWidth - {handle}.offsetWidth) / {handle}.offsetWidth")
        await page.press(handle, 0.5, 0.5, 0.5 - way / 4, 0.5)
        await until_true(lambda: abs(controls["/mix/amount"] - 0.75) < 0.02)  # a drag is relative
        await page.press(slider, 0.25, 0.5, 0.25, 0.5)
        await until_true(lambda: controls["/mix/amount"] < 0.25)  # a mouse may point
        tile = "document.querySelector('[role=slider][aria-label=Laser]')"
        await page.press(tile, 0.5, 0.5, 0.5, 0.5)
        await until_true(lambda: (controls["/texture/water"], controls["/texture/laser"]) == (0, 1))
        controls["/texture/quality"] = 2
        await page.until("document.querySelector('.segments [aria-pressed=true]').textContent === 'hifi'")
        controls["/mix/amount"] = 0.5
        await page.until(f"{slider}.getAttribute('aria-valuenow') === '0.5'")
        assert query.server.counts["refused"] == 0

    browse(f"http://127.0.0.1:{query.port}/", tmp_path, perform)


async def until_true(fact: Callable[[], bool]) -> None:
    for _ in range(200):
        if fact():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come to pass")

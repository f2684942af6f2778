"""Who does not get in: names that the host does not have, pages of other sites, and connections that only wait."""

import asyncio
import http.server
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import pytest
from support.browser import CHROMIUM, Page, browse
from support.controls import Controls

from rtengine.osc.server import Server
from rtengine.oscquery import connections
from rtengine.oscquery.server import QueryServer

UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


@pytest.fixture
def controls() -> Controls:
    return Controls()


@contextmanager
def served(controls: Controls, host: str = "127.0.0.1", allowed: tuple[str, ...] = ()) -> Iterator[QueryServer]:
    with Server(controls, port=0) as server, QueryServer(server, host, port=0, allowed=allowed) as query:
        yield query


def status(query: QueryServer, headers: str, path: str = "/") -> int:
    with closing(socket.create_connection(("127.0.0.1", query.port), 5)) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\n{headers}\r\n".encode())
        return int(client.recv(4096).split()[1])


@pytest.mark.parametrize("upgrade", ["", UPGRADE])
@pytest.mark.parametrize(
    ("headers", "answered"),
    [
        ("Host: 127.0.0.1:9001\r\n", True),
        ("Host: localhost\r\n", True),
        ("Host: [::1]:9001\r\n", True),
        ("Host: localhost:9001\r\nOrigin: http://localhost:9001\r\n", True),
        ("Host: evil.example:9001\r\n", False),
        ("Host: evil.example:9001\r\nOrigin: http://evil.example:9001\r\n", False),  # DNS rebinding
        ("Host: localhost:9001\r\nOrigin: http://evil.example:9001\r\n", False),  # cross-site
        ("Host: localhost:9001\r\nOrigin: http://localhost:9002\r\n", False),
        ("Host: localhost:9001\r\nOrigin: null\r\n", False),
        ("Host: 192.168.1.7\r\n", False),
        ("Host: localhost\r\nHost: evil.example\r\n", False),
        ("", False),
    ],
)
def test_the_host_answers_to_its_own_name_and_its_own_page(
    controls: Controls, headers: str, answered: bool, upgrade: str
) -> None:
    with served(controls) as query:
        for path in ("/", "/mix/amount?VALUE"):
            expected = {101 if upgrade else 200} if answered else {403, 400}
            assert status(query, headers + upgrade, path) in expected


def test_other_names_are_allowed_by_the_player(controls: Controls) -> None:
    with served(controls, allowed=("stage.example", "192.168.1.7")) as query:
        for name in ("stage.example", "STAGE.example:80", "192.168.1.7", "localhost"):
            assert status(query, f"Host: {name}\r\n") == 200
        assert status(query, "Host: backstage.example\r\n") == 403
    with pytest.raises(ValueError, match=r"'a/b' is no name"):
        QueryServer(Server(controls), allowed=("a/b",))


def test_in_the_network_it_has_addresses_and_the_name_of_the_machine(controls: Controls) -> None:
    own = socket.gethostname()
    with served(controls, "0.0.0.0") as query:
        for name in ("192.168.1.7:9001", "10.0.0.1", own, f"{own.split('.')[0]}.local:9001", "localhost"):
            assert status(query, f"Host: {name}\r\n") == 200, name
        assert status(query, "Host: evil.example\r\n") == 403


def test_hundreds_that_never_ask_keep_nobody_out_and_are_gone_in_time(
    controls: Controls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections.Connections.__init__, "__defaults__", (0.5,))
    with served(controls) as query, ExitStack() as stack:
        idle = []
        for n in range(200):
            idle.append(stack.enter_context(closing(socket.create_connection(("127.0.0.1", query.port), 5))))
            if n % 2:
                idle[-1].sendall(b"GET / HTTP/1.1\r\nHost: local")
        assert status(query, "Host: localhost\r\n", "/mix/amount") == 200
        began = time.monotonic()
        for client in idle:
            with suppress(ConnectionResetError):
                assert client.recv(100) == b"", "closed by the host"
        assert time.monotonic() - began < 5
        assert not query._connections._waiting


def test_a_websocket_that_is_quiet_stays(controls: Controls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections.Connections.__init__, "__defaults__", (0.1,))
    with served(controls) as query, closing(socket.create_connection(("127.0.0.1", query.port), 5)) as client:
        client.sendall(f"GET / HTTP/1.1\r\nHost: localhost\r\n{UPGRADE}\r\n".encode())
        assert b"101" in client.recv(4096)
        client.settimeout(0.4)
        with pytest.raises(TimeoutError):
            client.recv(1)


def test_no_more_connections_than_there_is_room_for(controls: Controls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 3)
    with served(controls) as query, ExitStack() as stack:
        clients = [stack.enter_context(closing(socket.create_connection(("127.0.0.1", query.port), 5))) for _ in "abcd"]
        for client in clients[:3]:
            client.sendall(b"GET /mix/amount HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"200" in client.recv(4096)
        assert clients[3].recv(100) == b""


# A browser

ATTACK = """
<script>
const port = Number(location.search.slice(1)), got = [];
const attempts = [];
for (const host of ["127.0.0.1", "localhost", "evil.example"]) {
  const url = `http://${host}:${port}/`;
  for (const mode of ["cors", "no-cors"])
    attempts.push(fetch(url, { mode }).then(r => r.text()).then(t => { if (t) got.push(mode + " " + host); }, () => 0));
  attempts.push(new Promise(done => {
    const socket = new WebSocket(`ws://${host}:${port}/`);
    socket.onopen = () => { got.push("websocket " + host); done(); };
    socket.onerror = done;
  }));
  attempts.push(new Promise(done => {
    const script = document.createElement("script");
    script.onload = () => { got.push("script " + host); done(); };
    script.onerror = done;
    script.src = url + "mix?CONTENTS";
    document.head.append(script);
  }));
  attempts.push(new Promise(done => {
    const image = new Image();
    image.onload = () => { got.push("image " + host); done(); };
    image.onerror = done;
    image.src = url + "?QR";
  }));
}
window.result = Promise.all(attempts).then(() => JSON.stringify(got));
</script>
"""


class Evil(http.server.BaseHTTPRequestHandler):
    """Another site."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(ATTACK.encode())

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.mark.skipif(not CHROMIUM, reason="needs the Debian package chromium")
def test_a_page_of_another_site_gets_nothing(controls: Controls, tmp_path: Path) -> None:
    """The browser believes that evil.example is at 127.0.0.1, as after DNS rebinding."""
    rebound = ("--host-resolver-rules=MAP evil.example 127.0.0.1",)

    async def attack(page: Page) -> None:
        assert json.loads(await page.evaluate("window.result")) == []

    async def refused(page: Page) -> None:
        assert "not called 'evil.example" in await page.evaluate("document.body.innerText")

    async def own(page: Page) -> None:
        await asyncio.sleep(0)

    with served(controls) as query, http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        url = f"http://evil.example:{site.server_port}/?{query.port}"
        browse(url, tmp_path / "a", attack, ready="window.result", flags=rebound)
        url = f"http://evil.example:{query.port}/"
        browse(url, tmp_path / "b", refused, ready="document.body && document.body.innerText", flags=rebound)
        assert query.server.counts["received"] == 0
        browse(f"http://localhost:{query.port}/", tmp_path / "c", own)  # the host's own page is let in
        site.shutdown()

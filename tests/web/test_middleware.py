"""The guards in a real server, spoken to by hand: a client library would put the headers in order first."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from aiohttp import web

from rtengine.web.guards import guard
from rtengine.web.middleware import carefully, guarded

TOKEN = "correct-horse-battery"
HANDSHAKE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


async def hello(request: web.Request) -> web.StreamResponse:
    if request.headers.get("Upgrade"):
        socket = web.WebSocketResponse(protocols=("rtengine",))
        await socket.prepare(request)
        await socket.close()
        return socket
    return web.Response(text="hello")


class Served:
    """A server in a thread of its own."""

    def __init__(self, token: str) -> None:
        self.guard = guard("127.0.0.1", token=token)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        self._ready.wait()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(middlewares=[guarded(self.guard, public=lambda r: r.path == "/page")])
        app.on_response_prepare.append(carefully)
        app.router.add_route("*", "/{path:.*}", hello)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def ask(self, headers: str, path: str = "/", method: str = "GET") -> tuple[int, str]:
        async def ask() -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(f"{method} {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n".encode())
            answer = await reader.read()
            writer.close()
            return answer

        answer = asyncio.run(asyncio.wait_for(ask(), 10)).decode()
        return int(answer.split()[1]), answer


@pytest.fixture(scope="module")
def local() -> Iterator[Served]:
    served = Served("")
    yield served
    served.close()


@pytest.fixture(scope="module")
def secret() -> Iterator[Served]:
    served = Served(TOKEN)
    yield served
    served.close()


def test_a_rebound_name_gets_neither_an_answer_nor_a_socket(local: Served) -> None:
    evil = "Host: evil.example:9001\r\nOrigin: http://evil.example:9001\r\n"
    assert local.ask(evil)[0] == 403
    assert local.ask(evil + HANDSHAKE.replace("Connection: Upgrade\r\n", ""))[0] == 403
    assert local.ask(evil, method="DELETE")[0] == 403
    assert local.ask("Host: localhost\r\n")[0] == 200


def test_a_page_of_another_site_is_refused(local: Served) -> None:
    assert local.ask("Host: localhost\r\nOrigin: http://evil.example\r\n")[0] == 403
    assert local.ask("Host: localhost\r\nOrigin: http://evil.example\r\n", method="POST")[0] == 403
    assert local.ask("Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://evil.example\r\n")[0] in (400, 403)
    assert local.ask("Host: localhost\r\nHost: evil.example\r\n")[0] in (400, 403)
    assert local.ask("Host: localhost\r\nOrigin: http://localhost\r\n")[0] == 200


def test_answers_and_refusals_carry_careful_headers(local: Served) -> None:
    for host in ("localhost", "evil.example"):
        answer = local.ask(f"Host: {host}\r\n")[1]
        assert "X-Content-Type-Options: nosniff" in answer
        assert "Cross-Origin-Resource-Policy: same-origin" in answer


def test_the_token_is_asked_for(secret: Served) -> None:
    host = "Host: localhost\r\n"
    status, answer = secret.ask(host)
    assert status == 401
    assert "WWW-Authenticate: Bearer" in answer
    assert TOKEN not in answer
    assert secret.ask(host + f"Authorization: Bearer {TOKEN}\r\n")[0] == 200
    assert secret.ask(host, path="/page")[0] == 200
    assert secret.ask("Host: evil.example\r\n", path="/page")[0] == 403
    assert secret.ask(f"Host: evil.example\r\nAuthorization: Bearer {TOKEN}\r\n")[0] == 403


def test_a_web_socket_tells_the_token_as_a_subprotocol(secret: Served) -> None:
    async def shake(protocol: str) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", secret.port)
        writer.write(f"GET / HTTP/1.1\r\nHost: localhost\r\n{HANDSHAKE}{protocol}\r\n".encode())
        answer = await reader.readline()
        writer.close()
        return answer

    assert b" 401 " in asyncio.run(shake(""))
    assert b" 101 " in asyncio.run(shake(f"Sec-WebSocket-Protocol: rtengine, token.{TOKEN}\r\n"))


def test_a_ticket_opens_its_path_for_reading_only(secret: Served) -> None:
    host, ticket = "Host: localhost\r\n", secret.guard.ticket("/song")
    assert secret.ask(host, path=f"/song?ticket={ticket}")[0] == 200
    assert secret.ask(host, path=f"/other?ticket={ticket}")[0] == 401
    assert secret.ask(host, path=f"/song?ticket={ticket}", method="DELETE")[0] == 401

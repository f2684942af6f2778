"""OSCQuery: the namespace over HTTP, and changes of it and of its values over WebSockets.

One thread with one event loop. Who calls the host by a name that it does not have, or is a page of another site, is not
answered, see rtengine.web.guards: whoever plays may have such a page open in the same browser. A WebSocket is a peer of
the OSC server like any other: its binary frames are OSC packets, in both directions.
"""

import asyncio
import logging
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

from aiohttp import WSMsgType, web

from rtengine.files.json_text import parsed
from rtengine.osc.packet import LARGEST
from rtengine.osc.server import Server
from rtengine.oscquery.address import code_svg, page_address
from rtengine.oscquery.connections import IDLE, Connections
from rtengine.oscquery.gallery import Gallery
from rtengine.oscquery.page import POLICY, page
from rtengine.oscquery.peer import WebPeer
from rtengine.oscquery.tree import ATTRIBUTES, EXTENSIONS, READ, changes, declared, find, tree
from rtengine.web.guards import Guard, checked_name, is_everywhere, is_loopback, listened
from rtengine.web.middleware import carefully, guarded

MOST_SOCKETS = 64  # WebSockets at a time
LOOK = 0.25  # seconds between two looks at whether the parameters are still the same
HEARTBEAT = 20.0  # seconds after which a WebSocket must show that it lives
SILENT = logging.Logger("rtengine.oscquery.server", logging.CRITICAL + 1)  # what strangers send is no news


class QueryServer:
    """OSCQuery for an OSC server, which does what is asked for and knows the controls.

    port 0 takes a free one, see `port`. name: what browsers of the network show. allowed: names or addresses by which
    it is reached besides those it listens to; ValueError if one is none. refused: frames that were no command, and
    WebSockets for which there was no room.
    """

    def __init__(
        self,
        server: Server,
        host: str = "127.0.0.1",
        port: int = 9001,
        name: str = "rtengine",
        allowed: Iterable[str] = (),
    ) -> None:
        self.server, self.host, self.port, self.name = server, host, port, name
        own = listened(host) if is_loopback(host) else listened(host) | listened("0.0.0.0")
        self._guard = Guard(frozenset(own | {checked_name(n) for n in allowed}), is_everywhere(host))
        self.refused = 0
        self._peers: set[WebPeer] = set()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen; OSError names the address if it is taken."""
        ready, failed = threading.Event(), []

        def run() -> None:
            try:
                asyncio.run(self._serve(ready))
            except OSError as error:
                failed.append(error)
                ready.set()

        self._thread = threading.Thread(target=run, name="rtengine oscquery", daemon=True)
        self._thread.start()
        ready.wait()
        if failed:
            reason = failed[0].strerror or failed[0]
            raise OSError(f"OSCQuery cannot listen at {self.host}:{self.port}: {reason}") from failed[0]

    def close(self) -> None:
        """Close all connections and stop listening."""
        if self._thread and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def host_info(self, address: str) -> dict[str, Any]:
        """What a client needs to know; address: the one at which it reached us."""
        return {
            "NAME": self.name,
            "EXTENSIONS": EXTENSIONS,
            "OSC_IP": address,
            "OSC_PORT": self.server.port,
            "OSC_TRANSPORT": "UDP",
            "WS_IP": address,
            "WS_PORT": self.port,
        } | ({"PAGE": self.address} if self.address else {})

    @property
    def address(self) -> str:
        """The page's address for a phone in the network; "" if only this computer can play."""
        return page_address(self.host, self.port)

    def tell(self, command: str, path: str) -> None:
        """From any thread: PATH_CHANGED, PATH_ADDED or PATH_REMOVED to all; of the parameters `_watch` tells."""
        for peer in tuple(self._peers):
            peer.tell(command, path)

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._gallery = Gallery(self.server.controls)
        application = web.Application(logger=SILENT, middlewares=[guarded(self._guard)])
        application.on_response_prepare.append(carefully)
        application.router.add_get("/{path:.*}", self._get)
        runner = web.AppRunner(application, access_log=None, logger=SILENT, shutdown_timeout=1, keepalive_timeout=IDLE)
        await runner.setup()
        assert runner.server
        self._connections = Connections(runner.server)
        watch = asyncio.create_task(self._watch())
        try:
            listening = await self._loop.create_server(self._connections, self.host, self.port)
            self.port = listening.sockets[0].getsockname()[1]
            ready.set()
            await self._stop.wait()
            listening.close()
        finally:
            watch.cancel()
            for peer in tuple(self._peers):
                await peer.websocket.close()
            await runner.cleanup()

    async def _watch(self) -> None:
        """Tell when a graph with other parameters plays."""
        before = declared(self.server.controls)
        while True:
            await asyncio.sleep(LOOK)
            after = declared(self.server.controls)
            for command, path in changes(before, after):
                self.tell(command, path)
            before = after

    async def _get(self, request: web.Request) -> web.StreamResponse:
        self._connections.asked(request.protocol)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._websocket(request)
        attribute = request.query_string
        if attribute == "HOST_INFO":
            return web.json_response(self.host_info(reached(request)))
        if answer := self._for_the_page(request):
            return answer
        node = find(tree(self.server.controls), request.path)
        if node is None:
            raise web.HTTPNotFound
        if not attribute:
            return web.json_response(node)
        if attribute not in (*ATTRIBUTES, "PICTURE", "QR"):
            raise web.HTTPBadRequest
        if attribute not in node:
            raise web.HTTPNoContent
        return web.json_response({attribute: node[attribute]})

    def _for_the_page(self, request: web.Request) -> web.StreamResponse | None:
        """The page itself, a share's picture, and the code by which a phone finds it; None if it is none of these."""
        attribute = request.query_string
        if attribute == "PICTURE" and (picture := self._gallery.picture(request.path)):
            return web.FileResponse(picture, headers={"Cache-Control": "max-age=600"})
        if request.path == "/" and attribute == "QR" and self.address:
            return web.Response(body=code_svg(self.address), content_type="image/svg+xml")
        if request.path == "/" and not attribute and "text/html" in request.headers.get("Accept", ""):
            return web.Response(text=page(), content_type="text/html", headers={"Content-Security-Policy": POLICY})
        return None

    async def _websocket(self, request: web.Request) -> web.WebSocketResponse:
        if len(self._peers) >= MOST_SOCKETS:
            self.refused += 1
            raise web.HTTPServiceUnavailable
        websocket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=LARGEST)
        await websocket.prepare(request)
        peer = WebPeer(websocket)
        self._peers.add(peer)
        writer = asyncio.create_task(peer.write())
        try:
            async for frame in websocket:
                if frame.type == WSMsgType.BINARY:
                    self.server.dispatch(frame.data, peer)
                elif frame.type == WSMsgType.TEXT:
                    self._command(frame.data, peer)
        finally:
            writer.cancel()
            self._peers.discard(peer)
            self.server.unsubscribe(peer)
        return websocket

    def _command(self, text: str, peer: WebPeer) -> None:
        try:
            request = parsed(text)
            command, path = request["COMMAND"], request["DATA"]
            node = find(tree(self.server.controls), path)
            if command == "LISTEN" and node and node["ACCESS"] & READ and node["FULL_PATH"] == path:
                self.server.listen(peer, path)
            elif command == "IGNORE" and isinstance(path, str):
                self.server.ignore(peer, path)
            else:
                self.refused += 1
        except (ValueError, TypeError, KeyError, AttributeError):
            self.refused += 1


def reached(request: web.Request) -> str:
    """The address of ours at which a client reached us: the bound one may be all of them."""
    return str(request.transport.get_extra_info("sockname")[0]) if request.transport else request.host

"""The client: a WebSocket to the host, over which OSC goes both ways, and the namespace by HTTP.

One thread with an event loop of its own speaks to the network, so that a slow host never holds up the window, nor a
slow window the host: what came waits in a list, and the window takes all of it when it gets to it. Whatever ends the
connection, the client looks for the host again until it is closed.
"""

import asyncio
import json
import threading
from contextlib import suppress
from typing import Any

import aiohttp
from PySide6.QtCore import QObject, Qt, Signal

from rtengine.osc.packet import LARGEST, Argument, decode, encode

AGAIN = 0.25  # seconds between two attempts to reach the host
PATIENCE = 3.0  # seconds for an answer
HEARTBEAT = 15.0  # seconds after which a silent host must show that it lives: a busy one may take a while
SETTLE = 0.05  # seconds in which many changes of the namespace are taken as one
TREE = 4 << 20  # bytes of a namespace
WAITING = 1000  # packets to the host; more are dropped
IMMEDIATELY = b"#bundle\0" + (1).to_bytes(8, "big")


class Client(QObject):
    """The host at an address: what it tells comes as signals, in the thread of the window.

    message: an address and its arguments. namespace: the tree, at first and whenever it changed. connected: or lost.
    """

    message = Signal(str, tuple)
    namespace = Signal(object)  # as a dict Qt would sort its keys
    connected = Signal(bool)
    _arrived = Signal()

    def __init__(self, host: str = "127.0.0.1", port: int = 9001, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.host, self.port, self.is_connected = host, port, False
        self._inbox: list[tuple[Any, ...]] = []
        self._told = False
        self._arrived.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._loop = asyncio.new_event_loop()
        self._outbox: asyncio.Queue[bytes] = asyncio.Queue(WAITING)
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="ui client", daemon=True)

    def open(self) -> None:
        """Begin to look for the host."""
        self._thread.start()

    def close(self) -> None:
        """Leave the host."""
        if self._thread.is_alive():
            with suppress(RuntimeError):  # the loop has ended meanwhile
                self._loop.call_soon_threadsafe(lambda: self._task and self._task.cancel())
            self._thread.join()
        self.is_connected = False

    def send(self, address: str, *arguments: Argument) -> None:
        """Send a message; without a host it is lost."""
        self._send(encode(address, *arguments))

    def send_together(self, values: dict[str, float]) -> None:
        """Move several parameters at the same moment: bundles, as few as hold them."""
        bundle = IMMEDIATELY
        for address, value in values.items():
            packet = encode(address, value)
            if len(bundle) + 4 + len(packet) > LARGEST:
                self._send(bundle)
                bundle = IMMEDIATELY
            bundle += len(packet).to_bytes(4, "big") + packet
        self._send(bundle)

    def _send(self, packet: bytes) -> None:
        if self.is_connected:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._put, packet)

    def _put(self, packet: bytes) -> None:
        with suppress(asyncio.QueueFull):
            self._outbox.put_nowait(packet)

    def _take(self) -> None:
        self._told = False
        inbox, self._inbox = self._inbox, []
        for kind, *what in inbox:
            if kind == "message":
                self.message.emit(*what)
            elif kind == "namespace":
                self.namespace.emit(*what)
            else:
                self.is_connected = what[0]
                self.connected.emit(*what)

    def _tell(self, *item: object) -> None:
        self._inbox.append(item)
        if not self._told:
            self._told = True
            self._arrived.emit()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(self._look())
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)
        self._loop.close()

    async def _look(self) -> None:
        timeout = aiohttp.ClientTimeout(total=None, connect=PATIENCE, sock_connect=PATIENCE)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                was_there = False
                try:
                    tree = await self._fetch(session)
                    async with session.ws_connect(self._url, heartbeat=HEARTBEAT, max_msg_size=1 << 20) as socket:
                        was_there = True
                        self._tell("namespace", tree)
                        self._tell("connected", True)
                        await self._talk(session, socket)
                except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
                    pass  # not there, or no host: look again
                finally:
                    if was_there:
                        self._tell("connected", False)
                await asyncio.sleep(AGAIN)

    @property
    def _url(self) -> str:
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}/"

    async def _fetch(self, session: aiohttp.ClientSession) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE), session.get(self._url) as answer:
            answer.raise_for_status()
            text = b""
            async for part in answer.content.iter_any():
                text += part
                if len(text) > TREE:
                    raise ValueError(f"the namespace of {self._url} is longer than {TREE} bytes")
            tree = json.loads(text)
        if not isinstance(tree, dict):
            raise ValueError(f"{self._url} tells no namespace")
        return tree

    async def _talk(self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> None:
        while not self._outbox.empty():
            self._outbox.get_nowait()  # what was meant for the host before
        await socket.send_bytes(encode("/notify", 1))
        writer = asyncio.create_task(self._write(socket))
        changed: asyncio.Task[None] | None = None
        try:
            async for frame in socket:
                if frame.type == aiohttp.WSMsgType.BINARY:
                    self._hear(frame.data)
                elif frame.type == aiohttp.WSMsgType.TEXT and "PATH_" in frame.data and (not changed or changed.done()):
                    changed = asyncio.create_task(self._follow(session))
        finally:
            for task in (writer, changed):
                if task:
                    task.cancel()

    async def _write(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            await socket.send_bytes(await self._outbox.get())

    async def _follow(self, session: aiohttp.ClientSession) -> None:
        await asyncio.sleep(SETTLE)
        with suppress(aiohttp.ClientError, OSError, TimeoutError, ValueError):
            self._tell("namespace", await self._fetch(session))

    def _hear(self, packet: bytes) -> None:
        try:
            messages = decode(packet)
        except ValueError:
            return
        for message in messages:
            self._tell("message", message.address, message.arguments)

"""A WebSocket as a peer of the OSC server: what it has not taken yet is kept by address, the latest value only."""

import asyncio
import json
import threading

from aiohttp import web

EVENTS = (b"/error", b"/log", b"/synced", b"/learned", b"/unlearned")  # each counts, not the last one alone
WAITING = 4096  # frames; who sleeps for longer has lost some


class WebPeer:
    """A WebSocket, with what waits to be sent."""

    def __init__(self, websocket: web.WebSocketResponse) -> None:
        self.websocket = websocket
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[bytes, bytes | str] = {}  # by address
        self._lock = threading.Lock()
        self._wake = asyncio.Event()

    def send(self, packet: bytes) -> None:
        """From any thread: send when there is room, unless a newer value of the address comes first."""
        address = packet[: packet.find(b"\0")]
        self._put(packet if address in EVENTS else address, packet)

    def tell(self, command: str, path: str) -> None:
        """Send a text frame."""
        self._put(f"{command} {path}".encode(), json.dumps({"COMMAND": command, "DATA": path}))

    def _put(self, key: bytes, frame: bytes | str) -> None:
        with self._lock:
            if len(self._waiting) >= WAITING and key not in self._waiting:
                return
            idle = not self._waiting
            self._waiting[key] = frame
        if idle and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    async def write(self) -> None:
        """Send what waits, for ever."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            with self._lock:
                waiting, self._waiting = self._waiting, {}
            for frame in waiting.values():
                await (self.websocket.send_bytes(frame) if isinstance(frame, bytes) else self.websocket.send_str(frame))

"""Connections that ask for nothing: a few may wait a while, so that a stranger's hundreds keep nobody else out.

A browser opens connections ahead of need, and a phone that goes out of reach leaves some half open: both are closed
when they have not sent a whole request in time. Where too many wait, the one that has waited longest makes room.
"""

import asyncio
from collections.abc import Callable
from typing import Any

PATIENCE = 5.0  # seconds for the first whole request of a connection
IDLE = 15.0  # seconds for the next one
WAITING = 64  # connections that have not asked yet
MOST_CONNECTIONS = 256  # connections, of all kinds


class Full(asyncio.Protocol):
    """What a connection gets for which there is no room."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hang up."""
        transport.close()


class Connections:
    """Makes the protocol of each connection that comes, for loop.create_server, and ends those that only wait."""

    def __init__(self, make: Callable[[], Any], patience: float = PATIENCE) -> None:
        """make: aiohttp's server, whose protocols have a `transport`, None once they are closed."""
        self._make, self._patience = make, patience
        self._waiting: dict[Any, asyncio.TimerHandle] = {}  # the one that has waited longest first
        self._asking: set[Any] = set()

    def __call__(self) -> asyncio.Protocol:
        """One connection more."""
        self._asking = {protocol for protocol in self._asking if protocol.transport}
        if len(self._asking) + len(self._waiting) >= MOST_CONNECTIONS:
            return Full()
        open_ones = [waiting for waiting in self._waiting if waiting.transport]  # others are yet to be, or closed
        for oldest in open_ones[: max(len(open_ones) + 1 - WAITING, 0)]:
            self._end(oldest)
        protocol: asyncio.Protocol = self._make()
        self._waiting[protocol] = asyncio.get_running_loop().call_later(self._patience, self._end, protocol)
        return protocol

    def asked(self, protocol: object) -> None:
        """It has sent a whole request."""
        if timer := self._waiting.pop(protocol, None):
            timer.cancel()
            self._asking.add(protocol)

    def _end(self, protocol: Any) -> None:
        self._waiting.pop(protocol).cancel()
        if protocol.transport:
            protocol.transport.abort()

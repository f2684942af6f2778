"""Who is spoken to: a host and port on the network; a WebSocket is another, see rtengine.oscquery.peer."""

import socket
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from rtengine.osc.packet import Argument

PORTS = range(1, 65536)


class Peer(Hashable, Protocol):
    """Somebody who sends and is sent packets."""

    def send(self, packet: bytes) -> None:
        """Send without waiting; what does not arrive is lost."""


@dataclass(frozen=True)
class UdpPeer:
    """Somebody at a host and port, spoken to through our socket."""

    socket: socket.socket
    host: str
    port: int

    def send(self, packet: bytes) -> None:
        """Send; what does not arrive is lost."""
        with suppress(OSError):  # it is gone, or its buffer is full: as in any network
            self.socket.sendto(packet, (self.host, self.port))


def elsewhere(peer: Peer, port: Argument) -> Peer:
    """The same host at another port; ValueError if that is none."""
    if (
        not isinstance(peer, UdpPeer)
        or not isinstance(port, int | float)
        or int(port) != port
        or int(port) not in PORTS
    ):
        raise ValueError(f"{str(port)[:40]!r} is no port")
    return UdpPeer(peer.socket, peer.host, int(port))

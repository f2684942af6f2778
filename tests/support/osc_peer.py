"""What stands for a client of the OSC server, and a wall clock that a test winds."""

from rtengine.osc.packet import Argument, decode, encode
from rtengine.osc.server import Server

NOW = 1_800_000_000.0  # seconds since 1970


class Peer:
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []

    def send(self, packet: bytes) -> None:
        self.packets.append(packet)

    def heard(self) -> list[tuple[Argument, ...]]:
        """What came since the last call: address and arguments."""
        packets, self.packets = self.packets, []
        return [(m.address, *m.arguments) for packet in packets for m in decode(packet)]


class Clock:
    """A wall clock that the test winds."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> float:
        return self.time


def send(server: Server, address: str, *arguments: Argument, peer: Peer | None = None) -> Peer:
    peer = peer or Peer()
    server.dispatch(encode(address, *arguments), peer)
    return peer

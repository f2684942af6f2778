"""Numbers that exported graphs share, each kept once."""

import hashlib

from rtengine.native.record import LINE


class Pool:
    """Bytes in pieces, each beginning on a cache line; the same piece, put twice, lies there once."""

    def __init__(self) -> None:
        self.data = bytearray()
        self._places: dict[bytes, int] = {}

    def place(self, piece: bytes) -> int:
        """Where the piece begins."""
        key = hashlib.sha256(piece).digest()
        if key not in self._places:
            self._places[key] = len(self.data)
            self.data += piece + bytes(-len(piece) % LINE)
        return self._places[key]

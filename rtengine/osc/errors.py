"""What could not be done, told to who asked for it: /error ADDRESS SENTENCE, at most once a second an address.

A fader that is wrong sends hundreds of messages a second, and a stranger might give somebody else's address as his own:
so a peer is told of few addresses a second, and of no /error of its own, for two hosts would tell each other for ever.
"""

from rtengine.osc.packet import encode
from rtengine.osc.peer import Peer

PAUSE = 1.0  # seconds until the same peer hears of the same address again
ADDRESSES = 16  # of which one peer hears within PAUSE
PEERS = 256  # that are remembered; the one that was told longest ago is forgotten
LONGEST = 200  # characters of a sentence
LONGEST_ADDRESS = 120  # characters, of what is told


class Errors:
    """Tells peers, and remembers when."""

    def __init__(self) -> None:
        self._told: dict[Peer, dict[str, float]] = {}  # when, by peer and address; the latest last

    def tell(self, peer: Peer, address: str, text: str, now: float) -> None:
        """Send it, unless that would be too often. now: seconds."""
        if address == "/error":
            return
        recent = {a: when for a, when in self._told.pop(peer, {}).items() if 0 <= now - when < PAUSE}
        while len(self._told) >= PEERS:
            del self._told[next(iter(self._told))]
        self._told[peer] = recent
        if address not in recent and len(recent) < ADDRESSES:
            recent[address] = now
            peer.send(encode("/error", address[:LONGEST_ADDRESS], text))


def sentence(error: Exception) -> str:
    """What went wrong, on one line that fits into a packet."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}"[:LONGEST] if error.filename else error.strerror[:LONGEST]
    return " ".join(f"{error.args[0] if error.args else repr(error)}".split())[:LONGEST]

"""Feedback: what a surface shows is what is so.

At each tick a subscriber is sent what is not as it knows it: the latest value only, and the whole state at first. A
control under a peer's hand is not sent to it, for a fader must not fight the finger: while it says that it is touching,
and for a moment after it moved the control. Then it gets the value, if that is another than its own.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from rtengine.osc.peer import Peer

HOLD = 0.5  # seconds for which a peer that moved a control has its hand on it
SUBSCRIBERS = 64  # at most; the one that was silent for longest makes room for the next


@dataclass
class Subscriber:
    """What one peer wants, knows and holds."""

    target: Peer  # where its feedback goes
    addresses: set[str] | None = None  # None: all
    known: dict[str, bytes] = field(default_factory=dict)  # the packet last sent or received, by address
    held: dict[str, float] = field(default_factory=dict)  # until when its hand is on it


class Feedback:
    """The subscribers."""

    def __init__(self) -> None:
        self.subscribers: dict[Peer, Subscriber] = {}  # the one that was silent for longest first

    def subscribe(self, peer: Peer, target: Peer) -> None:
        """Send everything to `target`, beginning with the whole state."""
        before = self.subscribers.get(peer)
        self._put(peer, Subscriber(target, held=before.held if before else {}))

    def listen(self, peer: Peer, address: str) -> None:
        """Send this address as well."""
        subscriber = self.subscribers.get(peer) or self._put(peer, Subscriber(peer, set()))
        if subscriber.addresses is not None:
            subscriber.addresses.add(address)
        subscriber.known.pop(address, None)

    def ignore(self, peer: Peer, address: str) -> None:
        """Send this address no longer."""
        subscriber = self.subscribers.get(peer)
        if subscriber and subscriber.addresses:
            subscriber.addresses.discard(address)

    def unsubscribe(self, peer: Peer) -> None:
        """Send nothing more."""
        self.subscribers.pop(peer, None)

    def heard(self, peer: Peer) -> None:
        """The peer is alive."""
        if peer in self.subscribers:
            self.subscribers[peer] = self.subscribers.pop(peer)

    def moved(self, peer: Peer, address: str, packet: bytes, now: float) -> None:
        """The peer itself has moved this control, to what the packet says: what it shows now."""
        if subscriber := self.subscribers.get(peer):
            subscriber.known[address] = packet
            subscriber.held[address] = max(now + HOLD, subscriber.held.get(address, 0))

    def touched(self, peer: Peer, address: str, touching: bool) -> None:
        """The peer has put its hand on this control, or taken it off."""
        if subscriber := self.subscribers.get(peer):
            subscriber.held[address] = math.inf if touching else 0

    def send(self, packets: Mapping[str, bytes], now: float) -> None:
        """Tell everyone what is not as they know it; packets: the whole state, by address."""
        for subscriber in self.subscribers.values():
            for gone in subscriber.known.keys() - packets.keys():  # of another graph: it may come back as another
                del subscriber.known[gone]
            wanted = packets if subscriber.addresses is None else subscriber.addresses & packets.keys()
            for address in wanted:
                held = subscriber.held.get(address, 0) > now
                if not held and subscriber.known.get(address) != packets[address]:
                    subscriber.known[address] = packets[address]
                    subscriber.target.send(packets[address])

    def broadcast(self, packet: bytes) -> None:
        """Tell everyone who wants to know everything of an event."""
        for subscriber in self.subscribers.values():
            if subscriber.addresses is None:
                subscriber.target.send(packet)

    def _put(self, peer: Peer, subscriber: Subscriber) -> Subscriber:
        self.subscribers.pop(peer, None)
        while len(self.subscribers) >= SUBSCRIBERS:
            del self.subscribers[next(iter(self.subscribers))]
        self.subscribers[peer] = subscriber
        return subscriber

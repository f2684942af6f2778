"""The OSC server: one thread that receives, keeps the time, and sends feedback.

A packet is messages (osc_packet). A message is for later (osc_schedule), moves parameters (osc_namespace,
osc_patterns), is a command (osc_commands), is about feedback (osc_feedback), which tells the state (osc_state), or asks
for pictures of the sound (scope_stream). What is malformed, out of range or unknown is counted and dropped: whatever
comes, the next message is heard. A command that cannot be done is answered by /error and a sentence; a slow one has a
thread of its own (osc_jobs).
"""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple, Self

from rtengine.osc.commands import COMMANDS, switch
from rtengine.osc.feedback import Feedback, Peer
from rtengine.osc.jobs import Jobs
from rtengine.osc.namespace import moves
from rtengine.osc.packet import LARGEST, Argument, Message, decode, encode
from rtengine.osc.patterns import is_pattern, matching
from rtengine.osc.schedule import SampleTime, Schedule
from rtengine.osc.scope.stream import Stream
from rtengine.osc.state import state

TICK = 1 / 30  # seconds between two feedbacks
LEAD = 0.5  # seconds before its time that a change goes to the audio thread
PORTS = range(1, 65536)
LONGEST = 200  # characters of an answer that says what is wrong


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


class Waiting(NamedTuple):
    """A message for later, and who sent it."""

    message: Message
    peer: Peer


class Server:
    """OSC for anything with parameters, as an Engine or a Graph has.

    controls may have more to offer: at(sample_time, address, value) with clock and sample_rate, for time tags; status,
    bypass, panic, scene_store, scene_recall, scenes. port 0 takes a free one, see `port`. now: seconds since 1970.
    counts: messages received and refused; refusal: why the last one was dropped.
    """

    def __init__(
        self, controls: Any, host: str = "127.0.0.1", port: int = 9000, now: Callable[[], float] = time.time
    ) -> None:
        self.controls, self.now = controls, now
        self.feedback = Feedback()
        self.scope = Stream(controls)
        self.counts: Counter[str] = Counter()
        self.refusal = ""
        self._later: Schedule[Waiting] = Schedule()
        self.jobs = Jobs()
        self._told = controls.say.count if self._has_news else 0  # events that the subscribers know of
        self._sample_time = SampleTime()
        self._lock = threading.RLock()  # packets come by WebSocket as well
        self._address = (host, port)
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._observe()

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self._socket.getsockname()[1]) if self._socket else self._address[1]

    def start(self) -> None:
        """Listen; OSError names the address if it is taken."""
        host, port = self._address
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        server = socket.socket(family, kind, protocol)
        try:
            server.bind(address)
        except OSError as error:
            server.close()
            raise OSError(f"OSC cannot listen at {host}:{port}: {error.strerror}") from error
        self._socket = server
        self._thread = threading.Thread(target=self._run, args=(server,), name="rtengine osc", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self.scope.close()
        server, self._socket = self._socket, None
        if server and self._thread:
            self._thread.join()
            server.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _run(self, server: socket.socket) -> None:
        tick = time.monotonic()
        while self._socket:
            server.settimeout(max(min(tick - time.monotonic(), self._until_due()), 0.001))
            try:
                packet, (host, port, *_) = server.recvfrom(LARGEST + 1)
                self.dispatch(packet, UdpPeer(server, host, port))
            except OSError:
                pass  # nothing came, or on Windows: a peer is gone
            if time.monotonic() >= tick:
                tick = time.monotonic() + TICK
                self.tick()
            else:
                self.run_due()

    def _until_due(self) -> float:
        due = self._later.next()
        return TICK if due is None else due - self.now()

    def dispatch(self, packet: bytes, peer: Peer) -> None:
        """Do what a packet asks for."""
        with self._lock:
            self.feedback.heard(peer)
            try:
                messages = decode(packet)
            except ValueError as error:
                self._refuse(error)
                return
            for message in messages:
                self._attempt(self._receive, message, peer)
            self.run_due()

    def tick(self) -> None:
        """What needs to be done 30 times a second."""
        with self._lock:
            self._observe()
            self.run_due()
            if self._has_news:
                self._told, events = self.controls.say.since(self._told)
                for address, arguments in events:
                    self.feedback.tell(encode(address, *arguments))
            if self.feedback.subscribers:
                self._attempt(self._tell)

    def listen(self, peer: Peer, address: str) -> None:
        """Send this peer the values of one address, which must be of the state."""
        with self._lock:
            self.feedback.listen(peer, address)

    def ignore(self, peer: Peer, address: str) -> None:
        """Send them no longer."""
        with self._lock:
            self.feedback.ignore(peer, address)

    def unsubscribe(self, peer: Peer) -> None:
        """Forget a peer."""
        with self._lock:
            self.feedback.unsubscribe(peer)
            self.scope.unsubscribe(peer)

    def run_due(self) -> None:
        """Do what has waited for its time."""
        with self._lock:
            for message, peer in self._later.due(self.now()):
                self._attempt(self._act, message, peer)

    def _tell(self) -> None:
        packets = {address: encode(address, *values) for address, values in state(self.controls).items()}
        self.feedback.send(packets, self.now())

    def _observe(self) -> None:
        if self._keeps_time:
            self._sample_time.observe(self.now(), self.controls.clock, self.controls.sample_rate)

    @property
    def _keeps_time(self) -> bool:
        """Whether the audio thread takes changes for a sample to come."""
        return hasattr(self.controls, "at") and hasattr(self.controls, "clock")

    @property
    def _has_news(self) -> bool:
        """Whether there are events to tell, see rtengine.live.news."""
        return hasattr(getattr(self.controls, "say", None), "since")

    def _attempt(self, action: Callable[..., None], *arguments: object) -> None:
        try:
            action(*arguments)
        except Exception as error:  # whatever a message leads to, the next one must be heard
            self._refuse(error)

    def _refuse(self, error: Exception) -> None:
        with self._lock:
            self.counts["refused"] += 1
            self.refusal = sentence(error)

    def _receive(self, message: Message, peer: Peer) -> None:
        now = self.now()
        self.counts["received"] += 1
        if message.time is None or message.time <= now:
            self._act(message._replace(time=None), peer)
        else:
            lead = LEAD if self._is_exact(message) else 0
            self._later.add(message.time - lead, now, Waiting(message, peer))

    def _is_exact(self, message: Message) -> bool:
        """Whether the audio thread itself is to keep the time of this message."""
        special = message.address in (*COMMANDS, "/notify", "/scope") or message.address.endswith("/touched")
        return self._keeps_time and not special

    def _act(self, message: Message, peer: Peer) -> None:
        address, arguments = message.address, message.arguments
        if address in COMMANDS:
            self._answering(peer, self._command, address, arguments, peer)
        elif address == "/notify":
            self._notify(message, peer)
        elif address == "/scope":
            (self.scope.subscribe if switch(arguments) else self.scope.unsubscribe)(peer)
        elif address.endswith("/touched"):
            control = address.removesuffix("/touched")
            for full in matching(control, self.controls.parameters) if is_pattern(control) else [control]:
                self._known(full)
                self.feedback.touched(peer, full, switch(arguments))
        else:
            self._move(message, peer)

    def _command(self, address: str, arguments: tuple[Argument, ...], peer: Peer) -> None:
        command = COMMANDS[address]

        def run() -> None:
            if reply := command.run(self.controls, arguments):
                peer.send(reply)

        if command.slow:
            self.jobs.start(address, lambda: self._attempt(self._answering, peer, run))
        else:
            run()

    def _answering(self, peer: Peer, action: Callable[..., None], *arguments: object) -> None:
        """Do it; what is wrong is told to the peer as well."""
        try:
            action(*arguments)
        except (ValueError, KeyError, OSError) as error:
            peer.send(encode("/error", sentence(error)))
            raise

    def _move(self, message: Message, peer: Peer) -> None:
        for address, value in moves(self.controls.parameters, message.address, message.arguments):
            if message.time is not None and self._is_exact(message):
                sample = self._sample_time.sample(message.time, self.controls.sample_rate)
                self.controls.at(sample, address, value)
            else:
                self.controls[address] = value
            if message.address == address:  # by another name it may show the control elsewhere
                self.feedback.moved(peer, address, encode(address, value), self.now())

    def _notify(self, message: Message, peer: Peer) -> None:
        """/notify 1 or 0, and perhaps another port of the same host."""
        on, *more = message.arguments
        if not switch([on]):
            self.feedback.unsubscribe(peer)
            return
        self.feedback.subscribe(peer, elsewhere(peer, more[0]) if more else peer)

    def _known(self, address: str) -> None:
        if address not in self.controls.parameters:
            raise KeyError(f"{address} is no parameter")


def sentence(error: Exception) -> str:
    """What went wrong, on one line that fits into a packet."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}"[:LONGEST]
    return " ".join(f"{error.args[0] if error.args else repr(error)}".split())[:LONGEST]


def elsewhere(peer: Peer, port: Argument) -> Peer:
    """The same host at another port."""
    if (
        not isinstance(peer, UdpPeer)
        or not isinstance(port, int | float)
        or int(port) != port
        or int(port) not in PORTS
    ):
        raise ValueError(f"{str(port)[:40]!r} is no port")
    return UdpPeer(peer.socket, peer.host, int(port))

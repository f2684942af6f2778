"""The OSC server: one thread that receives, keeps the time, and sends feedback.

A packet is messages (packet). A message is for later (schedule), moves parameters (namespace, patterns), is a command
(commands), is about feedback (feedback), which tells the state (state), or asks for pictures of the sound (stream). A
slow command has a thread of its own (jobs). Whatever comes, the next message is heard: what is malformed is counted and
dropped, and who asks for what cannot be done is told so (errors).
"""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self, cast

from rtengine.osc.arguments import exactly, switch
from rtengine.osc.commands import commands
from rtengine.osc.controls import Controls, Host, Listening, News, Timed
from rtengine.osc.errors import Errors, sentence
from rtengine.osc.feedback import Feedback
from rtengine.osc.inbox import event
from rtengine.osc.jobs import Jobs
from rtengine.osc.namespace import moves
from rtengine.osc.packet import LARGEST, Argument, Message, decode, encode
from rtengine.osc.patterns import is_pattern, matching
from rtengine.osc.peer import Peer, UdpPeer, elsewhere
from rtengine.osc.schedule import SampleTime, Schedule
from rtengine.osc.state import state
from rtengine.osc.stream import Stream
from rtengine.osc.sync import LOOK, Syncs

if TYPE_CHECKING:
    from rtengine.live.engine import Engine

TICK = 1 / 30  # seconds between two feedbacks
LEAD = 0.5  # seconds before its time that a change goes to the audio thread


class Waiting(NamedTuple):
    """A message for later, and who sent it."""

    message: Message
    peer: Peer


class Server:
    """OSC for anything with parameters, as an Engine or a Graph has.

    controls may have more to offer, see rtengine.osc.controls. port 0 takes a free one, see `port`. now: seconds since
    1970. counts: messages received and refused; refusal: why the last one was dropped.
    """

    def __init__(
        self, controls: Controls, host: str = "127.0.0.1", port: int = 9000, now: Callable[[], float] = time.time
    ) -> None:
        self.controls, self.now = controls, now
        self.feedback = Feedback()
        self.scope = Stream(controls)
        self.counts: Counter[str] = Counter()
        self.refusal = ""
        self._later: Schedule[Waiting] = Schedule()
        self.jobs = Jobs()
        self.errors = Errors()
        self._syncs = Syncs(controls, self.jobs)
        self._timed = controls if isinstance(controls, Timed) else None
        self._news = news if isinstance(news := getattr(controls, "say", None), News) else None
        self._news_sent = self._news.count if self._news else 0  # events that the subscribers know of
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
            server.settimeout(
                max(min(tick - time.monotonic(), self._until_due(), LOOK if self._syncs else TICK), 0.001)
            )
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
                self._answering(peer, message.address, self._receive, message, peer)
            self.run_due()

    def tick(self) -> None:
        """What needs to be done 30 times a second."""
        with self._lock:
            self._observe()
            self.run_due()
            if self._news:
                self._news_sent, events = self._news.since(self._news_sent)
                for address, arguments in events:
                    self.feedback.broadcast(encode(address, *arguments))
            if self.feedback.subscribers:
                self._attempt(self._send_state)

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
                self._answering(peer, message.address, self._apply, message, peer)
            if self._syncs:
                self._syncs.look(self.now())

    def _send_state(self) -> None:
        packets = {address: encode(address, *values) for address, values in state(self.controls).items()}
        self.feedback.send(packets, self.now())

    def _observe(self) -> None:
        if self._timed:
            self._sample_time.observe(self.now(), self._timed.clock, self._timed.sample_rate)

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
            self._apply(message._replace(time=None), peer)
        else:
            lead = LEAD if self._is_exact(message) else 0
            self._later.add(message.time - lead, now, Waiting(message, peer))

    def _is_exact(self, message: Message) -> bool:
        """Whether the audio thread itself is to keep the time of this message."""
        special = message.address in (*commands(self.controls), "/notify", "/scope") or message.address.endswith(
            "/touched"
        )
        return self._timed is not None and not special

    def _apply(self, message: Message, peer: Peer) -> None:
        address, arguments = message.address, message.arguments
        if address == "/sync":
            (number,) = exactly(1, arguments, "one number")
            self._syncs.add(peer, number, self.now())
        elif address in commands(self.controls):
            self._command(address, arguments, peer)
        elif address == "/notify":
            self._notify(message, peer)
        elif address == "/scope":
            (self.scope.subscribe if switch(arguments) else self.scope.unsubscribe)(peer)
        elif address.endswith("/touched"):
            control = address.removesuffix("/touched")
            for full in matching(control, self.controls.parameters) if is_pattern(control) else [control]:
                self._known(full)
                self.feedback.touched(peer, full, switch(arguments))
        elif isinstance(self.controls, Listening) and (sent := event(self.controls.inboxes, address, arguments)):
            self.controls.send(*sent, self._sample(message) if message.time is not None else 0)
        else:
            self._move(message, peer)

    def _sample(self, message: Message) -> int:
        """The sample at which a message for later counts."""
        if message.time is None or self._timed is None:
            return 0
        return self._sample_time.sample(message.time, self._timed.sample_rate)

    def _command(self, address: str, arguments: tuple[Argument, ...], peer: Peer) -> None:
        if not isinstance(self.controls, Host):
            raise ValueError("a graph alone has no devices, scenes or songs")
        command, host = commands(self.controls)[address], cast("Engine", self.controls)

        def run() -> None:
            if reply := command.run(host, arguments):
                peer.send(reply)

        if command.slow:
            self.jobs.start(address, lambda: self._answering(peer, address, run))
        else:
            run()

    def _answering(self, peer: Peer, address: str, action: Callable[..., None], *arguments: object) -> None:
        """Do it; what is wrong is told to the peer."""
        try:
            action(*arguments)
        except (ValueError, KeyError, OSError) as error:
            self._refuse(error)
            with self._lock:
                self.errors.tell(peer, address, sentence(error), self.now())
        except Exception as error:  # a fault of ours: the next message must be heard
            self._refuse(error)

    def _move(self, message: Message, peer: Peer) -> None:
        for address, value in moves(self.controls.parameters, message.address, message.arguments):
            if message.time is not None and self._timed:
                self._timed.at(self._sample(message), address, value)
            else:
                self.controls[address] = value
            if message.address == address:  # by another name it may show the control elsewhere
                self.feedback.moved(peer, address, encode(address, *map(shown, message.arguments)), self.now())

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


def shown(argument: Argument) -> Argument:
    """What a surface shows after it has sent this: a number as we send it, for it may be out of range."""
    return float(argument) if isinstance(argument, int | float) else argument

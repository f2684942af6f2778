"""The console in the OSC dialect of a kind of 18-channel mixers, for the remote controls that people have already.

A get is an address without arguments, a set has one; whoever has said /xremote within 10 s hears what others set and
what moves by itself, but never its own sets. /meters/1 sends levels for 10 s, /meters/6 what gates and compressors
take. An address that has no parameter behind it (names, colours, inputs) is remembered and given back, so that clients
find the mixer that they expect; our own state of automation stays in our own namespace, of which /moves/list to
/moves/redo are heard here too.
Source: the two clients in the tests; of /meters/6, V. Fischer, github.com/corrados/xair-automix-python, xairautomix.py,
which reads a mixer's compressors from the 17th value on, in steps of 1 / 256 dB, 0 or less. "X Air" is a trademark of
its owner, this is compatible and no more.
"""

import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Protocol, Self

from rtengine.block import Parameter
from rtengine.osc import moves
from rtengine.osc.packet import Argument, Message, decode, encode
from rtengine.osc.xair.table import Entry, table

PORT = 10024
LEASE = 10.0  # seconds
PACE = 0.05  # seconds between two looks at what has moved
REMOTES = 32
REMEMBERED = 4096  # addresses without a parameter
NAME, MODEL, VERSION = "rtengine", "XR18", "1.22"
METERS, MAIN = 40, 36  # values of /meters/1: channels first, left and right from here
UNIT, SILENT = 256, -128.0  # steps of a decibel; dB

Address = tuple[str, int]


class Desk(Protocol):
    """What has parameters by address, and readings, as a Graph or an Engine has."""

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """All of them, by address."""

    def __getitem__(self, address: str) -> float:
        """Where a parameter is going."""

    def __setitem__(self, address: str, value: float) -> None:
        """Move it."""

    def reading(self, address: str) -> tuple[float, ...]:
        """What a block shows."""


class XAir:
    """A server for remotes of the X Air kind; a context manager. port 0 takes a free one, see `port`."""

    def __init__(self, desk: Desk, host: str = "127.0.0.1", port: int = PORT) -> None:
        self._desk = desk
        self._table: dict[str, Entry] = {}
        self._sent: dict[str, float] = {}  # by address, what everyone knows
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, port))
        self._socket.settimeout(PACE)
        self.host, self.port = self._socket.getsockname()
        self._remotes: dict[Address, float] = {}  # until when
        self._metering: dict[str, dict[Address, float]] = {"/meters/1": {}, "/meters/6": {}}
        self._memory: dict[str, Argument] = {}
        self._learnt = time.monotonic()
        self._learn()
        self._open = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="xair", daemon=True)
        self.refused = 0  # packets that were not OSC

    def __enter__(self) -> Self:
        self._open.set()
        self._thread.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._open.clear()
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        looked = 0.0
        while self._open.is_set():
            try:
                packet, sender = self._socket.recvfrom(8192)
                for message in decode(packet):
                    self._take(message, sender)
            except TimeoutError:
                pass
            except (ValueError, KeyError, ConnectionError):  # a KeyError: another patch is just being loaded
                self.refused += 1
            if time.monotonic() - looked >= PACE:
                looked = time.monotonic()
                with suppress(KeyError):
                    self._look(looked)

    def _learn(self) -> None:
        """See which parameters there are: another patch may have been loaded."""
        found = table(self._desk.parameters)
        if found.keys() != self._table.keys():
            self._table = found
            self._sent = {address: self._desk[entry.parameter] for address, entry in found.items()}

    def _take(self, message: Message, sender: Address) -> None:
        """Answer one message."""
        address, now = message.address, time.monotonic()
        if address == "/xinfo":
            self._send(sender, address, self.host, NAME, MODEL, VERSION)
        elif address == "/info":
            self._send(sender, address, "V0.04", NAME, MODEL, VERSION)
        elif address == "/status":
            self._send(sender, address, "active", self.host, NAME)
        elif address in ("/xremote", "/renew"):
            self._lease(self._remotes, sender, now)
        elif address == "/meters":
            kind = message.arguments[0] if message.arguments else None
            if isinstance(kind, str) and kind in self._metering:
                self._lease(self._metering[kind], sender, now)
        elif address in moves.ACTIONS and getattr(self._desk, "moves", None):
            if reply := moves.ACTIONS[address].run(self._desk, message.arguments):
                self._socket.sendto(reply, sender)
        elif message.arguments:
            self._set(address, message.arguments[0], sender)
        else:
            self._send(sender, address, self._get(address))

    def _lease(self, leases: dict[Address, float], sender: Address, now: float) -> None:
        for other in [a for a, until in leases.items() if until < now]:
            del leases[other]
        if sender in leases or len(leases) < REMOTES:
            leases[sender] = now + LEASE

    def _get(self, address: str) -> Argument:
        entry = self._table.get(address)
        if entry is None:
            return self._memory.get(address, _default(address))
        return _position(entry, self._desk[entry.parameter])

    def _set(self, address: str, value: Argument, sender: Address) -> None:
        """Move the parameter behind an address, or remember the value; tell the others."""
        entry = self._table.get(address)
        if entry is None:
            if address in self._memory or len(self._memory) < REMEMBERED:
                self._memory[address] = value
        elif isinstance(value, (int, float)) and abs(value) < 1e6:  # which NaN is not
            p = self._desk.parameters[entry.parameter]
            ours = min(max(entry.law.ours(value if entry.law.whole else min(max(value, 0), 1)), p.low), p.high)
            self._desk[entry.parameter] = round(ours) if p.scale == "step" else ours
            self._sent[address] = self._desk[entry.parameter]
        else:
            return
        self._tell(address, self._get(address), sender)

    def _tell(self, address: str, value: Argument, sender: Address | None) -> None:
        now = time.monotonic()
        for remote, until in self._remotes.items():
            if remote != sender and until >= now:
                self._send(remote, address, value)

    def _look(self, now: float) -> None:
        """Tell what has moved by itself, and the levels."""
        if now - self._learnt >= LEASE / 10:
            self._learnt = now
            self._learn()
        for address, entry in self._table.items():
            value = self._desk[entry.parameter]
            if value != self._sent[address]:
                self._sent[address] = value
                self._tell(address, _position(entry, value), None)
        for kind, leases in self._metering.items():
            listening = [remote for remote, until in leases.items() if until >= now]
            if listening:
                levels = list(self._levels() if kind == "/meters/1" else self._taken())
                blob = struct.pack(f"<i{len(levels)}h", len(levels), *levels)
                for remote in listening:
                    self._send(remote, kind, blob)

    def _taken(self) -> Iterator[int]:
        """Gains in steps of 1 / 256 dB: of 16 gates and 16 compressors, of six buses that there are not, and of all."""
        strips = sum(f"/strip/{i}/fader" in self._desk.parameters for i in range(1, 17))
        rest = [0.0] * (16 - strips)
        gates = [self._desk.reading(f"/strip/{i}/gated")[0] for i in range(1, strips + 1)] + rest
        compressors = [self._desk.reading(f"/strip/{i}/reduction")[0] for i in range(1, strips + 1)] + rest
        glue = self._desk.reading("/bus/reduction")[0]
        return (round(-UNIT * min(max(v, 0.0), 127.0)) for v in (*gates, *compressors, *6 * [0.0], glue))

    def _levels(self) -> Iterator[int]:
        """Levels in steps of 1 / 256 dB: of the strips, then silence, then left and right."""
        strips = sum(f"/strip/{i}/fader" in self._desk.parameters for i in range(1, 17))
        values = [max(self._desk.reading(f"/strip/{i}/level")) for i in range(1, strips + 1)]
        values += [SILENT] * (MAIN - strips) + list(self._desk.reading("/main/level")[:2])
        values += [SILENT] * (METERS - len(values))
        return (round(UNIT * min(max(v, SILENT), 127.0)) for v in values)

    def _send(self, remote: Address, address: str, *values: Argument) -> None:
        try:
            self._socket.sendto(encode(address, *values), remote)
        except OSError:  # the remote has gone
            self._remotes.pop(remote, None)


def _position(entry: Entry, value: float) -> Argument:
    """A parameter's value as the dialect says it."""
    theirs = entry.law.theirs(value)
    return round(theirs) if entry.law.whole else float(min(max(theirs, 0.0), 1.0))


def _default(address: str) -> Argument:
    """What an address holds that nobody has set: a name, a part that is on, a fader that is down."""
    last = address.rsplit("/", 1)[-1]
    if last in ("name", "on"):
        return "" if last == "name" else 1
    return 0.0 if last in ("fader", "level", "pan", "gain") else 0

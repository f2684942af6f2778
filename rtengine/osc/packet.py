"""OSC packets: bytes to messages and back.

python-osc writes them. The parser is our own, as what comes from a network may be hostile: python-osc 1.10 loops for
ever on a bundle of 24 bytes (an element of size -4), and recurses once a level of a nested one. Here each byte is
looked at once.
Source: M. Wright, "The Open Sound Control 1.0 specification", 2002; A. Freed, A. Schmeder, "Features and future of Open
Sound Control version 1.1", NIME 2009 (types T, F, N, I).
"""

import math
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

from pythonosc.osc_message_builder import OscMessageBuilder

Argument = float | int | str | bytes | bool | None

LARGEST = 8192  # bytes of a packet: no control needs more, and 100 ms of a hostile one is too long
DEPTH = 8  # bundles within bundles, arrays within arrays
BUNDLE = b"#bundle\0"
IMMEDIATELY = 1  # the time tag
EPOCH = 2_208_988_800  # seconds from 1900, where NTP begins, to 1970
NUMBERS = {"i": ">i", "f": ">f", "h": ">q", "d": ">d"}
SIGNS: dict[str, Argument] = {"T": True, "F": False, "N": None, "I": math.inf}


class Message(NamedTuple):
    """One message; time is that of its bundle, in seconds since 1970, None for at once."""

    address: str
    arguments: tuple[Argument, ...]
    time: float | None = None


def decode(packet: bytes) -> list[Message]:
    """The messages of a packet, in its order. ValueError if it is not OSC throughout: then nothing of it counts."""
    if len(packet) > LARGEST:
        raise ValueError(f"a packet of {len(packet)} bytes is longer than {LARGEST}")
    if len(packet) % 4:
        raise ValueError(f"a packet of {len(packet)} bytes is no multiple of 4")
    return list(_messages(packet, None, 0))


def _messages(packet: bytes, time: float | None, depth: int) -> Iterator[Message]:
    if not packet.startswith(BUNDLE):
        yield _message(packet, time)
        return
    if depth == DEPTH:
        raise ValueError(f"bundles are nested more than {DEPTH} deep")
    tag, at = _unpack(">Q", packet, len(BUNDLE))
    time = None if tag == IMMEDIATELY else tag / 2**32 - EPOCH
    while at < len(packet):
        size, at = _unpack(">i", packet, at)
        if not 0 < size <= len(packet) - at or size % 4:
            raise ValueError(f"an element of {size} bytes does not fit into its bundle")
        yield from _messages(packet[at : at + size], time, depth + 1)
        at += size


def _message(packet: bytes, time: float | None) -> Message:
    address, at = _string(packet, 0)
    if not address.startswith("/") or not address.isascii():
        raise ValueError("an address starts with / and is ASCII")
    if at == len(packet):  # old senders leave the type tags out if there are no arguments
        return Message(address, (), time)
    tags, at = _string(packet, at)
    if not tags.startswith(","):
        raise ValueError("type tags start with a comma")
    arguments: list[Argument] = []
    for tag in _flat(tags[1:]):
        argument, at = _argument(tag, packet, at)
        arguments.append(argument)
    if at != len(packet):
        raise ValueError(f"{len(packet) - at} bytes follow the last argument")
    return Message(address, tuple(arguments), time)


def _flat(tags: str) -> str:
    """The types without the brackets of arrays: [f] is what f is, for no address here takes a list of lists."""
    depth = 0
    for tag in tags:
        depth += {"[": 1, "]": -1}.get(tag, 0)
        if not 0 <= depth <= DEPTH:
            break
    if depth:
        raise ValueError(f"the brackets of {tags[:40]!r} are not closed, or more than {DEPTH} deep")
    return tags.replace("[", "").replace("]", "")


def _argument(tag: str, packet: bytes, at: int) -> tuple[Argument, int]:
    if tag in NUMBERS:
        return _unpack(NUMBERS[tag], packet, at)
    if tag in SIGNS:
        return SIGNS[tag], at
    if tag == "s":
        return _string(packet, at)
    if tag == "b":
        size, at = _unpack(">i", packet, at)
        end = at + size + -size % 4
        if size < 0 or end > len(packet):
            raise ValueError(f"a blob of {size} bytes does not fit into its packet")
        return packet[at : at + size], end
    raise ValueError(f"type {tag!r} is none of i f s b h d T F N I")


def _unpack(code: str, packet: bytes, at: int) -> tuple[Any, int]:
    end = at + struct.calcsize(code)
    if end > len(packet):
        raise ValueError("the packet ends within a number")
    return struct.unpack_from(code, packet, at)[0], end


def _string(packet: bytes, at: int) -> tuple[str, int]:
    end = packet.find(b"\0", at)
    if end < 0:
        raise ValueError("a string has no end")
    return packet[at:end].decode(), end + 4 - end % 4


def encode(address: str, *arguments: Argument) -> bytes:
    """One message. Whole numbers of more than 32 bits go as type h."""
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)
    return builder.build().dgram

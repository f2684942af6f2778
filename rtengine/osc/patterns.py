"""OSC address patterns: ? * [a-z] [!x] {one,two} within a part of an address, // for any number of parts.

A pattern is matched as a set of positions in the address that grows and shrinks with each piece of the pattern: time is
at most pattern x address, while regular expressions can be made to take years (/*a*a*a*a*a*a*a*a*b).
Source: the OSC 1.0 specification, "OSC message dispatching and pattern matching"; OSC 1.1 for the //.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

SPECIAL = frozenset("?*[]{}")
LONGEST = 255  # characters of a pattern


class Piece(NamedTuple):
    """One step along the address: a kind, and the characters or the words that it takes."""

    kind: str
    text: tuple[str, ...] = ()


def is_pattern(address: str) -> bool:
    """Whether the address may stand for several."""
    return "//" in address or not SPECIAL.isdisjoint(address)


def matching(pattern: str, addresses: Iterable[str]) -> list[str]:
    """Those that the pattern names, in their order. ValueError if it is malformed."""
    if len(pattern) > LONGEST:
        raise ValueError(f"a pattern of {len(pattern)} characters is longer than {LONGEST}")
    pieces = _pieces(pattern)
    return [address for address in addresses if _matches(pieces, address)]


@lru_cache(64)
def _pieces(pattern: str) -> tuple[Piece, ...]:
    pieces, at = [], 0
    while at < len(pattern):
        c = pattern[at]
        if pattern.startswith("//", at):
            pieces.append(Piece("parts"))
            at += 2
        elif c in "[{":
            end = pattern.find("]" if c == "[" else "}", at)
            inside = pattern[at + 1 : end]
            if end < 0 or "/" in inside:
                raise ValueError(f"{c} is not closed")
            pieces.append(_characters(inside) if c == "[" else Piece("words", tuple(inside.split(","))))
            at = end + 1
        elif c in "]}":
            raise ValueError(f"{c} was not opened")
        else:
            pieces.append(Piece({"?": "none of", "*": "any"}.get(c, "one of"), (c,) if c not in "?*" else ()))
            at += 1
    return tuple(pieces)


def _characters(inside: str) -> Piece:
    """[abc], [a-z] and [!a-z]; a minus sign at the end stands for itself."""
    kind = "none of" if inside.startswith("!") else "one of"
    inside = inside.removeprefix("!")
    found: list[str] = []
    while inside:
        if len(inside) > 2 and inside[1] == "-":
            found += map(chr, range(ord(inside[0]), ord(inside[2]) + 1))
            inside = inside[3:]
        else:
            found.append(inside[0])
            inside = inside[1:]
    return Piece(kind, tuple(found))


def _matches(pieces: tuple[Piece, ...], address: str) -> bool:
    positions = {0}
    for piece in pieces:
        positions = _step(piece, address, positions)
        if not positions:
            return False
    return len(address) in positions


def _step(piece: Piece, address: str, positions: set[int]) -> set[int]:
    """Where the piece may end if it starts at one of the positions."""
    match piece.kind:
        case "one of":
            return {p + 1 for p in positions if address[p : p + 1] in piece.text}
        case "none of":  # no character of a part is a slash
            return {p + 1 for p in positions if address[p : p + 1] not in ("", "/", *piece.text)}
        case "words":
            return {p + len(word) for p in positions for word in piece.text if address.startswith(word, p)}
        case "any":
            ends: set[int] = set()
            for p in sorted(positions):
                if p not in ends:  # else an earlier one has been through
                    slash = address.find("/", p)
                    ends.update(range(p, (slash if slash >= 0 else len(address)) + 1))
            return ends
        case _:  # parts: from a slash to just after this or any later one
            first = min((p for p in positions if address.startswith("/", p)), default=len(address))
            return {q + 1 for q in range(first, len(address)) if address[q] == "/"}

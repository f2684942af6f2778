"""The links of an Ogg file: streams that were put one after the other, as radio stations and `cat` do.

Source: RFC 3533, section 6 (a page), section 4 (chaining: a link begins where pages that begin streams come after
others that do not). RFC 7845 and 7846 allow that in Opus, the Vorbis I specification in Vorbis.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from rtengine.files.handle import Part

CAPTURE = b"OggS\0"
HEADER = 27  # bytes of a page before its table of segments
FIRST, LAST = 2, 4  # bits of a page's type: it begins, it ends a stream
CHUNK = 1 << 16  # bytes searched at once for a page, where one was expected and is not


class Page(NamedTuple):
    """Where a page stands in the file, its type, and the number of its stream."""

    start: int
    stop: int
    type: int
    serial: bytes


@dataclass
class Link:
    """Bytes start to stop. ended: every stream of it ends with the page that says so."""

    start: int
    stop: int
    ended: bool


def links(part: Part) -> list[Link]:
    """The links of a file in their order; none if it has no page of Ogg."""
    found: list[Link] = []
    beginning, open_streams = False, set[bytes]()
    for page in _pages(part):
        if page.type & FIRST and not beginning:
            if found:
                found[-1].stop, found[-1].ended = page.start, not open_streams
            found.append(Link(page.start, part.size, False))
            open_streams = set()
        beginning = bool(page.type & FIRST)
        if beginning:
            open_streams.add(page.serial)
        if page.type & LAST:
            open_streams.discard(page.serial)
    if found:
        found[0].start, found[-1].ended = 0, not open_streams
    return found


def _pages(part: Part) -> Iterator[Page]:
    """All pages; what stands between them is skipped."""
    position = 0
    while position + HEADER <= part.size:
        part.seek(position)
        header = part.read(HEADER) or b""
        if not header.startswith(CAPTURE):
            position = _next(part, position + 1)
            continue
        sizes = part.read(header[26]) or b""
        stop = position + HEADER + len(sizes) + sum(sizes)
        if stop > part.size:
            return
        yield Page(position, stop, header[5], header[14:18])
        position = stop


def _next(part: Part, position: int) -> int:
    """Where the next page seems to begin; the end if there is none."""
    while position < part.size:
        part.seek(position)
        data = part.read(CHUNK) or b""
        at = data.find(CAPTURE)
        if at >= 0:
            return position + at
        position += max(len(data) - len(CAPTURE) + 1, 1)
    return part.size

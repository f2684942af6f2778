"""What a file says of itself: title, artist, album, track, year, genre, cover."""

from dataclasses import dataclass
from pathlib import Path

LONGEST = 500  # letters of a tag that are kept: beyond, it is no name


@dataclass(frozen=True)
class Tags:
    """Texts as they are written, "" where nothing is; numbers 0 where none are."""

    title: str = ""
    artist: str = ""
    album: str = ""
    album_artist: str = ""
    genre: str = ""
    track: int = 0
    disc: int = 0
    year: int = 0


def read(file: Path) -> Tags:
    """The tags of a file, in any format that mutagen knows; without any, the title is the file's name."""
    import mutagen

    try:
        found = mutagen.File(file, easy=True)
    except (mutagen.MutagenError, OSError, ValueError, KeyError, IndexError, TypeError):  # its parsers raise all these
        found = None
    tags = found.tags if found is not None and found.tags else {}

    def text(name: str) -> str:
        try:
            values = tags.get(name) or [""]
        except (KeyError, ValueError, TypeError):  # some of its mappings refuse names instead of giving nothing
            return ""
        value = str(values[0] if isinstance(values, list) else values)
        return " ".join(value[:LONGEST].replace("\0", " ").encode("utf-8", "replace").decode().split())

    return Tags(
        title=text("title") or " ".join(named(file.stem).split()),
        artist=text("artist"),
        album=text("album"),
        album_artist=text("albumartist"),
        genre=text("genre"),
        track=_number(text("tracknumber")),
        disc=_number(text("discnumber")),
        year=_number(text("date")[:4]),
    )


def artist_of(file: Path) -> str:
    """The artist that the file names, or ""."""
    return read(file).artist


def named(name: str) -> str:
    """A file's name as text: bytes that are no UTF-8 become signs that can be written."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def cover(file: Path) -> tuple[bytes, str] | None:
    """The picture in a file and its type, as "image/jpeg"; None if there is none."""
    import mutagen

    try:
        found = mutagen.File(file)
    except (mutagen.MutagenError, OSError, ValueError, KeyError, IndexError, TypeError):
        return None
    if found is None:
        return None
    pictures = list(getattr(found, "pictures", []))
    for name, value in (found.tags or {}).items() if hasattr(found.tags, "items") else ():
        if str(name).startswith("APIC"):
            pictures.append(value)
        elif name == "covr":
            pictures += [_Cover(bytes(v)) for v in value]
    return (bytes(pictures[0].data), str(pictures[0].mime) or "image/jpeg") if pictures else None


class _Cover:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.mime = "image/png" if data[:4] == b"\x89PNG" else "image/jpeg"


def _number(text: str) -> int:
    digits = text.partition("/")[0].strip()
    return int(digits) if digits.isdecimal() and len(digits) < 6 else 0

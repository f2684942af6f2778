"""One request: its parameters, who asks, and the library's state that it sees."""

from collections.abc import Callable, Mapping
from typing import Any

from rtengine.library.store import Library
from rtengine.subsonic.answer import MISSING, NOT_FOUND, Payload, ProtocolError
from rtengine.subsonic.shelf import Row, Shelf

MOST_ROWS = 500  # rows of a list, as the protocol allows


class Request:
    """said: all values of each parameter, from the address and a form."""

    def __init__(self, said: Mapping[str, list[str]], user: str, state: "State") -> None:
        self.said, self.user, self.state = said, user, state

    @property
    def library(self) -> Library:
        return self.state.library

    @property
    def shelf(self) -> Shelf:
        return self.state.shelf

    def text(self, name: str, default: str | None = None) -> str:
        """A parameter; ProtocolError if it is missing and has no default."""
        values = self.said.get(name)
        if values:
            return values[0]
        if default is None:
            raise ProtocolError(MISSING, f"the parameter {name} is missing")
        return default

    def number(self, name: str, default: int, low: int = 0, high: int = MOST_ROWS) -> int:
        """A whole number within its bounds, the nearer bound where it is outside; ProtocolError if it is none."""
        text = self.text(name, str(default))
        try:
            return min(max(int(text), low), high)
        except ValueError:
            raise ProtocolError(MISSING, f"{name} = {text[:40]!r} is not a whole number") from None

    def all(self, name: str) -> list[str]:
        return self.said.get(name, [])

    def track(self, text: str) -> Row:
        """The piece of an identifier; ProtocolError if there is none."""
        number = text.removeprefix("tr-")
        row = self.library.row(int(number)) if number.isdecimal() and len(number) < 19 else None
        if row is None or row["gone"]:
            raise ProtocolError(NOT_FOUND, f"there is no song {text[:40]!r}")
        return row

    def starred(self, kind: str) -> dict[str, float]:
        """When the albums or artists were starred."""
        rows = self.library.db.execute("SELECT name, at FROM starred WHERE kind = ?", (kind,))
        return {r["name"]: r["at"] for r in rows}


class State:
    """The library, and what is made of it and kept until it changes."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.playing: dict[str, tuple[int, float]] = {}  # by app: the piece, and since when
        self._kept: dict[str, tuple[object, Any]] = {}

    @property
    def shelf(self) -> Shelf:
        return self.kept("shelf", lambda: Shelf(self.library))

    def kept(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` makes, made again whenever a piece was added, changed, rated or played."""
        sums = (
            "count(*), max(added), total(changed), total(rating), total(plays), total(skips), total(stars), max(played)"
        )
        mark = tuple(self.library.db.execute(f"SELECT {sums} FROM tracks WHERE gone = 0").fetchone())
        if name not in self._kept or self._kept[name][0] != mark:
            self._kept[name] = mark, make()
        return self._kept[name][1]


Endpoint = Callable[[Request], Payload]

"""One line of a benchmark: ours beside a named peer's, from the same run."""

from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table


@dataclass(frozen=True)
class Row:
    """value and peer_value in one unit; less is better, or `more` is. note: what else was measured, or the bound.

    Of several runs a value is the least, and median theirs.
    """

    name: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    note: str = ""
    more: bool = False
    median: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times better than the peer."""
        if not self.peer_value or not self.value:
            return None
        return self.value / self.peer_value if self.more else self.peer_value / self.value

    def json(self) -> dict[str, Any]:
        """All of it, by name."""
        return asdict(self) | {"ratio": self.ratio}


def table(title: str, rows: list[Row]) -> Table:
    """The rows for a terminal."""
    drawn = Table(title=title, title_justify="left")
    for name, justify in (
        ("", "left"),
        ("ours", "right"),
        ("median", "right"),
        ("", "left"),
        ("peer", "left"),
        ("peer's", "right"),
    ):
        drawn.add_column(name, justify=justify)  # type: ignore[arg-type]  # a str is one of rich's literals
    drawn.add_column("ratio", justify="right")
    drawn.add_column("note")
    for row in rows:
        peer = "" if row.peer_value is None else f"{row.peer_value:.3g}"
        ratio = "" if row.ratio is None else f"{row.ratio:.1f} x"
        middle = "" if row.median is None else f"{row.median:.3g}"
        drawn.add_row(row.name, f"{row.value:.3g}", middle, row.unit, row.peer, peer, ratio, row.note)
    return drawn

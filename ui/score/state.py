"""What the page knows of a score, asked from the host piece by piece, again whenever the host has another version."""

import math
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtengine.files.json_text import parsed
from rtengine.osc.packet import Argument
from ui.host.desk import Desk

KINDS = ("markers", "notes", "bars", "curves")
MOST = 200_000  # rows of a kind: more is no film


class Score(QObject):
    """Rows by kind: markers [second, strength, cut, by hand], notes [start, end, pitch, loudness, part], bars [second,
    beat], curves [second, motion, valence, arousal, brightness]. facts: of /score/about. changed: all has come.
    """

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.facts: dict[str, Any] = {}
        self.rows: dict[str, list[list[float]]] = {kind: [] for kind in KINDS}
        self._coming: dict[str, list[list[float]]] = {}
        self._version = -1.0
        self._film = ""
        desk.watch("/score/version", self._hear_version)
        desk.watch("/score/about.reply", self._hear_about)
        for kind in KINDS:
            desk.watch(
                f"/score/{kind}.reply", lambda first, until, text, kind=kind: self._hear(kind, first, until, text)
            )

    @property
    def end(self) -> float:
        """Seconds of the film; 0 if there is none."""
        end = self.facts.get("end", 0.0)
        return float(end) if isinstance(end, int | float) and math.isfinite(end) else 0.0

    def forget(self) -> None:
        """The host is lost."""
        self.facts, self._version, self._film = {}, -1.0, ""
        self.rows = {kind: [] for kind in KINDS}
        self.changed.emit()

    def _hear_version(self, version: Argument) -> None:
        if isinstance(version, int | float) and version != self._version:
            self._version = float(version)
            if version:  # 0: nothing is written yet
                self.desk.ask.emit("/score/about", (1,))

    def _hear_about(self, text: Argument) -> None:
        facts = read(text)
        if not isinstance(facts, dict):
            return
        self.facts = facts
        fresh = facts.get("film") != self._film  # the curves are the film's, whatever becomes of the notes
        self._film = str(facts.get("film", ""))
        wanted = KINDS if fresh else KINDS[:3]
        self._coming = {kind: [] for kind in wanted}
        for kind in wanted:
            self.desk.ask.emit(f"/score/{kind}", (0.0,))

    def _hear(self, kind: str, first: Argument, until: Argument, text: Argument) -> None:
        rows = read(text)
        coming = self._coming.get(kind)
        if coming is None or not isinstance(rows, list) or not isinstance(until, float) or not isinstance(first, float):
            return
        coming += [row for row in rows if isinstance(row, list) and all(isinstance(v, int | float) for v in row)]
        if until > first and until < self.end - 1e-3 and len(coming) < MOST:
            self.desk.ask.emit(f"/score/{kind}", (until,))
            return
        self.rows[kind] = self._coming.pop(kind)
        if not self._coming:
            self.changed.emit()


def read(text: Argument) -> object:
    """JSON, or None: it comes from the network."""
    try:
        return parsed(text) if isinstance(text, str) else None
    except ValueError:
        return None

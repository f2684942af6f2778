"""The page of a film's score: the film, its course, and everything that a hand can do about the music."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from rtengine.osc.packet import Argument
from ui.host.desk import Desk
from ui.look import theme, words
from ui.look.layout import button, card, column, label, row, title
from ui.parts.controls import made
from ui.score.film import Screen
from ui.score.state import Score
from ui.score.timeline import COLOURS, Timeline
from ui.views.plot import clock

PARTS = ("melody", "harmony", "pad", "bass", "accents", "drums")
TURNED = ("sensitivity", "tempo", "mood", "glad", "stir")  # controls of the conductor, beside the parts
SIDE = 300  # pixels of the right column
NARROW = 760  # pixels of the page below which the film stands above the controls
STILL = 0.2  # seconds between two pictures of the film


class ScorePage(QWidget):
    """Made of a desk whose host plays the score patch; made anew when the host offers other controls."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk, self.body = desk, Body(desk)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.body)
        desk.rebuilt.connect(self.rebuild)

    def rebuild(self) -> None:
        """All watches have ended: make another body."""
        if "/score/sensitivity" not in self.desk.controls:
            return
        old, self.body = self.body, Body(self.desk)
        old.picture.end()
        layout = self.layout()
        assert layout
        layout.replaceWidget(old, self.body)
        old.deleteLater()

    def forget(self) -> None:
        """The host is lost: nothing is known of now."""
        self.body.score.forget()


class Body(QWidget):
    """What the page shows."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk, self.score = desk, Score(desk)
        self.picture, self.timeline = Screen(), Timeline()
        self.played = button(self.tr("Play"), checkable=True, tip=self.tr("go on with the film, or pause it"))
        self.place, self.about = label("", "quiet"), label("", "quiet")
        self.about.setWordWrap(True)
        self.marked = button(self.tr("Stretch"), checkable=True, tip=self.tr("mark a part of the film in the notes"))
        self.again = button(self.tr("Write anew"), tip=self.tr("other notes for the stretch, or for the whole film"))
        self.other = button(self.tr("Other piece"), tip=self.tr("another key, harmony and melody"))
        self.name = QLineEdit(self.tr("score"))
        self.name.setMaxLength(64)
        self.name.setAccessibleName(self.tr("Name of the export"))
        self.saved = button(self.tr("Export"), tip=self.tr("write the film with what is heard, among the takes"))
        self.locks = {part: button("", checkable=True, tip=self.tr("keep this part as it is")) for part in PARTS}
        self._position = 0.0
        self._lay_out()
        self._connect()
        self.show_score()

    def sizeHint(self) -> QSize:
        return QSize(980, 620)

    def _lay_out(self) -> None:
        actions = row(self.played, self.place, (QWidget(), 1), self.marked, self.again, self.other, spacing=6)
        hint = label(self.tr("double click: marker · drag: move · right click: remove · click: go there"), "quiet")
        hint.setWordWrap(True)
        course = column(actions, (self.timeline, 1), hint)
        side = column(card(column(self.picture, self.about)), card(self._controls()), card(self._parts()),
                      card(row((self.name, 1), self.saved)))  # fmt: skip
        side.addStretch(1)
        inner = QWidget()
        inner.setLayout(side)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        scroll.setFixedWidth(SIDE)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        layout.setSpacing(theme.GAP)
        layout.addWidget(card(course), 1)
        layout.addWidget(scroll)

    def _controls(self) -> QVBoxLayout:
        parts = column(title(self.tr("Music")), spacing=5)
        for name in TURNED:
            control = self.desk.controls.get(f"/score/{name}")
            if control:
                parts.addWidget(made(self.desk, control))
        return parts

    def _parts(self) -> QVBoxLayout:
        parts = column(title(self.tr("Parts")), spacing=4)
        for part, colour in zip(PARTS, COLOURS, strict=True):
            control = self.desk.controls.get(f"/score/{part}")
            name = label(words.said(part))
            name.setStyleSheet(f"color: {colour}; background: transparent;")
            name.setMinimumWidth(64)
            lock = self.locks[part]
            lock.setText(self.tr("Lock"))
            parts.addLayout(row(name, *([(made(self.desk, control), 1)] if control else []), lock, spacing=6))
        return parts

    def _connect(self) -> None:
        ask, timeline = self.desk.ask.emit, self.timeline
        self.played.clicked.connect(lambda on: ask("/score/play", (bool(on),)))
        self.again.clicked.connect(lambda: ask("/score/regenerate", timeline.chosen()))
        self.other.clicked.connect(lambda: ask("/score/seed", (int(self.score.facts.get("seed", 0)) + 1,)))
        self.saved.clicked.connect(lambda: ask("/score/export", (self.name.text(),)))
        self.marked.toggled.connect(timeline.show_stretch)
        timeline.moved.connect(lambda old, new: ask("/score/marker/move", (old, new)))
        timeline.added.connect(lambda second: ask("/score/marker/add", (second,)))
        timeline.removed.connect(lambda second: ask("/score/marker/remove", (second,)))
        timeline.sought.connect(lambda second: ask("/score/seek", (second,)))
        for part, lock in self.locks.items():
            lock.clicked.connect(lambda on, part=part: ask("/score/lock", (part, bool(on))))
        self.score.changed.connect(self.show_score)
        self.desk.watch("/score/position", self.show_position)

    def show_score(self) -> None:
        """Another version has come."""
        facts, rows = self.score.facts, self.score.rows
        self.timeline.show_film(str(facts.get("film", "")), self.score.end, rows["curves"])
        self.timeline.show_piece(rows["markers"], rows["notes"], rows["bars"])
        locked = facts.get("locked", [])
        for part, lock in self.locks.items():
            lock.setChecked(isinstance(locked, list) and part in locked)
        if facts:
            self.played.setChecked(True)
            who = words.said(str(facts.get("composer", "")))
            self.about.setText(self.tr("{}, {} beats a minute, {} notes, {}").format(
                words.said(str(facts.get("mood", ""))), facts.get("tempo", ""), len(rows["notes"]), who))  # fmt: skip
        else:
            self.about.setText(self.tr("the film is being read"))
        self.show_position(self._position)

    def show_position(self, seconds: Argument) -> None:
        """Where the film is."""
        if not isinstance(seconds, int | float):
            return
        self._position = float(seconds)
        self.timeline.show_position(self._position)
        self.place.setText(f"{clock(round(self._position, 1))} / {clock(round(self.score.end, 1))}")
        self.picture.show_at(self.timeline_film(), round(self._position / STILL) * STILL)

    def timeline_film(self) -> str:
        """The film's path at the host."""
        return str(self.score.facts.get("film", ""))

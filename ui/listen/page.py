"""The listener's tab: what is heard now, in large letters, and the last five minutes below."""

from PySide6.QtCore import QCoreApplication, QSize, QTimer
from PySide6.QtWidgets import QLabel, QWidget

from ui.host.desk import Desk
from ui.listen.past import Past, moment
from ui.listen.timeline import UNSURE, Timeline
from ui.look import theme, words
from ui.look.layout import column, label

BLOCK = "/listener"
NAMES = ("tags", "genre", "sureness", "tempo", "key", "loudness")
SECOND = 1000  # milliseconds
FIRST = 3  # tags that are named


def is_there(desk: Desk) -> bool:
    """Whether the host listens."""
    return f"{BLOCK}/tags" in desk.shown


class ListenPage(QWidget):
    """past: what was told of late."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk, self.past = desk, Past()
        self.now, self.about = QLabel(), label("", "quiet")
        self.now.setStyleSheet("font-size: 17pt; font-weight: 600;")
        self.now.setAccessibleName(self.tr("What is heard now"))
        self.timeline = Timeline(self.past)
        lines = column(self.now, self.about, self.timeline)
        lines.setStretch(2, 1)
        lines.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        self.setLayout(lines)
        self.setAccessibleName(self.tr("What the host hears"))
        self._timer = QTimer(self, interval=SECOND)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self.look()

    def sizeHint(self) -> QSize:
        return QSize(640, 420)

    def look(self) -> None:
        """Note what the host told last, and show it."""
        if not is_there(self.desk):
            return
        told = {name: self.desk.readings.get(f"{BLOCK}/{name}", ()) for name in NAMES}
        choice = self.desk.shown.get(f"{BLOCK}/tag")
        self.timeline.tags = choice.choices if choice else ()
        self.past.moments.append(moment(told) if any(told.values()) else None)
        self._say()
        self.timeline.update()

    def _say(self) -> None:
        last = self.past.moments[-1] if self.past.moments else None
        if last is None or not any(last.tags):
            self.now.setText(self.tr("Listening …"))
            self.about.setText(self.tr("The first word comes after four seconds of music"))
            return
        best = sorted(zip(last.tags, self.timeline.tags, strict=False), reverse=True)[:FIRST]
        self.now.setText(", ".join(name for _, name in best))
        unsure = QCoreApplication.translate("listen", "unsure")
        genre = words.said(last.genre) if last.genre and last.genre != UNSURE else unsure
        parts = [self.tr("genre: {0}").format(genre)]
        parts.append(
            self.tr("{0} beats a minute").format(round(last.tempo)) if last.tempo else self.tr("no steady beat")
        )
        parts.append(self.tr("key: {0}").format(last.key if last.key and last.key != UNSURE else unsure))
        if last.loudness is not None:
            parts.append(f"{last.loudness:.0f} LUFS".replace("-", "−"))
        self.about.setText("  ·  ".join(parts))

    def forget(self) -> None:
        """The host is lost: what was heard stays, and a hole comes."""
        self.past.moments.append(None)
        self.now.setText("–")
        self.about.setText("")
        self.timeline.update()

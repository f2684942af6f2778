"""The log: what happened, and when."""

from PySide6.QtCore import Qt, QTime
from PySide6.QtWidgets import QPlainTextEdit

LINES = 500


class Log(QPlainTextEdit):
    """Sentences with the time of day, the newest below."""

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setMaximumBlockCount(LINES)
        self.setAccessibleName(self.tr("Log"))
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._last = ""

    def say(self, sentence: str) -> None:
        """Add a sentence; the same as before is not said twice within a second."""
        now = QTime.currentTime().toString("HH:mm:ss")
        line = f"{now}  {sentence}"
        if line != self._last:
            self._last = line
            self.appendPlainText(line)

    def lines(self) -> list[str]:
        """All that is shown."""
        return self.toPlainText().splitlines()

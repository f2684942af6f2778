"""The level check: how loud the input is, as a bar and in a word that says what to do."""

from PySide6.QtWidgets import QLabel, QProgressBar, QWidget

from ui.host.desk import Desk
from ui.look import theme
from ui.look.layout import column

SCOPE = "/scope/input"
LOWEST = -60.0  # dBFS, of the bar
SILENT, SOFT, HOT, OVER = -60.0, -36.0, -6.0, -1.0  # dBFS of the peak
FALL = 1.0  # dB by which the bar falls at each message


class InputLevel(QWidget):
    """The louder channel's peak."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk, self.peak = desk, LOWEST
        self.bar, self.words = QProgressBar(), QLabel()
        self.bar.setRange(0, round(-10 * LOWEST))
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(12)
        self.bar.setAccessibleName(self.tr("Level of the input"))
        self.setLayout(column(self.bar, self.words, spacing=2))
        self.show_peak(LOWEST)
        desk.watch(SCOPE, self.feed)

    def feed(self, clock: int, spectrum: bytes, waveform: bytes, *levels: float) -> None:
        """Loudness, momentary and short-term, then peak, rms (dBFS) and true peak of each channel."""
        if len(levels) >= 5:
            self.show_peak(max(*levels[2::3], self.peak - FALL))

    def show_peak(self, peak: float) -> None:
        """In dBFS."""
        self.peak = max(peak, LOWEST)
        self.bar.setValue(round(10 * (self.peak - LOWEST)))
        words, colour = self.verdict()
        self.words.setText(words)
        self.words.setStyleSheet(f"color: {colour};")
        self.bar.setStyleSheet(f"QProgressBar::chunk {{ background: {colour}; }}")

    def verdict(self) -> tuple[str, str]:
        """What to do, and its colour."""
        if self.peak <= SILENT:
            return self.tr("Nothing comes in: play something, or choose another input"), theme.QUIET
        if self.peak < SOFT:
            return self.tr("Soft: turn the input up"), theme.WARM
        if self.peak <= HOT:
            return self.tr("Good"), theme.GOOD
        return (
            (self.tr("Loud: turn the input down a little"), theme.WARM)
            if self.peak <= OVER
            else (self.tr("Too loud: turn the input down"), theme.STOP)
        )

    def leave(self) -> None:
        """Listen no more."""
        self.desk.unwatch(SCOPE, self.feed)

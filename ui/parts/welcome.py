"""What a newcomer sees first: three ways to hear something, and why the microphone is off."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from ui.look import theme
from ui.look.layout import button, column, label, row
from ui.parts.over import Over

WIDE = 400  # pixels


class Welcome(Over):
    """Signals, one for each way: demo, song, device; microphone: let it in."""

    demo = Signal()
    song = Signal()
    device = Signal()
    microphone = Signal()

    def __init__(self, below: QWidget) -> None:
        super().__init__(below)
        self.setFixedWidth(WIDE + 48)
        ways = (
            (self.tr("Play the demo"), self.tr("a piece of music that comes with it"), self.demo),
            (self.tr("Open a song"), self.tr("any file of yours, or drop one on this window"), self.song),
            (
                self.tr("Choose a device"),
                self.tr("an instrument or a voice, through your sound card"),
                self.device,
            ),
        )
        self.buttons: list[QPushButton] = []
        heading = label(self.tr("What shall be heard?"))
        heading.setStyleSheet(f"font-size: {theme.LARGE}pt; font-weight: 600;")
        lines: list[QWidget] = []
        for words, meaning, signal in ways:
            made = button(words, "large")
            made.setCursor(Qt.CursorShape.PointingHandCursor)
            made.clicked.connect(signal)
            told = label(meaning, "quiet")
            told.setContentsMargins(2, 0, 0, 4)
            self.buttons.append(made)
            lines += [made, told]
        self.muted = label(
            self.tr("The microphone is off: let in beside loudspeakers it would howl. Put on headphones first.")
        )
        self.muted.setWordWrap(True)
        self.unmute = button(self.tr("Let it in"))
        self.unmute.clicked.connect(self.microphone)
        layout = column(heading, *lines, row((self.muted, 1), self.unmute), spacing=4)
        layout.setContentsMargins(24, 18, 24, 18)
        self.setLayout(layout)

    def open(self, muted: bool) -> None:
        """Show it; muted: whether the microphone is off."""
        for part in (self.muted, self.unmute):
            part.setVisible(muted)
        self.show()
        self.place()
        self.buttons[0].setFocus()

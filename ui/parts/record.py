"""The record button: how long it has recorded, and for how long the disk has room."""

from PySide6.QtWidgets import QPushButton

from ui.host.desk import Desk

START, STOP = "/record/start", "/record/stop"
SHORT = 600.0  # seconds of room from which it is said while nothing is recorded


class Record(QPushButton):
    """Lit while the host records."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk, self.is_recording = desk, False
        self.setCheckable(True)
        self.setProperty("role", "record")
        self.clicked.connect(self._clicked)
        self.forget()

    def forget(self) -> None:
        """The host is lost: nothing is known of it now."""
        self.show_status({})

    def show_status(self, status: dict[str, object]) -> None:
        """What the host answers to /status."""
        recorded, room = (float(v) if isinstance(v := status.get(k), float) else 0.0 for k in ("recorded", "room"))
        self.is_recording = bool(status.get("recording"))
        self.setChecked(self.is_recording)
        self.setEnabled(START in self.desk.addresses and "recording" in status)
        left = self.tr("{} left on the disk").format(hours(room))
        if self.is_recording:
            self.setText(f"● {clock(recorded)} · " + self.tr("{} left").format(hours(room)))
        else:
            self.setText(self.tr("● Record") + (f" · {left}" if 0 < room < SHORT else ""))
        self.setToolTip(self.tr("Record what is heard, and what goes in, into the folder of takes") + f"<br>{left}")

    def _clicked(self) -> None:
        self.setChecked(self.is_recording)  # until the host says otherwise
        self.desk.ask.emit(STOP if self.is_recording else START, () if self.is_recording else ("",))
        self.desk.ask.emit("/status", ())


def clock(seconds: float) -> str:
    """0:07, 12:40, 1:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def hours(seconds: float) -> str:
    """A time that nobody needs to the second: 40 s, 12 min, 5 h."""
    if seconds < 120:
        return f"{int(seconds)} s"
    return f"{int(seconds / 60)} min" if seconds < 7200 else f"{int(seconds / 3600)} h"

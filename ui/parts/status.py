"""The state of the host: its device, its time, and what went wrong, in plain numbers."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from ui.host.desk import Desk, Watch
from ui.look import theme
from ui.look.layout import button, grid, label

COLOURS = {"connected": theme.GOOD, "looking": theme.STOP, "null": theme.WARM}
NONE = "null"  # the device that plays where there is none
RED = 0.8  # load from which it is shown as wrong


class Status(QWidget):
    """Rows of a name and a value. lost: whether the device went away, and its name."""

    lost = Signal(bool, str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.state, self._device = "", ""
        self.sample_rate, self.latency = 0.0, 0
        self._before: tuple[float, float, float] | None = None  # seconds: played, needed, worked
        self.device = QLabel("–")
        self.device.setWordWrap(True)
        self.choose = button(self.tr("Device …"), tip=self.tr("Play with another input and output"))
        table = grid(theme.GAP, 3)
        self.setLayout(table)
        table.setColumnStretch(1, 1)
        table.addWidget(self.device, 0, 0, 1, 2)
        rows = (
            ("rate", self.tr("Sample rate"), self.tr("Samples a second")),
            ("latency", self.tr("Latency"), self.tr("From the input to its effect on the output, without the device")),
            ("load", self.tr("Load"), self.tr("Share of the time that the audio thread needs, of late; 100 % is all")),
            ("worker", self.tr("Worker"), self.tr("Share of a core that the textures need beside it, of late")),
            ("xruns", self.tr("Xruns"), self.tr("Buffers that the device lost")),
            ("late", self.tr("Late"), self.tr("Time for which the dry sound stood in for the effect")),
        )
        self._values: dict[str, QLabel] = {}
        for row, (key, words, meaning) in enumerate(rows, 1):
            name, value = label(words, "quiet"), QLabel("–")
            for widget in (name, value):
                widget.setToolTip(meaning)
            self._values[key] = value
            table.addWidget(name, row, 0)
            table.addWidget(value, row, 1)
        table.addWidget(self.choose, len(rows) + 1, 0, 1, 2)

    def watch(self) -> None:
        """Hear what the host tells of itself."""
        watches: dict[str, Watch] = {
            "/engine/sample_rate": self.show_rate,
            "/engine/latency": self.show_latency,
            "/engine/xruns": self.show_xruns,
            "/engine/late": self.show_late,
            "/device": self.show_device,
        }
        for address, watch in watches.items():
            self.desk.watch(address, watch)

    def forget(self) -> None:
        """The host is lost: nothing is known of now."""
        self.state, self._before = "", None
        self.device.setText("–")
        for key in self._values:
            self._set(key, "–")

    def show_device(self, state: str, name: str = "", *more: object) -> None:
        """connected, looking or null; and the device."""
        if state == "connected":
            self._device = name
        elif state == "looking":  # its name is now that of what plays instead
            name = self._device or name
        words = {
            "connected": self.tr("Playing on {}").format(name),
            "looking": self.tr("Lost {}, looking for it").format(name) if name != NONE else self.tr("No sound card"),
            "null": self.tr("No device: silent"),
        }.get(state, name or "–")
        colour = COLOURS.get(state, theme.QUIET)
        self.device.setText(f'<span style="color:{colour}">●</span>&nbsp; {words}')
        if (state == "looking") != (self.state == "looking"):
            self.lost.emit(state == "looking", name)
        self.state = state

    def show_rate(self, rate: float) -> None:
        """In Hz."""
        self.sample_rate = float(rate)
        self._set("rate", f"{rate:g} Hz")
        self._show_latency()

    def show_latency(self, samples: int) -> None:
        """In samples."""
        self.latency = int(samples)
        self._show_latency()

    def show_xruns(self, count: int) -> None:
        """Lost buffers."""
        self._set("xruns", str(count), count > 0)

    def show_late(self, samples: int) -> None:
        """Samples of dry sound in place of the effect."""
        seconds = samples / self.sample_rate if self.sample_rate else 0.0
        self._set("late", f"{1000 * seconds:.0f} ms" if seconds < 10 else f"{seconds:.1f} s", samples > 0)

    def recent_load(self, status: dict[str, object]) -> float | None:
        """The share of a core that audio thread and workers have needed since the last answer to /status.

        The answers tell totals; None at the first one, and when another graph has begun to count.
        """
        load, clock, rate, worked = (status.get(key) for key in ("load", "clock", "sample_rate", "worked"))
        if not (isinstance(load, float) and isinstance(clock, int) and isinstance(rate, float) and rate > 0):
            return None
        played = clock / rate
        now, before = (played, load * played, float(worked) if isinstance(worked, float) else 0.0), self._before
        self._before = now
        if before is None or now[0] <= before[0] or now[2] < before[2]:
            return None
        audio, worker = ((now[i] - before[i]) / (now[0] - before[0]) for i in (1, 2))
        self._set("load", f"{100 * audio:.1f} %", audio >= RED)
        self._set("worker", f"{100 * worker:.1f} %", worker >= RED)
        return max(audio, 0.0) + worker

    def _show_latency(self) -> None:
        if self.sample_rate:
            self._set("latency", f"{1000 * self.latency / self.sample_rate:.1f} ms")

    def _set(self, key: str, text: str, wrong: bool = False) -> None:
        self._values[key].setText(text)
        self._values[key].setStyleSheet(f"color: {theme.WARM};" if wrong else "")


def pairs(arguments: tuple[object, ...]) -> dict[str, object]:
    """What /status.reply says: names and values in turn."""
    return {name: value for name, value in zip(arguments[::2], arguments[1::2], strict=False) if isinstance(name, str)}

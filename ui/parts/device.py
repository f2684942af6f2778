"""The device page: input and output, rate and block, MIDI; a test tone to hear the one, a level to see the other."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QWidget

from ui.host.desk import Desk
from ui.host.files_of_host import Folder
from ui.look import theme
from ui.look.layout import button, column, label, row
from ui.parts.box import Box
from ui.parts.input_level import InputLevel
from ui.parts.status import pairs
from ui.parts.test_tone import TestTone

SELECT, LIST, REPLY = "/device/select", "/device/list", "/device/list.reply"
MIDI, MIDI_REPLY, STATUS = "/midi/list", "/midi/list.reply", "/status.reply"
NONE = "null"
RATES = (44_100, 48_000, 88_200, 96_000)  # Hz
BLOCKS = (32, 64, 128, 256, 512, 1024, 2048)  # samples
OPTIONS = {"rate": "--sample-rate", "block": "--block-size", "midi": "--midi"}  # of a host that is started again


class DeviceChoice(QDialog):
    """Asks for what the host plays on, and tells the host.

    songs: the host's folder of them. ours: whether the host can be started again with other settings; restarted:
    these, as options of its command line.
    """

    restarted = Signal(object)

    def __init__(self, desk: Desk, songs: Folder, ours: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk, self.ours = desk, ours
        self.setWindowTitle(self.tr("Device"))
        self.setMinimumWidth(480)
        self.input, self.output, self.rate, self.block, self.midi = Box(), Box(), Box(), Box(), Box()
        self._told: set[Box] = set()  # those that show what the host has chosen
        self._make_form()
        self.tone = TestTone(desk, songs)
        self.test = button(self.tr("Test tone"), "warm", checkable=True)
        self.test.setToolTip(self.tr("Left, right, both, at -18 dBFS, from the host's output"))
        self.test.toggled.connect(self._test)
        self.level = InputLevel(desk)
        layout = column(*self._lines(), spacing=theme.GAP)
        layout.setContentsMargins(18, 16, 18, 16)
        self.setLayout(layout)
        self.fill()
        self._watches = {REPLY: self.fill, MIDI_REPLY: self.fill_midi, STATUS: self.show_status}
        for address, watch in self._watches.items():
            desk.watch(address, watch)
        for address in (LIST, MIDI, "/status"):
            if address in desk.addresses:
                desk.ask.emit(address, ())

    def _make_form(self) -> None:
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(2 * theme.GAP)
        lines = (
            (self.tr("Input"), self.input),
            (self.tr("Output"), self.output),
            (self.tr("Sample rate"), self.rate),
            (self.tr("Block"), self.block),
            (self.tr("MIDI in"), self.midi),
        )
        for words, box in lines:
            self.form.addRow(words, box)
            box.setAccessibleName(words)
        for box in (self.input, self.output):
            box.setEditable(True)
            line = box.lineEdit()
            if line:
                line.setPlaceholderText(self.tr("the system's own"))
        self._offer(self.rate, self.tr("the device's own"), [(f"{rate} Hz", str(rate)) for rate in RATES])
        self._offer(self.block, "", [(self.tr("{} samples").format(size), str(size)) for size in BLOCKS])
        self.fill_midi()
        self._kept = {"rate": "", "block": self.block.currentData(), "midi": ""}
        for box in (self.rate, self.block, self.midi):
            box.setEnabled(self.ours)

    def _lines(self) -> list[QWidget | QFormLayout]:
        again = self.tr("Another rate, block or MIDI input starts the host again: silence for a few seconds.")
        elsewhere = self.tr("Rate, block and MIDI are options of the host's command line: it was not started here.")
        hint = label(
            self.tr("A part of a name is enough; null is none, and a clock without sound.")
            + " "
            + (again if self.ours else elsewhere),
            "quiet",
        )
        hint.setWordWrap(True)
        check = QWidget()
        check.setLayout(row(self.test, (self.level, 1)))
        feedback = label(self.tr("A microphone beside loudspeakers howls: use headphones, or begin with little mix."))
        feedback.setStyleSheet(f"color: {theme.WARM};")
        feedback.setWordWrap(True)
        buttons = QDialogButtonBox()
        buttons.addButton(self.tr("Play on these"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        return [self.form, hint, check, feedback, buttons]

    def fill(self, *names: object) -> None:
        """Offer these: "input" or "output", and a name, in turn."""
        named = list(zip(names[::2], names[1::2], strict=False))
        for box, kind in ((self.input, "input"), (self.output, "output")):
            typed = box.currentText()
            box.clear()
            box.addItems([*(str(name) for k, name in named if k == kind), NONE])
            box.setEditText(typed)

    def fill_midi(self, *names: object) -> None:
        """Offer these inputs."""
        chosen = self.midi.currentData()
        self._offer(self.midi, self.tr("none"), [(str(name), str(name)) for name in names])
        self.midi.setCurrentIndex(max(self.midi.findData(chosen), 0))

    def show_status(self, *arguments: object) -> None:
        """How the host plays now."""
        told = pairs(arguments)
        for box, kind in ((self.input, "input"), (self.output, "output")):
            name = told.get(kind)
            if isinstance(name, str) and box not in self._told:  # what is typed after that stands
                self._told.add(box)
                box.setEditText(name)
        size = told.get("block_size")
        if isinstance(size, int) and self.block.currentData() == self._kept["block"]:
            if self.block.findData(str(size)) < 0:
                self.block.addItem(self.tr("{} samples").format(size), str(size))
            self._kept["block"] = str(size)
            self.block.setCurrentIndex(self.block.findData(str(size)))

    def accept(self) -> None:
        """Play with these."""
        source, sink = self.input.currentText().strip(), self.output.currentText().strip()
        chosen = {"rate": self.rate.currentData(), "block": self.block.currentData(), "midi": self.midi.currentData()}
        changed = {OPTIONS[key]: value for key, value in chosen.items() if value != self._kept[key]}
        if changed:
            named = {"--input": source, "--output": sink}
            self.restarted.emit(changed | {option: name for option, name in named.items() if name})
        else:
            self.desk.ask.emit(SELECT, (source, sink))
        super().accept()

    def done(self, result: int) -> None:
        """Listen no more."""
        self.tone.stop()
        self.level.leave()
        for address, watch in self._watches.items():
            self.desk.unwatch(address, watch)
        super().done(result)

    def _test(self, on: bool) -> None:
        if not on:
            self.tone.stop()
        elif not self.tone.start():
            self.test.setChecked(False)

    @staticmethod
    def _offer(box: QComboBox, nothing: str, choices: list[tuple[str, str]]) -> None:
        box.clear()
        if nothing:
            box.addItem(nothing, "")
        for words, value in choices:
            box.addItem(words, value)

"""The choice of a device: two boxes with those that there are, in which any part of a name may be typed as well."""

import re
import sys

from PySide6.QtCore import QProcess
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.layout import label

NONE = "null"


class DeviceChoice(QDialog):
    """Asks for input and output, and tells the host. here: it runs on this computer, whose devices can be listed."""

    def __init__(self, desk: Desk, here: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setWindowTitle(self.tr("Device"))
        self.setMinimumWidth(420)
        self.input, self.output = QComboBox(), QComboBox()
        for box in (self.input, self.output):
            box.setEditable(True)
        form = QFormLayout()
        form.addRow(self.tr("Input"), self.input)
        form.addRow(self.tr("Output"), self.output)
        hint = label(self.tr("A part of the name is enough; null is a clock without sound."), "quiet")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(hint)
        layout.addWidget(buttons)
        self.fill([(NONE, 1, 1)])
        self._process = QProcess(self)
        self._process.finished.connect(self._listed)
        if here:
            self._process.start(sys.executable, ["-m", "rtengine", "--list-devices"])

    def fill(self, devices: list[tuple[str, int, int]]) -> None:
        """Offer these: name, inputs and outputs."""
        for box, column in ((self.input, 1), (self.output, 2)):
            typed = box.currentText()
            box.clear()
            box.addItems(list(dict.fromkeys(d[0] for d in devices if d[column])))
            if typed:
                box.setEditText(typed)

    def accept(self) -> None:
        """Play with these."""
        self.desk.ask.emit("/device/select", (self.input.currentText().strip(), self.output.currentText().strip()))
        super().accept()

    def _listed(self) -> None:
        text = bytes(self._process.readAllStandardOutput().data()).decode("utf-8", "replace")
        self.fill([*read(text), (NONE, 1, 1)])


def read(table: str) -> list[tuple[str, int, int]]:
    """Name, inputs and outputs of each row of what `python -m rtengine --list-devices` prints."""
    rows = (re.split(r"\s{2,}", line.strip()) for line in table.splitlines())
    return [(r[1], int(r[3]), int(r[4])) for r in rows if len(r) >= 5 and r[0].isdecimal() and r[3].isdecimal()]

"""The choice of a device: two boxes with those that the host knows, in which a part of a name may be typed as well."""

from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QWidget

from ui.host.desk import Desk
from ui.look.layout import column, label

SELECT, LIST, REPLY = "/device/select", "/device/list", "/device/list.reply"
NONE = "null"


class DeviceChoice(QDialog):
    """Asks for input and output, and tells the host."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setWindowTitle(self.tr("Device"))
        self.setMinimumWidth(420)
        self.input, self.output = QComboBox(), QComboBox()
        form = QFormLayout()
        for words, box in ((self.tr("Input"), self.input), (self.tr("Output"), self.output)):
            box.setEditable(True)
            form.addRow(words, box)
        hint = label(self.tr("A part of the name is enough. Empty is the system's own, null a clock without sound."))
        hint.setProperty("role", "quiet")
        hint.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = column(form, hint, buttons)
        layout.setContentsMargins(16, 16, 16, 16)
        self.setLayout(layout)
        self.fill()
        desk.watch(REPLY, self.fill)
        desk.ask.emit(LIST, ())

    def fill(self, *pairs: object) -> None:
        """Offer these: "input" or "output", and a name, in turn."""
        named = list(zip(pairs[::2], pairs[1::2], strict=False))
        for box, kind in ((self.input, "input"), (self.output, "output")):
            typed = box.currentText()
            box.clear()
            box.addItems([*(str(name) for k, name in named if k == kind), NONE])
            box.setEditText(typed)

    def accept(self) -> None:
        """Play with these."""
        self.desk.ask.emit(SELECT, (self.input.currentText().strip(), self.output.currentText().strip()))
        super().accept()

    def done(self, result: int) -> None:
        """Listen no more."""
        self.desk.unwatch(REPLY, self.fill)
        super().done(result)

"""The quality of the texture: a button a step, each with its latency and the load that was measured with it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ui.host.desk import Desk
from ui.host.namespace import Control
from ui.look.layout import grid, label
from ui.parts.controls import Choice

SETTLED = 2  # readings after a change, before the load is that of the new quality


class Quality(QWidget):
    """A choice, and under each step what it costs."""

    def __init__(self, desk: Desk, control: Control) -> None:
        super().__init__()
        self.desk, self.control = desk, control
        self.choice = Choice(desk, control)
        self._costs = [label("–", "quiet") for _ in control.choices]
        self._loads: dict[int, float] = {}  # by step
        self._latency, self._since = 0.0, 0
        layout = grid(2, 3)
        self.setLayout(layout)
        layout.addWidget(self.choice, 0, 0, 1, max(len(self._costs), 1))
        for button in self.choice.buttons():
            button.setText(button.text().upper())
        for i, cost in enumerate(self._costs):
            cost.setAlignment(Qt.AlignmentFlag.AlignCenter)
            cost.setToolTip(self.tr("Latency from input to output, and the share of a core while this quality plays"))
            layout.addWidget(cost, 1, i)
            layout.setColumnStretch(i, 1)
        desk.watch(control.address, lambda value: self._changed())

    def show_latency(self, seconds: float) -> None:
        """The same for each step: it changes how often phases are improved, never when the sound comes."""
        self._latency = seconds
        self._show()

    def show_load(self, load: float) -> None:
        """The load of late, a share of a core; kept for the step that plays."""
        self._since += 1
        if self._since > SETTLED:
            step = round(self.desk.values.get(self.control.address, self.control.default) - self.control.low)
            self._loads[step] = load
            self._show()

    def _changed(self) -> None:
        self._since = 0

    def _show(self) -> None:
        for step, cost in enumerate(self._costs):
            load = f"{100 * self._loads[step]:.1f} %" if step in self._loads else "– %"
            cost.setText(self.tr("{} ms · {}").format(f"{1000 * self._latency:.0f}", load))

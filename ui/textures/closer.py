"""Listen closer: a button for the player's own sound that is heard, then how far it is, and a way to stop."""

from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from rtengine.osc.packet import Argument
from ui.host.desk import Desk
from ui.look.layout import button, row
from ui.views.plot import clock

LISTEN, STOP = "/clip/closer", "/clip/closer/stop"
ADDED, DONE = "/clip/list.reply", "/clip/closer/list.reply"
PROGRESS = "/clip/closer/progress"


class Closer(QWidget):
    """Takes no room where there is nothing to do."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk, self.name, self.at_work = desk, "", ""  # what could be listened to, and what is
        self.listen, self.bar = button(""), QProgressBar()
        self.stop = button(self.tr("Stop"), tip=self.tr("Listen no longer: the sound plays on as it is"))
        for wide in (self.listen, self.bar):
            wide.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.listen.setToolTip(
            self.tr("Half a minute beside the music, then this texture comes nearer to its sound; the controls stay")
        )
        self.listen.setAccessibleName(LISTEN)
        self.bar.setAccessibleName(PROGRESS)
        self.setLayout(row((self.listen, 1), (self.bar, 1), self.stop))
        self.listen.clicked.connect(lambda: desk.ask.emit(LISTEN, (self.name,)))
        self.stop.clicked.connect(lambda: desk.ask.emit(STOP, ()))
        self.forget()

    def watch(self) -> None:
        """Hear how far it is."""
        self.desk.watch(PROGRESS, self.show_progress)
        for address in (ADDED, DONE):
            self.desk.watch(address, lambda *names: self._refresh())

    def forget(self) -> None:
        """The host is lost: nothing is known of it now."""
        self.show_progress()

    def show_heard(self, name: str) -> None:
        """The texture that is heard most, "" for none."""
        self.name = name
        self._refresh()

    def show_progress(self, name: Argument = "", done: Argument = 0.0, left: Argument = -1.0) -> None:
        """What is listened to, "" for nothing; 0 to 1; seconds left, -1 while nobody knows."""
        if self.at_work and not name and DONE.removesuffix(".reply") in self.desk.addresses:
            self.desk.ask.emit(DONE.removesuffix(".reply"), ())
        self.at_work = str(name)
        if name and isinstance(done, float) and isinstance(left, float | int):
            self.bar.setRange(0, 0 if done <= 0 else 1000)
            self.bar.setValue(round(1000 * done))
            time = f"{left:.0f} s" if left < 60 else clock(round(left))
            words = self.tr("Listening closer to {}").format(name)
            self.bar.setFormat(words if left < 0 else f"{words} · " + self.tr("{} left").format(time))
        self._refresh()

    def _refresh(self) -> None:
        self.listen.setText(self.tr("Listen closer to {}").format(self.name))
        self.listen.setVisible(not self.at_work and can(self.desk, self.name))
        for widget in (self.bar, self.stop):
            widget.setVisible(bool(self.at_work))
        self.setVisible(bool(self.at_work) or can(self.desk, self.name))


def can(desk: Desk, name: str) -> bool:
    """Whether a texture is a sound of the player's own that was not listened to yet."""
    added, done = (desk.readings.get(address, ()) for address in (ADDED, DONE))
    return LISTEN in desk.addresses and name in added and name not in done

"""Play a sound on this computer's own output, one at a time: ui.textures.audition does it in a process of its own."""

import sys
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal


class Tryout(QObject):
    """ended: the sound is over, or was stopped. failed: a sentence why it is not heard."""

    ended = Signal()
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        self._process.setProgram(sys.executable)
        self._process.finished.connect(self._finished)

    @property
    def is_playing(self) -> bool:
        """Whether a sound is heard."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def play(self, file: Path) -> None:
        """Play this WAV from its beginning, in place of what is played."""
        self.stop()
        self._process.setArguments(["-m", "ui.textures.audition", str(file)])
        self._process.start()

    def stop(self) -> None:
        """Be silent."""
        if self.is_playing:
            self._process.kill()
            self._process.waitForFinished(500)

    def _finished(self) -> None:
        error = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        self.ended.emit()
        if error and self._process.exitStatus() == QProcess.ExitStatus.NormalExit:
            self.failed.emit(error.splitlines()[-1])

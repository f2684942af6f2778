"""Work that takes a while, in a process of its own that gives way to the sound: it can be watched, and given up."""

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

NICENESS = 10  # of the process: the host goes first
GRACE = 3000  # milliseconds to tidy up after it was given up
UNTOLD = "it ended without a word"


class Job(QObject):
    """`python -m MODULE ARGUMENTS`, which tells lines of JSON {"done": 1, "of": 2} and sentences on its stderr.

    progress: 0 to 1, -1 if nobody knows. done: all went well, with what it said, or "". failed: a sentence; "" if it
    was given up.
    """

    progress = Signal(float)
    done = Signal(str)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        self._process.setProgram(sys.executable)
        self._process.started.connect(self._give_way)
        self._process.readyReadStandardError.connect(self._read)
        self._process.finished.connect(self._finish)
        self._process.setStandardOutputFile(QProcess.nullDevice())
        self._half, self._said, self._given_up = b"", "", False

    @property
    def is_running(self) -> bool:
        """Whether it is at work."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def start(self, module: str, arguments: Sequence[str]) -> None:
        """Begin; RuntimeError if it is at work already."""
        if self.is_running:
            raise RuntimeError(f"{module} has to wait for another")
        self._half, self._said, self._given_up = b"", "", False
        self._process.setArguments(["-m", module, *arguments])
        self._process.start()
        self.progress.emit(-1.0)

    def cancel(self) -> None:
        """Give it up: it ends with `failed` and no sentence."""
        if self.is_running:
            self._given_up = True
            self._process.terminate()
            QTimer.singleShot(GRACE, self, self._kill)

    def close(self) -> None:
        """Give it up, and wait for its end."""
        self.blockSignals(True)
        if self.is_running:
            self._given_up = True
            self._process.terminate()
            if not self._process.waitForFinished(GRACE):
                self._process.kill()
                self._process.waitForFinished(GRACE)

    def _kill(self) -> None:
        if self._given_up and self.is_running:
            self._process.kill()

    def _give_way(self) -> None:
        if hasattr(os, "setpriority"):
            with suppress(OSError):  # it is over already
                os.setpriority(os.PRIO_PROCESS, int(self._process.processId()), NICENESS)

    def _read(self) -> None:
        *lines, self._half = (self._half + bytes(self._process.readAllStandardError().data())).split(b"\n")
        for line in lines:
            self._hear(line.decode("utf-8", "replace").strip())

    def _hear(self, line: str) -> None:
        try:
            told = json.loads(line)
            done, of = float(told["done"]), float(told["of"])
        except (ValueError, TypeError, KeyError):
            self._said = line or self._said
            return
        self.progress.emit(min(done / of, 1.0) if of > 0 else -1.0)

    def _finish(self, status: int) -> None:
        self._read()
        if self._given_up:
            self.failed.emit("")
        elif status == 0:
            self.done.emit(sentence(self._said))
        else:
            self.failed.emit(sentence(self._said) or UNTOLD)


def sentence(line: str) -> str:
    """What a command said, without its name."""
    return line.split(": ", 1)[1] if line.startswith("offline ") and ": " in line else line

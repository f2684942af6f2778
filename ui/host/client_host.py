"""The host as a process of its own: found running, or started, and started again should it end.

The window may go and the sound stays: only a window that is closed in peace ends the host that it has started.
"""

import json
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from rtengine.cli.arguments import OSC_PORT, OSCQUERY_PORT

HERE = "127.0.0.1"
PATIENCE = 0.5  # seconds in which a running host answers
AGAIN = 1000  # milliseconds after which a host that ended is started again
SOON = 3  # ends in a row, none of which was reached: it is no use
GRACE = 3000  # milliseconds for its sound to fade out
BAD_INPUT = 2  # exit status: the same arguments would lead there again
TAIL = 2000  # bytes of what it said last


class Host(QObject):
    """A host of our own. said: a sentence for the player. failed: why it will not be started again."""

    said = Signal(str)
    failed = Signal(str)

    def __init__(self, arguments: Sequence[str], osc_port: int, port: int, log: Path) -> None:
        super().__init__()
        self.port, self._log, self._ends = port, log, 0
        self._ports, self.arguments = ["--osc-port", str(osc_port), "--oscquery-port", str(port)], list(arguments)
        self._process = QProcess(self)
        self._process.setProgram(sys.executable)
        # a file, for a pipe would break with the window, and the host with the pipe
        self._process.setStandardErrorFile(str(log))
        self._process.setStandardOutputFile(QProcess.nullDevice())
        self._process.finished.connect(self._ended)
        self._closing = self._again = False

    @property
    def pid(self) -> int:
        """The process, 0 if there is none."""
        return int(self._process.processId())

    def start(self) -> None:
        """Let it run."""
        if not self._closing:
            self._process.setArguments(["-m", "rtengine", *self._ports, *self.arguments])
            self._process.start()

    def again(self, options: Mapping[str, str]) -> None:
        """End it, and start it with other options, each with its value; "" leaves it out."""
        self.arguments = with_options(self.arguments, options)
        self._again = True
        self._process.terminate()
        QTimer.singleShot(GRACE, self, lambda: self._process.kill() if self._again else None)

    def reached(self) -> None:
        """It answers: whatever ends it now is worth another start."""
        self._ends = 0

    def close(self) -> None:
        """End it, after its sound has faded out."""
        self._closing = True
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.terminate()
            if not self._process.waitForFinished(GRACE):
                self._process.kill()
                self._process.waitForFinished(GRACE)

    def _ended(self, status: int) -> None:
        if self._closing:
            return
        if self._again:
            self._again, self._ends = False, 0
            self.start()
            return
        last = self.last_words()
        self._ends += 1
        if status == BAD_INPUT or self._ends >= SOON:
            self.failed.emit(last or self.tr("The host does not start"))
            return
        if last:
            self.said.emit(last)
        self.said.emit(self.tr("The host has ended; starting it again"))
        QTimer.singleShot(AGAIN, self.start)

    def last_words(self) -> str:
        """The last line that it said."""
        try:
            text = self._log.read_bytes()[-TAIL:].decode("utf-8", "replace")
        except OSError:
            return ""
        lines = [line for line in text.splitlines() if line.strip()]
        return lines[-1] if lines else ""


def with_options(arguments: Sequence[str], options: Mapping[str, str]) -> list[str]:
    """Arguments with other values of some options, which stand as `--name value`; "" leaves one out.

    A device for both directions is what --input and --output stand for, so that neither is lost when one is named.
    """
    kept, device = list[str](), ""
    waiting = iter(arguments)
    for word in waiting:
        name, equals, value = word.partition("=")
        if name in options or name == "--device":
            value = value if equals else next(waiting, "")
            device = value if name == "--device" else device
        else:
            kept.append(word)
    both = {"--input": device, "--output": device} if device else {}
    return kept + [part for name, value in (both | dict(options)).items() if value for part in (name, value)]


def port_of(arguments: Sequence[str], option: str, usual: int) -> int:
    """The port that the arguments of a host name by this option; the usual one if they name none that is one."""
    found = usual
    for i, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name == option:
            value = value if equals else next(iter(arguments[i + 1 : i + 2]), "")
            found = int(value) if value.isdigit() else usual
    return found


def is_running(host: str = HERE, port: int = OSCQUERY_PORT) -> bool:
    """Whether a host answers there."""
    try:
        with urlopen(f"http://{host}:{port}/?HOST_INFO", timeout=PATIENCE) as answer:
            return "OSC_PORT" in json.loads(answer.read(1 << 16))
    except (URLError, OSError, ValueError):
        return False


def free_ports(arguments: Sequence[str] = ()) -> tuple[int, int]:
    """A UDP and a TCP port for a host: those of its arguments, else the usual ones, or others if they are taken."""
    osc, query = port_of(arguments, "--osc-port", 0), port_of(arguments, "--oscquery-port", 0)
    return osc or free(socket.SOCK_DGRAM, OSC_PORT), query or free(socket.SOCK_STREAM, OSCQUERY_PORT)


def free(kind: int, wanted: int) -> int:
    """A port that nobody listens at: the wanted one if possible; 0 wants any."""
    with socket.socket(socket.AF_INET, kind) as attempt:
        try:
            attempt.bind((HERE, wanted))
        except OSError:
            attempt.bind((HERE, 0))
        return int(attempt.getsockname()[1])

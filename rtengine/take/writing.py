"""What is written while somebody plays: nothing that a disk does may stop the sound, and what is written is whole."""

import errno
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk's quota is used up",
    errno.EROFS: "the disk cannot be written to",
    errno.EACCES: "writing there is not allowed",
    errno.EPERM: "writing there is not allowed",
    errno.ENOENT: "there is no such folder",
    errno.EIO: "the disk does not work",
    errno.ENODEV: "the disk is gone",
    errno.ENXIO: "the disk is gone",
    errno.EFBIG: "the file is as large as one may be there",
}
PAUSE = 0.05  # seconds between two looks for lines
WAITING = 200_000  # lines that are kept for a disk that takes none: an hour of a busy show, 40 MB

Say = Callable[[str], object]


def reason(error: OSError) -> str:
    """Why something could not be written, in words."""
    return REASONS.get(error.errno or 0, error.strerror or str(error))


@contextmanager
def told(what: str) -> Iterator[None]:
    """Say of what could not be written why, and what becomes of it: "the disk is full: the scene wet is not kept"."""
    try:
        yield
    except OSError as error:
        raise OSError(f"{reason(error)}: {what}") from None


def time_of_day(samples: int, sample_rate: float) -> str:
    """Samples since the start as hours, minutes and seconds: 00:12:40."""
    seconds = int(samples / sample_rate)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def replace(file: Path, text: str) -> None:
    """Write a file beside the old one, to the disk, and put it in its place when it is whole; OSError if not."""
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f"{file.name}.part")
    half.unlink(missing_ok=True)  # a link there would lead the writing elsewhere
    try:
        with half.open("x", encoding="utf-8") as writing:
            writing.write(text)
            writing.flush()
            os.fsync(writing.fileno())
        half.replace(file)
    except OSError:
        half.unlink(missing_ok=True)
        raise


class Lines:
    """A file to which whole lines are added by a thread of its own; whoever adds one never waits, and nothing raises.

    While the disk takes none they wait, up to WAITING of them, and are written when there is room. lost: those beyond.
    """

    def __init__(self, file: Path, what: str, when: Callable[[], str], say: Say) -> None:
        """what: its name in sentences. when: the time of day, for them. OSError if the file cannot be."""
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        self._what, self._when, self._say = what, when, say
        self._waiting: deque[bytes] = deque()
        self._whole = 0  # bytes of whole lines
        self._failing = False
        self.lost = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"rtengine {what}", daemon=True)
        self._thread.start()

    def add(self, line: str) -> None:
        """Append a line, soon."""
        if len(self._waiting) < WAITING:
            self._waiting.append(line.encode() + b"\n")
        else:
            self.lost += 1

    def close(self) -> None:
        """Write what waits, if the disk takes it."""
        self._stop.set()
        self._thread.join()
        if self._waiting:
            self._say(f"{self._what} ends early: {len(self._waiting)} lines could not be written")
        os.close(self._file)

    def _run(self) -> None:
        while not self._stop.wait(PAUSE):
            self._write()
        self._write()

    def _write(self) -> None:
        """Write what waits; after an error the file ends with its last whole line."""
        count = len(self._waiting)
        if count == 0:
            return
        lines = b"".join(self._waiting[i] for i in range(count))
        try:
            done = 0
            while done < len(lines):
                done += os.pwrite(self._file, lines[done:], self._whole + done)
        except OSError as error:
            whole = lines[:done].rfind(b"\n") + 1
            for _ in range(lines[:whole].count(b"\n")):
                self._waiting.popleft()
            self._whole += whole
            self._cut()
            if not self._failing:
                self._say(f"{reason(error)}: {self._what} stopped at {self._when()}, and goes on when it can")
            self._failing = True
            return
        for _ in range(count):
            self._waiting.popleft()
        self._whole += len(lines)
        if self._failing:
            self._say(f"{self._what} goes on, with all that happened meanwhile")
        self._failing = False

    def _cut(self) -> None:
        with suppress(OSError):  # readers leave a half line out
            os.ftruncate(self._file, self._whole)

"""Recordings that a surface begins and ends while the host plays, each a pair of files in a folder of their own."""

import re
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rtengine.live.recorder import Recorder, pair
from rtengine.take.writing import told

NAME = re.compile(r"[\w][\w \-]{0,63}")  # no dot and no slash: no file outside the folder
SAMPLE = 4  # bytes


class Takes:
    """One recording at a time. Any thread may call these."""

    def __init__(
        self,
        host: Any,
        folder: Path,
        record: Callable[[Path], Recorder],
        rows: int,
        now: Callable[[], time.struct_time] = time.localtime,
    ) -> None:
        """host: the record of rtengine.live.host, which must outlive this object. rows: of both files together."""
        self.folder, self._host, self._record, self._now = folder, host, record, now
        self._sample_rate, self._rows = float(host["sample_rate"]), rows
        self._recorder: Recorder | None = None
        self._begin = 0  # samples
        self._lock = threading.RLock()

    def start(self, name: str = "") -> str:
        """Record what comes out, and what goes in; returns a sentence. Without a name the time of day is it.

        ValueError or OSError in a sentence if it cannot be.
        """
        name = name or time.strftime("%Y-%m-%d %H-%M-%S", self._now())
        if not NAME.fullmatch(name):
            raise ValueError(f"{name[:80]!r} is no name of a recording: letters, digits, space, - and _, at most 64")
        file = self.folder / f"{name}.wav"
        with self._lock:
            if self._host["recording"]:
                raise ValueError("what is heard is being recorded already")
            if any(there.exists() for there in pair(file)):
                raise ValueError(f"there is a recording {name} already")
            self._end()
            with told(f"{file} is not recorded"):
                self.folder.mkdir(parents=True, exist_ok=True)
            self._begin = int(self._host["clock"])
            self._recorder = self._record(file)
        return f"recording to {file}"

    def stop(self) -> str:
        """Finish the files; returns a sentence. ValueError if nothing is recorded."""
        with self._lock:
            if not self._recorder:
                raise ValueError("nothing is being recorded")
            recorder = self._recorder
            self._end()
            kept, lost = self._seconds(recorder)
        return f"{recorder.files[1]} has {kept:.1f} s" + (f", and {lost:.1f} s had no room on the disk" if lost else "")

    def status(self) -> dict[str, Any]:
        """recording: its name, or ""; recorded: the seconds that are kept; room: those for which the disk has room."""
        with self._lock:
            taking = self._recorder
            return {
                "recording": taking.files[1].stem if taking else "",
                "recorded": self._seconds(taking)[0] if taking else 0.0,
                "room": self._room(),
            }

    def close(self) -> None:
        """Finish what is being recorded."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        recorder, self._recorder = self._recorder, None
        if recorder:
            recorder.close()

    def _seconds(self, recorder: Recorder) -> tuple[float, float]:
        """What was heard since it began: as much as is kept, and what had no room."""
        heard, lost = int(self._host["clock"]) - self._begin, recorder.lost
        return (heard - lost) / self._sample_rate, lost / self._sample_rate

    def _room(self) -> float:
        """The folder may not be there yet: what it will lie in is."""
        there = next((f for f in (self.folder, *self.folder.absolute().parents) if f.is_dir()), Path())
        try:
            return shutil.disk_usage(there).free / (self._rows * SAMPLE * self._sample_rate)
        except OSError:
            return 0.0

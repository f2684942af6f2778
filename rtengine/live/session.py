"""What is played, in a file of the host's own: whatever ends this process, the next one begins where it was.

It is written beside the old one, to the disk, and put in its place when it is whole, as often as something has changed.
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from rtengine.devices.portaudio import Wanted
from rtengine.files.json_text import parsed
from rtengine.take.writing import Say, reason, replace

OFTEN = 0.7  # seconds between two looks at what has changed
VERSION = 1


class Kept(NamedTuple):
    """What a host plays.

    patch: names in a chain, "" for a graph that was built by hand. sample_rate in Hz. settings, files: what it was
    built from. values: of the parameters that no wire turns, by address. device: input and output. midi: see
    Controllers.kept. song: see SongInput.status, {} for the device.
    """

    patch: str = ""
    sample_rate: float = 48_000.0
    settings: Mapping[str, float] = {}
    files: Mapping[str, Mapping[str, str]] = {}
    values: Mapping[str, float] = {}
    bypass: bool = False
    device: tuple[Wanted, Wanted] = (None, None)
    midi: Mapping[str, Any] = {}
    song: Mapping[str, Any] = {}

    def paths(self) -> dict[str, dict[str, Path]]:
        """The files that are still there."""
        kinds = {kind: {name: Path(path) for name, path in files.items()} for kind, files in self.files.items()}
        there = {kind: {n: p for n, p in files.items() if p.is_file()} for kind, files in kinds.items()}
        return {kind: files for kind, files in there.items() if files}


class Session:
    """The file, which one host at a time keeps; a second one plays without, and says so."""

    def __init__(self, file: Path, say: Say) -> None:
        self._file, self._say = file, say
        self._lock = locked(file.with_suffix(".lock"))
        self._last = ""
        self._failing = False
        self._now: Callable[[], Kept] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rtengine session", daemon=True)
        if self._lock is None:
            say(f"{file} is another host's or cannot be written: what this one plays is not kept")

    def read(self) -> Kept | None:
        """What was played last, or None if that is not known, or another host plays it."""
        if self._lock is None or not self._file.exists():
            return None
        try:
            fields = parsed(self._file.read_text("utf-8"))
            if fields.pop("version") != VERSION:
                return None
            source, sink = fields.pop("device")
            kept = Kept(**fields, device=(source, sink))
            return kept._replace(
                values={str(a): float(v) for a, v in kept.values.items()},
                settings={str(n): float(v) for n, v in kept.settings.items()},
            )
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            self._say(f"{self._file} cannot be read, so this begins anew: {error}")
            return None

    def keep(self, now: Callable[[], Kept]) -> None:
        """From now on write down what is played; now: asks the host."""
        self._now = now
        if self._lock is not None:
            self._thread.start()

    def write(self) -> None:
        """Write what is played now, if it is something else."""
        if self._lock is None or self._now is None:
            return
        text = json.dumps({"version": VERSION, **self._now()._asdict()}, indent=1)
        if text == self._last:
            return
        try:
            replace(self._file, text + "\n")
        except OSError as error:
            if not self._failing:
                self._say(f"{reason(error)}: what is played is not kept for the next start, until it can be")
            self._failing = True
        else:
            self._last, self._failing = text, False

    def close(self) -> None:
        """Write the last state; before what it is asked of ends."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
            self._attempt()
        if self._lock is not None:
            os.close(self._lock)
        self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _run(self) -> None:
        while not self._stop.wait(OFTEN):
            self._attempt()

    def _attempt(self) -> None:
        try:
            self.write()
        except Exception as error:  # the next time it may be another state
            if not self._failing:
                self._say(f"what is played could not be kept: {error!r}")
            self._failing = True


def locked(file: Path) -> int | None:
    """A descriptor that holds a lock until the process ends; None if another has it, or there can be none."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return None
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor

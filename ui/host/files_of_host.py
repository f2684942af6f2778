"""The host's own folders: what the host is to read must lie there, and is named by its bare name."""

import shutil
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from rtengine.files.folders import bare

PART = "half.part"  # how a file is called until all of it is there


class Folder(QObject):
    """One of them. here: whether the host runs on this computer. failed: a sentence why a file cannot be taken."""

    failed = Signal(str)

    def __init__(self, path: Path, here: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path, self.here = path, here

    def take(self, file: Path) -> str:
        """Copy a file there unless it is there already; its name there, or "" if that failed."""
        if not self.here:
            self.failed.emit(self.tr("The host is elsewhere: put {} into its own folder").format(file.name))
            return ""
        name = bare(file.name)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if file.resolve() != (self.path / name).resolve():
                copy(file, self.path / name)
        except OSError as error:
            self.failed.emit(f"{error.filename}: {error.strerror}" if error.strerror else str(error))
            return ""
        return name


def copy(file: Path, to: Path) -> None:
    """Copy a file, whole or not at all; OSError if it cannot be."""
    half = to.with_name(f".{PART}")
    try:
        shutil.copyfile(file, half)
        half.replace(to)
    except OSError:
        with suppress(OSError):
            half.unlink()
        raise

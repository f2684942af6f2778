"""The host's own folders: what the host is to read must lie there, and is named by its bare name."""

import shutil
from pathlib import Path

from PySide6.QtCore import QObject, Signal


class Folder(QObject):
    """One of them. here: whether the host runs on this computer. failed: a sentence why a file cannot be taken."""

    failed = Signal(str)

    def __init__(self, path: Path, here: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path, self.here = path, here

    def take(self, file: Path) -> str:
        """Copy a file there unless it is there already; its name, or "" if that failed."""
        if not self.here:
            self.failed.emit(self.tr("The host is elsewhere: put {} into its own folder").format(file.name))
            return ""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if file.resolve().parent != self.path.resolve():
                half = self.path / f".{file.name}.part"
                shutil.copyfile(file, half)
                half.replace(self.path / file.name)
        except OSError as error:
            self.failed.emit(f"{error.filename}: {error.strerror}")
            return ""
        return file.name

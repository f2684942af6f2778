"""Which picture belongs to which share, and where it is kept: made by another process when it is first asked for.

Who asks does not wait: a browser has few connections, and they are needed for the rest. It asks again.
"""

import asyncio
import hashlib
import sys
from pathlib import Path

from rtengine.native.cache import cache_directory, digest
from rtengine.osc.controls import Controls, Made
from rtengine.oscquery import pictures

SECONDS = 30.0  # that one may take
MOST_PICTURES = 1024  # that one host makes


class Gallery:
    """The pictures of a host's shares; one is made at a time. All is called within one event loop."""

    def __init__(self, controls: Controls) -> None:
        self._controls, self._lock = controls, asyncio.Lock()
        self._making: dict[Path, asyncio.Task[bool]] = {}  # by the file; those that are done as well
        self._code = digest(Path(pictures.__file__))

    def picture(self, address: str) -> Path | None:
        """The file of a parameter's picture; None if it has none, or not yet."""
        parameter = self._controls.parameters.get(address)
        if not parameter or not parameter.share:
            return None
        name = address.rsplit("/", 1)[1]
        file = self._controls.file_of(name) if isinstance(self._controls, Made) else None
        source = str(file) if file else name
        kept = self._kept(source, file)
        if kept.is_file():
            return kept
        if kept not in self._making and len(self._making) < MOST_PICTURES:
            self._making[kept] = asyncio.create_task(self._make(source, kept))
        return None

    async def _make(self, source: str, file: Path) -> bool:
        async with self._lock:
            return await make(source, file)

    def _kept(self, source: str, file: Path | None) -> Path:
        """A name that changes with the code and with the file."""
        about = hashlib.sha256(self._code + source.encode())
        if file and file.is_file():
            about.update(f"{file.stat().st_size} {file.stat().st_mtime_ns}".encode())
        return cache_directory() / "tiles" / f"{about.hexdigest()[:24]}.png"


async def make(source: str, file: Path) -> bool:
    """Let another process make the picture; returns whether it did."""
    file.parent.mkdir(parents=True, exist_ok=True)
    command = (sys.executable, "-m", "rtengine.oscquery.pictures", source, str(file))
    silent = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdin=silent, stdout=silent, stderr=silent)
    try:
        return await asyncio.wait_for(process.wait(), SECONDS) == 0
    except TimeoutError:
        process.kill()
        await process.wait()
        return False

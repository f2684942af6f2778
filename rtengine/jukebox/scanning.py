"""A scan beside the server: a process of its own that says how far it is.

python -m rtengine.jukebox.scanning LIBRARY AGAIN FOLDER...
"""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from rtengine.library.scan import scan
from rtengine.library.store import Library

LINE = 1 << 20  # bytes


class Scan:
    """The scan of one library: at most one at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self.told: dict[str, Any] = {}  # the last word of the one that runs or ran

    @property
    def runs(self) -> bool:
        return self._task is not None and not self._task.done()

    async def begin(self, folders: list[Path], again: bool) -> None:
        """Begin, unless one runs."""
        if self.runs:
            return
        self.told = {}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", __name__, str(self._folder), str(int(again)), *map(str, folders),
            stdout=asyncio.subprocess.PIPE, limit=LINE,
        )  # fmt: skip
        self._task = asyncio.create_task(self._follow(self._process))

    async def _follow(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout
        async for line in process.stdout:
            with suppress(ValueError):
                self.told = json.loads(line)
        if await process.wait() not in (0, -signal.SIGTERM) and "trouble" not in self.told:
            self.told = {**self.told, "trouble": "the scan broke off: begin it again, and it goes on"}

    async def stop(self) -> None:
        """Break off; what was heard is kept."""
        if self._process and self.runs:
            with suppress(ProcessLookupError):
                self._process.terminate()
        if self._task:
            await self._task


def main() -> None:
    """Scan and tell."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    library = Library(Path(sys.argv[1]))

    def tell(progress: object) -> None:
        print(json.dumps(vars(progress)), flush=True)  # noqa: T201  # whom it is told

    try:
        tell(scan(library, [Path(f) for f in sys.argv[3:]], os.cpu_count() or 1, sys.argv[2] == "1", tell))
    except (OSError, ValueError) as error:
        said = (error.strerror if isinstance(error, OSError) else None) or str(error)
        print(json.dumps({"trouble": " ".join(said.split())}), flush=True)  # noqa: T201
        sys.exit(1)
    finally:
        library.close()


if __name__ == "__main__":
    main()

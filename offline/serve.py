"""serve: the service, in the foreground, until SIGTERM or SIGINT."""

import argparse
import asyncio
import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from rtengine.files.folders import default

if TYPE_CHECKING:
    from rtengine.service.settings import Settings

TOKEN = "RTENGINE_TOKEN"
PERFORMER = "offline.perform:perform"


def run(options: argparse.Namespace) -> None:
    """Serve as the options say; ValueError or OSError in one sentence if that cannot be."""
    try:
        settings = chosen(options)
    except ModuleNotFoundError as error:
        raise OSError(f"there is no {error.name}: pip install 'rtengine[serve]'") from None
    settings.folder.mkdir(parents=True, exist_ok=True)
    with alone(settings.folder):
        asyncio.run(_until_told(settings))


def chosen(options: argparse.Namespace) -> "Settings":
    """The options as the service wants them."""
    from rtengine.service.settings import Settings
    from rtengine.web.guards import guard

    return Settings(
        folder=options.folder.resolve(),
        pages=Path(str(files("ui"))) / "web",
        guard=guard(options.host, options.allow_host, os.environ.get(TOKEN, "")),
        host=options.host,
        port=options.port,
        library=default("library") if options.library is True else options.library,
        scheduler=options.scheduler or "",
        performer=options.performer or PERFORMER,
        places=() if options.performer else ("mix", "film"),
        workers=options.workers or os.cpu_count() or 1,
        behind_proxy=options.behind_proxy,
        keep=options.keep * 3600,
        largest=round(options.largest * 1e6),
        longest=options.longest * 60,
        reserve=round(options.reserve * 1e6),
    )


async def _until_told(settings: "Settings") -> None:
    from rtengine.service.application import serve
    from rtengine.service.state import State

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    def ready(port: int) -> None:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        print(f"serving {settings.folder} at http://{host}:{port}/", flush=True)

    await serve(State(settings), ready, stop)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else serves this folder; the kernel lets go of it however we end."""
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise OSError(f"{folder} is served by another process") from None
        yield

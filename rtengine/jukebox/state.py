"""What the answers about a library are made from."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from rtengine.jukebox.live import Listeners
from rtengine.jukebox.scanning import Scan
from rtengine.jukebox.shelf import Shelf
from rtengine.jukebox.sounds import Sounds


@dataclass
class Jukebox:
    """address: of a path, with a ticket for who cannot send a token.  ours: whether only this computer is served.

    drawing: held while a map is laid out, so that this is done once.
    """

    shelf: Shelf
    sounds: Sounds
    scan: Scan
    live: Listeners
    address: Callable[[str], str]
    ours: bool
    drawing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def of(cls, folder: Path, address: Callable[[str], str], ours: bool) -> "Jukebox":
        """Open a library; OSError or ValueError in a sentence if that cannot be."""
        shelf = Shelf(folder)
        return cls(shelf, Sounds(folder / "played"), Scan(folder), Listeners(), address, ours)

    async def close(self) -> None:
        await self.scan.stop()
        self.sounds.close()
        self.live.thread.shutdown()
        self.shelf.close()


JUKEBOX = web.AppKey("jukebox", Jukebox)

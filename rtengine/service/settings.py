"""What the one who runs the service decides."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from rtengine.web.guards import Guard, guard


@dataclass(frozen=True)
class Settings:
    """Where the service keeps its things, who may use it and how much of it. Sizes in bytes, times in seconds.

    performer: what the workers run, as rtengine.jobs.worker takes it; places: what it does beside renders, "mix" and
    "film". pages: the folder of the web client.
    """

    folder: Path
    pages: Path | None = None
    performer: str = "rtengine.jobs.sounds:perform"
    places: tuple[str, ...] = ()
    guard: Guard = field(default_factory=lambda: guard("127.0.0.1"))
    host: str = "127.0.0.1"
    port: int = 8770
    scheduler: str = ""  # of a Dask cluster that works in place of processes here
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    behind_proxy: bool = False  # the last X-Forwarded-For is the client's address
    library: Path | None = None  # of music, with its pages
    keep: float = 7 * 86_400.0  # for which songs and results are kept
    largest: int = 1 << 30  # of a song
    longest: float = 4 * 3600.0  # of a song's sound
    reserve: int = 1 << 30  # of the disk that is left free
    waiting: int = 200  # jobs of one client
    waiting_all: int = 10_000
    uploads: int = 16  # of one client at a time
    held: int = 20 << 30  # of one client's songs
    rate: float = 50.0  # requests a second of one client, on average
    burst: float = 400.0  # of them at once

"""batch: put a texture on every song of a folder; begun again, it goes on."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

from offline.progress import progress
from offline.serve import alone
from rtengine.files.sink import check_format
from rtengine.jobs.batch import MANIFEST, Batch
from rtengine.jobs.crew import Crew

LOOK = 0.2  # seconds between two looks at what has changed
WRITE = 5.0  # seconds between two manifests
PERFORMER = "rtengine.jobs.sounds:perform"
FAILED = 1  # the exit status if a song could not be rendered


def run(options: argparse.Namespace) -> None:
    """Render as the options say; ValueError or OSError in one sentence; exit status 1 if songs have failed."""
    if not options.folder.is_dir():
        raise NotADirectoryError(f"{options.folder} is no folder")
    check_format(f".{options.format}", None, options.bit_depth)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / ".batch").mkdir(exist_ok=True)
    with alone(options.out / ".batch"), closing(Batch(options.folder, options.out, settings(options))) as batch:
        waiting = batch.begin()
        batch.write()
        if waiting:
            with crew(options, batch.inside), progress(options.out.name, options.progress) as tell:
                follow(batch, lambda: tell(len(batch.rows), len(batch.items)))
        batch.write()
        failed = [row for row in batch.rows.values() if row["state"] != "done"]
        for row in failed:
            print(f"{row['song']}: {row['said']}", file=sys.stderr)
        counted = f"{len(batch.rows) - len(failed)} songs are in {options.out}, {waiting} of them new"
        print(f"{counted}; {len(failed)} failed, see {options.out / MANIFEST}" if failed else counted)
    if failed:
        sys.exit(FAILED)


def settings(options: argparse.Namespace) -> dict[str, object]:
    """What is done to each song."""
    blend = {(str(Path(name).resolve()) if Path(name).is_file() else name): weight for name, weight in
             (options.texture or {"water": 1.0}).items()}  # fmt: skip
    return {
        "textures": blend,
        "quality": options.quality or "standard",
        "mix": 1.0 if options.mix is None else options.mix,
        "values": dict(options.set),
        "loudness": options.loudness,
        "seed": options.seed,
        "format": options.format,
        "bit_depth": options.bit_depth,
    }


def crew(options: argparse.Namespace, folder: Path) -> AbstractContextManager[object]:
    """Who does it: processes here, or a cluster's."""
    if options.scheduler:
        from rtengine.jobs.cluster import Cluster

        return Cluster(folder, options.performer or PERFORMER, options.scheduler)
    return Crew(folder, options.performer or PERFORMER, options.workers or os.cpu_count() or 1, short=False)


def follow(batch: Batch, tell: Callable[[], None]) -> None:
    """Put results in their places as they come, until all have."""
    clock, written = batch.queue.clock() - 1, time.monotonic()
    for job in batch.queue.changes(-1):
        batch.take(job)
    while len(batch.rows) < len(batch.items):
        time.sleep(LOOK)
        for job in batch.queue.changes(clock):
            clock = job.changed
            batch.take(job)
        tell()
        if time.monotonic() > written + WRITE:
            batch.write()
            written = time.monotonic()

"""One worker: a process that claims a job, performs it, records the result, and claims the next.

    python -m rtengine.jobs.worker FOLDER NAME PERFORMER [--short] [--memory BYTES]

PERFORMER is "module:function" with the signature of `Perform`; its module is imported once, so what it keeps is warm
for the next job. If the module has a function `warm`, it is called before the first. A second thread renews the lease,
tells the progress, and notices that the job was cancelled or that the parent is gone. What no thread of ours could
stop is stopped by the kernel: SIGPROF when it has had its time of the processor, SIGALRM when a clock on the wall says
it has hung, and a limit on memory.
"""

import argparse
import errno
import fcntl
import importlib
import json
import os
import re
import resource
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from rtengine.jobs.queue import LEASE, Job, Queue, attempt
from rtengine.jobs.store import Store
from rtengine.native.awaited import progress
from rtengine.native.cache import cache_directory

Tell = Callable[[float], None]  # told how much is done, 0 to 1
# Returns the seconds of sound that it was of, where only the work itself tells.
Perform = Callable[[dict[str, Any], Path, Tell, Callable[[], bool]], float | None]
TABLE, RESULTS = "jobs.db", "results"
BEAT = 0.15  # seconds between two renewals
LOADING = 0.5  # seconds after which code that comes is being compiled, and not only loaded
IDLE = 0.05  # seconds between two looks for a job
REST = 1.0  # seconds until a table is tried again that could not be written
DEADLINE = 120.0  # seconds of the processor for any job, of which a minute may be compiling, and beyond it
PATIENCE = 10.0  # times as much on the wall: where others want the processor too, a job is not to blame
FACTOR = 20.0  # seconds for each second of sound
MEMORY = 2 << 30  # bytes beyond those that a warm worker has
CORES = os.cpu_count() or 1
THREADS = 2 if CORES > 1 else 0  # beside the worker's own, for a job that is the only one
NO_ROOM = re.compile("disk .*is full|" + os.strerror(errno.ENOSPC))
LARGEST_FILE = 16 << 30  # bytes; whatever fills the disk, no job of ours does


class CancelledError(Exception):
    """The job is no longer ours: what performs it asked, and stops."""


def work(folder: Path, name: str, perform: Perform, *, long: bool = True, parent: int | None = None) -> None:
    """Perform jobs until told to stop (SIGTERM, after the present job) or until the parent process is gone."""
    parent = os.getppid() if parent is None else parent
    stop = threading.Event()

    def leave(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # which a terminal sends to parent and workers alike
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    store = Store(folder / RESULTS)
    with Queue(folder / TABLE) as queue:
        while not stop.is_set() and os.getppid() == parent:
            try:
                job = queue.claim(name, long)
                if job:
                    one(queue, store, job, folder / TABLE, name, perform, parent)
                else:
                    stop.wait(IDLE)
            except sqlite3.OperationalError:  # the disk is full: what was not recorded is done again
                stop.wait(REST)


def one(queue: Queue, store: Store, job: Job, table: Path, name: str, perform: Perform, parent: int) -> None:
    """Perform one job and record how it ended, unless it is another's by then."""
    beat = Beat(table, job, name, parent)
    signal.setitimer(signal.ITIMER_PROF, deadline(job))
    signal.setitimer(signal.ITIMER_REAL, PATIENCE * deadline(job))
    try:
        with beat, store.begun(attempt(job.id, job.attempts)) as part:
            spec = json.loads(job.spec) | {"threads": THREADS if queue.alone(job.id) else 0}
            spec["deadline"] = deadline(job)  # for what it starts: a timer of ours counts no other process
            seconds = perform(spec, part, beat.tell, beat.lost.is_set)
            if beat.lost.is_set():
                return
            size = store.publish(attempt(job.id, job.attempts))
        if not queue.finish(job.id, name, attempt(job.id, job.attempts), size, seconds):
            store.remove(attempt(job.id, job.attempts))
    except CancelledError:
        pass
    except (ValueError, KeyError, OSError) as error:
        queue.fail(job.id, name, sentence(error))
    except MemoryError:
        queue.fail(job.id, name, "it needs more memory than a job may have")
    except Exception as error:  # a defect of ours must not stop the worker
        sys.stderr.write(f"{job.id}: {type(error).__name__}: {error}\n")
        queue.fail(job.id, name, f"{type(error).__name__}: {sentence(error)}")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)


def deadline(job: Job) -> float:
    """Seconds of the processor that a job may take."""
    return DEADLINE + FACTOR * job.seconds


class Beat:
    """The thread that renews a job's lease; `lost` is set once the job is no longer ours."""

    def __init__(self, table: Path, job: Job, name: str, parent: int) -> None:
        self.lost = threading.Event()
        self._table, self._job, self._name, self._parent = table, job, name, parent
        self._done, self._began = 0.0, time.monotonic()
        self._ready, self._quiet = progress(), 0.0  # kernels, and since when none of them is waited for
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)

    def tell(self, done: float) -> None:
        """Note how much is done, 0 to 1; raises CancelledError if the job is lost."""
        self._done = min(max(done, 0.0), 1.0)
        if self.lost.is_set():
            raise CancelledError

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        kept = time.monotonic()
        with Queue(self._table) as queue:
            while not self._stop.wait(BEAT):
                if os.getppid() != self._parent:
                    os._exit(1)  # nobody watches any more; what we hold runs out and is another's
                try:
                    ours = queue.renew(self._job.id, self._name, *self._state())
                    kept = time.monotonic()
                except sqlite3.OperationalError:  # the disk is full: it is ours as long as the lease is
                    ours = time.monotonic() < kept + LEASE
                if not ours:
                    self.lost.set()
                    return

    def _state(self) -> tuple[float, float | None, str]:
        """How far it is, seconds left, and what that is of: code is compiled the first time, and not in silence."""
        now = time.monotonic()
        ready, all_ = (n - before for n, before in zip(progress(), self._ready, strict=True))
        if ready >= all_:
            self._ready, self._quiet = progress(), now
        compiling = ready < all_ and now > max(self._quiet, self._began) + LOADING
        done, since = (ready / all_, max(self._quiet, self._began)) if compiling else (self._done, self._began)
        left = (now - since) * (1 - done) / done if done > 0.01 else None  # before that it is a guess
        return done, left, "compiling" if compiling else ""


def sentence(error: Exception) -> str:
    """What went wrong, on one line, without the folder's own names."""
    if isinstance(error, OSError) and error.strerror:
        said = error.strerror
    else:
        said = " ".join(str(error.args[0] if error.args else error).split())
    return "the disk of the service is full" if NO_ROOM.search(said) else said


def bound(memory: int) -> None:
    """Let this process have so many bytes more than it has, no core files and no endless ones."""
    limits = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, LARGEST_FILE)]
    with suppress(OSError):  # where there is no /proc there is no such limit either
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limits.append((resource.RLIMIT_AS, pages * resource.getpagesize() + memory))
    for what, most in limits:
        with suppress(ValueError, OSError):
            hard = resource.getrlimit(what)[1]
            resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def warmed(warm: Callable[[], None]) -> None:
    """Warm up: the first of several that begin at once alone, so that what is to be compiled is compiled once."""
    with (cache_directory() / "warming.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            fcntl.flock(file, fcntl.LOCK_SH)  # when the first is done; with the others
        warm()


def main() -> None:
    """Run as the module says."""
    parser = argparse.ArgumentParser(prog="python -m rtengine.jobs.worker")
    parser.add_argument("folder", type=Path)
    parser.add_argument("name")
    parser.add_argument("performer", help="module:function")
    parser.add_argument("--parent", type=int)
    parser.add_argument("--short", action="store_true", help="leave long jobs alone")
    parser.add_argument("--memory", type=int, default=MEMORY, help="bytes that a job may take")
    options = parser.parse_args()
    module, _, function = options.performer.partition(":")
    performer = importlib.import_module(module)
    os.chdir(options.folder)  # to which the paths of specs are relative
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if warm := getattr(performer, "warm", None):
        warmed(warm)
    bound(options.memory)
    work(Path(), options.name, getattr(performer, function), long=not options.short, parent=options.parent)


if __name__ == "__main__":
    main()

"""The workers of a folder, kept at their number: who dies is replaced, and what he had is given to others at once."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rtengine.jobs.hands import Hands
from rtengine.jobs.queue import Queue
from rtengine.jobs.store import Store

CRASHES = 2  # of its own a job may cause before it is failed
LONGEST_REST = 30.0  # seconds between two tries to begin, where none has succeeded
PATIENCE = 10.0  # seconds for which a worker may finish its job when all end
OWN = {  # signals by which a job ends its own worker, as a sentence; any other is somebody else's doing
    signal.SIGPROF: "it took longer than a job of its length may",
    signal.SIGXCPU: "it took longer than a job of its length may",
    signal.SIGALRM: "it hung, and was given up",
    signal.SIGSEGV: "it makes the decoder or the model crash",
    signal.SIGABRT: "it makes the decoder or the model give up",
    signal.SIGBUS: "it makes the decoder or the model crash",
    signal.SIGFPE: "it makes the decoder or the model crash",
    signal.SIGXFSZ: "its result outgrows what a file may have",
}
ONE_THREAD = {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class Crew(Hands):
    """`count` workers of a folder, of which the first takes short jobs only where there are others.

    performer: "module:function", see worker.
    """

    def __init__(
        self, folder: Path, performer: str, count: int, *, short: bool = True, options: Sequence[str] = ()
    ) -> None:
        super().__init__(folder, performer)
        self.count = count
        self._short, self._options = short, tuple(options)
        self._workers: dict[str, subprocess.Popen[bytes]] = {}
        self._crashes: dict[str, int] = {}  # by job
        self._broken, self._rest = 0, 0.0  # workers in a row that could not even begin, and until when nobody is hired

    @property
    def processes(self) -> list[int]:
        """Their numbers."""
        return [worker.pid for worker in tuple(self._workers.values())]

    def _look(self, queue: Queue, store: Store) -> None:
        self._bury(queue)
        while len(self._workers) < self.count and time.monotonic() >= self._rest:
            self._hire()

    def _leave(self, queue: Queue) -> None:
        """Let each finish what it does, for PATIENCE at most."""
        self._dismiss()  # first, whatever the table says
        self._bury(queue)

    def _hire(self) -> None:
        first = not any(name.startswith("short-") for name in self._workers)
        kind = "short" if self._short and self.count > 1 and first else "any"
        name = f"{kind}-{secrets.token_hex(8)}"
        command = [sys.executable, "-m", "rtengine.jobs.worker", str(self.folder), name, self.performer]
        command += ["--parent", str(os.getpid()), *self._options, *(["--short"] if kind == "short" else [])]
        self._workers[name] = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=os.environ | ONE_THREAD
        )

    def _bury(self, queue: Queue) -> None:
        """Give what the dead had to others, or fail it if that is what killed them."""
        for name, worker in list(self._workers.items()):
            status = worker.poll()
            if status is None:
                continue
            del self._workers[name]
            self.died += 1
            self._broken = self._broken + 1 if status > 0 else 0
            self._rest = time.monotonic() + (min(2.0**self._broken, LONGEST_REST) if self._broken else 0.0)
            if (job := queue.held(name)) and (said := reason(status)):
                self._crashes[job.id] = self._crashes.get(job.id, 0) + 1
                if self._crashes[job.id] >= CRASHES or -status in (signal.SIGALRM, signal.SIGPROF):
                    queue.fail(job.id, name, said)
                    del self._crashes[job.id]
            queue.release(name)

    def _dismiss(self) -> None:
        for worker in self._workers.values():
            worker.terminate()
        until = time.monotonic() + PATIENCE
        for worker in self._workers.values():
            try:
                worker.wait(max(until - time.monotonic(), 0))
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()


def reason(status: int) -> str | None:
    """Why a job ended its worker, by the worker's exit status; None if it was not the job's doing."""
    try:
        return OWN.get(signal.Signals(-status)) if status < 0 else None
    except ValueError:
        return None

"""Jobs on a Dask cluster, in place of processes here: the same table, the same performer, the same folder.

The table stays the truth. Each job is claimed by us, and kept by our lease while it is somewhere in the cluster; a
worker writes its result into the shared folder and returns the size of it alone. At most two jobs for each worker are
given out, for of those on a worker that dies, Dask suspects every one and would give up on them.
Whatever Dask forgets, because its scheduler dies or we do, is claimed again when the lease has run out.
"""

import importlib
import json
import os
import secrets
import time
from pathlib import Path
from typing import Any

from rtengine.jobs.hands import Hands
from rtengine.jobs.queue import LEASE, Job, Queue, attempt
from rtengine.jobs.store import Store
from rtengine.jobs.worker import RESULTS, deadline, sentence

IN_FLIGHT = 2  # jobs for a worker
CONNECT = 20.0  # seconds to find the scheduler
FAILURES = 100  # deaths of workers after which Dask gives a job up: our own count of attempts is lower


def there(folder: str, performer: str, name: str, spec: dict[str, Any]) -> tuple[int, str]:
    """On a worker of the cluster: perform; returns the bytes of the result, or why there is none."""
    for threads in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(threads, "1")
    module, _, function = performer.partition(":")
    perform = getattr(importlib.import_module(module), function)
    os.chdir(folder)  # to which the paths of specs are relative; a worker has one thread
    store = Store(Path(folder) / RESULTS)
    if store.path(name).is_dir():  # a worker died after it was done, and before it had said so
        return sum(file.stat().st_size for file in store.path(name).iterdir()), ""
    try:
        with store.begun(name) as part:
            perform(spec, part, lambda done: None, lambda: False)
            return store.publish(name), ""
    except (ValueError, KeyError, OSError) as error:
        return 0, sentence(error)


class Cluster(Hands):
    """The workers of a scheduler, as rtengine.jobs.crew.Crew is those of this machine."""

    def __init__(self, folder: Path, performer: str, scheduler: str) -> None:
        """OSError in a sentence if there is no scheduler, ModuleNotFoundError without the extra `cluster`."""
        from distributed import Client

        super().__init__(folder, performer)
        try:
            self._client = Client(scheduler, timeout=CONNECT, set_as_default=False, asynchronous=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise OSError(f"there is no Dask scheduler at {scheduler}: {error}") from None
        self._owner = f"cluster-{secrets.token_hex(8)}"
        self._flying: dict[str, tuple[Job, Any]] = {}
        self._renewed = 0.0  # when the leases were

    @property
    def processes(self) -> list[str]:
        """The addresses of the workers."""
        return list(self._client.scheduler_info(n_workers=-1)["workers"])

    def close(self) -> None:
        """End, and leave the scheduler."""
        super().close()
        self._client.close()

    def _look(self, queue: Queue, store: Store) -> None:
        self._land(queue, store)
        self._launch(queue)
        if time.monotonic() > self._renewed + LEASE / 5:
            self._renewed = time.monotonic()
            self._renew(queue)

    def _leave(self, queue: Queue) -> None:
        for _, future in self._flying.values():
            future.cancel()
        queue.release(self._owner)

    def _launch(self, queue: Queue) -> None:
        room = IN_FLIGHT * len(self.processes) - len(self._flying)
        for _ in range(room):
            job = queue.claim(self._owner)
            if job is None:
                return
            name = attempt(job.id, job.attempts)
            future = self._client.submit(
                there,
                str(self.folder),
                self.performer,
                name,
                json.loads(job.spec) | {"deadline": deadline(job)},
                key=name,
                pure=False,
                retries=FAILURES,
            )
            self._flying[job.id] = job, future

    def _land(self, queue: Queue, store: Store) -> None:
        for id, (job, future) in list(self._flying.items()):
            if not future.done():
                continue
            del self._flying[id]
            name = attempt(job.id, job.attempts)
            if future.status != "finished":
                queue.fail(id, self._owner, f"the cluster lost it: {future.status}")
                continue
            size, said = future.result()
            future.release()
            recorded = queue.fail(id, self._owner, said) if said else queue.finish(id, self._owner, name, size)
            if not recorded:
                store.remove(name)

    def _renew(self, queue: Queue) -> None:
        for id, (_, future) in list(self._flying.items()):
            if not queue.renew(id, self._owner, 0.0):
                future.cancel()  # it was cancelled in the table
                del self._flying[id]

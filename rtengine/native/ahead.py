"""Kernels compiled in processes of their own, while this one compiles others: numba compiles one at a time.

What a process makes is kept on disk as bitcode (part.py), and found there by this one. A process that cannot start or
dies costs nothing but time.
"""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from typing import Any

from rtengine.native.awaited import called, name_of, note, watchers
from rtengine.native.cache import cache_directory

LEAST = 20  # kernels that are worth a process, which needs a second to start

Task = tuple[Any, tuple[Any, ...]]  # a kernel, and the types of its arguments, as numba has them


@contextmanager
def elsewhere(tasks: Sequence[Task]) -> Iterator[list[Task]]:
    """Compile the largest of these in other processes, as many as there are processors left; gives what is left to do.

    It ends when they have ended, at once if it ends by an error.
    """
    worth = [task for task in tasks if _importable(task[0]) and len(called([task[0]])) >= LEAST]
    largest = sorted(worth, key=lambda task: len(called([task[0]])), reverse=True)[: _processors() - 1]
    processes = [_process() for _ in largest]
    threads = [
        threading.Thread(target=_compile, args=pair, daemon=True) for pair in zip(processes, largest, strict=True)
    ]
    for thread in threads:
        thread.start()
    try:
        yield [task for task in tasks if task not in largest]
        for thread in threads:
            thread.join()
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _importable(kernel: Any) -> bool:
    module, _, name = name_of(kernel).partition(":")
    return bool(sys.executable) and module != "__main__" and "<" not in name


def _process() -> subprocess.Popen[bytes]:
    paths = os.pathsep.join(path for path in sys.path if path)
    return subprocess.Popen(
        [sys.executable, "-m", "rtengine.native.ahead"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": paths, "RTENGINE_CACHE": str(cache_directory())},
    )  # fmt: skip


def _compile(process: subprocess.Popen[bytes], task: Task) -> None:
    """Give a process its task, and pass on the names of what is ready."""
    assert process.stdin
    assert process.stdout
    with suppress(OSError), process.stdin:  # it may have died
        process.stdin.write(pickle.dumps((name_of(task[0]), task[1])))
    with process.stdout:
        for line in process.stdout:
            note(line.decode().strip())
    process.wait()


def main() -> None:
    """Compile the kernel that comes in, and print the name of each that is ready."""
    name, types = pickle.load(sys.stdin.buffer)
    module, _, path = name.partition(":")
    found: Any = import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    watchers.append(partial(print, flush=True))
    found.get_call_template(types, {})


if __name__ == "__main__":
    main()

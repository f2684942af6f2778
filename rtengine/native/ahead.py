"""Kernels compiled in processes of their own, while this one compiles others: numba compiles one at a time.

What a process makes is kept on disk as bitcode (part.py), and found there by this one. A process that cannot start or
dies costs nothing but time.
"""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
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
    given = [(name_of(kernel), types) for kernel, types in largest]
    with beside(__name__, given, note):
        yield [task for task in tasks if task not in largest]


@contextmanager
def beside(module: str, tasks: Sequence[object], told: Callable[[str], object]) -> Iterator[None]:
    """A process for each task, `python -m module` with the task pickled as its input; told hears each of its lines.

    It ends when they have ended, at once if it ends by an error.
    """
    processes = [_process(module) for _ in tasks]
    threads = [
        threading.Thread(target=_follow, args=(process, task, told), daemon=True)
        for process, task in zip(processes, tasks, strict=True)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
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


def _process(module: str) -> subprocess.Popen[bytes]:
    paths = os.pathsep.join(path for path in sys.path if path)
    return subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": paths, "RTENGINE_CACHE": str(cache_directory())},
    )  # fmt: skip


def _follow(process: subprocess.Popen[bytes], task: object, told: Callable[[str], object]) -> None:
    """Give a process its task, and pass on what it says."""
    assert process.stdin
    assert process.stdout
    with suppress(OSError), process.stdin:  # it may have died
        process.stdin.write(pickle.dumps(task))
    with process.stdout:
        for line in process.stdout:
            told(line.decode().strip())
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

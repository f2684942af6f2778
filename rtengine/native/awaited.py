"""Which kernels are being compiled, and how many are left: for whoever waits.

Before a function is compiled, all kernels that it calls are expected; each is noted when it has been compiled, or
loaded. What is taken for called is what its names stand for, so that a few too many may be expected.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FunctionType, ModuleType
from typing import Any

_expected: set[str] = set()
_ready: set[str] = set()
watchers: list[Callable[[str], object]] = []  # called with the name of each kernel that is ready


def name_of(function: Any) -> str:
    """Module and qualified name of a kernel, or of a plain function."""
    function = _plain(function)
    return f"{function.__module__}:{function.__qualname__}"


def _plain(function: Any) -> Any:
    return getattr(function, "py_func", function)


def called(functions: Iterable[Callable[..., Any]]) -> set[str]:
    """The names of these, and of all kernels that they call, directly or not."""
    found: dict[str, Any] = {}
    waiting = list(functions)
    while waiting:
        one = waiting.pop()
        if name_of(one) not in found:
            found[name_of(one)] = one
            waiting += _names(_plain(one))
    return set(found)


def _names(function: FunctionType) -> list[Any]:
    """The kernels that a function's names stand for; those of other modules by the module's name and theirs."""
    names, world = function.__code__.co_names, function.__globals__
    meant = [world[name] for name in names if name in world]
    modules = [vars(one) for one in meant if isinstance(one, ModuleType)]  # not getattr: a module may import on demand
    within = [module[name] for module in modules for name in names if name in module]
    held = [cell.cell_contents for cell in function.__closure__ or ()]
    return [one for one in (*meant, *within, *held) if isinstance(getattr(one, "py_func", None), FunctionType)]


@contextmanager
def compiling(functions: Iterable[Callable[..., Any]]) -> Iterator[None]:
    """While these are compiled: what they call is expected, and at the end no more."""
    _expected.update(called(functions))
    try:
        yield
    finally:
        _expected.intersection_update(_ready)


def note(name: str) -> None:
    """Count this one as ready."""
    _ready.add(name)
    for watcher in watchers:
        watcher(name)


def progress() -> tuple[int, int]:
    """How many of the kernels that were ever expected are ready, and how many these are."""
    return len(_expected & _ready), len(_expected)

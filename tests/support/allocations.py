"""How often numba's run-time allocates."""

from collections.abc import Callable

from numba.core.runtime import rtsys


def allocations(function: Callable[[int], object], times: int) -> tuple[int, int]:
    """Blocks of memory, and arrays, that function(times) takes; one that does the same many times takes no more."""
    function(1)
    before = rtsys.get_allocation_stats()
    function(times)
    after = rtsys.get_allocation_stats()
    return after.alloc - before.alloc, after.mi_alloc - before.mi_alloc

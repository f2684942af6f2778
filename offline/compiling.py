"""While native code is compiled: how far it is, and a signal ends the program at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from offline.stopping import at_once
from rtengine.cli.compiling import told


@contextmanager
def compiling(say: Callable[[str], object]) -> Iterator[None]:
    """For the building of graphs, before anything is half written."""
    with at_once(), told(say):
        yield

"""What numba looks for when it first compiles or loads anything, and nobody here has asked for: BLAS.

It imports scipy.linalg to know whether it could multiply matrices, which no kernel lets it do: a seventh of each start,
and 25 MB. Whether there is such a module is answered without it; whoever does let numba multiply gets it then.
"""

import sys
from importlib.util import find_spec

from rtengine.native.collector import at_rest

with at_rest():  # it imports most of numba
    from numba.np import linalg

_load = getattr(linalg, "ensure_blas", None)


def _is_there() -> None:
    """The first question, when numba.np.arraymath is imported; ImportError if there is none."""
    linalg.ensure_blas = _load
    if not find_spec("scipy.linalg"):
        raise ImportError("scipy.linalg")


if _load and "numba.np.arraymath" not in sys.modules:
    linalg.ensure_blas = _is_there

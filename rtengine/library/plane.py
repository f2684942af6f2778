"""Where the pieces of a library lie on its map: laid out once and kept, so that who knows the map finds his way again.

A few new pieces are put beside those that they are like. When there are many, all is laid out anew from where it lies.
"""

from contextlib import suppress
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from rtengine.files.beside import beside
from rtengine.library.layout import ROUNDS, Points, layout
from rtengine.library.neighbours import neighbours
from rtengine.library.vectors import Index

NEW = 0.1  # share of pieces without a place beyond which all is laid out anew
BESIDE = 3  # pieces between which a new one is put


def file_of(folder: Path, model: str) -> Path:
    """Where the map of a model's vectors is kept."""
    return folder / f"map-{model[:16]}.npz"


def places(folder: Path, model: str, index: Index) -> Points:
    """Where each piece of the index lies, (n, 2); what is laid out anew is kept if the disk has room for it."""
    at, there = _known(folder, model, index)
    if there.sum() >= (1 - NEW) * len(there):
        return _beside(index, at, there)
    at = layout(index.unit, _beside(index, at, there), ROUNDS // 3) if there.any() else layout(index.unit)
    with suppress(OSError), beside(file_of(folder, model), True) as whole, whole.open("wb") as file:
        np.savez(file, ids=index.ids, at=at)
    return at


def _known(folder: Path, model: str, index: Index) -> tuple[Points, np.ndarray]:
    """The places that are kept, and of which pieces they are; a damaged file keeps none."""
    at, there = np.zeros((len(index.ids), 2), np.float32), np.zeros(len(index.ids), np.bool_)
    bad = OSError, ValueError, KeyError, EOFError, BadZipFile
    with suppress(*bad), file_of(folder, model).open("rb") as data, np.load(data) as kept:
        ids, laid = kept["ids"], kept["at"]
        if laid.shape == (len(ids), 2) and np.isfinite(laid).all():
            _, mine, its = np.intersect1d(index.ids, ids, return_indices=True)
            at[mine], there[mine] = laid[its], True
    return at, there


def _beside(index: Index, at: Points, there: np.ndarray) -> Points:
    """The same places, and for each piece without one the middle of its nearest that have one."""
    new, old = np.flatnonzero(~there), np.flatnonzero(there)
    if len(new) and len(old):
        nearest, _ = neighbours(index.unit[new], index.unit[old], min(BESIDE, len(old)))
        at[new] = at[old[nearest]].mean(axis=1)
    return at

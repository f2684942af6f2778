"""What a training begins with: PyTorch, on the device that is asked for, and music of our own.

Nothing heavy is imported before it is asked for.
"""

import numpy as np
from numpy.typing import NDArray

from rtengine.models.exemplars.music import music

PIECES = 4  # of our own music, to train on if there is no other; the next one is judged with


def begin(device: str) -> None:
    """Load PyTorch and let it make its tensors on this device; OSError or ValueError if it is not there."""
    try:
        import onnx  # noqa: F401  # what models are read and written with: better missed now than after ten minutes
        import torch
    except ImportError as error:
        raise OSError(f"{error.name} is missing: training needs pip install 'rtengine[train]'") from None
    from rtengine.models.texture.training.allocation import keep_freed_memory

    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("--device cuda: PyTorch finds no CUDA device here")
    torch.set_default_device(device)
    keep_freed_memory()


def own_music(seed: int) -> NDArray[np.float32]:
    """A piece of the project's own, mono at 44.1 kHz."""
    return np.asarray(music(seed=seed).mean(0), np.float32)

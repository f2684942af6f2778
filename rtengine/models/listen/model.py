"""A listening model: one ONNX file, and what its metadata say.

    logmel (B, 187, 96)  ->  taggram (B, tags), each 0 to 1;  embedding (B, width)

all float32; the frames are those of rtengine/models/listen/front_end.py, 3 seconds of them. metadata_props: contract,
name, licence, and as JSON tags, the names in the order of the taggram. Any file that keeps this can be used.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from rtengine.files.json_text import parsed
from rtengine.models.listen.front_end import HOP_LENGTH, MELS, RATE, Frames

CONTRACT = "listen 1"
SHIPPED = Path(__file__).with_name("musicnn.onnx")
FRAMES = 187  # of a window
SECONDS = FRAMES * HOP_LENGTH / RATE  # from the first frame of a window to that of the next, if they do not overlap

Rows = NDArray[np.float32]


@dataclass(frozen=True)
class Model:
    """A checked model file. digest: SHA-256 of its bytes, in hexadecimal; vectors of different ones do not compare."""

    file: Path
    name: str
    licence: str
    tags: tuple[str, ...]
    width: int  # numbers of an embedding
    digest: str
    session: onnxruntime.InferenceSession

    def tag(self, windows: Iterable[Frames]) -> tuple[Rows, Rows]:
        """Taggram (windows, tags) and embeddings (windows, width) of windows (187, 96), one at a time as live."""
        tags, embeddings = [np.zeros((0, len(self.tags)), np.float32)], [np.zeros((0, self.width), np.float32)]
        for window in windows:
            y, z = self.session.run(["taggram", "embedding"], {"logmel": np.ascontiguousarray(window[None])})
            tags.append(np.nan_to_num(y))
            embeddings.append(np.nan_to_num(z, posinf=0, neginf=0))
        return np.concatenate(tags), np.concatenate(embeddings)


@cache
def load_model(file: Path = SHIPPED) -> Model:
    """Read and check a model file; OSError or ValueError in one sentence if it cannot serve."""
    if not file.is_file():
        raise OSError(f"there is no model file {file}")
    data = file.read_bytes()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # the same sums live and offline
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises its own classes, unrelated to one another
        raise ValueError(f"{file} is not an ONNX model that onnxruntime can load") from error
    metadata = dict(session.get_modelmeta().custom_metadata_map)
    if metadata.get("contract") != CONTRACT:
        raise ValueError(f"{file} has contract {metadata.get('contract')!r} and not {CONTRACT!r}: no listening model")
    shapes = {t.name: t.shape for t in (*session.get_inputs(), *session.get_outputs())}
    try:
        tags = tuple(map(str, parsed(metadata["tags"])))
        good = shapes["logmel"][1:] == [FRAMES, MELS] and shapes["taggram"][1:] == [len(tags)]
        width = shapes["embedding"][1]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ValueError(f"the metadata of {file} are damaged: {error}") from error
    if not good or not isinstance(width, int):
        raise ValueError(f"{file} has the tensors {shapes}, which are not those of {CONTRACT!r} with {len(tags)} tags")
    name, licence = metadata.get("name", file.stem), metadata.get("licence", "not stated")
    return Model(file, name, licence, tags, width, hashlib.sha256(data).hexdigest(), session)


def windows(frames: Frames, hop: int = FRAMES) -> list[Frames]:
    """Cut frames into windows (187, 96) that begin every `hop` frames; what is shorter than one is repeated."""
    if len(frames) < FRAMES:
        frames = np.resize(frames, (FRAMES, MELS)) if len(frames) else np.zeros((FRAMES, MELS), np.float32)
    return [frames[first : first + FRAMES] for first in range(0, len(frames) - FRAMES + 1, hop)]

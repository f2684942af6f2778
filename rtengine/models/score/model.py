"""The score network at play: one compound word after another, its memory two rings that never grow.

`keys` and `values` (layers, heads, RING, size) hold what the last RING words left; each word's own row is written over
the oldest. Positions are in the keys (rotary), so the order of the rows does not matter.
"""

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from rtengine.files.json_text import parsed
from rtengine.models.score.words import FIELDS, Words

FILE = Path(__file__).with_name("score.onnx")
CONTRACT = "score 1"
RING = 512  # words that are remembered
INPUTS = ("word", "told", "at", "keys", "values", "hidden", "sharpness", "least", "noise", "steps", "parts", "pitches",
          "lengths")  # fmt: skip
OUTPUTS = ("drawn", "key", "value")
NEVER = np.float32(-1e9)
Array = NDArray[np.float32]


class Masks:
    """What the next word may be, as biases of logits: 0 as likely as the network has it, NEVER not at all.

    steps: (17,).  parts: (17, 5) by step.  pitches: (2, 5, 85) by half bar and part.  lengths: (17, 11) by step.
    """

    def __init__(self) -> None:
        self.steps: Array = np.zeros(FIELDS["step"], np.float32)
        self.parts: Array = np.zeros((FIELDS["step"], FIELDS["part"]), np.float32)
        self.pitches: Array = np.zeros((2, FIELDS["part"], FIELDS["pitch"]), np.float32)
        self.lengths: Array = np.zeros((FIELDS["step"], FIELDS["length"]), np.float32)


class Model:
    """A session and its rings. One thread: two were slower at this size."""

    def __init__(self, path: Path = FILE, seed: int = 0) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own classes of error are not public
            raise ValueError(f"{path} cannot be read as a model ({str(error).splitlines()[0]})") from None
        facts = self._session.get_modelmeta().custom_metadata_map
        if facts.get("contract") != CONTRACT:
            raise ValueError(f"{path} is no score model: its contract is {facts.get('contract')!r}, not {CONTRACT!r}")
        try:
            self.training = parsed(facts["training"])
            shape = tuple(map(int, parsed(facts["shape"])))
            given = {tensor.name: tensor.shape for tensor in self._session.get_inputs()}
            if list(shape) != given["keys"] or shape[2] != RING:
                raise ValueError(f"it has rings of {given['keys']}, not of {shape}")
        except (IndexError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"the metadata of {path} are damaged: {error}") from None
        self.keys, self.values = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        self.hidden = np.full(RING, NEVER, np.float32)
        self.sharpness, self.least = np.ones(5, np.float32), np.full(5, np.log(0.05), np.float32)
        self.at = 0
        self._random = np.random.default_rng(seed)

    def reset(self, seed: int) -> None:
        """Forget everything, and begin with another seed."""
        self.at, self._random = 0, np.random.default_rng(seed)
        self.hidden[:] = NEVER

    def warmth(self, value: float, least: float) -> None:
        """Temperature of all fields, and the share of the likeliest from which one is drawn at all (min-p)."""
        self.sharpness[:], self.least[:] = 1 / value, np.log(least)

    def next(self, word: Words, told: Words, masks: Masks) -> Words:
        """Draw the word that follows `word` (5,), told (conditions,) of its surroundings."""
        noise = self._random.gumbel(size=sum(FIELDS.values())).astype(np.float32)
        drawn, key, value = self._session.run(
            list(OUTPUTS),
            {
                "word": word.astype(np.int64), "told": told.astype(np.int64), "at": np.array([self.at], np.float32),
                "keys": self.keys, "values": self.values, "hidden": self.hidden, "sharpness": self.sharpness,
                "least": self.least, "noise": noise, "steps": masks.steps, "parts": masks.parts,
                "pitches": masks.pitches, "lengths": masks.lengths,
            },
        )  # fmt: skip
        slot = self.at % RING
        self.keys[:, :, slot], self.values[:, :, slot] = key, value
        self.hidden[slot] = 0
        self.at += 1
        return np.asarray(drawn, np.int16)

"""What the tests of the command line use in place of the texture graph: a delay, with the same addresses, at once."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import pytest

from rtengine.block import Parameter
from rtengine.patches import chain, texture
from rtengine.patches.patch import Patch, Setup

TEXTURES = ("water", "laser", "future")


class Delay:
    """A graph whose output is its input `latency` samples late."""

    latency = 3001

    def __init__(self, channels: int) -> None:
        self.inputs = self.outputs = channels
        shares = {f"/texture/{name}": Parameter(float(name == "water"), 0, 1, share=True) for name in TEXTURES}
        self.parameters = shares
        self.parameters["/texture/strength"] = Parameter(0.8, 0, 1)
        self.parameters["/texture/quality"] = Parameter(1, 0, 2, "", "step", "", ("lofi", "standard", "hifi"))
        self.parameters["/mix/amount"] = Parameter(1, 0, 1)
        self.values: dict[str, float] = {address: p.default for address, p in self.parameters.items()}
        self.held = np.zeros((channels, self.latency), np.float32)

    def __setitem__(self, address: str, value: float) -> None:
        if address not in self.parameters:
            raise KeyError(f"{address} is none of {', '.join(self.parameters)}")
        self.values[address] = self.parameters[address].check(address, value)

    def process(self, x: np.ndarray) -> np.ndarray:
        assert x.dtype == np.float32
        assert x.flags.c_contiguous
        assert x.shape[0] == self.inputs
        both = np.concatenate((self.held, x), axis=1)
        self.held = both[:, x.shape[1] :].copy()
        return np.ascontiguousarray(both[:, : x.shape[1]])

    def settle(self) -> None:
        pass

    def close(self) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def install(monkeypatch: pytest.MonkeyPatch, graph: type[Delay] = Delay) -> list[Delay]:
    """Let the command line build delays, of whatever kind it asks for; returns the list to which each is added."""
    built: list[Delay] = []

    def build(
        patches: Sequence[Patch], setup: Setup, turn: chain.Turn = lambda graph: None, kind: object = None
    ) -> Delay:
        built.append(graph(setup.inputs))
        built[-1].values["/texture/quality"] = setup.settings.get("quality", 1)
        turn(built[-1])
        return built[-1]

    monkeypatch.setattr(chain, "build", build)
    monkeypatch.setattr(texture, "textures", lambda model=None: TEXTURES)
    return built

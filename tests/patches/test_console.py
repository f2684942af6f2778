import numpy as np
import pytest

from rtengine.patches import chain
from rtengine.patches.patch import Setup

RATE = 48_000


def test_three_microphones_are_three_strips_and_come_out_as_two() -> None:
    (patch,) = chain.chained("console")
    graph = chain.build([patch], Setup(RATE, inputs=3, settings={"automatic": 0}))
    assert graph.outputs == 2
    assert [p for p in graph.blocks if p.startswith("strip/")] == ["strip/1", "strip/2", "strip/3"]
    x = (0.1 * np.random.default_rng(0).standard_normal((3, 9_600))).astype(np.float32)
    graph["/strip/2/pan"], graph["/bus/mute3"] = -1, 1
    graph.settle()
    y = graph.process(x)
    late = graph.latency
    assert np.abs(y[1, late:] - x[0, :-late]).max() < 1e-5
    assert np.abs(y[0, late:] - x[0, :-late] - np.sqrt(2) * x[1, :-late]).max() < 1e-5


def test_what_cannot_be_a_desk_is_refused() -> None:
    (patch,) = chain.chained("console")
    with pytest.raises(ValueError, match="3 channels are no pairs"):
        chain.build([patch], Setup(RATE, inputs=3, settings={"pairs": 1}))
    with pytest.raises(ValueError, match="17 stems are not 1 to 16"):
        chain.build([patch], Setup(RATE, inputs=17))

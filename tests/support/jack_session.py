"""A player in a process of its own: prints what the engine says, and when told to, how it is; then leaves.

It makes a constant sound; with the argument "dry" it is the instrument, and lets the dry signal through; with "wire" it
is one sample of delay, and with "bridge" that on the null clock, with JACK as its input.
"""

import sys

from support.card import Scale
from support.every_block import small_model

from rtengine.block import Block
from rtengine.graph import Graph
from rtengine.live.engine import Engine
from rtengine.native.kernel import kernel
from rtengine.patches.texture import texture


class Half(Block):
    """One half, for ever: the dummy server has no sound of its own."""

    @staticmethod
    @kernel
    def process(state, params, x):
        for c in range(x.shape[0]):
            for n in range(x.shape[1]):
                x[c, n] = 0.5


if "dry" in sys.argv:
    graph = texture(48_000, 128, model=small_model(), live=True)
    graph["/mix/amount"] = 0
    graph.settle()
elif sys.argv[1:]:
    graph = Graph(48_000, tone=Scale())
else:
    graph = Graph(48_000, half=Half(), tone=Scale())
sink = "null" if "bridge" in sys.argv else "JACK"
with Engine(graph, "JACK", sink, block_size=128, say=lambda text: print(text, flush=True)) as engine:
    print(graph.latency, flush=True)
    sys.stdin.readline()
    status = engine.status()
    print(status["device"], status["block_sizes"], status["callbacks"], status["peak_out"][0], sep="|", flush=True)

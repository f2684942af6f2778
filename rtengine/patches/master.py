"""The last stage of a render: its level, and no peak above a ceiling."""

from rtengine.blocks.gain import Gain
from rtengine.blocks.limiter import Limiter
from rtengine.graph import Graph


def master(sample_rate: float, channels: int, gain: float, ceiling: float) -> Graph:
    """Bring a finished render to its level: gain in dB, then true peaks at most `ceiling` dBTP."""
    graph = Graph(sample_rate, channels, output=Gain(), limiter=Limiter())
    graph["/output/gain"], graph["/limiter/ceiling"] = gain, ceiling
    graph.settle()
    return graph

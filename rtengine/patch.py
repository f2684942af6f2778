"""The instruments: the one place that names actual blocks and models."""

from pathlib import Path

from rtengine.blocks.gain import Gain
from rtengine.blocks.limiter import Limiter
from rtengine.blocks.meter import Meter
from rtengine.blocks.mix import Mix
from rtengine.blocks.texture import Texture
from rtengine.graph import Graph
from rtengine.models.model import SHIPPED, load_model

REFINE = {"lofi": 0, "standard": 8, "hifi": 64}  # Griffin-Lim iterations after RTISI-LA, by the name of the quality
AHEAD = 4_096  # samples that the threads of a render may run ahead


def texture(
    sample_rate: float,
    block_size: int = 512,
    channels: int = 2,
    *,
    model: Path = SHIPPED,
    look_ahead: int = 3,
    refine: int = 0,
    threads: int = 0,
    seed: int = 0,
) -> Graph:
    """Music made of another sound: /texture/..., /mix/amount, /output/gain, /limiter/..., and a meter at each end.

    sample_rate in Hz, block_size in samples (the largest buffer that comes), channels 1 or 2. refine: see REFINE.
    threads: native threads for the slow parts, 0 to run them within `process`; the samples are the same.
    Raises ValueError with the value and the bound, OSError if there is no such model.
    """
    if not 8_000 <= sample_rate <= 384_000:
        raise ValueError(f"sample rate {sample_rate:g} is outside 8000 to 384000 Hz")
    if channels not in (1, 2):
        raise ValueError(f"{channels} channels are not 1 or 2")
    block = Texture(
        load_model(model),
        look_ahead=look_ahead,
        refine=refine,
        headroom=AHEAD if threads else 0,
        patient=threads > 0,
        seed=seed,
    )
    graph = Graph(
        sample_rate,
        channels,
        input=Meter(),
        mix=Mix(texture=block),
        output=Gain(),
        limiter=Limiter(),
        meter=Meter(),
    )
    if threads:
        graph.start(threads)
    return graph


def textures(model: Path = SHIPPED) -> tuple[str, ...]:
    """The names of a model's textures."""
    return tuple(load_model(model).textures)


def master(sample_rate: float, channels: int, gain: float, ceiling: float) -> Graph:
    """Bring a finished render to its level: gain in dB, then true peaks at most `ceiling` dBTP."""
    graph = Graph(sample_rate, channels, output=Gain(), limiter=Limiter())
    graph["/output/gain"], graph["/limiter/ceiling"] = gain, ceiling
    graph.settle()
    return graph

"""The instruments: the one place that names actual blocks and models."""

from collections.abc import Callable, Sequence
from math import ceil
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rtengine.blocks.gain import Gain
from rtengine.blocks.limiter import Limiter
from rtengine.blocks.meter import Meter
from rtengine.blocks.mix import Mix
from rtengine.blocks.texture.texture import MOST, Texture
from rtengine.files import folders
from rtengine.graph import Graph
from rtengine.live.instrument import Clips, Instrument, signed
from rtengine.models.texture import clip
from rtengine.models.texture.model import SHIPPED, Model, load_model, with_clips
from rtengine.take.automation import Performance

REFINE = {"lofi": 0, "standard": 8, "hifi": 64}  # Griffin-Lim iterations after RTISI-LA, by the name of the quality
SLACK = 1.5  # hops of headroom on stage
LOW_LATENCY: dict[str, Any] = {"look_ahead": -2, "iterations": (1, 1, 2)}  # more bend the melody, for nothing
AHEAD = 4_096  # samples that the threads of a render may run ahead
NO_CLIPS: Clips = MappingProxyType({})


def texture(
    sample_rate: float,
    block_size: int = 512,
    channels: int = 2,
    *,
    model: Path = SHIPPED,
    clips: Clips = NO_CLIPS,
    low_latency: bool = False,
    refine: int = 0,
    threads: int = 0,
    seed: int = 0,
    live: bool = False,
    headroom: int | None = None,
) -> Graph:
    """Music made of another sound: /texture/..., /mix/amount, /output/gain, /limiter/..., and a meter at each end.

    sample_rate in Hz, block_size in samples (the largest buffer that comes), channels 1 or 2. refine: see REFINE.
    clips: sounds that become textures, by the names of these.
    low_latency: 12 ms instead of 41 for STFT and phases, at the price that docs/benchmarks.md states; not with refine.
    threads: native threads for the slow parts, 0 to run them within `process`; the samples are the same.
    live: for an Engine, which starts its own threads: latency for the worker, see live_headroom, and no waiting for it.
    headroom: the worker's share of the latency in samples, if it should be another than these say.
    Raises ValueError with the value and the bound, OSError if there is no such model.
    """
    if not 8_000 <= sample_rate <= 384_000:
        raise ValueError(f"sample rate {sample_rate:g} is outside 8000 to 384000 Hz")
    if channels not in (1, 2):
        raise ValueError(f"{channels} channels are not 1 or 2")
    network = with_clips(load_model(model), {name: clip.load(file) for name, file in clips.items()})
    if len(network.textures) > MOST:
        raise ValueError(f"{len(network.textures)} textures are more than {MOST}")
    if headroom is None:
        headroom = live_headroom(network, sample_rate, block_size) if live else AHEAD if threads else 0
    block = Texture(
        network,
        refine=refine,
        headroom=headroom,
        patient=threads > 0,
        chances=seed,
        **(LOW_LATENCY if low_latency else {}),
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


def stage(
    sample_rate: float,
    block_size: int,
    channels: int,
    *,
    model: Path = SHIPPED,
    models: Path | None = None,
    clips: Path | None = None,
    low_latency: bool = False,
) -> Instrument:
    """The instrument for an Engine, which can change its model and add sounds; models, clips: folders of these."""

    def build(model: Path, sounds: Clips) -> Graph:
        load_model.cache_clear()  # a file of this name may be another than before
        return texture(sample_rate, block_size, channels, model=model, clips=sounds, low_latency=low_latency, live=True)

    return Instrument(
        build, model, models or folders.default("models"), clips or folders.default("clips"), low_latency=low_latency
    )


def replay(
    performance: Performance,
    *,
    model: Path | None = None,
    models: Path | None = None,
    clips: Path | None = None,
    threads: int = 0,
    seed: int = 0,
) -> Callable[[int], Graph]:
    """Builds the graphs on which a logged performance was played, by their numbers, for rtengine.live.replay.

    model: in place of all that are named in the log. models, clips: the folders of those. threads, seed: as above.
    The graphs raise ValueError or OSError if the files are not what was played.
    """
    rate, channels = performance.sample_rate, performance.inputs

    def build(number: int) -> Graph:
        played = performance.graphs[number]
        about = {"model": signed(SHIPPED), "clips": {}, "low_latency": False, **played.about}
        file = model or found(about["model"], models or folders.default("models"))
        sounds = {name: found(sound, clips or folders.default("clips")) for name, sound in about["clips"].items()}

        def played_on(headroom: int, threads: int) -> Graph:
            low = bool(about["low_latency"])
            return texture(
                rate, channels=channels, model=file, clips=sounds, low_latency=low, threads=threads, seed=seed,
                headroom=headroom,
            )  # fmt: skip

        headroom = played.latency - played_on(0, 0).latency
        if headroom < 0:
            raise ValueError(f"the performance has a latency of {played.latency}, this instrument {-headroom} more")
        return played_on(headroom, threads)

    return build


def found(signature: Sequence[str], folder: Path) -> Path:
    """The file of a log, the shipped model or one of the folder; ValueError or OSError if it is not the same."""
    name = str(signature[0])
    file = SHIPPED if name == SHIPPED.name else folder / Path(name).name
    if not file.is_file():
        raise OSError(f"there is no file {name} in {folder}")
    if signed(file) != list(signature):
        raise ValueError(f"{file} is not the {name} that was played: the files differ")
    return file


def live_headroom(model: Model, sample_rate: float, block_size: int) -> int:
    """Samples of latency with which a worker thread is in time on a device.

    A buffer, for its samples come and go at once, and one and a half hops: one for the work, which keeps up if it takes
    no longer, and half of one for the moments in which the thread does not run.
    """
    return block_size + ceil(SLACK * model.hop_length * sample_rate / model.sample_rate)


def textures(model: Path = SHIPPED) -> tuple[str, ...]:
    """The names of a model's textures."""
    return tuple(load_model(model).textures)


def assign(graph: Graph, values: Sequence[tuple[str, str]]) -> None:
    """Set parameters by address from texts, numbers or names of choices; ValueError or KeyError in one sentence."""
    for address, text in values:
        graph[address]  # says so if it is none
        try:
            value = graph.parameters[address].parse(text)
        except ValueError as error:
            raise ValueError(f"{address} = {error}") from None
        graph[address] = value  # names the bound if it is wrong
    graph.settle()

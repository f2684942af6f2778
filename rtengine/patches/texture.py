"""Music made of another sound: the texture block, its dry/wet mix, and what they are built from."""

from collections.abc import Mapping
from math import ceil
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rtengine.block import Parameter
from rtengine.blocks.mix import Mix
from rtengine.blocks.texture.texture import MOST_TEXTURES, QUALITIES, Texture
from rtengine.files.folders import SOUNDS
from rtengine.graph import Graph
from rtengine.models.texture import heard
from rtengine.models.texture.model import SHIPPED, Model, load_model, with_textures
from rtengine.patches import chain
from rtengine.patches.patch import Closer, Files, Part, Patch, Setup

REFINE = {"lofi": 0, "standard": 8, "hifi": 4}  # Griffin-Lim iterations after RTISI-LA, by the name of the quality
FIT = {"lofi": 0, "standard": 0, "hifi": 12}  # steps before these, towards the texture's statistics; more lose the song
SLACK = 1.5  # hops of headroom on stage
LOW_LATENCY: dict[str, Any] = {"look_ahead": -2, "iterations": (1, 1, 2)}  # more bend the melody, for nothing
AHEAD = 8_192  # samples that the threads of a render may run ahead: enough for a nap of who waits for them
LARGEST = 1 << 28  # bytes of a model or a clip
CLOSER = Closer("rtengine.models.texture.training.listening", heard.ENDING)
NO_CLIPS: Mapping[str, Path] = MappingProxyType({})


def build(setup: Setup) -> Part:
    """/texture/..., /mix/amount. Files: a model, and clips, sounds that become textures by the names of these."""
    model = PATCH.file(setup, "model")
    if setup.live:
        load_model.cache_clear()  # a file of this name may be another than before
    own, clips = load_model(model), setup.files.get("clip", {})
    network = with_textures(own, {name: heard.texture(own, file) for name, file in clips.items()})
    if len(network.textures) > MOST_TEXTURES:
        raise ValueError(f"{len(network.textures)} textures are more than {MOST_TEXTURES}")
    headroom = setup.headroom
    if headroom is None:
        live = live_headroom(network, setup.sample_rate, setup.block_size)
        headroom = live if setup.live else AHEAD if setup.threads else 0
    low_latency = bool(PATCH.setting(setup, "low_latency"))
    at_once = setup.live or low_latency
    quality = int(PATCH.setting(setup, "quality"))
    block = Texture(
        network,
        refine=0 if at_once else int(PATCH.setting(setup, "refine")),
        fit=0 if at_once else int(PATCH.setting(setup, "fit")),
        headroom=headroom,
        patient=setup.threads > 0,
        chances=setup.seed,
        **(LOW_LATENCY if low_latency else {}),
    )
    return Part({"mix": Mix(texture=block)}, start={"/texture/quality": quality})


def refined(quality: str) -> dict[str, float]:
    """The settings with which a file is rendered at a quality: for files there is no latency to save.

    "hifi" is another sound for files than what is played: only there can a window of six seconds be fitted as a whole.
    """
    return {"quality": QUALITIES.index(quality), "refine": REFINE[quality], "fit": FIT[quality]}


PATCH: Patch = Patch(
    "texture",
    "live music with the texture of water, of a laser, or of any sound",
    build,
    settings={
        "low_latency": Parameter(0, 0, 1, "", "step", "29 ms less, for a little more roughness", ("off", "on")),
        "quality": Parameter(1, 0, 2, "", "step", "how much care for the phases, to begin with", QUALITIES),
        "refine": Parameter(0, 0, 64, "", "step", "Griffin-Lim iterations after the live ones; for files"),
        "fit": Parameter(0, 0, 64, "", "step", "steps of each window towards the texture, before these; for files"),
    },
    files={
        "model": Files("a texture model", (".onnx",), LARGEST, default=SHIPPED),
        "clip": Files("a sound that becomes a texture", (*SOUNDS, heard.ENDING), LARGEST, many=True, closer=CLOSER),
    },
    controls={"mix": "/mix/amount"},
    blends="clip",
    shares=lambda setup: textures(PATCH.file(setup, "model")),
)


def texture(
    sample_rate: float,
    block_size: int = 512,
    channels: int = 2,
    *,
    model: Path = SHIPPED,
    clips: Mapping[str, Path] = NO_CLIPS,
    low_latency: bool = False,
    refine: int = 0,
    fit: int = 0,
    threads: int = 0,
    seed: int = 0,
    live: bool = False,
    headroom: int | None = None,
) -> Graph:
    """The graph of this patch alone: /texture/..., /mix/amount, /output/gain, /limiter/..., and a meter at each end.

    The arguments are those of Setup; refine, fit: see REFINE and FIT. low_latency: 12 ms instead of 41 for
    STFT and phases, at the price that docs/benchmarks.md states; not with these.
    Raises ValueError with the value and the bound, OSError if there is no such model.
    """
    settings = {"low_latency": float(low_latency), "refine": float(refine), "fit": float(fit)}
    files = {"model": {model.stem: model}, "clip": clips}
    setup = Setup(sample_rate, block_size, channels, live, threads, headroom, seed, settings, files)
    return chain.build([PATCH], setup)


def live_headroom(model: Model, sample_rate: float, block_size: int) -> int:
    """Samples of latency with which a worker thread is in time on a device.

    A buffer, for its samples come and go at once, and one and a half hops: one for the work, which keeps up if it takes
    no longer, and half of one for the moments in which the thread does not run.
    """
    return block_size + ceil(SLACK * model.hop_length * sample_rate / model.sample_rate)


def textures(model: Path = SHIPPED) -> tuple[str, ...]:
    """The names of a model's textures."""
    return tuple(load_model(model).textures)

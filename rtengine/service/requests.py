"""What a client may ask for, checked field by field, and what the workers are told instead.

The types are the interface: msgspec reads requests by them, and the OpenAPI document is made of them.
"""

import hashlib
import json
import uuid
from importlib.resources import files
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field, to_builtins

SERVICE = uuid.UUID("5b5c1a7e-6f0e-4c6b-9f3b-0f6f1a0b9c11")  # the namespace of jobs that the service gives itself
MODEL = "textures.onnx"
SHAPES = (48_000, 2), (44_100, 1), (48_000, 1)  # of songs, beside 44.1 kHz in stereo, for which each worker is ready
MEASURED = 4.0  # seconds of sound by which the time of a quality is measured

Song = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="the SHA-256 of a song that was uploaded")]
Name = Annotated[str, Meta(pattern="^([a-z][a-z0-9_-]{0,63}|[0-9a-f]{64})$")]
Weight = Annotated[float, Meta(ge=0, le=1)]
Address = Annotated[str, Meta(pattern="^(/[a-z0-9_-]{1,64}){2,4}$")]
Quality = Literal["lofi", "standard", "hifi"]
Format = Literal["wav", "flac", "ogg", "mp3", "opus"]


class Render(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="render"):
    """A song with a texture."""

    song: Song
    textures: Annotated[
        dict[Name, Weight],
        Meta(min_length=1, max_length=16, description="weights of textures, or of songs as textures"),
    ] = field(default_factory=lambda: {"water": 1.0})
    mix: Weight = 1.0
    quality: Quality = "standard"
    start: Annotated[float, Meta(ge=0, le=86_400, description="seconds")] = 0.0
    duration: Annotated[float, Meta(gt=0, le=86_400, description="seconds; null for all")] | None = None
    loudness: Annotated[float, Meta(ge=-70, le=0, description="LUFS; null to leave it")] | None = None
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 0
    values: Annotated[dict[Address, float], Meta(max_length=64, description="other parameters by address")] = field(
        default_factory=dict
    )


class Convert(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="convert"):
    """A result in another format."""

    job: Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    format: Format = "wav"
    bit_depth: Literal["16", "24", "float"] | None = None


class Mix(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="mix"):
    """Stems of one song, mixed, with a reason for every move of the desk."""

    stems: Annotated[list[Song], Meta(min_length=1, max_length=16)]
    like: Annotated[list[Song], Meta(max_length=4, description="songs that the mix is to be like")] = field(
        default_factory=list
    )


class Score(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="score"):
    """A film with music that fits it."""

    film: Song
    emotion: Literal["happy", "tense", "sad", "calm"] | None = None
    sensitivity: Annotated[float, Meta(ge=0, le=1, description="how faint a movement the music meets")] = 0.5
    tempo: Annotated[float, Meta(ge=40, le=240, description="beats a minute; null to fit the cuts")] | None = None
    sound: Literal["keep", "duck", "replace"] = "duck"
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 0


Request = Render | Convert | Mix | Score
PLACES = {"mix": "mix", "score": "film"}  # the page that has what is asked for


def sounds(request: Render) -> list[str]:
    """Songs that serve as textures."""
    return [name for name in request.textures if len(name) == 64]


def render_spec(request: Render, name: str, longest: float) -> dict[str, Any]:
    """What rtengine.jobs.sounds renders."""
    return {
        "do": "render",
        "song": f"songs/{request.song}",
        "name": name,
        "textures": request.textures,
        "sounds": {sound: f"songs/{sound}" for sound in sounds(request)},
        "mix": request.mix,
        "quality": request.quality,
        "start": request.start,
        "duration": request.duration,
        "loudness": request.loudness,
        "seed": request.seed,
        "values": request.values,
        "longest": longest,
    }


def mix_spec(request: Mix, names: list[str], longest: float) -> dict[str, Any]:
    """What offline.perform mixes. names: what the stems are called, which tells what they are."""
    stems, like = ([f"songs/{song}" for song in songs] for songs in (request.stems, request.like))
    named = ", ".join(name.rpartition(".")[0] or name for name in names)[:80]
    told: dict[str, Any] = {
        "do": "mix",
        "stems": stems,
        "names": names,
        "like": like,
        "name": named,
        "longest": longest,
    }
    return told | {"request": to_builtins(request)}


def score_spec(request: Score, name: str, longest: float) -> dict[str, Any]:
    """What offline.perform scores."""
    wanted: dict[str, Any] = to_builtins(request)
    return wanted | {"film": f"songs/{request.film}", "name": name, "longest": longest, "request": wanted}


def convert_spec(request: Convert, result: str) -> dict[str, Any]:
    """What rtengine.jobs.sounds converts. result: the name of the attempt that made it."""
    return {
        "do": "convert",
        "job": request.job,
        "song": f"results/{result}/result.flac",
        "name": "the result",
        "format": request.format,
        "bit_depth": request.bit_depth,
    }


def look_id(song: str) -> str:
    """The job that looks at a song."""
    return str(uuid.uuid5(SERVICE, f"look {song}"))


def own_jobs() -> dict[str, tuple[str, dict[str, Any], float]]:
    """What the service gives itself to do: kind, spec and seconds, by id; other ids for another model."""
    model = files("rtengine.models.texture").joinpath(MODEL)
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    jobs: dict[str, tuple[str, dict[str, Any], float]] = {
        str(uuid.uuid5(SERVICE, f"tiles {digest}")): ("tiles", {"do": "tiles"}, 0.0)
    }
    for quality in ("lofi", "standard", "hifi"):
        spec = {"do": "measure", "quality": quality, "seconds": MEASURED}
        jobs[str(uuid.uuid5(SERVICE, f"measure {quality} {digest}"))] = (f"render {quality}", spec, MEASURED)
    for rate, channels in SHAPES:
        spec = {"do": "warm", "rate": rate, "channels": channels}
        jobs[str(uuid.uuid5(SERVICE, f"warm {rate} {channels} {digest}"))] = ("warm", spec, 0.0)
    return jobs


def packed(spec: dict[str, Any]) -> str:
    """As the table has it: equal for equal requests."""
    return json.dumps(spec, sort_keys=True, separators=(",", ":"))

"""What the workers of the service perform: renders, looks at a song, other formats, and the tiles of the textures.

A spec is a dictionary with `do`, one of DO, and what that needs. Paths in it are those of files that we named
ourselves, relative to the folder of the jobs; what a person called a file is only ever shown.
"""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtengine.files.blocks import Samples, excerpt
from rtengine.files.sink import Sink, nearest_rate
from rtengine.files.source import Source, open_source, resampled
from rtengine.jobs import png
from rtengine.jobs.overview import Overview
from rtengine.jobs.render import Cancelled, Input, Output, Progress, Settings, build, render

Tell = Callable[[float], None]
Cancel = Callable[[], bool]

MASTER = "result.flac"  # 24 bits; other formats are made from it
COMPARED = 15 * 60.0  # seconds of a song that are kept before and after in one file
DECIMALS = 4  # of a waveform's numbers; the picture has fewer
QUALITIES = "lofi", "standard", "hifi"
TILE_SECONDS, TILE_SHOWN, TILE_RATE = 4.0, 1.6, 44_100  # seconds of sound, of which in the picture; Hz
TILE_RANGE = 60.0  # dB
COARSE = 2  # as few columns for a picture, for a browser shows fewer and they take time
RENDERED = 0.95  # of the progress; the rest is looking at what was made


def perform(spec: dict[str, Any], out: Path, tell: Tell, cancelled: Cancel) -> float | None:
    """Do it; of a render, return the seconds of sound.

    ValueError, KeyError or OSError in one sentence, that names no path, if it cannot be done.
    """
    paths = {spec.get("song", ""): spec.get("name", "the song"), **{v: k for k, v in spec.get("sounds", {}).items()}}
    try:
        return DO[spec["do"]](spec, out, tell, cancelled)
    except Cancelled:
        return None
    except (ValueError, OSError) as error:
        text = (isinstance(error, OSError) and error.strerror) or " ".join(map(str, error.args))
        for path, name in paths.items():
            text = text.replace(path, name) if path else text
        raise ValueError(text) from error


def warm(rates: Sequence[int] = (44_100,), channels: Sequence[int] = (2,)) -> None:
    """Have the code of each quality at these rates (Hz), so that the first job need not wait for it."""
    for rate, count, quality in product(rates, channels, QUALITIES):
        with build(rate, count, "texture", Settings(quality=quality, threads=0)) as graph:
            graph.process(np.zeros((count, 1024), np.float32))


def _render(spec: dict[str, Any], out: Path, tell: Tell, cancelled: Cancel) -> float:
    """Song through the patch: the result, both together for comparing, both spectrograms, and facts about it."""
    song = Path(spec["song"])
    source = _opened(song, spec)
    blend = {spec["sounds"].get(name, name): weight for name, weight in spec["textures"].items()}
    settings = Settings(
        blend=blend,
        quality=spec["quality"],
        mix=spec["mix"],
        values=[(address, repr(value)) for address, value in spec["values"].items()],
        seed=spec["seed"],
        threads=spec.get("threads", 0),  # the samples are the same with any number
    )
    longest = spec["longest"]  # also of a file whose header tells no length
    part = Input(song, spec["start"], min(spec["duration"] or longest, longest))

    def told(progress: Progress) -> None:
        tell(RENDERED * progress.done / progress.of if progress.of else 0.0)

    output = Output(out / MASTER, "24", spec["loudness"])
    done = render(part, "texture", settings, output, progress=told, cancel=cancelled)
    before, after = _compared(source, part, out, cancelled)
    about: dict[str, Any] = {"seconds": done.samples / done.sample_rate}
    about |= {"sample_rate": done.sample_rate, "channels": done.channels}
    about["notices"] = [_short(notice, spec) for notice in done.notices]
    levels = before.spectrogram(), after.spectrogram()
    top = max(float(level.max()) for level in levels)
    for name, overview, level in zip(("before", "after"), (before, after), levels, strict=True):
        png.spectrogram(out / f"{name}.png", level, top)
        about[name] = rounded(*overview.waveform())
    write(out, about)
    return done.samples / done.sample_rate


def _look(spec: dict[str, Any], out: Path, tell: Tell, cancelled: Cancel) -> None:
    """Song's waveform, spectrogram, length and shape."""
    source = _opened(Path(spec["song"]), spec)
    overview = Overview(source.sample_rate, source.samples)
    for x in source.blocks():
        overview.add(x)
        within(overview.seconds, spec)
        tell(min(overview.samples / source.samples, 1.0) if source.samples else 0.0)
        if cancelled():
            return
    low, high = overview.waveform()
    png.spectrogram(out / "look.png", overview.spectrogram())
    about = {"seconds": overview.seconds, "sample_rate": source.sample_rate, "channels": source.channels}
    write(out, about | {"song": rounded(low, high), "notices": [_short(source.damage, spec)] if source.damage else []})


def _convert(spec: dict[str, Any], out: Path, tell: Tell, cancelled: Cancel) -> None:
    """A result in another format, at the nearest rate that the format has."""
    source = open_source(Path(spec["song"]))
    suffix = f".{spec['format']}"
    rate, blocks = nearest_rate(source.sample_rate, suffix), source.blocks()
    if rate != source.sample_rate:
        blocks = resampled(blocks, source.sample_rate, rate, source.channels)
    length, result = max(source.length() * rate / source.sample_rate, 1), out / f"result{suffix}"
    with Sink(result, suffix, rate, source.channels, spec["bit_depth"]) as sink:
        done = 0
        for x in blocks:
            sink.write(x)
            done += x.shape[1]
            tell(min(done / length, 1.0))
            if cancelled():
                return
    write(out, {"seconds": done / rate})


def _file(spec: dict[str, Any], out: Path, tell: Tell, cancelled: Cancel) -> None:
    """A file into another: result.FORMAT alone. textures: weights by name or by the path of a sound."""
    settings = Settings(
        blend=spec["textures"],
        quality=spec["quality"],
        mix=spec["mix"],
        values=list(spec["values"].items()),
        seed=spec["seed"],
        threads=0,
    )
    output = Output(out / f"result.{spec['format']}", spec["bit_depth"], spec["loudness"])

    def told(progress: Progress) -> None:
        tell(progress.done / progress.of if progress.of else 0.0)

    done = render(Input(Path(spec["song"])), "texture", settings, output, progress=told, cancel=cancelled)
    seconds = done.samples / done.sample_rate
    write(out, {"seconds": seconds, "notices": [_short(notice, spec) for notice in done.notices]})


def _tiles(spec: dict[str, Any], out: Path, tell: Tell, cancelled: Cancel) -> None:
    """Each texture's picture, grey, and its sound to try; about names them."""
    from rtengine.models.exemplars import EXEMPLARS, exemplar
    from rtengine.patches.texture import textures

    names = [name for name in textures() if name in EXEMPLARS]
    for n, name in enumerate(names):
        x = exemplar(name, TILE_SECONDS, TILE_RATE)
        with Sink(out / f"{name}.flac", ".flac", TILE_RATE, 1, "16") as sink:
            sink.write(np.ascontiguousarray(x[None]))
        png.write(out / f"{name}.png", _tile(x))
        tell((n + 1) / len(names))
    docs = {name: (EXEMPLARS[name].__doc__ or "").strip().split("\n")[0] for name in names}
    write(out, {"textures": [{"name": name, "doc": docs[name]} for name in names]})


def _warm(spec: dict[str, Any], out: Path, tell: Tell, cancelled: Cancel) -> None:
    """Have the code for sounds of another shape, so that the first of them need not wait for it."""
    warm((spec["rate"],), (spec["channels"],))
    write(out, {})


def _measure(spec: dict[str, Any], out: Path, tell: Tell, cancelled: Cancel) -> None:
    """Render so many seconds of noise, so that the time a quality takes is known."""
    rate = 44_100
    noise = np.random.default_rng(0).normal(0, 0.1, (2, round(spec["seconds"] * rate))).astype(np.float32)
    with Sink(out / "noise.wav", ".wav", rate, 2, "16") as sink:
        sink.write(noise)
    settings = Settings(quality=spec["quality"], threads=0)
    render(Input(out / "noise.wav"), "texture", settings, Output(out / MASTER), cancel=cancelled)
    for file in out.iterdir():
        file.unlink()
    write(out, {})


DO: dict[str, Callable[[dict[str, Any], Path, Tell, Cancel], float | None]] = {
    "render": _render,
    "look": _look,
    "convert": _convert,
    "file": _file,
    "tiles": _tiles,
    "measure": _measure,
    "warm": _warm,
}


def _opened(song: Path, spec: dict[str, Any]) -> Source:
    source = open_source(song)
    if source.exact:
        within(source.samples / source.sample_rate, spec)
    return source


def within(seconds: float, spec: dict[str, Any]) -> None:
    """Refuse what is too long, even if its header says otherwise."""
    longest = spec.get("longest", float("inf"))
    if seconds > longest:
        most = f"{longest / 60:g} minutes" if longest >= 60 else f"{longest:g} seconds"
        raise ValueError(f"{spec.get('name', 'the song')} is longer than the {most} that are taken")


def _compared(source: Source, part: Input, out: Path, cancelled: Cancel) -> tuple[Overview, Overview]:
    """What was before and what is after, seen; and both in one file, so that a player cannot lose a sample between.

    The file has the channels before, then those after, of the first COMPARED seconds.
    """
    rate, after = source.sample_rate, open_source(out / MASTER)
    before = excerpt(source.blocks(), round(part.start * rate), None)
    seen = Overview(rate, COARSE * after.samples), Overview(rate, COARSE * after.samples)
    left = min(after.samples, round(COMPARED * rate))
    with ThreadPoolExecutor(1) as other, Sink(out / "compare.flac", ".flac", rate, 2 * source.channels, "16") as sink:
        dry = np.zeros((source.channels, 0), np.float32)
        for wet in after.blocks():
            while dry.shape[1] < wet.shape[1] and (more := next(before, None)) is not None:
                dry = np.concatenate((dry, more), axis=1)
            n = min(wet.shape[1], dry.shape[1])
            looking = other.submit(seen[0].add, np.ascontiguousarray(dry[:, :n]))
            seen[1].add(np.ascontiguousarray(wet[:, :n]))
            if left:
                sink.write(np.ascontiguousarray(np.concatenate((dry[:, : min(n, left)], wet[:, : min(n, left)]))))
                left -= min(n, left)
            dry = dry[:, n:]
            looking.result()
            if cancelled():
                raise Cancelled
    return seen


def _tile(x: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The beginning of a sound as a small grey picture."""
    overview = Overview(TILE_RATE, round(TILE_SHOWN * TILE_RATE))
    overview.add(np.ascontiguousarray(x[None, : round(TILE_SHOWN * TILE_RATE)]))
    level = overview.spectrogram()[:, 40:300]  # 68 Hz to 14 kHz
    top = float(np.percentile(level, 99.5))
    grey = np.clip((level - top) / TILE_RANGE + 1, 0, 1) ** 1.4 * 255
    return np.ascontiguousarray(grey.astype(np.uint8).T[::-1])


def rounded(low: Samples, high: Samples) -> dict[str, list[float]]:
    """A waveform as `about` has it."""
    return {name: [round(float(v), DECIMALS) for v in values] for name, values in (("low", low), ("high", high))}


def _short(notice: str, spec: dict[str, Any]) -> str:
    return notice.replace(spec["song"], spec.get("name", "the song"))


def write(out: Path, about: dict[str, Any]) -> None:
    """What is said about a result, beside it."""
    (out / "about.json").write_text(json.dumps(about, separators=(",", ":")), "utf-8")

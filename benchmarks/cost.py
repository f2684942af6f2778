"""What costs what: the parts of a hop, how cost grows, where the time of one render goes, and what live takes.

A hop is what Texture does at a time: 256 samples at 44.1 kHz, 5.8 ms, here of stereo. All of it in a process that has
compiled everything; live on a clock without a sound card.
"""

import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import soundfile

from benchmarks import griffin_lim, rtisi
from benchmarks.startup import wall
from benchmarks.table import Row
from benchmarks.timing import Times, several
from rtengine.dsp import resample, stft
from rtengine.live.engine import Engine
from rtengine.models.exemplars.music import music
from rtengine.models.texture import stream
from rtengine.models.texture.model import load_model
from rtengine.native.kernel import kernel
from rtengine.native.record import record
from rtengine.osc.packet import encode
from rtengine.osc.server import Server
from rtengine.patches.texture import FIT, REFINE, texture

RATE, HOP, CHANNELS, CALLS = 44_100, 256, 2, 200
A_HOP = 1e6 * HOP / RATE  # microseconds
ITERATIONS = {"lofi": 2, "standard": 4, "hifi": 8}  # of RTISI-LA
LIVE_RATE, BLOCK, SECONDS = 48_000, 128, 6


def rows() -> list[Row]:
    """The parts, the growth, one render, live."""
    parts = _parts()
    shown = [
        Row(f"a hop: {name}", part.least, "us", "a hop's time", A_HOP, _share(part.least, A_HOP), median=part.median)
        for name, part in parts.items()
    ]
    return [*shown, *_growth(), *_render(parts), *_live()]


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %"


def _parts() -> dict[str, Times]:
    """Microseconds of CPU for a hop of stereo, each part alone and in the caches."""
    parts = {"network": _network(), "analysis, 4 FFTs": _analysis(), "resampling, from 48 kHz and back": _resampling()}
    for quality, n_iter in ITERATIONS.items():
        parts[f"phases, {quality}"] = rtisi.step(3, n_iter)
    for quality, refine in REFINE.items():
        if refine:
            parts[f"Griffin-Lim for files, {quality}"] = griffin_lim.stream(CHANNELS, refine)
    parts["fitting of files, hifi"] = _fitting()
    return {name: part.scaled(1e6) for name, part in parts.items()}


def _network() -> Times:
    model, random = load_model(), np.random.default_rng(0)
    memory = record(stream.prepare(model, CHANNELS))
    net, weights = memory[0], stream.bind(memory[0], model)
    net["magnitude"][:] = random.random(net["magnitude"].shape)
    net["noise"][:] = random.standard_normal(net["noise"].shape)
    net["strength"] = 0.7
    took = several(lambda: _infer(net, CALLS)).scaled(1 / CALLS)
    del weights  # what the memory points to until here
    return took


@kernel
def _infer(net, calls):
    for _ in range(calls):
        stream.infer(net)


def _analysis() -> Times:
    memory = record(stft.prepare(1024, 2 * CHANNELS))[0]
    x = np.random.default_rng(0).standard_normal((2 * CHANNELS, 1024)).astype(np.float32)
    y = np.zeros((2 * CHANNELS, 2, 513), np.float32)
    return several(lambda: _transform(memory, x, y, CALLS)).scaled(1 / CALLS)


@kernel
def _transform(memory, x, y, calls):
    for _ in range(calls):
        stft.transform(memory, x, y)


def _resampling() -> Times:
    there = record(resample.prepare(LIVE_RATE, RATE, CHANNELS, Fraction(0)))[0]
    back = record(resample.prepare(RATE, LIVE_RATE, CHANNELS, Fraction(0)))[0]
    x = np.random.default_rng(0).standard_normal((CHANNELS, HOP)).astype(np.float32)
    y = np.zeros((CHANNELS, 2 * HOP), np.float32)
    return several(lambda: _resample(there, back, x, y, CALLS)).scaled(1 / CALLS)


@kernel
def _resample(there, back, x, y, calls):
    for _ in range(calls):
        resample.stream(there, x, x.shape[1], y, y.shape[1])
        resample.stream(back, x, x.shape[1], y, y.shape[1])


def _fitting() -> Times:
    """What a hop of a file costs more with it, with all the windows that a file of 20 s has."""
    x = np.tile(music(RATE)[:, : 10 * RATE].astype(np.float32), 2)
    with texture(RATE, refine=REFINE["hifi"]) as plain, texture(RATE, refine=REFINE["hifi"], fit=FIT["hifi"]) as fitted:
        without, whole = (several(partial(graph.process, x), runs=3) for graph in (plain, fitted))
    return Times(whole.least - without.least, whole.median - without.median).scaled(HOP / x.shape[1])


def _growth() -> list[Row]:
    """CPU milliseconds for a second of sound, in one thread."""
    cases = {
        "ten seconds of stereo, 44.1 kHz, one texture": (10, 2, 44_100, 1),
        "a minute": (60, 2, 44_100, 1),
        "mono": (10, 1, 44_100, 1),
        "three textures": (10, 2, 44_100, 3),
        "48 kHz": (10, 2, 48_000, 1),
        "96 kHz": (10, 2, 96_000, 1),
    }
    found: list[Row] = []
    for name, (seconds, channels, rate, textures) in cases.items():
        with texture(rate, channels=channels) as graph:
            graph["/texture/quality"] = 0
            shares = [address for address, parameter in graph.parameters.items() if parameter.share]
            for address in shares[:textures]:
                graph[address] = 1
            graph.settle()
            x = np.tile(music(rate)[:channels, : 10 * rate].astype(np.float32), seconds // 10)
            took = several(partial(graph.process, x), runs=3).scaled(1000 / seconds)
        base = found[0].value if found else took.least
        found.append(Row(f"lofi: {name}", took.least, "ms a second", "the first", base, median=took.median))
    return found


def _render(parts: dict[str, Times]) -> list[Row]:
    """Where the wall time of one `offline render` in one process goes."""
    with tempfile.TemporaryDirectory() as folder:
        long, short = Path(folder) / "long.wav", Path(folder) / "short.wav"
        x = music(RATE)[:, : 10 * RATE].T
        soundfile.write(long, x, RATE)
        soundfile.write(short, x[:441], RATE)
        command = [sys.executable, "-m", "offline", "render", "--force", "--quality", "standard"]
        walls = [median(wall([*command, str(f), str(f.with_suffix(".flac"))]) for _ in range(3)) for f in (long, short)]
    whole, start, hops = *walls, 10 * RATE / HOP
    graph = {
        "network": parts["network"].median,
        "phases": parts["phases, standard"].median + parts["Griffin-Lim for files, standard"].median,
        "analysis": parts["analysis, 4 FFTs"].median,
    }
    shares = {"start, to the end of a file of 10 ms": start} | {n: us * hops / 1e6 for n, us in graph.items()}
    shares["the rest: files, mix, limiter, meters, waiting"] = whole - sum(shares.values())
    return [Row(f"a render of 10 s: {n}", s, "s", "all of it", whole, _share(s, whole)) for n, s in shares.items()]


def _live() -> list[Row]:
    """Per cent of a core that the whole process takes, at each quality, and with surfaces that listen."""
    found = []
    for name, quality, clients in (("lofi", 0, 0), ("standard", 1, 0), ("hifi", 2, 0), ("hifi", 2, 8), ("hifi", 2, 32)):
        graph = texture(LIVE_RATE, BLOCK, live=True)
        graph["/texture/quality"] = quality
        graph.settle()
        loop = music(LIVE_RATE).T.astype(np.float32).copy()
        with Engine(graph, None, "null", BLOCK, loop=loop) as engine, _surfaces(engine, clients):
            time.sleep(1)
            before = engine.status()["late"]
            shares = [_busy() for _ in range(3)]
            late = engine.status()["late"] - before
        label = f"live, {name}, {clients or 'no'} surfaces"
        took = Times.of(shares)
        found.append(Row(label, took.least, "% of a core", note=f"{late} samples late", median=took.median))
    return found


def _busy() -> float:
    began, cpu = time.perf_counter(), time.process_time()
    time.sleep(SECONDS / 3)
    return 100 * (time.process_time() - cpu) / (time.perf_counter() - began)


@contextmanager
def _surfaces(engine: Engine, count: int) -> Iterator[None]:
    """OSC surfaces that hear of every meter and every value, and draw the sound's pictures where there is room."""
    if not count:
        yield
        return
    with Server(engine, port=0) as server, ExitStack() as stack:
        for _ in range(count):
            surface = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            surface.connect(("127.0.0.1", server.port))
            for message in (encode("/notify", 1), encode("/scope", 1)):
                surface.send(message)
        yield

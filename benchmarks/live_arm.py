"""One arm of the live benchmark, a process of its own: python -m benchmarks.live_arm ARM BLOCK_SIZE SECONDS [loaded].

ARM: texture, the instrument at its highest quality; wire, a gain in the same host; stock, a gain in a Python callback
of sounddevice. loaded: a thread keeps the interpreter busy, a window is drawn 60 times a second by another process, and
1,000 OSC messages come in a second. Prints shares of the time: delivered; lost, as the device says; late, for which the
dry sound stood in; and of a core.
"""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import numpy as np
import sounddevice

from rtengine.blocks.gain import Gain
from rtengine.devices import portaudio
from rtengine.graph import Graph
from rtengine.live.engine import Engine
from rtengine.osc.controls import Controls
from rtengine.osc.packet import encode
from rtengine.osc.server import Server
from rtengine.patches.texture import texture

RATE = 48_000
SETTLE = 3.0  # seconds before anything is counted
MESSAGES = 1_000  # a second
WINDOW = """
import time, numpy
picture, level = numpy.zeros((600, 800, 4), numpy.uint8), numpy.arange(800) / 800
while True:
    picture[:] = (255 * numpy.sin(level + time.time())[None, :, None] ** 2).astype(numpy.uint8)
    time.sleep(1 / 60)
"""


class Counts(NamedTuple):
    """Since the start: buffers that came, buffers that were lost, samples that were late, samples in all."""

    buffers: int
    lost: int
    late: int
    samples: int


def hog(stop: threading.Event) -> None:
    """Keep the interpreter."""
    table: dict[int, int] = {}
    while not stop.is_set():
        for i in range(10_000):
            table[i] = i * i


def flood(stop: threading.Event, port: int, address: str) -> None:
    """Send a value a thousand times a second, in packets of ten a hundredth of a second."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as surface:
        surface.connect(("127.0.0.1", port))
        due, sent = time.monotonic(), 0
        while not stop.wait(max(due - time.monotonic(), 0)):
            for _ in range(MESSAGES // 100):
                sent += 1
                surface.send(encode(address, (sent % 100) / 100))
            due += 0.01


@contextmanager
def load(controls: Controls, address: str) -> Iterator[None]:
    """All that a busy evening has."""
    stop = threading.Event()
    window = subprocess.Popen([sys.executable, "-c", WINDOW])
    with Server(controls, port=0) as server:
        sender = [sys.executable, "-m", "benchmarks.live_arm", "flood", str(server.port), address]
        messages = subprocess.Popen(sender)
        threading.Thread(target=hog, args=(stop,), daemon=True).start()
        try:
            yield
        finally:
            stop.set()
            for process in (window, messages):
                process.kill()
                process.wait()


class Stock:
    """sounddevice as its documentation shows it: a gain, in Python."""

    def __init__(self, block_size: int) -> None:
        self.buffers = self.lost = self.samples = 0
        device = portaudio.find("JACK", "output").index
        self.stream = sounddevice.Stream(RATE, block_size, device, 2, "float32", callback=self.callback)

    def callback(self, indata: np.ndarray, outdata: np.ndarray, frames: int, when: object, status: object) -> None:
        outdata[:] = 0.5 * indata
        self.buffers += 1
        self.samples += frames
        self.lost += bool(status)

    def counts(self) -> Counts:
        return Counts(self.buffers, self.lost, 0, self.samples)


def counts(engine: Engine) -> Counts:
    status = engine.status()
    return Counts(status["callbacks"], max(status["xruns_by_kind"].values()), status["late"], status["clock"])


def play(arm: str, block_size: int, stack: ExitStack) -> tuple[Controls, str, "Engine | Stock"]:
    """Start it; returns what OSC turns, the address of a parameter, and what counts."""
    if arm == "stock":
        stock = Stock(block_size)
        stack.enter_context(stock.stream)
        return Graph(RATE, gain=Gain()), "/gain/gain", stock
    graph = texture(RATE, block_size, live=True) if arm == "texture" else Graph(RATE, gain=Gain())
    if arm == "texture":
        graph["/texture/quality"] = 2
        graph.settle()
    engine = stack.enter_context(Engine(graph, "JACK", "JACK", block_size, say=lambda text: print(text, flush=True)))
    return engine, "/mix/amount" if arm == "texture" else "/gain/gain", engine


def main() -> None:
    arm, block_size, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    with ExitStack() as stack:
        controls, address, player = play(arm, block_size, stack)
        if "loaded" in sys.argv:
            stack.enter_context(load(controls, address))
        look = player.counts if isinstance(player, Stock) else lambda: counts(player)
        time.sleep(SETTLE)
        began, first, cpu = time.monotonic(), look(), time.process_time()
        time.sleep(seconds)
        took, last = time.monotonic() - began, look()
        expected = took * RATE
        delivered = (last.samples - first.samples) / expected
        lost = (last.lost - first.lost) * block_size / expected
        late = (last.late - first.late) / expected
        print("result", delivered, lost, late, (time.process_time() - cpu) / took, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "flood":
        flood(threading.Event(), int(sys.argv[2]), sys.argv[3])
    else:
        main()

"""An engine whose models and sounds can be exchanged while it plays; its graphs are small."""

import threading
from pathlib import Path

import numpy as np
import soundfile
from support.card import SAMPLE_RATE, Card, Scale, tone
from support.osc_peer import send

from rtengine.block import Parameter
from rtengine.graph import Graph
from rtengine.live.engine import Engine
from rtengine.live.instrument import Instrument
from rtengine.osc.server import Server
from rtengine.patches.patch import Closer, Files, Patch, Setup, Sounds

CLOSER = Closer("support.listening", ".texture")


class Shares(Scale):
    """A graph's block with a share for each sound, and a scale of its own as its only sound."""

    def __init__(self, sounds: Sounds) -> None:
        self._sounds = sounds

    @property
    def parameters(self) -> dict[str, Parameter]:
        return super().parameters | {name: Parameter(0, 0, 1, share=True) for name in self._sounds}


class Stage:
    """An engine that plays in simulated time, by a thread, with folders of files; `wait` holds up the next build."""

    def __init__(self, folder: Path) -> None:
        self.built: list[tuple[Path, Sounds]] = []
        self.wait = threading.Event()
        self.wait.set()
        for kind in ("models", "clips", "songs"):
            (folder / kind).mkdir()
        for name in ("one.onnx", "two.onnx", "bad.onnx"):
            (folder / "models" / name).write_text("a model, as far as anybody looks")
        for name in ("rain on tin.wav", "rain_on_tin.wav", "glass.wav", "scale.wav", "äö.wav", "雨声.wav"):
            soundfile.write(folder / "clips" / name, np.zeros(10), SAMPLE_RATE)
        soundfile.write(folder / "songs" / "song.wav", 0.1 * np.ones((SAMPLE_RATE, 2)), SAMPLE_RATE, "FLOAT")
        stage, clips = self, Files("a sound", (".wav", ".texture"), 1 << 20, True, closer=CLOSER)
        files = {"model": Files("a model", (".onnx",), 1 << 20), "clip": clips}

        class Small(Instrument):
            def graph(self) -> Graph:
                return stage.build(*self.chosen("model").values(), self.chosen("clip"))

        patch = Patch("texture", "", lambda setup: 1 / 0, files=files, blends="clip")
        setup = Setup(SAMPLE_RATE, files={"model": {"one": folder / "models" / "one.onnx"}})
        start = Small((patch,), setup, {"model": folder / "models", "clip": folder / "clips"})
        self.said: list[str] = []
        self.engine = Engine(start.graph(), songs=folder / "songs", instrument=start, say=self.said.append)
        self.card = Card(self.engine, (64,))
        self.server = Server(self.engine)

    def build(self, model: Path, sounds: Sounds) -> Graph:
        assert self.wait.wait(10)
        if model.stem == "bad":
            raise ValueError(f"{model.name} is not an ONNX model")
        self.built.append((model, sounds))
        return Graph(SAMPLE_RATE, 2, texture=Shares(sounds))

    def ask(self, address: str, *arguments: str | float) -> list[tuple[object, ...]]:
        """Send, play until all is done, and return what was answered."""
        peer = send(self.server, address, *arguments)
        while not self.server.jobs.wait(0.001):
            self.play()
        self.play()
        return peer.heard()

    def play(self, seconds: float = 0.1) -> np.ndarray:
        return self.card.play(tone(seconds))

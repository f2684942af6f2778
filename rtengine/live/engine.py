"""Engine: a graph being played, and everything that a player's surfaces may ask of it.

The device calls one native function (rtengine.live.host); nothing here runs in it. What a surface sets goes as an event
to the audio thread. `control`, called 20 to 50 times a second by a thread, moves fades on, hands over events whose time
is near, writes the log, and puts a broken graph right.
"""

import heapq
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from rtengine.block import Parameter
from rtengine.blocks.meter import Meter
from rtengine.devices import portaudio
from rtengine.devices.portaudio import Wanted
from rtengine.graph import Graph
from rtengine.live import host
from rtengine.live.instrument import Instrument
from rtengine.live.news import News
from rtengine.live.player import Player
from rtengine.live.recorder import Recorder
from rtengine.live.song_input import SongInput
from rtengine.live.takes import Takes
from rtengine.midi.controllers import Controllers
from rtengine.native.clock import SECOND
from rtengine.take import scenes
from rtengine.take.journal import Journal

TICK = 0.02  # seconds between two calls of `control`
REST = 0.05  # seconds while there is nothing to move or to write: to wake up costs more than to look
HORIZON = 0.2  # seconds before its time that an event goes to the audio thread
FUTURE = 4096  # events that may wait for their time
LONGEST = 60.0  # seconds of a fade from scene to scene
PATIENCE = 5.0  # seconds that a change of the instrument waits for the one before
BLOCK_SIZES = (32, 2048)


@dataclass(frozen=True)
class Fade:
    """A parameter on its way; times in samples since the start."""

    begin: int
    end: int
    first: float
    last: float

    def at(self, clock: int) -> float:
        """The value at a time that is not before the beginning."""
        if clock >= self.end:
            return self.last
        return self.first + (clock - self.begin) / (self.end - self.begin) * (self.last - self.first)


class Engine:
    """A graph on a device.

    source, sink: input and output device, each a part of its name, its number, or None for the system's own. The sink
    "null", or a device that is not there, is a clock without sound; its input is `loop`, float32 (samples, channels),
    or silence. chosen: channels of the devices that are meant, see rtengine.live.routing. block_size in samples, 32 to
    2048. threads: native threads for the graph's slow parts, 0 where its hops fit into a buffer. record: a file for the
    sound; log: one for the changes; presets, songs, takes: folders of scenes, of sounds that can be the input, and of
    what is recorded; say: gets sentences for the player. instrument: what the graph was built from, so that its model
    and textures can be changed. Raises OSError or ValueError in one sentence.
    """

    def __init__(
        self,
        graph: Graph,
        source: Wanted = None,
        sink: Wanted = None,
        block_size: int = 128,
        *,
        threads: int = 1,
        loop: NDArray[np.float32] | None = None,
        record: Path | None = None,
        log: Path | None = None,
        chosen: tuple[Sequence[int], Sequence[int]] = ((), ()),
        presets: Path = Path("presets"),
        songs: Path = Path("songs"),
        takes: Path = Path("takes"),
        instrument: Instrument | None = None,
        say: Callable[[str], object] = lambda sentence: None,
    ) -> None:
        if not BLOCK_SIZES[0] <= block_size <= BLOCK_SIZES[1]:
            raise ValueError(f"block size {block_size} is outside {BLOCK_SIZES[0]} to {BLOCK_SIZES[1]}")
        self.graph, self.sample_rate, self.presets = graph, graph.sample_rate, presets
        self.instrument, self.say = instrument, News(say)
        self.memory = host.prepare(graph)
        self.callback = host.compile_host(self.memory.dtype)
        self._host: Any = self.memory[0]
        self._player = Player(self.callback.address, self.memory, (source, sink), block_size, loop, self.say, chosen)
        self.midi = Controllers(self, self.say.tell)
        self.song = SongInput(self._host, songs)
        self.takes = Takes(
            self._host, takes, lambda f: Recorder(f, self._host, graph.sample_rate, self.channels), sum(self.channels)
        )
        self._threads = threads if any(block.works for block in graph.blocks.values()) else 0
        self._leaving: Graph | None = None  # the one that is being faded out,
        self._swaps = 0  # until the host has counted so many
        self._lock = threading.RLock()  # of those who push events and those who change the graph
        self._future: list[tuple[int, int, str, float]] = []  # a heap: time, order, address, value
        self._order = count()
        self._fades: dict[str, Fade] = {}
        self._set: dict[str, float] = {}  # values on their way to the audio thread
        self._dropped = 0  # events for which there was no room
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rtengine control", daemon=True)
        self._log = Journal(log, self._host, graph, self._about(instrument)) if log else None
        self._record = Recorder(record, self._host, graph.sample_rate, self.channels) if record else None

    def start(self) -> None:
        """Open the device, or the null clock in its place, and let the sound in softly."""
        if self._threads:
            self.graph.start(self._threads, urgent=True)
        self._player.start()
        self._thread.start()

    def close(self) -> None:
        """Fade out, hand the device back, finish the files; more than once is as good as once."""
        if self._stop.is_set():
            return
        self._player.close()
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self.graph.stop()
        if self._leaving:
            self._leaving.stop()
        if self._log:
            self._log.close()
        if self._record:
            self._record.close()
        self.takes.close()
        self.song.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def clock(self) -> int:
        """Samples since the start, those of the last buffer included."""
        return int(self._host["clock"])

    @property
    def latency(self) -> int:
        """Samples between the input, or a change, and its effect on the output."""
        return self.graph.latency

    @property
    def settled(self) -> bool:
        """Whether all that it was told is in the sound: changes and fades over, another graph faded in, no panic."""
        with self._lock:
            busy = self._leaving or self._fades or self.graph.pending
            return not (busy or self._host["alarm"] or self._host["hold"])

    @property
    def channels(self) -> tuple[int, int]:
        """How many come in, and how many go out."""
        return self._host["x"].shape[1], self._host["y"].shape[2]

    @property
    def parameters(self) -> dict[str, Parameter]:
        """All controls of the graph, by address."""
        return self.graph.parameters

    def __getitem__(self, address: str) -> float:
        """Where a parameter is going; KeyError names the address."""
        with self._lock:
            if self.graph.pending == 0:
                self._set.clear()
            return self._set[address] if address in self._set else self.graph[address]

    def __setitem__(self, address: str, value: float) -> None:
        """Move a parameter at the next grid point; ValueError names the value and the bound, KeyError the address."""
        with self._lock:
            self._fades.pop(address, None)
            self._push(0, address, value)
            self._set[address] = float(np.float32(value))

    def at(self, sample_time: int, address: str, value: float) -> None:
        """Move a parameter at the first grid point not before sample_time, on `clock`; errors as above."""
        with self._lock:
            if sample_time <= self.clock + HORIZON * self.sample_rate:
                self._push(sample_time, address, value)
                return
            self.graph[address]  # an address that is none is refused now, not then
            value = self.parameters[address].check(address, value)
            if len(self._future) < FUTURE:
                heapq.heappush(self._future, (int(sample_time), next(self._order), address, value))
            else:
                self._dropped += 1

    def automatic(self, address: str) -> bool:
        """Whether a wire turns this parameter, see Graph; False as soon as a hand has asked for it."""
        with self._lock:
            return self.graph.automatic(address) and address not in self._set

    def release(self, address: str) -> None:
        """Give a parameter back to what it is wired to; ValueError if it is not wired, KeyError if there is none."""
        with self._lock:
            self.graph[address]
            self._fades.pop(address, None)
            self._set.pop(address, None)
            self._dropped += not self.graph.release(address)

    def send(self, inbox: str, kind: int, channel: int = 0, a: float = 0, b: float = 0, sample_time: int = 0) -> None:
        """Give a block an event at its very sample, at once if that is past; see Graph.send, whose errors these are."""
        with self._lock:
            self._dropped += not self.graph.send(inbox, kind, channel, a, b, sample_time)

    def _push(self, sample_time: int, address: str, value: float) -> None:
        if sample_time <= 0:
            self._set.pop(address, None)  # another value comes after it
        self._dropped += not self.graph.at(int(sample_time), address, value)

    def bypass(self, on: bool) -> None:
        """Fade to the input of the same moment and let the graph rest, or back to the graph."""
        self._host["bypass"] = on

    def select_device(self, source: Wanted, sink: Wanted) -> None:
        """Play on other devices, see `sink` above; returns before. If they are not there, says so and plays on."""
        self._player.select(source, sink)

    def devices(self) -> list[tuple[str, str]]:
        """What `select_device` may choose from: "input" or "output", and a name. What is new may not be in it yet."""
        return portaudio.names()

    def midi_inputs(self) -> list[str]:
        """The names of the MIDI inputs that there are."""
        from rtengine.midi.port import inputs  # whose libraries look at the system when they are loaded

        return inputs()

    def panic(self) -> None:
        """Mute at once, forget all sound, and come back softly; the parameters stay."""
        self._host["alarms"] += 1
        self._host["alarm"] = True

    def swap(self, graph: Graph, instrument: Instrument | None = None) -> None:
        """Play another graph of the same sample rate and channels, without a click.

        It takes over the values, runs unheard until its latency is over, and is cross-faded to; this returns before.
        instrument: what it was built from, if it was.
        """
        if (graph.sample_rate, graph.inputs, graph.outputs) != (self.sample_rate, *self.channels):
            ends = f"{graph.inputs} to {graph.outputs} channels at {graph.sample_rate:g} Hz"
            ours = "{} to {} channels at {:g} Hz".format(*self.channels, self.sample_rate)
            raise ValueError(f"a graph of {ends} cannot take over from one of {ours}")
        with self._lock:
            if self._leaving:
                raise ValueError("another graph is being faded in just now")
            if self._host["hold"]:  # it could not begin, and what holds it would wait for it
                raise ValueError("the sound is being put right just now")
            if self._stop.is_set():
                raise ValueError("the engine is closed")
            for address in graph.parameters.keys() & self.parameters.keys():
                parameter = graph.parameters[address]
                if not self.automatic(address):
                    graph[address] = min(max(self[address], parameter.low), parameter.high)
            graph.settle()
            if self._threads:
                graph.start(self._threads, urgent=True)
            host.place(self.memory, 1 - int(self._host["current"]), graph)
            self._leaving, self.graph = self.graph, graph
            self._swaps += 1
            self._set.clear()
            self.instrument = instrument
            if self._log:
                self._log.swap(graph, self._about(instrument))
            self._host["swap"] = True

    def load_model(self, name: str) -> None:
        """Play with another model of the instrument's folder; ValueError or OSError in a sentence.

        As all changes of the instrument, this may take seconds, and returns when the new graph is being faded in.
        """
        self._change(self._built_from().with_model(name), f"model {name} loaded")

    def add_clip(self, file: str) -> None:
        """Make a sound of the instrument's folder a texture; errors as above."""
        self._change(self._built_from().with_clip(file, self.parameters), f"{file} is a texture")

    def remove_clip(self, name: str) -> None:
        """Do without a sound's texture; errors as above."""
        self._change(self._built_from().without_clip(name), f"{name} is no texture any more")

    def _built_from(self) -> Instrument:
        if not self.instrument:
            raise ValueError("this graph was built by hand, so nothing in it can be exchanged")
        return self.instrument

    def _change(self, instrument: Instrument, done: str) -> None:
        """Build another graph beside the one that plays, and play it."""
        graph = instrument.graph()
        give_up = time.monotonic() + PATIENCE
        while (self._leaving or self._host["hold"]) and time.monotonic() < give_up and not self._stop.wait(TICK):
            pass  # until the last change is faded in, or a panic is over
        self.swap(graph, instrument)
        self.say(done)

    def scene_store(self, name: str) -> None:
        """Keep where all parameters are going under a name; ValueError if it is none."""
        values = {address: self[address] for address in self.parameters}
        scenes.store(self.presets, name, scenes.Scene(values, self.midi.kept()))

    def scene_recall(self, name: str, seconds: float = 0.0) -> None:
        """Go to a scene in so many seconds, 0 to 60; steps go at once. KeyError if there is none."""
        if not 0 <= seconds <= LONGEST:
            raise ValueError(f"a fade of {seconds:g} is outside 0 to {LONGEST:g} s")
        values, midi = scenes.recall(self.presets, name)
        self.midi.restore(midi)
        with self._lock:
            begin, end = self.clock, self.clock + round(seconds * self.sample_rate)
            for address in values.keys() & self.parameters.keys():
                parameter = self.parameters[address]
                value = min(max(values[address], parameter.low), parameter.high)
                if parameter.scale == "step":
                    self[address] = round(value)
                else:
                    self._fades[address] = Fade(begin, end, self[address], value)
            self.control()

    def scene_rename(self, name: str, to: str) -> None:
        """Give a scene another name; KeyError if there is none, ValueError if the other is taken."""
        scenes.rename(self.presets, name, to)

    def scene_delete(self, name: str) -> None:
        """Do without a scene; KeyError if there is none."""
        scenes.delete(self.presets, name)

    def scenes(self) -> list[str]:
        """The names of all scenes."""
        return scenes.listed(self.presets)

    def program(self, number: int) -> None:
        """Go to the scene of this number, from 0 in the order of their names; KeyError if there is none."""
        names = self.scenes()
        if not 0 <= number < len(names):
            raise KeyError(f"there is no scene {number}, but {len(names)}")
        self.scene_recall(names[number])

    def status(self) -> dict[str, Any]:
        """Plain values: counters, loads (1 is all the time there is), latencies (samples; seconds), peaks (dBFS).

        worked: seconds for which the threads of this graph's slow parts have worked since they were started.
        """
        h = self._host
        played = int(h["played"])
        peaks = [20 * np.log10(np.maximum(h[p].astype(np.float64), 1e-6)) for p in ("peaks_in", "peaks_out")]
        return {
            "device": self._player.device,
            "device_state": self._player.state,
            "bridge": self._player.bridge,
            "sample_rate": self.sample_rate,
            "channels": self.channels,
            "clock": self.clock,
            "callbacks": int(h["callbacks"]),
            "block_sizes": (int(h["smallest"]), int(h["largest"])),
            "xruns": int(h["xruns"].sum()),
            "xruns_by_kind": dict(zip(host.XRUNS, h["xruns"].tolist(), strict=True)),
            "late": self.graph.late,
            "load": float(h["busy"]) * self.sample_rate / (SECOND * played) if played else 0.0,
            "worked": self.graph.worked,
            "load_worst": float(h["worst"]),
            "load_histogram": h["histogram"].tolist(),
            "latency": self.graph.latency,
            "device_latency": self._player.latency,
            "device_latency_measured": self._player.measured,
            "peak_in": peaks[0].tolist(),
            "peak_out": peaks[1].tolist(),
            "meters": {path: Meter.read(self.graph.state(path)) for path in self._meters()},
            "bypass": bool(h["bypass"]),
            "alarms": int(h["alarms"]),
            "bad_in": int(h["bad_in"]),
            "dropped": self._dropped,
            "unrecorded": int(h["unrecorded"]),
            "model": self.instrument.model.stem if self.instrument else "",
            "song": self.song.status(),
            "midi": self.midi.open,
            "block_size": self._player.block_size,
            **self.takes.status(),
        }

    def _meters(self) -> list[str]:
        return [path for path, block in self.graph.blocks.items() if isinstance(block, Meter)]

    def _run(self) -> None:
        while not self._stop.wait(TICK if self._fades or self._future or self._log or self._leaving else REST):
            self.control()

    def control(self) -> None:
        """What needs to be done now and then; without `start`, call it yourself."""
        with self._lock:
            now = self.clock
            while self._future and self._future[0][0] <= now + HORIZON * self.sample_rate:
                sample_time, _, address, value = heapq.heappop(self._future)
                if address in self.parameters:
                    self._push(sample_time, address, value)
            for address, fade in list(self._fades.items()):
                if address in self.parameters:
                    self._push(0, address, fade.at(now))
                if now >= fade.end:
                    del self._fades[address]
            if self._log:
                self._log.write()
            if self._leaving and self._host["swaps"] == self._swaps:
                self._leaving.stop()
                if self._log:
                    self._log.leave(self._leaving)
                self._leaving = None
            if self._host["alarm"] and not self._leaving:
                self._recover()
        for part in (self.song, self.takes):
            if failed := part.control():
                self.say(failed)
        if self._record and self._record.failed:
            self.say(self._record.failed)
            self._record.failed = ""

    def _recover(self) -> None:
        """Empty the graph of all its sound, once it is muted and the audio thread lets it go."""
        self._host["hold"] = True
        if self._host["held"]:
            targets = {address: self[address] for address in self.parameters if not self.automatic(address)}
            late = self.graph.late
            self.graph.reset()
            for address, value in targets.items():
                self.graph[address] = value
            self.graph.settle()
            if self._log:
                self._log.restart(self.graph, late)
            self._set.clear()
            if self._threads:
                self.graph.start(self._threads, urgent=True)
            self._host["alarm"] = self._host["hold"] = False

    @staticmethod
    def _about(instrument: Instrument | None) -> dict[str, Any]:
        return instrument.about() if instrument else {}

"""Engine: a graph being played, and everything that a player's surfaces may ask of it.

The device calls one native function (rtengine.live.host); nothing here runs in it. What a surface sets goes as an event
to the audio thread (rtengine.live.values). A control thread, 20 to 50 times a second, moves fades on, hands over events
whose time is near, writes the log, and lets graphs take over from each other and be put right (rtengine.live.exchange).
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from rtengine.block import Parameter, Reading
from rtengine.devices import portaudio
from rtengine.devices.portaudio import Wanted
from rtengine.graph import Graph
from rtengine.live import host, meters, status
from rtengine.live.closer import Listening, Wish, wish
from rtengine.live.control import Control
from rtengine.live.exchange import Exchange
from rtengine.live.instrument import NAMELESS, Instrument, known_names, played_as
from rtengine.live.moves import Moves
from rtengine.live.news import News
from rtengine.live.player import Player
from rtengine.live.recorder import Recorder
from rtengine.live.session import Kept
from rtengine.live.song_input import SongInput
from rtengine.live.steady import Steady
from rtengine.live.takes import Takes
from rtengine.live.values import Values, within
from rtengine.midi.controllers import Controllers
from rtengine.patches.chain import chained
from rtengine.take import scenes
from rtengine.take.journal import Journal

if TYPE_CHECKING:
    from rtengine.score.stage import Stage

TICK = 0.02  # seconds between two calls of `control`
REST = 0.05  # seconds while there is nothing to move or to write: to wake up costs more than to look
LONGEST = 60.0  # seconds of a fade from scene to scene
PATIENCE = 5.0  # seconds that a change of the instrument waits for the one before
BLOCK_SIZES = (32, 2048)


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
        self.sample_rate, self.presets = graph.sample_rate, presets
        self.instrument, self.say = instrument, News(say)
        self.memory = host.prepare(graph)
        self.callback = host.compile_host(self.memory.dtype)
        self._host: Any = self.memory[0]
        self._exchange = Exchange(self.memory, graph, threads)
        self._values = Values(self._exchange)
        self._steady = Steady(self._exchange, self._values, self.say)
        self._player = Player(self.callback.address, self.memory, (source, sink), block_size, loop, self.say, chosen)
        self.midi = Controllers(self, self.say.tell)
        self.song = SongInput(self._host, songs)
        self.moves = Moves(self, lambda: self.say.tell("/moves/changed"))
        self.takes = Takes(self._host, takes, self._recorder, sum(self.channels))
        tasks = (
            self._values.control,
            self._steady.control,
            self._write_log,
            self._exchange.finish,
            self._recover,
            self._control_song,
            self.midi.control,
            self.moves.control,
        )
        self._control = Control(tasks, self._pause, self.say)
        self.closer = Listening(self._play_closer, self.say)
        self._changing = threading.Lock()  # held while the instrument becomes another
        self.score: Stage | None = None  # whoever writes the notes of a film's music
        self._closed = False
        self._log = Journal(log, self._host, graph, self._about(instrument), self.say) if log else None
        self._exchange.log = self._log
        self._record = self._recorder(record) if record else None

    def start(self) -> None:
        """Open the device, or the null clock in its place, and let the sound in softly."""
        self._exchange.start()
        self._player.start()
        self._control.start()

    def close(self) -> None:
        """Fade out, hand the device back, finish the files; more than once is as good as once."""
        if self._closed:
            return
        self._closed = True
        self.closer.close()
        self._player.close()
        self._control.stop()
        self._exchange.stop()
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
    def graph(self) -> Graph:
        """The one that plays, or is being faded in."""
        return self._exchange.graph

    @property
    def clock(self) -> int:
        """Samples since the start, those of the last buffer included."""
        return self._exchange.clock

    @property
    def latency(self) -> int:
        """Samples between the input, or a change, and its effect on the output."""
        return self.graph.latency

    @property
    def settled(self) -> bool:
        """Whether all that it was told is in the sound: changes and fades over, another graph faded in, no panic."""
        with self._exchange.lock:
            busy = self._exchange.busy or self._values.fading or self.graph.pending
            return not (busy or self._host["alarm"])

    @property
    def channels(self) -> tuple[int, int]:
        """How many come in, and how many go out."""
        return self._host["x"].shape[1], self._host["y"].shape[2]

    @property
    def parameters(self) -> dict[str, Parameter]:
        """All controls of the graph, by address."""
        return self.graph.parameters

    @property
    def readings(self) -> dict[str, Reading]:
        """All that is shown, by address: by the meters of both ends, and by the graph's blocks."""
        return meters.readings(self.graph.readings, *self.channels)

    def reading(self, address: str) -> tuple[float, ...]:
        """What is shown; KeyError names the address."""
        metered = meters.reading(self._host["meters"], address)
        return self.graph.reading(address) if metered is None else metered

    def file_of(self, name: str) -> Path | None:
        """The sound file of which a share of this name was made; None if it is of none."""
        kinds = {patch.blends for patch in self.instrument.patches} - {""} if self.instrument else set()
        files = [self.instrument.chosen(kind) for kind in kinds if self.instrument]
        return next((chosen[name] for chosen in files if name in chosen), None)

    @property
    def inboxes(self) -> dict[str, int]:
        """The blocks that take events, by address."""
        return self.graph.inboxes

    def __getitem__(self, address: str) -> float:
        """Where a parameter is going; KeyError names the address."""
        return self._values[address]

    def __setitem__(self, address: str, value: float) -> None:
        """Move a parameter at the next grid point; ValueError names the value and the bound, KeyError the address."""
        self._values[address] = value
        self._steady.leave(address)

    def at(self, sample_time: int, address: str, value: float) -> None:
        """Move a parameter at the first grid point not before sample_time, on `clock`; errors as above."""
        self._values.at(sample_time, address, value)
        self._steady.leave(address)

    def automatic(self, address: str) -> bool:
        """Whether a wire turns this parameter, or the machine's load; False as soon as a hand has asked for it."""
        return address == self._steady.address or self._values.automatic(address)

    def release(self, address: str) -> None:
        """Give a parameter back to what it is wired to, the quality to what the machine can bear, see Steady.

        ValueError if it is not wired, KeyError if there is none.
        """
        if not self._steady.take(address):
            self._values.release(address)

    def send(self, inbox: str, kind: int, channel: int = 0, a: float = 0, b: float = 0, sample_time: int = 0) -> None:
        """Give a block an event at its very sample, at once if that is past; see Graph.send, whose errors these are."""
        with self._exchange.lock:
            self._values.dropped += not self.graph.send(inbox, kind, channel, a, b, sample_time)

    def bypass(self, on: bool) -> None:
        """Fade to the input of the same moment and let the graph rest, or back to the graph."""
        self._host["bypass"] = on

    def select_device(self, source: Wanted, sink: Wanted) -> None:
        """Play on other devices, see `sink` above; returns before. If they are not there, says so and plays on."""
        self._player.select(source, sink)

    def devices(self) -> list[tuple[str, str]]:
        """What `select_device` may choose from: "input" or "output", and a name. As they were at the last look."""
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
        with self._exchange.lock:
            self._exchange.check(graph)
            for address, value in within(graph.parameters, self._values.targets()).items():
                graph[address] = value
            self._exchange.swap(graph, self._about(instrument))
            self._values.forget()
            self.instrument = instrument

    def load_patch(self, names: str) -> None:
        """Play another patch, or several in a chain, "console,texture"; ValueError or OSError in a sentence.

        As all changes of the instrument, this may take seconds, and returns when the new graph is being faded in.
        """
        with self._changing:
            instrument = self._built_from()
            setup = replace(instrument.setup, settings={}, files={})
            self._change(replace(instrument, patches=chained(names), setup=setup))
        self.say(f"patch {names} loaded")

    def load_file(self, kind: str, name: str) -> None:
        """Play with a file of this kind, from the instrument's folder; errors as above."""
        with self._changing:
            instrument = self._built_from()
            changed = instrument.with_file(kind, name, known_names(self.graph, instrument))
            self._change(changed)
        self.say(_loaded(kind, name, changed))

    def remove_file(self, kind: str, name: str) -> None:
        """Do without a file of this kind, by the name under which it is played; errors as above."""
        with self._changing:
            self._change(self._built_from().without_file(kind, name))
        self.say(f"{kind} {name} removed")

    def listen_closer(self, kind: str, name: str = "") -> None:
        """Have a file of this kind listened to closely beside the music, and play what is found in its place.

        name: under which it is played, "" for the one that was added last. Returns before; how it ends is told to
        everybody. ValueError in a sentence if it cannot begin.
        """
        what = wish(self._built_from(), kind, name)
        self.closer.start(what)
        self.say(f"listening closer to {what.name}, about half a minute")

    def _play_closer(self, what: Wish, file: Path) -> str:
        with self._changing:
            instrument = self.instrument
            if not what.stands(instrument):
                return f"it is kept as {file.name}, and not played, for what plays is another now"
            assert instrument
            setup = instrument.setup.with_file(what.kind, what.name, file, many=True)
            try:
                self._change(replace(instrument, setup=setup))
            except (ValueError, KeyError, OSError) as error:
                why = error.args[0] if isinstance(error, KeyError) else error  # which as text has quotes around it
                raise ValueError(f"{why}; it is kept as {file.name}") from None
        return f"it is kept as {file.name}"

    def _built_from(self) -> Instrument:
        if not self.instrument:
            raise ValueError("this graph was built by hand, so nothing in it can be exchanged")
        return self.instrument

    def _change(self, instrument: Instrument) -> None:
        """Build another graph beside the one that plays, and play it; by one thread at a time."""
        graph = instrument.graph()
        give_up = time.monotonic() + PATIENCE
        while self._exchange.busy and time.monotonic() < give_up and not self._control.stopped.wait(TICK):
            pass  # until the last change is faded in, or a panic is over
        self.swap(graph, instrument)

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
        self._values.fade(values, seconds)

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

    def kept(self) -> Kept:
        """What is played, for the next start."""
        built, song = self.instrument, self.song.status()
        files = built.setup.files if built else {}
        return Kept(
            built.name if built else "",
            self.sample_rate,
            dict(built.setup.settings) if built else {},
            {kind: {name: str(path.absolute()) for name, path in chosen.items()} for kind, chosen in files.items()},
            self._values.targets(),
            bool(self._host["bypass"]),
            self._player.target,
            self.midi.kept(),
            song if song["file"] else {},
        )

    def restore(self, kept: Kept) -> None:
        """Take back what a graph was not built from: bypass, controllers, the song and its place. Says what is lost."""
        self.bypass(kept.bypass)
        for part, take in (("controllers", self.midi.restore), ("song", self.song.restore)):
            try:
                take(getattr(kept, "midi" if part == "controllers" else "song"))
            except (ValueError, KeyError, TypeError, OSError) as error:
                self.say(f"the {part} of the last time could not be taken back: {error}")

    def status(self) -> dict[str, Any]:
        """Plain values: how device, host and graph are, see rtengine.live.status."""
        return {
            **status.of_player(self._player),
            **status.of_host(self._host),
            **status.of_graph(self.graph),
            "channels": self.channels,
            "late": self._exchange.late,
            "dropped": self._values.dropped,
            **self._instrument_status(),
            **({"closer": tuple(self.closer.now)} if self._can_be_closer() else {}),
            "song": self.song.status(),
            "midi": self.midi.open,
            "block_size": self._player.block_size,
            **self.takes.status(),
        }

    def control(self) -> None:
        """What needs to be done now and then; without `start`, call it yourself."""
        self._control.step()

    def _pause(self) -> float:
        return TICK if self._values.moving or self._log or self._exchange.fading else REST

    def _write_log(self) -> None:
        if self._log:
            with self._exchange.lock:
                self._log.write()

    def _recover(self) -> None:
        with self._exchange.lock:
            if self._host["alarm"] and self._exchange.recover(self._values.targets()):
                self._values.forget()

    def _control_song(self) -> None:
        if failed := self.song.control():
            self.say(failed)

    def _recorder(self, file: Path) -> Recorder:
        return Recorder(file, self._host, self.sample_rate, self.channels, self.say, self._begun)

    def _begun(self, name: str, time: int) -> None:
        """A recording has begun, at this sample."""
        if self._log:
            with self._exchange.lock:
                self._log.file(name, time)

    @staticmethod
    def _about(instrument: Instrument | None) -> dict[str, Any]:
        return instrument.about() if instrument else {}

    def _can_be_closer(self) -> bool:
        """Whether there are files that can be listened to closely."""
        return bool(self.instrument and any(about.closer for about in self.instrument.kinds.values()))

    def _instrument_status(self) -> dict[str, str]:
        """The patch, and for each kind of file of which there is one, its name."""
        if not self.instrument:
            return {"patch": ""}
        one = [kind for kind, about in self.instrument.kinds.items() if not about.many]
        return {"patch": self.instrument.name} | {kind: ",".join(self.instrument.chosen(kind)) for kind in one}


def _loaded(kind: str, file: str, instrument: Instrument) -> str:
    """What to say of a file: if it is not played under its own name, under which."""
    own, there = played_as(Path(file)), instrument.chosen(kind)
    name = next((name for name, path in there.items() if path.name == file), own)
    why = f", for {own} is another" if name != own else ""
    return f"{kind} {file} loaded" + (f" as {name}{why}" if why or own == NAMELESS else "")

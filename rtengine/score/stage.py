"""A score on the stage: a thread that hands notes to the sampler before they are due, and never after.

Of a film the piece is written as a whole, of a camera two bars ahead in another thread. This one only looks up what is
due within AHEAD and sends it, each note with its sample: so neither a slow network nor a busy interpreter is heard. A
bar that is not written in time is a rest. The engine is whatever has a clock, takes events and tells parameters.
"""

import threading
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from rtengine.blocks.sampler.conductor import SHOWN
from rtengine.events import CUE, NOTE_OFF, NOTE_ON, PANIC
from rtengine.film.camera import is_camera
from rtengine.models.score.model import FILE, Model
from rtengine.patches.patch import Setup
from rtengine.patches.score import CHANNELS
from rtengine.score.character import INSTRUMENTS
from rtengine.score.grid import BEATS
from rtengine.score.improvise import Improviser
from rtengine.score.notes import PARTS, Note
from rtengine.score.play import LEVELS
from rtengine.score.running import Now, Running
from rtengine.score.session import Session

TICK = 0.02  # seconds
AHEAD = 0.5  # seconds before its time that a note is handed over
BARS = 2  # that are written ahead of a camera
FIRST = 1.0  # seconds until the first bar
USUAL = 100.0  # beats a minute with which a camera begins, unless a hand says otherwise
SHOW = 0.1  # seconds between two states that are shown
SOON = 0.06  # seconds after which a sudden movement is answered, at the next sixteenth
FOLLOW = 0.2  # seconds for which a control rests before the piece is written anew
SLOWEST = 40  # beats a minute: below it the tempo is chosen


class Player(Protocol):
    """What a score is played by: rtengine.live.engine.Engine is one."""

    @property
    def clock(self) -> int: ...
    @property
    def sample_rate(self) -> float: ...
    @property
    def inboxes(self) -> Mapping[str, int]: ...
    def __getitem__(self, address: str) -> float: ...
    def send(self, inbox: str, kind: int, channel: int = 0, a: float = 0, b: float = 0,
             sample_time: int = 0) -> None: ...  # fmt: skip


class Out(Protocol):
    """Where notes go besides: rtengine.midi.out.MidiOut is one. Times are time.monotonic's."""

    def note(self, at: float, until: float, channel: int, pitch: int, velocity: float) -> None: ...
    def beats(self, at: float, tempo: float) -> None: ...
    def stop(self) -> None: ...


class Bar(NamedTuple):
    """A bar for a camera, beats a minute. notes: from and to, in samples of the bar; part, pitch, velocity."""

    tempo: float
    notes: list[tuple[int, int, str, int, float]]


class Stage:
    """Plays a film's session or a camera's improvisation on a player, until closed."""

    def __init__(self, player: Player, say: Callable[[str], object], out: Out | None = None,
                 setup: Callable[[], Setup | None] = lambda: None) -> None:  # fmt: skip
        """out: for MIDI. setup: what the patch is built for now, in which the film is named."""
        self.player, self.say, self.out, self._setup = player, say, out, setup
        self.session: Session | None = None
        self.running: Running | None = None
        self.lock = threading.RLock()
        self.late = self.rests = self.sent = 0
        self.playing = False
        self.version = 0
        self._origin, self._until = 0, 0.0  # sample of film time 0; film time up to which all was sent
        self._notes: list[Note] = []  # the piece's, as they begin
        self._bars: deque[Bar] = deque()
        self._bar, self._tempo, self._begins = 0, USUAL, 0
        self._shown = 0.0
        self._where: dict[str, int] = {}
        self._stop, self._wanted = threading.Event(), threading.Event()
        self._improviser: Improviser | None = None
        self._answered = 0.0
        self._opened: tuple[object, ...] = (None,)
        self._followed: tuple[object, ...] | None = None
        self._threads = [threading.Thread(target=run, name=f"rtengine score {run.__name__}", daemon=True)
                         for run in (self._send, self._write, self._follow)]  # fmt: skip
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Fall silent, and let go of film and camera."""
        self._stop.set()
        self._wanted.set()
        for thread in self._threads:
            thread.join(2.0)
        if self.running:
            self.running.close()
        if self.out:
            self.out.stop()

    def open(self, source: Path, running: bool = False, network: bool = False) -> None:
        """Play for a film, which is read first, or a camera. ValueError or OSError in a sentence."""
        if running or is_camera(source):
            models = (Model(FILE, 1), Model(FILE, 2)) if network else None
            tempo = self.player["/score/tempo"]
            with self.lock:
                self._leave()
                self._tempo = tempo if tempo >= SLOWEST else USUAL
                self._improviser = Improviser(0, self._tempo, models)
                self._where = placed(INSTRUMENTS["happy"])
                self._bar, self._begins = 0, self.player.clock + round(FIRST * self.player.sample_rate)
                self.running = Running(source)
            self.playing = True
            self._wanted.set()
            return
        session = Session.of(source, Model(FILE) if network else None)
        with self.lock:
            self._leave()
            self.session = session
            self.changed()
        self.seek(0.0)
        self.play(True)

    def _leave(self) -> None:
        if self.running:
            self.running.close()
        self.running = self.session = self._improviser = None
        self._bars.clear()
        self._silence()

    def changed(self) -> None:
        """The session's piece is another now."""
        assert self.session
        with self.lock:
            self._where = placed(self.session.piece.instruments)
            self._notes = sorted(self.session.piece.notes, key=lambda note: note.start)
            self.version += 1

    @property
    def position(self) -> float:
        """Film time that is heard, seconds; before the beginning less than 0."""
        return (self.player.clock - self._origin) / self.player.sample_rate if self.playing else self._until

    def play(self, on: bool) -> None:
        """Go on, or pause."""
        with self.lock:
            if on == self.playing:
                return
            if on:
                self._origin = self.player.clock + round((0.1 - self._until) * self.player.sample_rate)
            else:
                self._until = max(self.position, 0.0)
                self._silence()
            self.playing = on

    def seek(self, seconds: float) -> None:
        """Go to a time of the film."""
        if self.session is None:
            raise ValueError("there is no film whose time could be chosen")
        if not 0 <= seconds < self.session.film.end:
            raise ValueError(f"{seconds:g} s is outside the film, 0 to {self.session.film.end:.2f} s")
        with self.lock:
            self._silence()
            self._until = seconds
            self._origin = self.player.clock + round((0.1 - seconds) * self.player.sample_rate)

    def _silence(self) -> None:
        if "/sampler" in self.player.inboxes:
            self.player.send("/sampler", PANIC)
        if self.out:
            self.out.stop()

    def _send(self) -> None:
        while not self._stop.wait(TICK):
            with self.lock:
                try:
                    if "/score" in self.player.inboxes:
                        self._step()
                except KeyError:  # another graph has just taken over
                    continue

    def _step(self) -> None:
        if self.session and self.playing:
            self._film(self.session)
        elif self.running:
            self._camera()
        self._show()

    def _film(self, session: Session) -> None:
        """Send what begins before AHEAD, that of the next turn as well: the film begins again where it ends."""
        now, end, rate = self.position, session.film.end, self.player.sample_rate
        until = now + AHEAD
        for begun in (0.0, end):
            first, last = max(self._until - begun, 0.0), min(until - begun, end)
            if first < last:
                self._stretch(session, first, last, self._origin + round(begun * rate))
        self._until = max(until, self._until)
        if now >= end:
            self._origin += round(end * rate)
            self._until -= end

    def _stretch(self, session: Session, first: float, last: float, origin: int) -> None:
        """Send what begins between two times of the film, which begins at the sample `origin`."""
        on = self.parts()
        i, j = (bisect_left(self._notes, at, key=lambda note: note.start) for at in (first, last))
        for note in self._notes[i:j]:
            if note.part in on:
                self._note(note, origin)
        if self.out:
            self._beats(session, first, last, origin)

    def _camera(self) -> None:
        """Send the notes of the bars that are written; a bar that is not is a rest."""
        assert self.running
        assert self._improviser
        rate = self.player.sample_rate
        ahead = self.player.clock + AHEAD * rate
        while self._begins <= ahead:
            if not (self._bars or self._bar):  # the music begins when its first bar is there
                self._begins = self.player.clock + round(FIRST * rate)
                break
            if self._bars:
                on = self.parts()
                self._tempo, notes = self._bars.popleft()
                for first, last, part, pitch, velocity in notes:
                    if part in on:
                        self._at(self._begins + first, self._begins + last, part, pitch, velocity)
            else:
                self.rests += 1
            if self.out:
                self.out.beats(self._time(self._begins), self._tempo)
            self._begins += round(BEATS * 60 / self._tempo * rate)
            self._bar += 1
            self._wanted.set()
        self._answer(self.running.now())

    def _answer(self, now: Now) -> None:
        """A sudden movement gets a note at the next sixteenth."""
        if now.beat <= self._answered or self._improviser is None or "accents" not in self.parts():
            return
        self._answered = now.beat
        step = 60 / self._tempo / 4 * self.player.sample_rate
        soon = self.player.clock + SOON * self.player.sample_rate
        at = self._begins - int((self._begins - soon) / step) * step
        pitch = 72 + self._improviser.key % 12
        self._at(int(at), int(at + 2 * step), "accents", pitch, 0.5)

    def _write(self) -> None:
        """Bars for a camera, BARS ahead, in a thread of their own."""
        while not self._stop.is_set():
            self._wanted.wait(0.2)
            self._wanted.clear()
            with self.lock:
                improviser, running = self._improviser, self.running
                missing = BARS - len(self._bars) if improviser else 0
            for _ in range(missing):
                if improviser is None or running is None:
                    break
                written = self._bar_of(improviser, self._wished(running.now()))
                with self.lock:
                    if improviser is self._improviser:
                        self._bars.append(written)

    def _follow(self) -> None:
        """Open what the patch is told to play, and let the session follow the controls, once they rest."""
        while not self._stop.wait(FOLLOW):
            try:
                self._look()
            except KeyError:  # another graph has just taken over
                continue
            except (ValueError, OSError) as error:
                self.say(str(error))

    def _look(self) -> None:
        setup = self._setup()
        if setup and "/score" in self.player.inboxes:
            films = list(setup.files.get("film", {}).values())
            wanted = (films[0] if films else None, setup.settings.get("running", 0) > 0,
                      setup.settings.get("composer", 0) > 0)  # fmt: skip
            if wanted != self._opened:
                self._opened = wanted
                if films:
                    self.open(films[0], wanted[1], wanted[2])
        if session := self.session:
            now = self._controls()
            settled, self._followed = now == self._followed, now
            sensitivity, emotion, tempo = now
            if settled and now != (session.wishes.sensitivity, session.wishes.emotion, session.wishes.tempo):
                session.wish(sensitivity=sensitivity, emotion=emotion, tempo=tempo)
                self.changed()

    def _controls(self) -> tuple[float, tuple[float, float] | None, float | None]:
        """Sensitivity, emotion and tempo as the conductor's controls stand."""
        hand = self.player["/score/mood"] >= 0.5
        emotion = (self.player["/score/glad"], self.player["/score/stir"]) if hand else None
        tempo = self.player["/score/tempo"]
        return self.player["/score/sensitivity"], emotion, tempo if tempo >= SLOWEST else None

    def _bar_of(self, improviser: Improviser, now: Now) -> Bar:
        """The next bar, in the hand's tempo, or in one that follows the picture."""
        hand = self.player["/score/tempo"]
        if hand >= SLOWEST:
            improviser.tempo = hand
        else:
            improviser.follow(now)
        beat = 60 / improviser.tempo * self.player.sample_rate
        first = improviser.bars * BEATS
        notes = [(round((t.beat - first) * beat), round((t.beat - first + t.length) * beat), part, t.pitch, t.loudness)
                 for part, t in improviser.bar(now, frozenset(PARTS))]  # fmt: skip
        return Bar(improviser.tempo, notes)

    def _wished(self, now: Now) -> Now:
        """The picture's mood, or the hand's."""
        motion = min(now.motion * (0.5 + self.player["/score/sensitivity"]), 1.0)
        if self.player["/score/mood"] < 0.5:
            return now._replace(motion=motion)
        return now._replace(motion=motion, valence=self.player["/score/glad"], arousal=self.player["/score/stir"])

    def parts(self) -> frozenset[str]:
        """The parts that are on."""
        return frozenset(part for part in PARTS if self.player[f"/score/{part}"] >= 0.5)

    def _note(self, note: Note, origin: int) -> None:
        rate = self.player.sample_rate
        self._at(
            origin + round(note.start * rate), origin + round(note.end * rate), note.part, note.pitch, note.velocity
        )

    def _at(self, first: int, last: int, part: str, pitch: int, velocity: float) -> None:
        channel = self._where.get(part)
        if channel is None:
            return
        self.late += first < self.player.clock
        self.sent += 1
        self.player.send("/sampler", NOTE_ON, channel, pitch, velocity * LEVELS[part], first)
        self.player.send("/sampler", NOTE_OFF, channel, pitch, 0.0, max(last, first + 1))
        if self.out:
            self.out.note(self._time(first), self._time(last), channel, pitch, velocity)

    def _time(self, sample: int) -> float:
        """When a sample is played, on time.monotonic's clock."""
        return time.monotonic() + (sample - self.player.clock) / self.player.sample_rate

    def _beats(self, session: Session, first: float, last: float, origin: int) -> None:
        """Tell those outside the beats of a stretch."""
        assert self.out
        grid = session.piece.grid
        for beat in range(int(grid.beat(first)), int(grid.beat(last)) + 2):
            at = float(grid.time(beat))
            if first <= at < last:
                tempo = 60 / max(float(grid.time(beat + 1)) - at, 0.1)
                self.out.beats(self._time(origin + round(at * self.player.sample_rate)), tempo)

    def _show(self) -> None:
        """Let the conductor show how it stands."""
        now = time.monotonic()
        if now - self._shown < SHOW:
            return
        self._shown = now
        for name, value in self.state().items():
            self.player.send("/score", CUE, 0, SHOWN.index(name), value)

    def state(self) -> dict[str, float]:
        """What there is to show, by the names of the conductor's readings."""
        found: dict[str, float] = {"missed": self.late, "rests": self.rests, "version": self.version}
        if self.session:
            at = min(max(self.position, 0.0), self.session.film.end)
            grid, mood = self.session.piece.grid, self.session.film.mood
            beat, i = float(grid.beat(at)), min(int(at * 4), len(mood.motion) - 1)
            pace = 60 / max(float(grid.time(int(beat) + 1) - grid.time(int(beat))), 0.1)
            return found | {"position": at, "length": self.session.film.end, "bar": beat // BEATS + 1,
                            "beat": beat % BEATS // 1 + 1, "pace": pace, "motion": float(mood.motion[i]),
                            "valence": float(mood.valence[i]), "arousal": float(mood.arousal[i])}  # fmt: skip
        if self.running:
            now = self.running.now()
            beats = (self.player.clock - self._begins) / self.player.sample_rate * self._tempo / 60
            return found | {"length": 0.0, "bar": float(max(self._bar + beats // BEATS, 0)) + 1,
                            "beat": beats % BEATS // 1 + 1, "pace": self._tempo, "motion": now.motion,
                            "valence": now.valence, "arousal": now.arousal}  # fmt: skip
        return found


def placed(instruments: Mapping[str, str]) -> dict[str, int]:
    """A channel of the patch for each part: the first free one of its instrument, else one that another part has."""
    where: dict[str, int] = {}
    for part, name in instruments.items():
        fitting = [c for c, n in enumerate(CHANNELS) if n == name]
        if fitting:
            where[part] = next((c for c in fitting if c not in where.values()), fitting[0])
    return where

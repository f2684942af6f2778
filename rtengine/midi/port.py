"""MIDI inputs, received in a process of their own, and found again when they were unplugged."""

import json
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from types import TracebackType
from typing import Self

from rtengine.midi.process import CONTROL, LOOK, PROCESS
from rtengine.native.process import command, environment

ANSWER = 10.0  # seconds to look at all inputs, and without a sign of life until a process counts as dead
there = all(map(find_spec, ("mido", "rtmidi")))  # whether there is MIDI at all

Say = Callable[[str], object]


def inputs() -> list[str]:
    """The names of all inputs."""
    return listed(PROCESS)


def listed(process: str) -> list[str]:
    """What one of our processes for MIDI answers to "list": names; none where there is no MIDI."""
    if not there:
        return []
    try:
        run = subprocess.run(
            command(process, "list"), env=environment(), capture_output=True, timeout=ANSWER, check=True
        )
        return [str(name) for name in json.loads(run.stdout)]
    except (OSError, ValueError, subprocess.SubprocessError):
        return []


def find(port: str) -> str:
    """The first input that has this in its name; OSError in a sentence if there is none."""
    check()
    names = inputs()
    found = [name for name in names if port.casefold() in name.casefold()]
    if not found:
        raise absent(port, names, "input")
    return found[0]


def check() -> None:
    """OSError if there is no MIDI at all."""
    if not there:
        raise OSError("there is no MIDI: pip install mido python-rtmidi")


def absent(port: str, names: Sequence[str], what: str) -> OSError:
    """That there is no such input or output, and which there are."""
    return OSError(f"there is no MIDI {what} {port}: choose from {', '.join(names) or 'none'}")


class Midi:
    """The input whose name has `port` in it, whenever there is one."""

    def __init__(
        self,
        port: str,
        turn: Callable[[int, int, int], object],
        program: Callable[[int], object],
        say: Say = lambda sentence: None,
    ) -> None:
        """turn(channel from 1, controller, value); program(number from 0). OSError in a sentence if there is none."""
        find(port)
        self._wanted, self._turn, self._program, self._say = port, turn, program, say
        self.refused = 0  # messages that led to an error
        self.name = ""
        self._heard = time.monotonic()  # when there was a sign of life
        self._stop, self._opened = threading.Event(), threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._threads = [
            threading.Thread(target=run, name=f"rtengine midi {run.__name__}", daemon=True)
            for run in (self._receive, self._watch)
        ]
        for thread in self._threads:
            thread.start()
        self._opened.wait(ANSWER)

    def close(self) -> None:
        """Hear no more."""
        self._stop.set()
        self._kill()
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _receive(self) -> None:
        """Play one process after the other: each ends with its input, or dies."""
        while not self._stop.is_set():
            self._heard = time.monotonic()
            pipe = subprocess.PIPE
            process = self._process = subprocess.Popen(
                command(PROCESS, "play", self._wanted),
                env=environment(),
                stdin=pipe,
                stdout=pipe,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )
            with process:
                assert process.stdout
                for line in process.stdout:
                    self._heard = time.monotonic()
                    self._hear(line)
                process.kill()
            if self.name and not self._stop.is_set():
                self._say(f"the MIDI input {self.name} is gone; waiting for it")
                self.name = ""
            self._stop.wait(LOOK)

    def _hear(self, line: str) -> None:
        """Do what a message asks for; nothing that comes may end the thread."""
        try:
            message = json.loads(line)
            if len(message) == 1:
                self.name = str(message[0])
                if self._opened.is_set():
                    self._say(f"the MIDI input {self.name} is back")
                self._opened.set()
            elif message:
                kind, *numbers = message
                self._turn(*numbers) if kind == CONTROL else self._program(numbers[1])
        except Exception:  # as for OSC: whatever it leads to, the next one must be heard
            self.refused += 1

    def _watch(self) -> None:
        """End a process that gives no sign of life, as one whose JACK server was killed."""
        while not self._stop.wait(LOOK):
            if time.monotonic() - self._heard > ANSWER:
                self._kill()

    def _kill(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.kill()

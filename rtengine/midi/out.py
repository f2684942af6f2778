"""MIDI out: notes and clock for a DAW, from a process of its own, at the time that each has."""

import json
import subprocess
import threading
from contextlib import suppress

from rtengine.midi.out_process import VIRTUAL
from rtengine.midi.port import absent, check, listed
from rtengine.native.process import command, environment

PROCESS = "rtengine.midi.out_process"
ANSWER = 10.0  # seconds until the output is open


def find(port: str) -> None:
    """OSError in a sentence if there is no output with `port` in its name, and none is to be opened."""
    check()
    names = [] if port == VIRTUAL else listed(PROCESS)
    if port != VIRTUAL and not any(port.casefold() in name.casefold() for name in names):
        raise absent(port, [*names, VIRTUAL], "output")


class MidiOut:
    """The output whose name has `port` in it; "virtual" opens one that others connect to. OSError if there is none."""

    def __init__(self, port: str) -> None:
        check()
        self._process = subprocess.Popen(
            command(PROCESS, "play", port), env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, start_new_session=True,
        )  # fmt: skip
        assert self._process.stdout
        assert self._process.stdin
        watch = threading.Timer(ANSWER, self._process.kill)
        watch.start()
        line = self._process.stdout.readline()
        watch.cancel()
        self.name = str(json.loads(line)) if line else ""
        if not self.name:
            self.close()
            raise absent(port, [*listed(PROCESS), VIRTUAL], "output")

    def note(self, at: float, until: float, channel: int, pitch: int, velocity: float) -> None:
        """Play a note from `at` to `until`, of time.monotonic."""
        loud = max(min(round(velocity * 127), 127), 1)
        self._tell(
            "messages", [at, [0x90 | channel, pitch, loud]], [max(until, at + 0.005), [0x80 | channel, pitch, 0]]
        )

    def beats(self, at: float, tempo: float) -> None:
        """A beat, or a bar, begins at `at`; from there the clock ticks at `tempo` beats a minute."""
        self._tell("clock", at, tempo)

    def stop(self) -> None:
        """End all notes, and stop whoever follows the clock."""
        self._tell("stop")

    def close(self) -> None:
        """The same, and let go of the output."""
        with suppress(OSError, ValueError):
            assert self._process.stdin
            self._process.stdin.close()
        try:
            self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def _tell(self, *fields: object) -> None:
        with suppress(OSError, ValueError):  # it has died: the sound goes on
            assert self._process.stdin
            self._process.stdin.write(json.dumps(fields) + "\n")
            self._process.stdin.flush()

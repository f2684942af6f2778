"""The process that a MIDI output lives in: what to send comes as lines, each with its time, and goes out at that time.

`list` prints the names of all outputs as JSON. `play NAME` opens one and prints its name; then it reads ["messages",
[time, bytes], ...], ["clock", time, tempo] and ["stop"]. A beat is 24 clocks; the first comes after a Start.
"""

import heapq
import json
import os
import sys
import threading
import time
from contextlib import suppress
from itertools import count
from typing import Any

from rtengine.midi.process import apis, backend

CLOCK, START, STOP = 0xF8, 0xFA, 0xFC
TICKS = 24  # clocks of a beat
VIRTUAL = "virtual"
NAME = "rtengine score"


class Queue:
    """What is to be sent, by time."""

    def __init__(self) -> None:
        self.ready = threading.Condition()
        self.waiting: list[tuple[float, int, list[int]]] = []
        self.number = count()
        self.next_clock, self.gap = 0.0, 0.0  # of the clock: when its next tick is, and how far apart they are
        self.sounding: set[tuple[int, int]] = set()
        self.closed = False

    def hear(self, line: str) -> None:
        """Take a line; what is none is left out."""
        try:
            kind, *fields = json.loads(line)
            with self.ready:
                if kind == "messages":
                    for at, message in fields:
                        heapq.heappush(self.waiting, (float(at), next(self.number), [int(b) & 0xFF for b in message]))
                elif kind == "clock":
                    self.clock(float(fields[0]), float(fields[1]))
                elif kind == "stop":
                    self.stop()
                self.ready.notify()
        except (ValueError, TypeError, IndexError):
            return

    def clock(self, at: float, tempo: float) -> None:
        """Go on at this tempo from the beat at `at`; begin with a Start."""
        if not self.gap:
            heapq.heappush(self.waiting, (at - 0.001, next(self.number), [START]))
            self.next_clock = at
        self.gap = 60 / min(max(tempo, 20.0), 400.0) / TICKS
        ticks = round((at - self.next_clock) / self.gap)
        if abs(at - ticks * self.gap - self.next_clock) < self.gap:  # the clock bends towards the beat
            self.next_clock += (at - ticks * self.gap - self.next_clock) / 2

    def stop(self) -> None:
        """Nothing more of what waits; all that sounds ends."""
        now = time.monotonic()
        self.waiting = [(now, next(self.number), [0x80 | c, p, 0]) for c, p in self.sounding]
        if self.gap:
            self.waiting.append((now, next(self.number), [STOP]))
        heapq.heapify(self.waiting)
        self.gap = 0.0

    def due(self) -> list[int] | None:
        """Wait for the next message; None when all is over."""
        with self.ready:
            while True:
                now = time.monotonic()
                times = [self.waiting[0][0]] if self.waiting else []
                times += [self.next_clock] if self.gap else []
                if times and min(times) <= now:
                    if self.waiting and self.waiting[0][0] == min(times):
                        return self._sent(heapq.heappop(self.waiting)[2])
                    self.next_clock += self.gap
                    return [CLOCK]
                if self.closed:
                    return None
                self.ready.wait(min(times) - now if times else None)

    def _sent(self, message: list[int]) -> list[int]:
        if message[0] & 0xF0 == 0x90:
            self.sounding.add((message[0] & 0xF, message[1]))
        elif message[0] & 0xF0 == 0x80:
            self.sounding.discard((message[0] & 0xF, message[1]))
        return message


def main(arguments: list[str]) -> None:
    """Do what is asked; the process ends with it."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):  # libjack and ALSA print where there is no server and no sequencer
        os.dup2(nowhere, descriptor)
    with suppress(Exception):  # RtMidi's errors are unrelated to one another; no name is the answer
        if arguments == ["list"]:
            print(json.dumps([name for api in apis() for name in names(api)]), file=answers)
        else:
            play(arguments[1], answers)
    os._exit(0)


def play(wanted: str, answers: Any) -> None:
    """Send what comes until there is nothing more to come."""
    port, name = opened(wanted)
    print(json.dumps(name), file=answers)
    queue = Queue()

    def read() -> None:
        for line in sys.stdin:
            queue.hear(line)
        with queue.ready:
            queue.stop()
            queue.closed = True
            queue.ready.notify()

    threading.Thread(target=read, daemon=True).start()
    while (message := queue.due()) is not None:
        port.send(message)


def opened(wanted: str) -> tuple[Any, str]:
    """The output, and its name; LookupError if there is none."""
    import mido

    class Port:
        def __init__(self, port: Any) -> None:
            self.port = port

        def send(self, message: list[int]) -> None:
            self.port.send(mido.Message.from_bytes(message))

    for api in apis():
        if wanted == VIRTUAL:
            with suppress(Exception):
                return Port(backend(api).open_output(NAME, virtual=True)), NAME
        for name in names(api):
            if wanted.casefold() in name.casefold():
                return Port(backend(api).open_output(name)), name
    raise LookupError(wanted)


def names(api: str) -> list[str]:
    """The outputs of one of the system's kinds of MIDI."""
    with suppress(Exception):
        return list(backend(api).get_output_names())
    return []


if __name__ == "__main__":
    main(sys.argv[1:])

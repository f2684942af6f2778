"""Listening closer to a file that is played: a process beside the host finds a better one, and that is played instead.

The process is a module of rtengine, see Closer in rtengine.patches.patch. It is given {"file": the one that is played,
and the others that the instrument is built from, by kind} as JSON, and an input that ends with the host. It answers in
lines of JSON: {"done": 0 to 1}, and in the end {"whole": the text of a file, "near": how near it came at once, and now}
or {"error": a sentence}. It gives way to whatever else there is to do, and writes no file: so it can be ended at any
time. A thread of ours waits for its answers.
"""

import json
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from rtengine.files.beside import beside
from rtengine.files.disk import written
from rtengine.live.instrument import Instrument, closer_name
from rtengine.live.news import News
from rtengine.native.process import command, environment
from rtengine.patches.patch import Closer

EARLY = 0.02  # of the work: before, nobody knows how long it takes


class Wish(NamedTuple):
    """What is to be listened to: the file that is played by this name. folder: for the new one; others: by kind."""

    kind: str
    name: str
    file: Path
    closer: Closer
    folder: Path
    others: Mapping[str, Path]

    def stands(self, instrument: Instrument | None) -> bool:
        """Whether this instrument still plays what was listened to, and from the same files."""
        if not instrument or instrument.setup.files.get(self.kind, {}).get(self.name) != self.file:
            return False
        return alone(instrument) == self.others


class Progress(NamedTuple):
    """The name of what is listened to, "" for nothing; 0 to 1; seconds left, -1 while nobody knows."""

    name: str = ""
    done: float = 0.0
    left: float = -1.0


def wish(instrument: Instrument, kind: str, name: str) -> Wish:
    """Of one of the files that were added, "" for the last of them; ValueError in a sentence if there is none."""
    added = instrument.setup.files.get(kind, {})
    if not added:
        raise ValueError(f"there is no {kind} to listen to: add one first")
    name = name or [*added][-1]
    if name not in added:
        raise ValueError(f"there is no {kind} {name[:80]!r}: {', '.join(added)}")
    closer = instrument.kinds[kind].closer
    assert closer, f"no command asks for this of a {kind}"
    if added[name].suffix.lower() == closer.ending:
        raise ValueError(f"{name} was listened to closely already; add its sound again to begin anew")
    return Wish(kind, name, added[name], closer, instrument.folder(kind), alone(instrument))


def closely(instrument: Instrument, kind: str) -> list[str]:
    """The names of those that were listened to."""
    closer = instrument.kinds[kind].closer
    added = instrument.setup.files.get(kind, {})
    return [name for name, file in added.items() if closer and file.suffix.lower() == closer.ending]


def alone(instrument: Instrument) -> dict[str, Path]:
    """The files of the kinds of which there is one."""
    kinds = [kind for kind, about in instrument.kinds.items() if not about.many]
    return {kind: file for kind in kinds for file in instrument.chosen(kind).values()}


class Listening:
    """One process at a time. now: how far it is."""

    def __init__(self, play: Callable[[Wish, Path], str], news: News) -> None:
        """play: takes the new file into the instrument, and returns what to say; ValueError or OSError if it cannot."""
        self._play, self._news = play, news
        self._lock, self._thread = threading.Lock(), threading.Thread()
        self._process: subprocess.Popen[bytes] | None = None
        self._given_up = False
        self.now = Progress()

    def start(self, what: Wish) -> None:
        """Begin; ValueError while another is at work."""
        with self._lock:
            if self.now.name:
                left = f", {self.now.left:.0f} s left" if self.now.left >= 0 else ""
                raise ValueError(f"{self.now.name} is being listened to{left}: wait for that, or stop it")
            self.now, self._given_up = Progress(what.name), False
            self._thread = threading.Thread(target=self._run, args=(what,), name="rtengine closer", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Give it up; ValueError if there is nothing to give up."""
        with self._lock:
            if not self.now.name:
                raise ValueError("nothing is being listened to")
            self._give_up()

    def close(self) -> None:
        """Give up what is at work, and return when it has ended."""
        with self._lock:
            self._give_up()
        if self._thread.is_alive():
            self._thread.join()

    def _give_up(self) -> None:
        self._given_up = True
        if self._process:
            self._process.kill()

    def _run(self, what: Wish) -> None:
        try:
            self._news(self._finished(what, *self._heard(what)))
        except (OSError, ValueError) as error:
            self._news.failed(f"/{what.kind}/closer", f"{what.name} could not be listened to closely: {error}")
        finally:
            with self._lock:
                self._process, self.now = None, Progress()

    def _heard(self, what: Wish) -> tuple[dict[str, Any], int]:
        """The last answer of the process, and its status; OSError if it cannot be started."""
        files = {"file": what.file, **what.others}
        wanted = json.dumps({kind: str(file.absolute()) for kind, file in files.items()})
        pipe, began, answer = subprocess.PIPE, time.monotonic(), dict[str, Any]()
        process = subprocess.Popen(
            command(what.closer.module, wanted), env=environment(), stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the host
        )  # fmt: skip
        with process:
            with self._lock:
                self._process = process
                if self._given_up:
                    process.kill()
            assert process.stdout
            for line in process.stdout:
                answer = json.loads(line) if line.endswith(b"\n") else {}  # it was ended in the middle of one
                if done := float(answer.get("done", 0)):
                    left = (time.monotonic() - began) * (1 - done) / done if done > EARLY else -1.0
                    self.now = Progress(what.name, done, left)
        return answer, process.wait()

    def _finished(self, what: Wish, answer: Mapping[str, Any], status: int) -> str:
        """Keep what the process has found, and play it; what to say. OSError or ValueError in a sentence."""
        if self._given_up:
            return f"{what.name} is no longer listened to"
        if "error" in answer:
            raise ValueError(answer["error"])
        if "whole" not in answer:
            raise ValueError("its process was ended from outside" if status < 0 else "its process ended without a word")
        before, now = answer["near"]
        file = keep(what, answer["whole"])
        done = self._play(what, file)
        return f"{what.name} was listened to closely, {before:.2f} near at once and {now:.2f} now; {done}"


def keep(what: Wish, text: str) -> Path:
    """Write the new file under a name that is free, unless there is the same already; OSError in a sentence."""
    names = (closer_name(what.file, n, what.closer) for n in count(1))
    places = (what.folder / name for name in names)
    path = next(path for path in places if not path.exists() or path.read_bytes() == text.encode())
    if path.exists():
        return path
    with written(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside(path, force=False) as whole:
            whole.write_text(text, "utf-8")
    return path

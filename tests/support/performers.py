"""What the tests of the queue let workers perform, in place of a render."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rtengine.native.awaited import compiling, name_of, note


def perform(spec: dict[str, Any], out: Path, tell: Callable[[float], None], cancelled: Callable[[], bool]) -> None:
    """Write `text` in `steps` of 20 ms, then do what `end` says; first wait for code to be compiled, if `compile`."""
    if spec.get("compile"):
        with compiling([serve, batch]):  # in place of kernels
            for kernel in (serve, batch):
                time.sleep(1)
                note(name_of(kernel))
    with (out / "result.txt").open("w") as file:
        for n in range(spec.get("steps", 1)):
            time.sleep(0.02)
            file.write(spec.get("text", "x"))
            tell((n + 1) / spec.get("steps", 1))
    end = spec.get("end")
    if end == "refuse":
        raise ValueError("there is no sound in it")
    if end == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if end == "hang":
        signal.setitimer(signal.ITIMER_REAL, 0.05)  # the deadline, brought forward
        time.sleep(60)
    if end == "spin":
        signal.setitimer(signal.ITIMER_PROF, 0.05)
        while True:
            pass
    if end == "memory":
        np.ones(8 << 30, np.uint8)


def serve(spec: dict[str, Any], out: Path, tell: Callable[[float], None], cancelled: Callable[[], bool]) -> None:
    """In place of rtengine.jobs.sounds: results of the same names, after `duration` tenths of a second."""
    about: dict[str, Any] = {"seconds": 10.0, "sample_rate": 44_100, "channels": 2, "notices": []}
    about["song"] = {"low": [-0.5] * 100, "high": [0.5] * 100}
    if spec["do"] == "tiles":
        about = {"textures": [{"name": "water", "doc": "A stream."}]}
        (out / "water.png").write_bytes(b"a picture")
        (out / "water.flac").write_bytes(b"a sound")
    if spec["do"] == "render":
        steps = max(round(5 * (spec["duration"] or 0)), 1)
        for n in range(steps):
            time.sleep(0.02)
            tell(n / steps)
        if spec["seed"] == 13:
            raise ValueError(f"{spec['song']} is no sound")
        (out / "result.flac").write_bytes(Path(spec["song"]).read_bytes()[::-1])
        for name in ("before.png", "after.png", "compare.flac"):
            (out / name).write_bytes(name.encode())
    if spec["do"] in ("mix", "score"):
        (out / ("result.flac" if spec["do"] == "mix" else "result.mp4")).write_bytes(b"made")
    if spec["do"] == "mix":
        (out / "moves.json").write_text("[]")
    if spec["do"] == "convert":
        (out / f"result.{spec['format']}").write_bytes(Path(spec["song"]).read_bytes())
    (out / "about.json").write_text(json.dumps(about))


def batch(spec: dict[str, Any], out: Path, tell: Callable[[float], None], cancelled: Callable[[], bool]) -> None:
    """In place of rtengine.jobs.sounds for a batch: the song backwards, after 50 ms; one that is empty is refused."""
    time.sleep(0.05)
    data = Path(spec["song"]).read_bytes()
    if not data:
        raise ValueError(f"{spec['name']} is empty")
    (out / f"result.{spec['format']}").write_bytes(data[::-1])
    (out / "about.json").write_text(json.dumps({"seconds": 1.0, "notices": []}))


def real_look(spec: dict[str, Any], out: Path, tell: Callable[[float], None], cancelled: Callable[[], bool]) -> None:
    """What rtengine.jobs.sounds does with a song that is looked at; nothing else."""
    if spec["do"] != "look":
        return serve(spec, out, tell, cancelled)
    from rtengine.jobs.sounds import perform as really

    return really(spec, out, tell, cancelled)

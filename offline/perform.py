"""What the workers of `serve` perform: what rtengine.jobs.sounds does, and mixes and scores as this command line does.

These run in a process of their own beside the worker: they load much that renders never need, and what they are told
and say is what a person at the command line would.
"""

import json
import math
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from rtengine.cli.compiling import KERNELS
from rtengine.files.source import open_source
from rtengine.film.reader import open_film
from rtengine.jobs import crew, sounds
from rtengine.jobs.overview import Overview
from rtengine.jobs.render import Cancelled
from rtengine.jobs.sounds import Cancel, Tell

OURS = """
import ctypes, resource, runpy, signal, sys
resource.setrlimit(resource.RLIMIT_CPU, (limit := int(sys.argv.pop(1)), limit + 5))  # which counts this process alone
try:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: when the worker is gone, where the kernel does that
except (AttributeError, OSError, TypeError):
    pass
runpy.run_module("offline", run_name="__main__", alter_sys=True)
"""
ASK = 0.1  # seconds between two questions whether to go on
NAMES = re.compile(r"[^\w. -]+")  # what a link to a stem is not called


def warm() -> None:
    """As the renders' own."""
    sounds.warm()


def perform(spec: dict[str, Any], out: Path, tell: Tell, cancelled: Cancel) -> float | None:
    """Do it, as rtengine.jobs.sounds.perform; ValueError in one sentence, that names no path, if it cannot be done."""
    done = {"mix": _mix, "score": _score}.get(spec["do"])
    if done is None:
        return sounds.perform(spec, out, tell, cancelled)
    with suppress(Cancelled):
        done(spec, out, tell, cancelled)
    return None


def _mix(spec: dict[str, Any], out: Path, tell: Tell, cancelled: Cancel) -> None:
    """Stems into result.flac, and every move with its reason into moves.json."""
    links = linked(out, spec["stems"], spec["names"])
    words = ["automix", *(link.name for link in links), "--output", sounds.MASTER, "--moves", "moves.json"]
    for song in linked(out, spec["like"], ["the reference"] * len(spec["like"])):
        words += ["--reference", song.name]
    for link in (link for link in out.iterdir() if link.is_symlink()):
        _check(link, _sounding, spec)
    said = _run(words, out, tell, cancelled, spec["deadline"])
    for link in out.iterdir():
        if link.is_symlink():
            link.unlink()
    made = open_source(out / sounds.MASTER)
    overview = Overview(made.sample_rate, made.samples)
    for x in made.blocks():
        overview.add(x)
    low, high = overview.waveform()
    about = {"seconds": made.samples / made.sample_rate, "sample_rate": made.sample_rate, "channels": made.channels}
    sounds.write(out, about | {"song": sounds.rounded(low, high), "notices": said})


def _score(spec: dict[str, Any], out: Path, tell: Tell, cancelled: Cancel) -> None:
    """A film with music that fits it: result.mp4, or of the film's own kind."""
    (film,) = linked(out, [spec["film"]], [spec["name"]])
    ending = film.suffix.lower() if film.suffix.lower() in (".mp4", ".m4v", ".mov", ".mkv", ".webm") else ".mkv"
    words = [
        "score",
        film.name,
        "--output",
        f"result{ending}",
        "--seed",
        str(spec["seed"]),
        "--film-sound",
        spec["sound"],
    ]
    words += ["--sensitivity", str(spec["sensitivity"]), *(["--emotion", spec["emotion"]] if spec["emotion"] else [])]
    words += ["--tempo", str(spec["tempo"])] if spec["tempo"] else []
    _check(film, lambda film: open_film(film).stated, spec)
    _run(words, out, tell, cancelled, spec["deadline"])
    film.unlink()
    sounds.write(out, {"notices": []})


def _sounding(link: Path) -> float:
    """Seconds of a sound."""
    source = open_source(link)
    return source.length() / source.sample_rate


def _check(link: Path, seconds: Callable[[Path], float], spec: dict[str, Any]) -> None:
    """Refuse what says that it is too long; what cannot be read at all is refused by the command, in its words."""
    try:
        length = seconds(link)
    except (OSError, ValueError):
        return
    sounds.within(length, spec | {"name": link.name})


def linked(out: Path, songs: list[str], names: list[str]) -> list[Path]:
    """The songs under names of their own, which tell what they are: never those of another folder."""
    links: list[Path] = []
    for song, name in zip(songs, names, strict=True):
        plain = Path(NAMES.sub("_", name.replace("\\", "/").rpartition("/")[2]))
        stem = plain.stem[-60:].strip(". -") or "sound"
        link = out / f"{stem}{plain.suffix[:8]}"
        if link in links:
            link = out / f"{stem} {len(links) + 1}{plain.suffix[:8]}"
        link.symlink_to(Path(song).resolve())
        links.append(link)
    return links


def _run(words: list[str], out: Path, tell: Tell, cancelled: Cancel, deadline: float) -> list[str]:
    """Run `offline` with these words in the folder; what it says of the result, or ValueError with its sentence.

    deadline: seconds of the processor, beyond which it is stopped as the worker itself would be.
    """
    command = [sys.executable, "-c", OURS, str(math.ceil(deadline)), *words, "--progress", "json"]
    process = subprocess.Popen(command, cwd=out, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said: list[str] = []
    done = [0.0]
    reader = threading.Thread(target=_listen, args=(process, said, done), daemon=True)
    reader.start()
    try:
        while process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(ASK)
            if cancelled():
                raise Cancelled
            tell(done[0])
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        reader.join()
        assert process.stderr
        process.stderr.close()
    said = [line.partition(": ")[2] for line in said if line.startswith(f"offline {words[0]}: ")]
    said = [sentence for sentence in said if not sentence.startswith(KERNELS.doing)]  # which is of no result
    if process.returncode:
        if process.returncode < 0:
            raise ValueError(crew.reason(process.returncode) or "it makes the decoder or the model crash")
        raise ValueError(said[-1] if said else "it cannot be done")
    return said


def _listen(process: "subprocess.Popen[str]", said: list[str], done: list[float]) -> None:
    """Keep what is said, and how far it is."""
    assert process.stderr
    for line in process.stderr:
        if line.startswith("{"):
            with suppress(ValueError, KeyError):
                told = json.loads(line)
                done[0] = min(told["done"] / told["of"], 0.99) if told["of"] else 0.0
        else:
            said.append(line.strip())

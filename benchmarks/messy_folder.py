"""A folder as people have them: thousands of short sounds in every format, names in every encoding, much of it broken.

python -m benchmarks.messy_folder FOLDER [FILES] makes it.
"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

Samples = NDArray[np.float32]

FILES = 10_000
RATE = 22_050
SECONDS = 3.0, 5.0
A_FOLDER = 120  # files of one
FORMATS = {"wav": 0.2, "flac": 0.3, "mp3": 0.25, "ogg": 0.2, "m4a": 0.05}  # share of each
NAMES: tuple[Callable[[int], bytes], ...] = (
    lambda n: b"%05d" % n,
    lambda n: f"{n} Sigur Rós - Ágætis byrjun".encode(),
    lambda n: f"{n} A\u030argang".encode(),  # as macOS writes it
    lambda n: f"{n} Motörhead".encode("latin-1"),
    lambda n: f"{n} 音楽".encode("shift-jis"),
    lambda n: f"{n} 周杰倫".encode("big5"),
    lambda n: f"{n} \u05e9\u05dc\u05d5\u05dd \u0633\u0644\u0627\u0645".encode(),  # written from the right
    lambda n: f"{n} \U0001f30a\U0001f469\u200d\U0001f3a4".encode(),
    lambda n: b"%d two\nlines\r" % n,
    lambda n: b"%d \x1b[31mred\x07 \xff\xfe" % n,
    lambda n: b"-%d --force" % n,
    lambda n: b" %d  " % n,
    lambda n: b"#%d %%41 'it''s' \"$HOME\" `ls` ; * ? \\" % n,
    lambda n: (b"%d " % n).ljust(249, b"x"),
)


def sound(n: int) -> Samples:
    """The n-th: a chord that decays, over noise, in beats; (samples, 1 or 2), like no other."""
    rng = np.random.default_rng(n)
    t = np.arange(round(RATE * rng.uniform(*SECONDS))) / RATE
    x = 0.3 * rng.uniform() ** 3 * rng.normal(size=len(t))
    for pitch in rng.choice(48, 3, replace=False):
        x += np.sin(2 * np.pi * 110 * 2 ** (pitch / 12) * t) * rng.uniform(0.2, 1)
    x *= np.exp(-((t * rng.uniform(1, 4)) % 1) * rng.uniform(0, 5))
    x = 0.8 * x / np.abs(x).max()
    return np.stack([x, x[::-1]][: 1 + n % 2], axis=1).astype(np.float32)


def write(path: bytes, x: Samples, ending: str) -> None:
    """Write a sound in the format that the ending says."""
    if ending == "m4a":
        m4a(path, x)
        return
    with open(path, "wb") as file:  # noqa: PTH123  # a name that is no text
        soundfile.write(file, x, RATE, format=ending)


def m4a(path: bytes, x: Samples) -> None:
    sound = ["-f", "f32le", "-ar", str(RATE), "-ac", str(x.shape[1]), "-i", "-"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *sound, "-f", "ipod", path], input=x.tobytes(), check=True)


def spoil(path: bytes, how: int, rng: np.random.Generator) -> str:
    """Break a file; what was done to it."""
    data = Path(os.fsdecode(path)).read_bytes()
    noise = rng.integers(0, 256, 4096, np.uint8).tobytes()
    done = {
        "empty": b"",
        "cut": data[: len(data) // 2],
        "cut in its head": data[:20],
        "text": b"This is a letter, and no music.\n" * 50,
        "noise": noise,
        "a hole": data[: len(data) // 3] + noise[:512] + data[len(data) // 3 + 512 :],
        "a page": b"<!doctype html><title>404</title>",
        "zeros": bytes(len(data)),
        "junk before": noise[:1000] + data,
    }
    name = list(done)[how % len(done)]
    Path(os.fsdecode(path)).write_bytes(done[name])
    return name


def make(folder: Path, files: int = FILES) -> dict[str, int]:
    """Make the folder; how much there is of what. One file in twelve is broken, one in fifty a copy."""
    rng, root, made = np.random.default_rng(1), os.fsencode(folder), Counter[str]()
    before = b""
    for n in range(files):
        place = root + b"/" + NAMES[n // A_FOLDER % 9](n // A_FOLDER).replace(b"\r", b"")
        os.makedirs(place, exist_ok=True)  # noqa: PTH103
        ending = str(rng.choice(list(FORMATS), p=list(FORMATS.values())))
        path = place + b"/" + NAMES[n % len(NAMES)](n) + b"." + ending.encode()
        if n % 50 == 49:
            with open(before, "rb") as data, open(path, "wb") as copy:  # noqa: PTH123
                copy.write(data.read())
            made["copies"] += 1
            continue
        write(path, sound(n), ending)
        made[ending] += 1
        if n % 12 == 11:
            made[f"broken: {spoil(path, n // 12, rng)}"] += 1
        elif n % 30 == 1:
            os.rename(path, path[: -len(ending)] + b"mp3")  # noqa: PTH104
            made["with another's ending"] += 1
        else:
            before = path
    _odd(folder)
    return dict(made)


def _odd(folder: Path) -> None:
    """What is no file at all, and has the name of one."""
    odd = folder / "odd"
    odd.mkdir()
    (odd / "folder.mp3").mkdir()
    os.mkfifo(odd / "pipe.mp3")
    (odd / "round").symlink_to(odd)
    (odd / "loop.mp3").symlink_to("loop.mp3")
    (odd / "nowhere.flac").symlink_to("nothing here")
    (odd / "device.wav").symlink_to("/dev/zero")
    (odd / "notes.txt").write_text("no music by its name")


if __name__ == "__main__":
    print(make(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else FILES))

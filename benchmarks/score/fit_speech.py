"""python -m benchmarks.score.fit_speech VOICE MUSIC NOISES: fit the weights of rtengine.film.speech and test them.

VOICE holds speech_*.flac and singers; MUSIC and NOISES sounds without speech. Speech is mixed with music as well, at
several levels, and played slower and faster, for there are few speakers. Each third of the files, speakers apart, is
judged by what the other two taught; the constants are those of all. Logistic regression by Newton's method.
"""

import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from rtengine.film import speech

FOLDS = 3
RIDGE = 1.0
LONGEST = 40.0  # seconds of a file
OVER = (20.0, 10.0, 6.0)  # dB of speech above the music it is mixed with
PACES = (1.0, 0.88, 1.14)  # times a speaker's own speed and pitch
NOISY = 4.0  # times a second of noise counts as much as one of music, of which there is more
Array = NDArray[np.float64]


def load(file: Path) -> NDArray[np.float32]:
    """Mono at the detector's rate."""
    x, rate = soundfile.read(
        file, dtype="float32", always_2d=True, frames=int(LONGEST * soundfile.info(file).samplerate)
    )
    return soxr.resample(x.mean(axis=1), rate, speech.SAMPLE_RATE).astype(np.float32)


class Sound(NamedTuple):
    """What there is of a file: descriptions, the time of each (seconds), its level. fold: which third it belongs to."""

    kind: str
    fold: int
    time: Array
    x: Array
    level: Array

    @property
    def loud(self) -> NDArray[np.bool_]:
        """The windows that are learnt from."""
        return self.level > 10 * speech.SILENCE


def sound(kind: str, fold: int, x: NDArray[np.float32]) -> Sound:
    """Describe a mono sound."""
    found = list(speech.descriptions([x[None]]))
    return Sound(kind, fold, *(np.array(v, np.float64) for v in zip(*found, strict=True)))


def mixed(voice: NDArray[np.float32], music: NDArray[np.float32], over: float) -> NDArray[np.float32]:
    """Speech above music by so many dB."""
    music = np.resize(music, len(voice))
    gain = np.sqrt((voice**2).mean() / max((music**2).mean(), 1e-9)) * 10 ** (-over / 20)
    return (voice + gain * music).astype(np.float32)


def gathered(voices: Path, music: Path, noises: Path) -> Iterator[Sound]:
    """All there is to learn from; kinds with "speech" in their names are."""
    random = np.random.default_rng(0)
    folders = {"music": music.glob("*.opus"), "singing": voices.glob("sing*.flac"), "noise": noises.glob("*.flac")}
    plain: list[NDArray[np.float32]] = []
    for kind, files in folders.items():
        for file in sorted(files):
            sings = file.stem.startswith(("vocal", "acappella"))
            x = load(file)
            yield sound("singing" if sings else kind, hashlib.sha256(file.stem.encode()).digest()[0] % FOLDS, x)
            plain += [x] if kind != "singing" and not sings else []
    for fold, file in enumerate(sorted(voices.glob("speech*.flac"))):
        for pace in PACES:
            x = soxr.resample(load(file), speech.SAMPLE_RATE, speech.SAMPLE_RATE / pace).astype(np.float32)
            yield sound("speech", fold % FOLDS, x)
            for over in OVER:
                for i in random.integers(0, len(plain), 3):
                    yield sound(f"speech {over:.0f} dB above other sound", fold % FOLDS, mixed(x, plain[i], over))


def fit(x: Array, y: Array, weight: Array) -> tuple[Array, float]:
    """Weights and bias of a logistic function."""
    a = np.column_stack([x, np.ones(len(x))])
    w = np.zeros(a.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(a @ w, -30, 30)))
        gradient = a.T @ (weight * (y - p)) - RIDGE * w
        curvature = (a * (weight * p * (1 - p))[:, None]).T @ a + RIDGE * np.eye(len(w))
        w += np.linalg.solve(curvature, gradient)
    return w[:-1], float(w[-1])


def learnt(sounds: list[Sound]) -> speech.Fit:
    """Means and scales of the descriptions, weights and bias."""
    x = np.concatenate([s.x[s.loud] for s in sounds])
    y = np.concatenate([np.full(s.loud.sum(), float("speech" in s.kind)) for s in sounds])
    weight = np.concatenate([np.full(s.loud.sum(), NOISY if s.kind == "noise" else 1.0) for s in sounds])
    share = np.average(y, weights=weight)
    means, scales = x.mean(axis=0), x.std(axis=0)
    return means, scales, *fit((x - means) / scales, y, weight * np.where(y > 0, 0.5 / share, 0.5 / (1 - share)))


def main() -> None:
    """Print the share of each kind that counts as speech, of sounds that were held out, and the constants."""
    sounds = [s for s in gathered(*map(Path, sys.argv[1:4])) if len(s.time)]
    spoken: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for fold in range(FOLDS):
        taught = learnt([s for s in sounds if s.fold != fold])
        for s in sounds:
            if s.fold == fold:
                odds = np.where(s.level > speech.SILENCE, speech.evidence(s.x, taught), speech.NOBODY)
                spoken[s.kind][0] += sum(end - start for start, end in speech.stretches(s.time, odds))
                spoken[s.kind][1] += len(s.time) / speech.RATE
    for kind, (seconds, of) in sorted(spoken.items()):
        print(f"{kind}: {seconds:.0f} of {of:.0f} s count as speech, {min(seconds / of, 1):.3f}")
    means, scales, weights, bias = learnt(sounds)
    for label, values in (("MEANS", means), ("SCALES", scales), ("WEIGHTS", weights)):
        print(f"{label} = np.array([{', '.join(f'{v:.4g}' for v in values)}])")
    print(f"BIAS = {bias:.4g}")


if __name__ == "__main__":
    main()

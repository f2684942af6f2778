"""python -m benchmarks.score.fit_speech VOICE MUSIC NOISES: fit the weights of rtengine.film.speech and test them.

VOICE holds speech_*.flac and singers; MUSIC and NOISES sounds without speech. Speech is mixed with music as well, at
several levels; one file in three is held out, by name. Logistic regression by Newton's method.
"""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from rtengine.film import speech

RIDGE = 1.0
LONGEST = 40.0  # seconds of a file
OVER = (20.0, 10.0, 6.0)  # dB of speech above the music it is mixed with
Array = NDArray[np.float64]


def load(file: Path) -> NDArray[np.float32]:
    """Mono at the detector's rate."""
    x, rate = soundfile.read(
        file, dtype="float32", always_2d=True, frames=int(LONGEST * soundfile.info(file).samplerate)
    )
    return soxr.resample(x.mean(axis=1), rate, speech.SAMPLE_RATE).astype(np.float32)


def examples(x: NDArray[np.float32]) -> list[Array]:
    """Descriptions of the windows that are not silent."""
    return [d for _, d, level in speech.descriptions([x[None]]) if level > 10 * speech.SILENCE]


def mixed(voice: NDArray[np.float32], music: NDArray[np.float32], over: float) -> NDArray[np.float32]:
    """Speech above music by so many dB."""
    music = np.resize(music, len(voice))
    gain = np.sqrt((voice**2).mean() / max((music**2).mean(), 1e-9)) * 10 ** (-over / 20)
    return (voice + gain * music).astype(np.float32)


def gathered(voices: Path, music: Path, noises: Path) -> Iterator[tuple[bool, bool, list[Array]]]:
    """(held out, speech, examples) for each sound."""
    random = np.random.default_rng(0)
    others = [(f, load(f)) for f in sorted([*music.glob("*.opus"), *voices.glob("sing*.flac"), *noises.glob("*.flac")])]
    for file, x in others:
        yield held_out(file), False, examples(x)
    for tilt in range(6):
        noise = np.cumsum(random.normal(size=160_000)) if tilt % 2 else random.normal(size=160_000)
        noise = (noise - np.convolve(noise, np.ones(400) / 400, "same")) * (
            1 + 0.3 * np.sin(np.arange(160_000) / 9_000)
        )
        yield tilt > 3, False, examples((0.05 * noise / noise.std()).astype(np.float32))
    for file in sorted(voices.glob("speech*.flac")):
        x = load(file)
        yield held_out(file), True, examples(x)
        for over in OVER:
            for i in random.integers(0, len(others), 3):
                yield held_out(file), True, examples(mixed(x, others[i][1], over))


def held_out(file: Path) -> bool:
    """One in three, by its name."""
    return hashlib.sha256(file.stem.encode()).digest()[0] % 3 == 0


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


def main() -> None:
    """Print the constants and the balanced accuracy on what was held out."""
    parts = [(h, s, e) for h, s, e in gathered(*map(Path, sys.argv[1:4])) if e]
    x, y, h = (np.concatenate(v) for v in zip(*((e, [s] * len(e), [h] * len(e)) for h, s, e in parts), strict=True))
    y = y.astype(float)
    means, scales = x[~h].mean(axis=0), x[~h].std(axis=0)
    weight = np.where(y[~h] > 0, 0.5 / y[~h].mean(), 0.5 / (1 - y[~h].mean()))
    weights, bias = fit((x[~h] - means) / scales, y[~h], weight)
    z = (x - means) / scales @ weights + bias
    for name, part in (("fitted", ~h), ("held out", h)):
        right = [np.mean((z[part & (y == k)] > 0) == (k > 0)) for k in (0.0, 1.0)]
        print(f"{name}: {part.sum()} windows, of other sound {right[0]:.3f} right, of speech {right[1]:.3f} right")
    for label, values in (("MEANS", means), ("SCALES", scales), ("WEIGHTS", weights)):
        print(f"{label} = np.array([{', '.join(f'{v:.4g}' for v in values)}])")
    print(f"BIAS = {bias:.4g}")


if __name__ == "__main__":
    main()

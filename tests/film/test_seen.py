"""What a picture does and how it feels: impacts, camera and action, mood; and speech in the sound."""

from pathlib import Path

import numpy as np
import pytest
from support.films import Scene, pictures, write_film
from support.sounds import music

from rtengine.film.analysis import Analysis, analyse
from rtengine.film.speech import SAMPLE_RATE, find_speech

LANDINGS = (1.0, 1.8, 2.6, 3.6, 4.4)  # seconds at which the square stops


def falling(rate: int = 25, seconds: float = 5.2) -> list[np.ndarray]:
    """A square that falls for 0.28 s and lies still until the next fall; a grey wall behind."""
    random, frames = np.random.default_rng(0), []
    for n in range(round(rate * seconds)):
        ahead = [s for s in LANDINGS if n / rate < s - 1e-9]
        left = (ahead[0] - n / rate) if ahead else 1.0
        y = 20 + int(100 * (1 - min(left / 0.28, 1)) ** 1) if left < 0.28 else 120
        picture = np.full((180, 320, 3), 120.0)
        picture[y : y + 40, 100:220] = 30
        frames.append((picture + random.normal(0, 1, picture.shape)).clip(0, 255).astype(np.uint8))
    return frames


def test_landings_are_impacts(tmp_path: Path) -> None:
    found = analyse(write_film(tmp_path / "x.mp4", falling())).impacts
    times = [i.time for i in found]
    starts = [s - 0.28 for s in LANDINGS]
    for moment in LANDINGS:
        assert min(abs(t - moment) for t in times) <= 0.13, (moment, times)
    assert all(min(abs(t - m) for m in (*LANDINGS, *starts)) < 0.15 for t in times), times


def made(tmp_path: Path, *scenes: Scene) -> Analysis:
    return analyse(write_film(tmp_path / f"{abs(hash(scenes))}.mp4", pictures(scenes)))


def test_a_pan_is_less_motion_than_a_ball_and_no_cut(tmp_path: Path) -> None:
    still = made(tmp_path, Scene(50, 3, ball=0))
    pan = made(tmp_path, Scene(50, 3, pan=4, ball=0))
    ball = made(tmp_path, Scene(50, 3, ball=14))
    assert still.mood.motion.mean() < 0.5 * ball.mood.motion.mean()
    assert not pan.cuts
    assert not ball.cuts


def test_a_picture_that_stands_is_still(tmp_path: Path) -> None:
    times = [n / 25 + (20 if n > 40 else 0) for n in range(80)]
    film = analyse(write_film(tmp_path / "x.mkv", pictures((Scene(80, 3, ball=14),)), times))
    assert film.mood.motion[12:80].max() < 0.05
    assert film.mood.motion[:5].mean() > 0.2


def test_bright_and_colourful_is_glad_and_fast_is_stirring(tmp_path: Path) -> None:
    dark = made(tmp_path, Scene(50, 5, light=0.1, ball=0))
    bright = made(tmp_path, Scene(50, 5, light=0.8, ball=0))
    busy = made(tmp_path, *(Scene(12, i, ball=12) for i in range(6)))
    assert bright.mood.valence.mean() > dark.mood.valence.mean() + 0.2
    assert busy.mood.arousal.mean() > bright.mood.arousal.mean() + 0.3
    assert len(busy.mood.motion) == int(np.ceil(busy.end * 4))


def syllables(seconds: float = 6.0, seed: int = 0) -> np.ndarray:
    """Something that talks: a buzz of changing pitch through changing resonances, four syllables a second, pauses."""
    random, parts = np.random.default_rng(seed), []
    while sum(map(len, parts)) < seconds * SAMPLE_RATE:
        n = np.arange(int(SAMPLE_RATE * random.uniform(0.08, 0.22)))
        pitch = random.uniform(100, 160) * (1 - 0.1 * n / len(n))
        phase = np.cumsum(pitch) / SAMPLE_RATE
        formants = random.uniform((300, 900, 2200), (800, 2000, 3200))
        buzz = sum(
            np.cos(2 * np.pi * k * phase) / k * sum(np.exp(-(((k * pitch.mean() - f) / 120) ** 2)) for f in formants)
            for k in range(1, 40)
        )
        hiss = np.diff(random.normal(size=len(n) // 2 + 1)) * 0.15
        parts += [buzz * np.hanning(len(n)), hiss * np.hanning(len(hiss))]
        if random.random() < 0.2:
            parts.append(np.zeros(int(0.25 * SAMPLE_RATE)))
    x = np.concatenate(parts)[: int(seconds * SAMPLE_RATE)]
    return (0.3 * x / np.abs(x).max()).astype(np.float32)


def test_speech_is_found_where_it_is() -> None:
    x = np.zeros(16 * SAMPLE_RATE, np.float32)
    x += 0.003 * np.random.default_rng(1).normal(size=len(x)).astype(np.float32)
    x[5 * SAMPLE_RATE : 11 * SAMPLE_RATE] += syllables()
    found = find_speech([x[None, i : i + 4000] for i in range(0, len(x), 4000)])
    assert found
    assert abs(found[0].start - 5) < 0.8, found
    assert abs(found[-1].end - 11) < 0.8, found


def test_a_short_hole_in_speech_is_none_in_the_ducking() -> None:
    x = 0.003 * np.random.default_rng(1).normal(size=14 * SAMPLE_RATE).astype(np.float32)
    x[2 * SAMPLE_RATE : 12 * SAMPLE_RATE] += syllables(10)
    hole = slice(6 * SAMPLE_RATE, int(7.4 * SAMPLE_RATE))
    x[hole] = 0.03 * np.random.default_rng(3).normal(size=hole.stop - hole.start)  # a breath, a door
    found = find_speech([x[None]])
    assert len(found) == 1, found
    assert abs(found[0].start - 2) < 0.8, found
    assert abs(found[0].end - 12) < 0.8, found


def birds() -> np.ndarray:
    """Chirps of a whistle that glides, in groups of three a second, above a wind."""
    random = np.random.default_rng(2)
    x = 0.002 * random.normal(size=8 * SAMPLE_RATE)
    for start in np.arange(0.2, 7.7, 0.17):
        if random.random() < 0.7:
            n = np.arange(int(SAMPLE_RATE * random.uniform(0.05, 0.12)))
            pitch = random.uniform(2500, 4500) * (1 + random.uniform(-0.3, 0.3) * n / len(n))
            first = int(start * SAMPLE_RATE)
            x[first : first + len(n)] += 0.2 * np.hanning(len(n)) * np.sin(2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE)
    return x.astype(np.float32)[None]


@pytest.mark.parametrize("kind", ["music", "noise", "birds", "silence", "nothing"])
def test_other_sounds_are_no_speech(kind: str) -> None:
    x = {
        "music": music(8 * SAMPLE_RATE, 1, SAMPLE_RATE),
        "noise": 0.1 * np.random.default_rng(0).normal(size=(1, 8 * SAMPLE_RATE)).astype(np.float32),
        "birds": birds(),
        "silence": np.zeros((1, 8 * SAMPLE_RATE), np.float32),
        "nothing": np.zeros((1, 0), np.float32),
    }[kind]
    assert find_speech([x]) == []

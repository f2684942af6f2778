"""Cuts to the frame, on films whose cuts are known, beside PySceneDetect."""

from pathlib import Path

import numpy as np
import pytest
from support.films import Scene, cut_times, pictures, write_film

from rtengine.film.cuts import find_cuts, find_fades, shots
from rtengine.film.look import Look
from rtengine.film.reader import open_film

RATE = 25
FRAME = 1 / RATE + 0.003
FILMS = {
    "plain": (Scene(40, 1), Scene(55, 2), Scene(30, 3), Scene(40, 4), Scene(25, 5)),
    "flashes": (Scene(60, 6, flashes=(20, 21, 40)), Scene(60, 7, flashes=(30, 31, 32)), Scene(40, 8)),
    "pans": (Scene(60, 9, pan=6), Scene(60, 10, pan=-9), Scene(50, 11, pan=3, shake=2)),
    "quick": tuple(Scene(12, 15 + i) for i in range(10)),
    "fades": (Scene(60, 12, fade_in=20, fade_out=20), Scene(60, 13, fade_in=15, fade_out=25), Scene(40, 14)),
    "dim": (Scene(50, 40, light=0.15), Scene(50, 41, light=0.12), Scene(50, 42, light=0.1)),
}


def watched(path: Path) -> Look:
    look = Look()
    for picture in open_film(path).pictures():
        look.add(picture)
    return look.close()


def f1(truth: list[float], found: list[float]) -> float:
    hits = sum(any(abs(a - b) <= FRAME for b in found) for a in truth)
    return 2 * hits / (len(truth) + len(found)) if truth or found else 1.0


@pytest.fixture(scope="module", params=FILMS)
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[float]]:
    path = tmp_path_factory.mktemp("films") / f"{request.param}.mp4"
    return write_film(path, pictures(FILMS[request.param]), rate=RATE), cut_times(FILMS[request.param], RATE)


def test_every_cut_is_found_to_the_frame_and_nothing_else(film: tuple[Path, list[float]]) -> None:
    path, truth = film
    assert f1(truth, [cut.time for cut in find_cuts(watched(path))]) == 1


def test_it_is_at_least_as_good_as_pyscenedetect(film: tuple[Path, list[float]]) -> None:
    detector = pytest.importorskip("scenedetect")
    path, truth = film
    scenes = detector.detect(str(path), detector.AdaptiveDetector(), backend="pyav")
    peer = [start.seconds for start, _ in scenes][1:]
    assert f1(truth, [cut.time for cut in find_cuts(watched(path))]) >= f1(truth, peer)


def test_cuts_are_told_by_real_times_where_the_clock_is_uneven(tmp_path: Path) -> None:
    scenes = FILMS["plain"]
    steps = np.random.default_rng(5).choice([0.033, 0.04, 0.09], 189)
    times = np.cumsum(np.r_[0, steps]).round(3)
    truth = times[np.cumsum([s.frames for s in scenes])[:-1]]
    found = [cut.time for cut in find_cuts(watched(write_film(tmp_path / "x.mkv", pictures(scenes), times)))]
    assert np.allclose(found, truth, atol=0.002)


def test_cuts_of_a_dark_film_are_found(tmp_path: Path) -> None:
    scenes = [Scene(40, seed) for seed in range(60, 66)]
    dim = [(0.12 * picture).astype(np.uint8) for picture in pictures(scenes)]
    films = (write_film(tmp_path / "light.mp4", pictures(scenes)), write_film(tmp_path / "dark.mp4", dim))
    light, dark = (find_cuts(watched(path)) for path in films)
    assert f1(cut_times(scenes, RATE), [cut.time for cut in dark]) == 1
    assert all(b.strength > 0.33 * a.strength for a, b in zip(light, dark, strict=True))  # and music still hears them


def test_what_moved_on_while_a_frame_stood_is_no_cut(tmp_path: Path) -> None:
    """A thing goes 20 of 160 pixels on while one frame is shown for three."""
    frames = list(pictures([Scene(60, 9, ball=1.0)], 160, 90))
    for n, picture in enumerate(frames):
        left = 20 if n < 30 else 40
        picture[20:70, left : left + 50] = 240
    times = np.arange(60) / RATE + np.where(np.arange(60) < 30, 0, 0.08)
    assert find_cuts(watched(write_film(tmp_path / "x.mkv", frames, times))) == []


def test_fades_are_found(tmp_path: Path) -> None:
    look = watched(write_film(tmp_path / "x.mp4", pictures(FILMS["fades"])))
    outs, ins = ([f for f in find_fades(look) if f.out == kind] for kind in (True, False))
    assert np.allclose([(f.start, f.end) for f in outs], [(1.6, 2.4), (3.8, 4.8)], atol=0.1)
    assert np.allclose([f.start for f in ins], [0, 2.4], atol=0.1)
    assert all(0.4 <= f.end - f.start <= 0.9 for f in ins)


def test_shots_fill_the_film() -> None:
    assert shots([], 3.0) == [(0.0, 3.0)]

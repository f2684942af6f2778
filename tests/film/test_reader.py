"""Films as they come: upright, uneven, broken, without picture, without sound."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from support.films import Scene, pictures, write_film
from support.sounds import AV, encode, music

from rtengine.film.analysis import analyse
from rtengine.film.look import Look
from rtengine.film.reader import open_film
from rtengine.film.sound import sound

SCENES = (Scene(30, 1), Scene(30, 2))


def test_length_is_that_of_the_last_picture(tmp_path: Path) -> None:
    film = open_film(write_film(tmp_path / "x.mp4", pictures(SCENES), rate=25))
    times = [p.time for p in film.pictures()]
    assert np.allclose(times, np.arange(60) / 25, atol=0.001)
    assert abs(film.end - 2.4) < 0.002


def test_a_portrait_film_stands_upright(tmp_path: Path) -> None:
    film = open_film(write_film(tmp_path / "x.mp4", pictures(SCENES, 180, 320)))
    assert next(film.pictures()).luma.shape == (160, 90)
    assert [c.time for c in analyse(tmp_path / "x.mp4").cuts] == [pytest.approx(1.2)]


def test_ten_bits_and_other_codecs_are_read(tmp_path: Path) -> None:
    a = analyse(write_film(tmp_path / "x.mkv", pictures(SCENES), codec="mpeg4"))
    assert [c.time for c in a.cuts] == [pytest.approx(1.2, abs=0.002)]


def test_a_broken_tail_leaves_what_is_whole(tmp_path: Path) -> None:
    whole = write_film(tmp_path / "x.mkv", pictures((Scene(100, 1), Scene(50, 2))))
    broken = tmp_path / "broken.mkv"
    broken.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * 0.6)])
    a = analyse(broken)
    assert 2 < a.end < 5.5
    assert "broken.mkv" in a.film.damage


def test_noise_in_the_middle_is_survived(tmp_path: Path) -> None:
    data = bytearray(write_film(tmp_path / "x.mkv", pictures((Scene(100, 1), Scene(50, 2)))).read_bytes())
    data[len(data) // 2 : len(data) // 2 + 3000] = np.random.default_rng(0).bytes(3000)
    (tmp_path / "bad.mkv").write_bytes(data)
    a = analyse(tmp_path / "bad.mkv")
    assert a.frames > 40


@pytest.mark.parametrize(
    "kind", ["nothing", "text", "folder", "empty", "sound", "one picture", "short", "still picture"]
)
def test_what_is_no_film_is_refused_in_a_sentence(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    if kind == "text":
        path.write_text("this is no film")
    elif kind == "folder":
        path.mkdir()
    elif kind == "empty":
        path.touch()
    elif kind == "sound":
        encode(path, music(44_100, 2, 44_100), 44_100, *AV["aac.m4a"])
    elif kind in ("one picture", "short"):
        write_film(path, islice(pictures(SCENES), 1 if kind == "one picture" else 12))
    elif kind == "still picture":
        path = tmp_path / "film.png"
        from matplotlib.image import imsave

        imsave(path, next(pictures(SCENES)))
    with pytest.raises((ValueError, OSError)) as refused:
        analyse(path)
    assert "film" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_sound_stands_on_the_films_clock(tmp_path: Path) -> None:
    x = np.zeros((2, 96_000), np.float32)
    x[:, 48_000] = 0.9
    film = open_film(write_film(tmp_path / "x.mkv", pictures(SCENES), sound=x, sound_rate=48_000))
    y = np.concatenate(list(sound(film, 48_000, 2)), axis=1)
    assert abs(int(np.argmax(np.abs(y[0]))) - 48_000) <= 48 * 12  # 12 ms: AAC's smear around a click


def test_a_film_without_sound_has_none(tmp_path: Path) -> None:
    film = open_film(write_film(tmp_path / "x.mp4", pictures(SCENES)))
    assert not film.has_sound
    assert list(sound(film, 16_000, 1)) == []


def test_memory_is_60_bytes_a_frame(tmp_path: Path) -> None:
    look = Look()
    for picture in open_film(write_film(tmp_path / "x.mp4", pictures(SCENES))).pictures():
        look.add(picture)
    held = sum(a.itemsize * len(a) for a in (look.time, *look._curves.values()))
    assert held / len(look.time) <= 60
    assert len(look._recent) <= 10

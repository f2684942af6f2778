"""python -m offline score: the picture as it was, the right length, speech above the music, a sentence for the rest."""

import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import av
import numpy as np
import pytest
from support.films import Scene, pictures, write_film
from support.sounds import AV, encode, music

from offline.__main__ import main
from offline.score import command
from offline.score.demo import NAMES, scored
from offline.score.picture import MOST_BARS, bar_lines
from offline.score.scenes import cut_times
from rtengine.files.disk import disk_of
from rtengine.film.analysis import analyse
from rtengine.film.speech import Speech
from rtengine.score import midi
from rtengine.score.compose import compose
from rtengine.score.mix import BESIDE, DEPTH, mixed
from rtengine.score.notes import PARTS

SCENES = (Scene(60, 1), Scene(45, 2, ball=12), Scene(45, 3))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    times = np.cumsum(np.r_[0, np.random.default_rng(1).choice([0.03, 0.04, 0.05], 149)]).round(3)
    sound = music(48_000 * 6, 2, 48_000)
    return write_film(
        tmp_path_factory.mktemp("film") / "film.mp4", pictures(SCENES), times, sound=sound, sound_rate=48_000
    )


def packets(path: Path) -> tuple[str, list[float]]:
    digest, times = hashlib.sha256(), []
    with av.open(str(path)) as container:
        for packet in container.demux(container.streams.video[0]):
            if packet.size:
                digest.update(bytes(packet))
                times.append(float(packet.pts * packet.time_base))
    return digest.hexdigest(), times


def heard(path: Path) -> tuple[np.ndarray, int]:
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        x = np.concatenate([f.to_ndarray() for f in container.decode(stream)], axis=1)
        return x, stream.rate


def run(*arguments: object) -> int:
    return main(["score", *map(str, arguments)])


def test_the_picture_is_copied_byte_for_byte_and_the_length_fits(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    extra = ("--midi", tmp_path / "x.mid", "--cues", tmp_path / "x.csv", "--picture", tmp_path / "x.png")
    assert run(film, "-o", out, *extra) == 0
    before, after = packets(film), packets(out)
    assert before[0] == after[0]
    assert np.allclose(before[1], after[1], atol=0.001)
    x, rate = heard(out)
    assert abs(x.shape[1] / rate - before[1][-1] - 0.04) < 0.045  # a frame, and AAC's last packet
    assert np.abs(x).max() > 0.05
    assert all((tmp_path / f"x.{kind}").stat().st_size > 100 for kind in ("mid", "csv", "png"))
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize("ending", ["mkv", "mov"])
def test_other_containers(film: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"out.{ending}"
    assert run(film, "-o", out, "--film-sound", "replace") == 0
    assert packets(out)[0] == packets(film)[0]


def test_a_matroska_film_whose_pictures_are_told_out_of_order(tmp_path: Path) -> None:
    """With B-frames Matroska leaves the first times of decoding out; the copy is the same, each picture at its time."""
    film = tmp_path / "film.mkv"
    with av.open(str(film), "w") as output:
        stream = output.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        stream.options = {"preset": "veryfast", "bf": "3"}
        for picture in pictures((Scene(75, 6, ball=9),), 160, 90):
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        output.mux(stream.encode())
    out = tmp_path / "out.mkv"
    assert run(film, "-o", out) == 0
    assert packets(out) == packets(film)


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "ending"),
    [
        ("film.webm", "libsvtav1", "yuv420p", ".webm"),
        ("film.gif", "gif", "rgb8", ".mov"),
        ("film.avi", "mpeg4", "yuv420p", ".mkv"),
        ("film.MOV", "libvpx-vp9", "yuv420p", ".mkv"),
    ],
)
def test_a_picture_goes_where_it_can_be_held(
    name: str, codec: str, pixels: str, ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if codec not in av.codecs_available:
        pytest.skip(f"this build of FFmpeg has no {codec}")
    source, kind = tmp_path / name, "matroska" if name.endswith(".MOV") else None
    with av.open(str(source), "w", format=kind) as output:
        stream = output.add_stream(codec, rate=20)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixels
        stream.options = {"preset": "12", "svtav1-params": "lp=1"} if "svt" in codec else {}
        for picture in pictures((Scene(30, 6, ball=9),), 64, 48):
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        output.mux(stream.encode(None))
    assert run(source) == 0, capsys.readouterr().err
    scored = source.with_name(f"film-scored{ending}")
    assert packets(scored)[0] == packets(source)[0]
    assert len(packets(scored)[1]) == 30


def test_songs_stems_and_loudness(film: Path, tmp_path: Path) -> None:
    assert run(film, "-o", tmp_path / "a.mp4", "--songs", 2, "--stems", tmp_path / "stems", "--loudness", -20,
               "--instruments", "drums=off") == 0  # fmt: skip
    assert (tmp_path / "a-1.mp4").is_file()
    assert (tmp_path / "a-2.mp4").is_file()
    names = sorted(p.name for p in (tmp_path / "stems").iterdir())
    assert "melody-1.wav" in names
    assert not [n for n in names if n.startswith("drums")]


@pytest.mark.parametrize("name", ["夏 cost $5 to $\\foo_{6}", "new\nline", os.fsdecode(b"caf\xe9 \x01")])
def test_a_films_name_may_be_anything(
    name: str, film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / f"{name}.mp4"
    own.write_bytes(film.read_bytes())
    for ending in (".edl", ".fcpxml", ".csv"):
        extra = ("--cues", tmp_path / f"x{ending}", "--picture", tmp_path / "x.png", "--midi", tmp_path / "x.mid")
        assert run(own, "-f", *extra) == 0, capsys.readouterr().err
        assert capsys.readouterr().out.count("\n") == 1
    assert len((tmp_path / "x.edl").read_text().splitlines()[0].removeprefix("TITLE: ")) >= len(name)
    ElementTree.parse(tmp_path / "x.fcpxml")


def test_the_demo_scores_a_film_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scored(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(NAMES)
    told = capsys.readouterr().out
    assert f"{len(cut_times())} cuts" in told
    met, of = told.split(" notes, ")[1].split(" hits")[0].split(" of ")
    assert int(met) == int(of) >= len(cut_times())


def test_a_still_picture_is_scored_calmly(tmp_path: Path) -> None:
    picture = next(pictures(SCENES))
    still = write_film(tmp_path / "still.mp4", [picture] * 150)
    piece = compose(analyse(still))
    assert not piece.hits
    assert piece.mood in ("calm", "sad")
    assert len([n for n in piece.notes if n.part == "melody"]) < 30


def test_silent_films_are_scored(tmp_path: Path) -> None:
    silent = write_film(tmp_path / "silent.mp4", pictures((Scene(40, 5),)))
    assert run(silent) == 0
    assert (tmp_path / "silent-scored.mp4").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing.mp4",), "nothing.mp4 does not exist"),
        (("song.m4a",), "sound alone"),
        (("film.mp4", "-o", "x.avi"), ".avi is no film that can be written"),
        (("film.mp4", "-o", "x.webm"), ".webm cannot hold the film's h264 picture"),
        (("film.mp4", "-o", "film.mp4", "-f"), "is the film itself"),
        (("film.mp4", "--midi", "x.txt"), "does not end in .mid"),
        (("film.mp4", "--instruments", "melody=kazoo"), "there is no instrument kazoo"),
        (("film.mp4", "--soundfont", "no.sf2"), "no.sf2 does not exist"),
        (("film.mp4", "--texture", "nope:0.3"), "there is no texture nope"),
        (("film.mp4", "--stems", "film.mp4/there"), "film.mp4 is not a folder"),
        (("film.mp4", "--stems", "."), "bass.wav exists: --force overwrites it"),
        (("film.mp4", "--instruments", ",".join(f"{part}=off" for part in PARTS)), "every part is off"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    arguments: tuple[str, ...], said: str, film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "analyse", None)  # all of it is said before the film is read
    Path("film.mp4").write_bytes(film.read_bytes())
    Path("bass.wav").touch()
    encode(Path("song.m4a"), music(44_100, 2, 44_100), 44_100, *AV["aac.m4a"])
    assert run(*arguments) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not list(tmp_path.glob(".*.part"))


def test_a_sad_film_whose_other_parts_are_off_keeps_its_own_sound(film: Path, tmp_path: Path) -> None:
    off = ",".join(f"{part}=off" for part in PARTS if part != "drums")  # which a sad one has not
    assert run(film, "-o", tmp_path / "x.mkv", "--emotion", "sad", "--instruments", off, "--film-sound", "keep") == 0
    assert np.abs(heard(tmp_path / "x.mkv")[0]).max() > 0.1


@pytest.mark.parametrize("arguments", [("--emotion", "angry"), ("--instruments", "solo=piano"), ("--tempo", "9")])
def test_options_name_their_bounds(arguments: tuple[str, str]) -> None:
    with pytest.raises(SystemExit) as left:
        run("film.mp4", *arguments)
    assert left.value.code == 2


def test_music_is_12_db_down_200_ms_into_speech_and_comes_back_without_pumping() -> None:
    speech = [Speech(5.0, 7.0), Speech(8.2, 9.0), Speech(20.0, 21.0)]
    tone = np.ones((2, 30_000), np.float32)
    heard = np.concatenate(list(mixed([tone], iter([0 * tone]), speech, True, 1000)), axis=1)[0]
    gain = 20 * np.log10(heard) + BESIDE
    assert np.all(gain[5_000 - 120 + 200 : 9_000] <= -9)  # within 200 ms, and the pause of 1.2 s is bridged
    assert abs(gain[6_000] + DEPTH) < 0.1
    assert np.all(gain[12_000:19_800] > -0.1)
    assert np.all(gain[:4_800] > -0.001)
    assert np.max(np.diff(gain)) * 1000 <= DEPTH / 0.35 + 0.5, "it comes back slower than syllables"


def test_blocks_do_not_change_the_mix() -> None:
    random = np.random.default_rng(0)
    song, own = (random.normal(0, 0.1, (2, 96_000)).astype(np.float32) for _ in range(2))
    speech = [Speech(0.5, 1.0)]

    def cut(x: np.ndarray, size: int) -> list[np.ndarray]:
        return [x[:, n : n + size] for n in range(0, x.shape[1], size)]

    once = np.concatenate(list(mixed([song], iter([own[:, :50_000]]), speech, True, 48_000)), axis=1)
    many = np.concatenate(list(mixed(cut(song, 777), iter(cut(own[:, :50_000], 1000)), speech, True, 48_000)), axis=1)
    assert np.allclose(once, many, atol=1e-6)
    assert once.shape == song.shape


@pytest.mark.parametrize("what", ["film", "midi", "cues"])
def test_a_full_disk_is_said_by_the_name_of_what_was_asked_for(
    film: Path, tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not by that of the hidden file beside it; and what stood there stands."""

    def full(*arguments: object) -> None:
        for _ in (a for a in arguments if isinstance(a, Iterator)):
            pass
        kind = av.error.OSError if what == "film" else OSError
        raise kind(errno.ENOSPC, os.strerror(errno.ENOSPC), "/somewhere/.0123.part")

    names = {"film": "out.mp4", "midi": "out.mid", "cues": "out.csv"}
    paths = {kind: tmp_path / name for kind, name in names.items()}
    for path in paths.values():
        path.write_text("old")
    place, name = {"film": (command, "mux"), "midi": (midi, "write_midi"), "cues": (command, "write_cues")}[what]
    monkeypatch.setattr(place, name, full)
    assert run(film, "-o", paths["film"], "--midi", paths["midi"], "--cues", paths["cues"], "-f") == 2
    err = capsys.readouterr().err.splitlines()[-1]
    assert err == f"offline score: {paths[what]} cannot be written: the disk at {disk_of(tmp_path)} is full"
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == dict.fromkeys(names.values(), "old")


@pytest.mark.parametrize("wrong", ["--instruments", "--soundfont", "--model"])
def test_what_it_shall_play_with_is_checked_before_the_film_is_read(
    film: Path, tmp_path: Path, wrong: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "analyse", lambda *a: pytest.fail("the film was read"))
    (tmp_path / "wrong").write_bytes(b"RIFF" + bytes(60))
    said = {"--instruments": "melody=kazoo"}.get(wrong, str(tmp_path / "wrong"))
    assert run(film, "-o", tmp_path / "out.mp4", wrong, said) == 2
    err = capsys.readouterr().err
    assert err.startswith("offline score: ")
    assert err.count("\n") == 1
    assert said.split("=")[-1] in err


@pytest.mark.parametrize("minutes", [0.01, 1, 60, 600])
def test_bar_lines_of_long_films_do_not_run_together(minutes: float) -> None:
    last = int(minutes * 120) // 4 * 4
    lines = bar_lines(last)
    assert 1 <= len(lines) <= MOST_BARS + 1
    assert all(line % 4 == 0 for line in lines)
    if minutes <= 1:
        assert list(lines) == list(range(0, last + 5, 4))

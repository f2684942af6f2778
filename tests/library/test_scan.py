"""Scanning: nothing lost, nothing twice, whatever happens."""

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtengine.files.source import open_source
from rtengine.library import scan as scanning
from rtengine.library.decoding import in_time
from rtengine.library.hear import hear, seconds_of, tagged
from rtengine.library.scan import scan
from rtengine.library.store import Library, path_of
from rtengine.models.listen.model import load_model

RATE = 16_000
KILLS = int(os.environ.get("RTENGINE_KILLS", "1"))  # twenty by hand, see docs/listen.md


def tone(file: Path, n: int = 0, seconds: float = 1.0) -> Path:
    t = np.arange(round(RATE * seconds)) / RATE
    file.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(file, 0.3 * np.sin(2 * np.pi * (200 + 37 * n) * t), RATE)
    return file


@pytest.fixture
def library(tmp_path):
    library = Library(tmp_path / "library")
    yield library
    library.close()


@pytest.fixture
def in_threads(monkeypatch):
    """Threads instead of processes: the same code, without their start."""

    class Pool(ThreadPoolExecutor):
        def __init__(self, threads, context=None, initializer=None, initargs=()):
            super().__init__(threads)

    monkeypatch.setattr(scanning, "ProcessPoolExecutor", Pool)


def test_a_second_scan_hears_only_what_is_new_or_changed(library, tmp_path, in_threads):
    music = tmp_path / "music"
    files = [tone(music / "a" / f"{n}.wav", n) for n in range(3)]
    assert scan(library, [music]).heard == 3
    assert (scan(library, [music]).heard, scan(library, [music]).known) == (0, 3)
    tone(files[0], 50)
    tone(music / "new.flac", 60)
    done = scan(library, [music])
    assert (done.heard, done.known) == (2, 2)
    assert len(library.rows()) == 4
    assert {r["title"] for r in library.rows()} == {"0", "1", "2", "new"}


def test_moved_files_keep_their_likes_and_are_not_heard_again(library, tmp_path, in_threads):
    music = tmp_path / "music"
    tone(music / "a.wav", 1)
    tone(music / "b.wav", 2)
    scan(library, [music])
    a = next(r for r in library.rows() if r["title"] == "a")
    library.rate(a["id"], "like")
    (music / "a.wav").rename(tmp_path / "x.wav")
    assert scan(library, [music]).gone == 1
    assert [r["title"] for r in library.rows()] == ["b"]
    (music / "new").mkdir()
    (tmp_path / "x.wav").rename(music / "new" / "moved.wav")
    done = scan(library, [music])
    assert (done.moved, done.heard) == (1, 0)
    row = library.row(a["id"])
    assert (path_of(row["path"]).name, row["rating"], row["gone"]) == ("moved.wav", 1, 0)


def test_copies_are_pieces_of_their_own_and_not_heard_again(library, tmp_path, in_threads):
    music = tmp_path / "music"
    scan(library, [tone(music / "a.wav", 1).parent])
    shutil.copy(music / "a.wav", music / "b.wav")
    assert scan(library, [music]).heard == 0
    a, b = library.rows()
    vectors = library.vectors(load_model().digest, 50)
    assert a["place"] != b["place"]
    np.testing.assert_array_equal(vectors[a["place"]], vectors[b["place"]])


def test_bad_files_are_listed_and_the_scan_goes_on(library, tmp_path, in_threads):
    music = tmp_path / "music"
    tone(music / "good.wav")
    (music / "empty.mp3").touch()
    (music / "text.flac").write_text("this is no music")
    os.mkfifo(music / "pipe.wav")
    (music / "link.wav").symlink_to("nowhere")
    (music / "notes.txt").write_text("not listed")
    (music / "round").symlink_to(music)
    done = scan(library, [music])
    assert (done.heard, done.failed) == (1, 2)
    errors = {path.name: why for path, why in library.errors()}
    assert errors.keys() == {"empty.mp3", "text.flac"}
    assert errors["empty.mp3"].endswith("empty.mp3 is empty")
    assert "text.flac" in errors["text.flac"]
    assert "no sound" in errors["text.flac"]
    assert scan(library, [music]).failed == 0  # not tried again
    assert scan(library, [music], again=True).failed == 2


def test_names_in_any_encoding_are_kept(library, tmp_path, in_threads):
    music = tmp_path / "music"
    music.mkdir()
    tone(music / "plain.wav")
    odd = os.fsencode(music) + b"/caf\xe9 \xff.wav"
    (music / "plain.wav").rename(os.fsdecode(odd))
    assert scan(library, [music]).heard == 1
    row = library.rows()[0]
    assert row["path"] == odd
    assert "caf" in row["title"]
    assert library.search("caf")


def test_a_folder_that_vanishes_loses_nothing(library, tmp_path, in_threads):
    music = tmp_path / "music"
    tone(music / "disk" / "a.wav")
    scan(library, [music])
    library.rate(1, "like")
    (music / "disk").rename(tmp_path / "away")
    scan(library, [music])
    assert library.rows() == []
    (tmp_path / "away").rename(music / "disk")
    done = scan(library, [music])
    assert (done.heard, library.row(1)["rating"], library.row(1)["gone"]) == (0, 1, 0)
    with pytest.raises(NotADirectoryError, match="nowhere is no folder"):
        scan(library, [tmp_path / "nowhere"])


def test_what_goes_away_while_it_is_scanned_is_heard_once_it_is_back(library, tmp_path, in_threads, monkeypatch):
    music = tmp_path / "music"
    for n in range(3):
        tone(music / f"{n}.wav", n)

    def vanishing(file: Path, model: Path) -> object:
        if file.name == "1.wav":
            file.rename(tmp_path / "away.wav")
        return work(file, model)

    work = scanning.work
    monkeypatch.setattr(scanning, "work", vanishing)
    done = scan(library, [music])
    assert (done.heard, done.failed, done.gone, library.errors()) == (2, 0, 1, [])
    monkeypatch.setattr(scanning, "work", work)
    (tmp_path / "away.wav").rename(music / "1.wav")
    assert scan(library, [music]).heard == 1
    (music / "bad.wav").write_text("no sound")
    assert scan(library, [music]).failed == 1
    (music / "bad.wav").unlink()
    scan(library, [music])
    assert library.errors() == [], "what is not there any more is no trouble"


def test_two_scans_do_not_add_at_once(library, tmp_path, in_threads):
    with scanning.alone(library), pytest.raises(OSError, match="another scan is adding to the library"):
        scan(library, [tone(tmp_path / "music" / "a.wav").parent])


def test_a_file_that_takes_too_long_is_a_sentence():
    def hang() -> None:
        for _ in range(100):
            time.sleep(0.1)

    with (
        pytest.raises(TimeoutError, match=r"takes longer to read than 1 s, which is too long for its size"),
        in_time(1),
    ):
        hang()


DEAF = """
import time
from rtengine.library import decoding
decoding.LAST = 1
with decoding.in_time(1):
    while True:
        try:
            time.sleep(60)
        except TimeoutError:
            pass
"""


def test_a_decoder_that_does_not_listen_is_ended():
    assert subprocess.run([sys.executable, "-c", DEAF], capture_output=True, timeout=60, check=False).returncode == 1


def test_a_full_disk_is_one_sentence_and_what_was_heard_is_kept(library, tmp_path, in_threads):
    tone(tmp_path / "music" / "a.wav")
    scan(library, [tmp_path / "music"])
    library.db.execute(f"PRAGMA max_page_count = {library.db.execute('PRAGMA page_count').fetchone()[0]}")
    with suppress(sqlite3.OperationalError):  # until no page is free
        for _ in range(1000):
            library.db.execute("INSERT INTO playlists (name, made, changed) VALUES (?, 0, 0)", ("x" * 1000,))
    for n in range(30):
        tone(tmp_path / "music" / f"{'long name ' * 20}{n}.wav", n, 0.1)
    with pytest.raises(OSError, match=r"the library in .* cannot be written: .* full; what was there is kept"):
        scan(library, [tmp_path / "music"])
    assert library.row(1)["title"] == "a"

    def fill() -> None:
        with library.change():
            library.db.execute("INSERT INTO playlists (name, made, changed) VALUES (?, 0, 0)", ("x" * 99_000,))

    with pytest.raises(OSError, match="is full; what was there is kept") as full:
        fill()
    assert full.value.errno == errno.ENOSPC
    library.db.execute("PRAGMA max_page_count = 1000000")
    scan(library, [tmp_path / "music"])
    assert len(library.rows()) == 31


def test_a_decoder_that_crashes_is_noted_and_the_rest_heard(library, tmp_path, monkeypatch):
    """In real processes: one file kills its process whenever it is tried."""
    music = tmp_path / "music"
    for n in range(3):
        tone(music / f"{n}.wav", n)
    (music / "killer.wav").write_bytes((music / "0.wav").read_bytes() + b"k")
    monkeypatch.setattr(scanning, "work", deadly)
    done = scan(library, [music], threads=1)
    assert (done.heard, done.failed) == (3, 1)
    assert [(p.name, why) for p, why in library.errors()] == [("killer.wav", "the decoder crashed on it")]


def deadly(file: Path, model: Path) -> object:
    from rtengine.library.scan import work

    if file.name == "killer.wav":
        os.kill(os.getpid(), signal.SIGKILL)
    return work(file, model)


def test_kill_9_leaves_the_index_whole(tmp_path):
    music, folder = tmp_path / "music", tmp_path / "library"
    for n in range(6 + 4 * KILLS):
        tone(music / f"{n}.wav", n)
    code = (
        "import sys, time; from pathlib import Path; from concurrent.futures import ThreadPoolExecutor as T\n"
        "from rtengine.library import scan as s; from rtengine.library.store import Library\n"
        "s.ProcessPoolExecutor = lambda n, *a, **k: T(n)\n"
        "s.scan(Library(Path(sys.argv[2])), [Path(sys.argv[1])], tell=lambda p: print(p.heard, flush=True))"
    )
    command, rng = [sys.executable, "-c", code, str(music), str(folder)], np.random.default_rng(0)
    for _ in range(KILLS):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for _ in range(2):
                process.stdout.readline()
            time.sleep(rng.uniform(0, 0.1))
            process.kill()
        with sqlite3.connect(folder / "library.sqlite") as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    library = Library(folder)
    before = len(library.rows())
    assert before > 0
    scanning_again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(scanning_again.stdout.split()[-1]) == 6 + 4 * KILLS - before  # what was heard was not heard again
    rows = library.rows()
    assert sorted(path_of(r["path"]).name for r in rows) == sorted(f.name for f in music.iterdir())
    assert len({r["place"] for r in rows}) == len(rows)
    assert len(library.vectors(load_model().digest, 50)) >= len(rows)
    assert library.db.execute("SELECT count(*) FROM words").fetchone()[0] == len(rows)
    library.close()


def test_seconds_are_seconds():
    x = np.arange(2 * 2500, dtype=np.float32).reshape(2, 2500)
    pieces = list(seconds_of(iter([x[:, :7], x[:, 7:2300], x[:, 2300:]]), 1000))
    assert [p.shape[1] for p in pieces] == [1000, 1000, 500]
    np.testing.assert_array_equal(np.concatenate(pieces, axis=1), x)


def test_what_is_heard_does_not_depend_on_how_it_is_read(tmp_path):
    source = open_source(tone(tmp_path / "a.wav", seconds=7.3))
    heard = hear(source, load_model())
    np.testing.assert_array_equal(heard.taggram, tagged(source, load_model()))
    assert len(heard.taggram) == 2
    assert len(heard.course) == 7
    assert heard.seconds == pytest.approx(7.3)
    assert heard.times() == pytest.approx([2.976, 5.968])


def test_folders_that_cannot_be_entered_are_listed_until_they_can(library, tmp_path, in_threads, monkeypatch):
    music, locked = tmp_path / "music", {"on": False}
    tone(music / "a.wav", 1)
    tone(music / "mine" / "b.wav", 2)

    def guarded(path):
        if locked["on"] and Path(path).name == "mine":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    scandir = os.scandir
    monkeypatch.setattr(scanning.os, "scandir", guarded)
    scan(library, [music])
    locked["on"] = True
    assert scan(library, [music]).failed == 1
    assert library.errors() == [(music / "mine", "the folder cannot be entered: Permission denied")]
    locked["on"] = False
    done = scan(library, [music])
    assert (done.heard, done.failed, library.errors(), len(library.rows())) == (0, 0, [], 2)


def test_folders_in_folders_without_an_end(library, tmp_path, in_threads):
    """Deeper than Python's calls go, and to where no path is long enough."""
    tone(tmp_path / "music" / "a.wav", 1)
    here = os.open(tmp_path / "music", os.O_RDONLY)
    for _ in range(2100):
        os.mkdir("d", dir_fd=here)
        here, above = os.open("d", os.O_RDONLY, dir_fd=here), here
        os.close(above)
    os.close(here)
    try:
        done = scan(library, [tmp_path / "music"])
        assert (done.heard, done.failed) == (1, 1)
        assert library.errors()[0][1] == "the folder cannot be entered: File name too long"
    finally:
        subprocess.run(["rm", "-r", tmp_path / "music"], check=True)  # for what cleans up after tests cannot


def test_what_is_said_of_a_file_names_that_file(library, tmp_path, in_threads):
    """Decoders are given another name where its own is no text."""
    music = tmp_path / "music"
    music.mkdir()
    bad, cut = os.fsencode(music) + b"/caf\xe9  \x1b.flac", os.fsencode(music) + b"/\xff.flac"
    Path(os.fsdecode(bad)).write_text("this is no music")
    data = tone(tmp_path / "whole.flac", 1, 3.0).read_bytes()
    Path(os.fsdecode(cut)).write_bytes(data[: len(data) // 2])
    scan(library, [music])
    assert library.errors()[0][1].startswith(rf"{music}/caf\udce9  \x1b.flac is no sound file")
    assert library.rows()[0]["damage"].startswith(rf"{music}/\udcff.flac is damaged")


def test_again_forgets_what_is_not_there_any_more(library, tmp_path, in_threads):
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "bad.wav").write_text("no sound")
    scan(library, [tmp_path / "music"])
    (tmp_path / "music" / "bad.wav").unlink()
    scan(library, [tmp_path / "music"], again=True)
    assert library.errors() == []


def test_where_no_process_can_hear_no_file_is_blamed(library, tmp_path, monkeypatch):
    tone(tmp_path / "music" / "a.wav")
    monkeypatch.setattr(scanning, "begin_to_hear", dying)
    with pytest.raises(OSError, match="the processes that hear cannot begin"):
        scan(library, [tmp_path / "music"])
    assert library.errors() == []


def dying(parent: int, model: Path) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


COLD = """
import numpy as np
from rtengine.library.warm import librosa
librosa().beat_track(onset_envelope=np.ones(99, np.float32) * np.arange(99) % 7, sr=16000, hop_length=256, bpm=120.0)
"""


@pytest.mark.slow
def test_processes_that_begin_at_once_do_not_spoil_each_others_code(tmp_path):
    """Compiled for the first time, and once more after one was killed at it."""
    environment = os.environ | {"RTENGINE_CACHE": str(tmp_path)}
    environment.pop("NUMBA_CACHE_DIR", None)
    command = [sys.executable, "-c", COLD]
    with subprocess.Popen(command, env=environment) as first:
        with suppress(subprocess.TimeoutExpired):
            first.wait(6)
        first.kill()
    many = [subprocess.Popen(command, env=environment) for _ in range(3)]
    assert [process.wait(300) for process in many] == [0, 0, 0]
    (made,) = (folder for folder in tmp_path.iterdir() if folder.name.startswith("librosa"))
    assert (made / "whole").exists()
    assert list(made.rglob("guf-*.nbc")), "librosa's own code is not among ours"

import csv
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from offline.__main__ import main
from rtengine.jobs.batch import named, songs

SONGS = 60
TESTS = Path(__file__).parent.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    (folder / "album").mkdir(parents=True)
    for n in range(SONGS):
        (folder / ("album" if n % 2 else ".") / f"{n}.wav").write_bytes(bytes([n]) * (n + 1))
    (folder / "cover.jpg").write_bytes(b"no song")
    return folder


def words(folder: Path, out: Path, *more: str) -> list[str]:
    return ["batch", str(folder), "--out", str(out), "--performer", "support.performers:batch", *more]


def manifest(out: Path) -> dict[str, dict[str, str]]:
    with (out / "manifest.tsv").open(newline="") as file:
        return {row["song"]: row for row in csv.DictReader(file, delimiter="\t")}


def exact(folder: Path, out: Path) -> None:
    rows = manifest(out)
    assert len(rows) == SONGS
    for song in folder.rglob("*.wav"):
        row = rows[song.relative_to(folder).as_posix()]
        assert row["state"] == "done"
        assert row["sha256"] == hashlib.sha256(song.read_bytes()).hexdigest()
        made = out / row["result"]
        assert made.read_bytes() == song.read_bytes()[::-1]
        assert row["result_sha256"] == hashlib.sha256(made.read_bytes()).hexdigest()
    assert len([f for f in out.rglob("*.flac") if ".batch" not in f.parts]) == SONGS
    assert not list((out / ".batch" / "results").iterdir()), "no strays"


def test_each_song_once_and_only_what_changed_again(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(words(folder, out)) == 0
    exact(folder, out)
    assert f"{SONGS} of them new" in capsys.readouterr().out
    times = {f: f.stat().st_mtime_ns for f in out.rglob("*.flac")}
    assert main(words(folder, out)) == 0
    assert "0 of them new" in capsys.readouterr().out
    (folder / "0.wav").write_bytes(b"another song")
    (out / "album" / "1.flac").unlink()
    assert main(words(folder, out)) == 0
    assert "2 of them new" in capsys.readouterr().out
    exact(folder, out)
    again = {f for f, t in times.items() if f.stat().st_mtime_ns != t}
    assert {f.name for f in again} == {"0.flac", "1.flac"}


def test_what_fails_is_listed_and_the_rest_is_done(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "album" / "1.wav").write_bytes(b"")
    with pytest.raises(SystemExit) as left:
        main(words(folder, tmp_path / "out"))
    assert left.value.code == 1
    said = capsys.readouterr()
    assert "album/1.wav: album/1.wav is empty" in said.err
    rows = manifest(tmp_path / "out")
    assert (rows["album/1.wav"]["state"], rows["album/1.wav"]["result"]) == ("failed", "")
    assert sum(row["state"] == "done" for row in rows.values()) == SONGS - 1
    (folder / "album" / "1.wav").write_bytes(b"now it is one")
    assert main(words(folder, tmp_path / "out")) == 0
    exact(folder, tmp_path / "out")


def test_killed_workers_and_a_killed_batch_leave_the_manifest_exact(folder: Path, tmp_path: Path) -> None:
    out, chance = tmp_path / "out", random.Random(1)
    environment = os.environ | {"PYTHONPATH": f"{os.environ.get('PYTHONPATH', '')}:{TESTS}:{TESTS.parent}"}
    kills = 0
    for _ in range(20):
        command = [sys.executable, "-m", "offline", *words(folder, out, "--workers", "2")]
        batch = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
        while not children(batch.pid) and batch.poll() is None:
            time.sleep(0.05)  # however busy the machine is, it has begun
        end = time.monotonic() + chance.uniform(0.5, 1.5)
        while time.monotonic() < end and batch.poll() is None:
            time.sleep(0.2)
            workers = children(batch.pid)
            if workers and kills < 10:
                os.kill(chance.choice(workers), signal.SIGKILL)
                kills += 1
        if kills < 10 and batch.poll() is None:
            batch.kill()
            batch.communicate()
            continue
        assert batch.communicate(timeout=60)[0].startswith(f"{SONGS} songs".encode())
        break
    assert kills >= 3
    exact(folder, out)


def children(pid: int) -> list[int]:
    """The processes that any thread of a process has started."""
    try:
        return [int(w) for task in Path(f"/proc/{pid}/task").glob("*/children") for w in task.read_text().split()]
    except OSError:
        return []


def test_bad_input_is_a_sentence(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["batch", str(tmp_path / "none"), "--out", str(tmp_path / "out")]) == 2
    assert "is no folder" in capsys.readouterr().err
    assert main(words(folder, tmp_path / "out", "--format", "mp3", "--bit-depth", "16")) == 2
    assert "bit-depth" in capsys.readouterr().err


def test_results_have_names_of_their_own(tmp_path: Path) -> None:
    for name in ("a.wav", "a.mp3", "A.WAV", ".hidden.wav", "a.txt"):
        (tmp_path / name).touch()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "b.wav").touch()
    found = dict(named(songs(tmp_path, tmp_path / "out"), tmp_path, "flac"))
    assert {song.name: result for song, result in found.items()} == {
        "A.WAV": "A.flac",
        "a.mp3": "a.mp3.flac",
        "a.wav": "a.wav.flac",
    }

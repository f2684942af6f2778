"""What is written is whole or not there, and why it could not be written is one sentence that names the disk."""

import errno
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support import sounds, stand_in

from offline.__main__ import main
from rtengine.files import disk, sink
from rtengine.files.beside import beside, check_path
from rtengine.files.sink import Sink

RATE = 48_000


@pytest.fixture(autouse=True)
def delays(monkeypatch: pytest.MonkeyPatch) -> list[stand_in.Delay]:
    return stand_in.install(monkeypatch)


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return sounds.write(tmp_path / "song.wav", sounds.music(96_000, 2, RATE), RATE)


class Full:
    """A disk that has room for so many bytes, as files see it."""

    def __init__(self, room: int, number: int = errno.ENOSPC) -> None:
        self.room, self.number = room, number

    def write(self, target: "sink._Target", data: bytes) -> int:
        if target._position + len(data) > self.room:
            target.error = target.error or OSError(self.number, os.strerror(self.number))
            return 0
        return WRITE(target, data)


WRITE = sink._Target.write


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3", "opus"])
def test_a_disk_that_is_full_at_any_place_is_said_and_the_old_file_stays(
    tmp_path: Path, song: Path, ending: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"out.{ending}"
    assert main(["render", str(song), str(out)]) == 0
    needed = out.stat().st_size
    out.write_text("old")
    for room in (0, 100, needed // 2, needed - 20_000, needed - 5_000, needed - 1):
        monkeypatch.setattr(sink._Target, "write", lambda t, d, r=room: Full(r).write(t, d))
        assert main(["render", str(song), str(out), "-f"]) == 2
        err = capsys.readouterr().err
        assert err == f"offline render: {out} cannot be written: the disk at {disk.disk_of(out)} is full\n"
        assert out.read_text() == "old"
        assert {p.name for p in tmp_path.iterdir()} == {"song.wav", out.name}


def test_what_the_disk_lost_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def losing(target: sink._Target) -> None:
        target._file.truncate(target.size - 3_000)
        target._file.close()

    monkeypatch.setattr(sink._Target, "finish", losing)
    for ending in sink.FORMATS:
        with (
            pytest.raises(OSError, match="was not written whole"),
            beside(tmp_path / f"a{ending}", force=False) as whole,
            Sink(whole, ending, RATE, 2) as file,
        ):
            file.write(sounds.music(96_000, 2, RATE))
    assert not list(tmp_path.iterdir())


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=False).returncode
    ):
        pytest.skip("mounting a small tmpfs needs root")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_small_disk_and_one_that_can_only_be_read(
    small: Path, song: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for more in ([], ["--loudness", "-14"]):
        assert main(["render", str(song), str(small / "out.wav"), *more]) == 2
        err = capsys.readouterr().err
        assert f"the disk at {small} is full" in err
        assert err.count("\n") == 1
        assert not list(small.iterdir())
    assert main(["render", str(song), str(song.with_name("o.wav")), "--picture", str(small / "p.png")]) == 2
    assert f"p.png cannot be written: the disk at {small} is full" in capsys.readouterr().err
    assert not song.with_name("o.wav").exists()
    subprocess.run(["mount", "-o", "remount,ro", small], check=True)
    assert main(["render", str(song), str(small / "out.wav")]) == 2
    assert f"out.wav cannot be written: the disk at {small} can only be read" in capsys.readouterr().err


def test_a_folder_that_can_only_be_read_is_refused_before_any_work(small: Path) -> None:
    (small / "old.wav").touch()
    check_path(small / "new.wav", force=False)
    subprocess.run(["mount", "-o", "remount,ro", small], check=True)
    for name in ("new.wav", "old.wav"):
        with pytest.raises(OSError, match=f"{name} cannot be written: the disk at {small} can only be read"):
            check_path(small / name, force=True)


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.EACCES, "permission denied in {folder}"),
        (errno.EDQUOT, "your share of the disk at {disk} is used up"),
        (errno.EFBIG, "larger than the disk at {disk} can hold"),
        (errno.EIO, "the disk at {disk} fails"),
    ],
)
def test_each_reason_has_its_sentence(tmp_path: Path, number: int, told: str) -> None:
    file = tmp_path / "a.wav"
    said = disk.sentence(OSError(number, os.strerror(number)), file)
    assert said.startswith(f"{file} cannot be written: ")
    assert told.format(folder=tmp_path, disk=disk.disk_of(tmp_path)) in said


def test_force_on_a_link_writes_through_it_and_keeps_the_mode(tmp_path: Path, song: Path) -> None:
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "old.wav", tmp_path / "link.wav"
    link.symlink_to(target)
    assert main(["render", str(song), str(link)]) == 2  # dangling: it is something all the same
    assert main(["render", str(song), str(link), "-f"]) == 0
    assert link.is_symlink()
    target.chmod(0o640)
    before = target.stat().st_ino
    assert main(["render", str(song), str(link), "-f"]) == 0
    assert link.is_symlink()
    assert target.stat().st_ino != before
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert [p.name for p in target.parent.iterdir()] == ["old.wav"]


def test_no_room_for_what_is_kept_meanwhile_names_the_variable(
    tmp_path: Path, song: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "gone"))
    os.mkfifo(tmp_path / "pipe.wav")
    assert main(["render", str(song), str(tmp_path / "pipe.wav")]) == 2
    err = capsys.readouterr().err
    assert "set TMPDIR" in err
    assert err.count("\n") == 1


def test_a_sink_writes_what_any_reader_reads(tmp_path: Path) -> None:
    x = (np.arange(7, dtype=np.float32) / 8)[None]  # an odd number of bytes at 24 bits: the chunk is padded
    with Sink(tmp_path / "a.wav", ".wav", RATE, 1, "24") as file:
        file.write(x)
    data = (tmp_path / "a.wav").read_bytes()
    assert len(data) % 2 == 0
    assert int.from_bytes(data[4:8], "little") == len(data) - 8

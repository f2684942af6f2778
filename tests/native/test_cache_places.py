"""Where compiled code is kept when there is no home, or one that can only be read."""

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from rtengine.native import cache


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cache._writable.cache_clear()
    for name in ("RTENGINE_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "file").touch()  # no folder can be made in it, not even by root


def nobody() -> Path:
    raise RuntimeError("Could not determine home directory.")


def test_without_a_home_it_is_a_temporary_folder_of_ones_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Path, "home", nobody)
    folder = cache.cache_directory()
    assert folder.parent == tmp_path
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert cache.cache_directory() == folder


def test_a_home_that_cannot_be_written_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "file")
    assert cache.cache_directory().parent == tmp_path


def test_what_others_have_put_there_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Path, "home", nobody)
    (tmp_path / "theirs").mkdir()
    own = cache.cache_directory()
    own.rmdir()
    own.symlink_to(tmp_path / "theirs")
    cache._writable.cache_clear()
    assert cache.cache_directory() not in (own, tmp_path / "theirs")


def test_a_chosen_folder_that_cannot_be_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RTENGINE_CACHE", str(tmp_path / "file" / "x"))
    with pytest.raises(OSError, match=r"RTENGINE_CACHE = .* cannot be written to: set it to a folder that can"):
        cache.cache_directory()


FULL = """
import resource, sys
import numpy as np
from rtengine.blocks.gain import Gain
from rtengine.graph import Graph
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, resource.RLIM_INFINITY))
with Graph(48_000, 1, output=Gain()) as graph:
    print(graph.process(np.ones((1, 64), np.float32)).shape)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_code_for_which_there_is_no_room_is_run_all_the_same(tmp_path: Path) -> None:
    """As on a full disk: a file of more than 4000 bytes cannot be written."""
    environment = {**os.environ, "RTENGINE_CACHE": str(tmp_path / "cache")}
    run = subprocess.run([sys.executable, "-c", FULL], env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "(1, 64)\n"), run.stderr
    assert not [f for f in (tmp_path / "cache").rglob("callback*.nbc") if f.stat().st_size], "and nothing half is left"

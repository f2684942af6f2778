"""A small library, heard once, and a service that has it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import mutagen.flac
import pytest
import soundfile
from support.pieces import PIECES, RATE, noise
from support.services import Service

import ui
from rtengine.library.scan import scan
from rtengine.library.store import Library

PAGES = Path(next(iter(ui.__path__))) / "web"


@pytest.fixture(scope="session")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with music/ and library/."""
    folder = tmp_path_factory.mktemp("heard")
    music = folder / "music"
    music.mkdir()
    for n in range(PIECES):
        file = music / f"{n}.flac"
        soundfile.write(file, noise(n), RATE)
        tags = mutagen.flac.FLAC(file)
        tags.update(title=f"Piece {n}", artist=f"Band {n // 2}", album="One", genre="Noise" if n < 4 else "Rain")
        tags.save()
    (music / "broken.mp3").write_bytes(b"this is no music at all" * 100)
    library = Library(folder / "library")
    scan(library, [music], threads=1)
    assert len(library.rows()) == PIECES
    library.close()
    return folder


@pytest.fixture
def folder(heard: Path, tmp_path: Path) -> Path:
    """A library of one's own, of the same music."""
    shutil.copytree(heard / "library", tmp_path / "library")
    return tmp_path / "library"


@pytest.fixture
def service(folder: Path, tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path / "service", pages=PAGES, library=folder) as service:
        yield service

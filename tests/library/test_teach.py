"""Words of one's own: from folders, playlists and likes, in a second."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from rtengine.library.analysis import Analysis
from rtengine.library.store import File, Library
from rtengine.library.tags import Tags
from rtengine.library.teach import FILE, pieces, playlist, teach
from rtengine.models.listen.head import load_head
from rtengine.models.listen.model import load_model

WIDTH = 50


@pytest.fixture
def library(tmp_path):
    """Two kinds of 30 pieces by 10 artists each, and one between them, heard in folders of their own."""
    library, rng, model = Library(tmp_path / "library"), np.random.default_rng(0), load_model()
    middle = rng.standard_normal((2, WIDTH))
    for n in range(61):
        kind = n % 2 if n < 60 else None
        vector = np.float32((middle.mean(axis=0) if kind is None else middle[kind]) + 0.5 * rng.standard_normal(WIDTH))
        heard = Analysis(model.digest, 100.0 + n, 0, "", -14.0, 0, "rock", {"rock": 0.5}, "", vector)
        folder = tmp_path / "music" / ("between" if kind is None else f"kind {kind}")
        folder.mkdir(parents=True, exist_ok=True)
        file = File(folder / f"{n}.mp3", 1, n)
        place = library.write_vector(model.digest, vector)
        library.add(file, f"{n:064}", Tags(f"Song {n}", f"Artist {n // 3}"), heard, place)
    yield library
    library.close()


def test_it_learns_from_few_examples_in_a_second_and_judges_the_rest(library, tmp_path):
    music = tmp_path / "music"
    lines = [f"../music/kind 0/{n}.mp3" for n in range(0, 20, 2)]
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "a.m3u8").write_text("#EXTM3U\n#EXTINF:1,x\n" + "\n".join(lines) + "\nmissing.mp3\n")
    for row in library.rows():
        if row["path"].endswith(b".mp3") and b"kind 1" in row["path"] and int(row["title"].split()[1]) < 20:
            library.rate(row["id"], "like")
    began = time.process_time()
    lesson = teach(library, load_model(), {"soft": str(tmp_path / "lists" / "a.m3u8"), "mine": "likes"})
    assert time.process_time() - began < 1
    assert lesson.shown == {"soft": 10, "mine": 10}
    named = {r["title"]: r["heard_genre"] for r in library.rows()}
    right = [named[f"Song {n}"] == ("mine" if n % 2 else "soft") for n in range(60)]
    wrong = [named[f"Song {n}"] == ("soft" if n % 2 else "mine") for n in range(60)]
    assert sum(right) >= 50
    assert sum(wrong) == 0
    assert lesson.named["soft"] == sum(v == "soft" for v in named.values())
    head = load_head(library.folder / FILE)
    assert set(head.genres) == {"soft", "mine"}
    np.testing.assert_array_equal(head.center, load_head().center)
    both = teach(library, load_model(), {"a": str(music / "kind 0"), "b": str(music / "kind 1")})
    assert both.measured["artists_apart"]["share"] > 0.9
    assert len(both.measured["artists_apart"]["seeds"]) == 3


def test_sources_and_sentences(library, tmp_path):
    with pytest.raises(ValueError, match=r"no piece of the library is in dislikes"):
        pieces(library, "dislikes")
    with pytest.raises(ValueError, match=r"nowhere is no folder, no playlist"):
        pieces(library, "nowhere")
    (tmp_path / "empty.m3u").touch()
    with pytest.raises(ValueError, match=r"no piece of the library is in .*empty\.m3u"):
        pieces(library, str(tmp_path / "empty.m3u"))
    with pytest.raises(ValueError, match="no pieces"):
        teach(Library(tmp_path / "other"), load_model(), {"a": "likes", "b": "dislikes"})


def test_playlists_in_any_form(tmp_path):
    file = tmp_path / "x.m3u"
    file.write_bytes(b"\xef\xbb\xbf#EXTM3U\r\nsub/a b.mp3\r\n/abs/caf\xe9.mp3\r\nfile:///u/c%20d.mp3\r\n\r\n../up.mp3")
    here = os.fsencode(tmp_path.resolve())
    found = playlist(file)
    assert {here + b"/sub/a b.mp3", b"/abs/caf\xe9.mp3", b"/u/c d.mp3"} <= found
    assert os.fsencode(Path(tmp_path).resolve().parent) + b"/up.mp3" in found

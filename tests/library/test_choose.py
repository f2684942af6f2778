"""What is chosen: the rules that a listener notices when they are broken."""

import tracemalloc
from collections import Counter
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from rtengine.library import near as graphs
from rtengine.library.analysis import Analysis
from rtengine.library.choose import PER_ARTIST, Chooser, between
from rtengine.library.find import find
from rtengine.library.playlist import m3u8
from rtengine.library.store import File, Library
from rtengine.library.tags import Tags
from rtengine.library.teach import playlist
from rtengine.library.vectors import index, unit
from rtengine.models.listen.model import load_model

WIDTH = 50


def put(library: Library, n: int, vector: np.ndarray, artist: str = "", title: str = "", **more: object) -> int:
    values = {"seconds": 100.0 + 7 * n, "tempo": 120.0, "key": "C major", "energy": float(vector[0]), "genre": ""}
    values |= {k: v for k, v in more.items() if k in values}
    heard = Analysis(load_model().digest, loudness=-14.0, tags={"rock": 0.5}, damage="", vector=vector, **values)
    place = library.write_vector(heard.model, np.float32(vector))
    file = File(Path(f"/music/{n}.mp3"), 1000, n)
    return library.add(
        file, f"{n:064}", Tags(title or f"Song {n}", artist, genre=str(more.get("tagged", ""))), heard, place
    )


@pytest.fixture
def library(tmp_path):
    library = Library(tmp_path / "library")
    yield library
    library.close()


def filled(library: Library, count: int = 60, artists: int = 7) -> Chooser:
    rng = np.random.default_rng(0)
    for n in range(count):
        put(library, n, rng.standard_normal(WIDTH), f"Artist {n % artists}")
    return chooser(library)


def chooser(library: Library) -> Chooser:
    return Chooser(library, index(library, load_model()))


def test_the_nearest_come_first_and_the_seed_never(library):
    found = filled(library, artists=60).similar([5], 10)
    assert len(found) == 10
    assert 5 not in [c.row["id"] for c in found]
    similarity = [c.similarity for c in found]
    assert similarity == sorted(similarity, reverse=True)
    vectors = unit(np.array(library.vectors(load_model().digest, WIDTH)))
    best = np.argsort(-(vectors @ vectors[4]))[1:11]
    assert [c.row["id"] for c in found] == (best + 1).tolist()


@pytest.mark.parametrize("ask", ["similar", "path", "radio"])
def test_at_most_three_an_artist_and_none_twice_in_a_row(library, ask):
    c = filled(library)
    answers = {
        "similar": lambda: c.similar([1, 2], 15),
        "path": lambda: c.path(1, 2, 15),
        "radio": lambda: list(islice(c.radio([1]), 20)),
    }
    artists = [choice.row["artist"] for choice in answers[ask]()]
    assert len(artists) >= 15
    assert all(a != b for a, b in pairwise(artists))
    assert max(Counter(artists).values()) <= PER_ARTIST


def test_doubles_are_left_out(library):
    rng = np.random.default_rng(1)
    a, b = rng.standard_normal((2, WIDTH))
    seed = put(library, 1, a, "The Band", "Hello")
    put(library, 2, a + 0.001, "Someone", "Copy", seconds=108.0)  # the same sound and length
    put(library, 3, b, "the band", "HELLO (Remastered 2011)")  # the same title and artist
    version = put(library, 4, a + 0.001, "Someone", "Long version", seconds=300.0)
    other = put(library, 5, b, "Another", "Other")
    put(library, 6, b + 0.001, "Nobody", "Other's copy", seconds=136.0)
    assert [c.row["id"] for c in chooser(library).similar([seed])] == [version, other]


def test_dislikes_are_left_out_and_skips_come_later(library):
    c = filled(library, artists=60)
    first, second = (x.row["id"] for x in c.similar([5], 2))
    library.rate(first, "dislike")
    for _ in range(3):
        library.rate(second, "skip")
    found = [x.row["id"] for x in chooser(library).similar([5], 50)]
    assert first not in found
    assert found.index(second) > 3
    assert first not in [x.row["id"] for x in islice(chooser(library).radio([5]), 50)]


def test_likes_draw_a_radio(library):
    filled(library, 200, 200)
    for track in (3, 4, 5):
        library.rate(track, "like")
    liked = unit(index(library, load_model()).unit[2:5].mean(axis=0))
    c = chooser(library)
    drawn = np.mean([c_unit(library, x.row["id"]) @ liked for s in range(5) for x in islice(c.radio([], s), 8)])
    assert drawn > 0.1  # of chance 0


def c_unit(library: Library, track: int) -> np.ndarray:
    return index(library, load_model()).unit[track - 1]


def test_a_path_begins_and_ends_where_it_should_and_leads_there(library):
    c = filled(library, 300, 300)
    way = c.path(10, 20, 12)
    ids = [x.row["id"] for x in way]
    assert (ids[0], ids[-1], len(ids)) == (10, 20, 12)
    assert len(set(ids)) == 12
    to_end = [float(c_unit(library, i) @ c_unit(library, 20)) for i in ids]
    assert np.corrcoef(np.arange(12), to_end)[0, 1] > 0.7


def test_farther_is_farther(library):
    c = filled(library, 200, 200)
    means = [np.mean([x.similarity for x in c.similar([5], 10, farther)]) for farther in (0, 0.5, 1)]
    assert means[0] > means[1] + 0.05 > means[2] + 0.1


def test_mood_and_genre_narrow_the_choice(library):
    rng = np.random.default_rng(0)
    for n in range(30):
        put(library, n, rng.standard_normal(WIDTH), f"A{n}", energy=float(n), tagged="Jazz" if n < 5 else "Rock")
    c = chooser(library)
    assert {x.row["id"] for x in c.similar([30], mood="calm")} == set(range(1, 11))
    assert {x.row["id"] for x in c.similar([1], mood="loud")} == set(range(21, 31))
    assert {x.row["id"] for x in c.similar([1], genre="jazz")} == {2, 3, 4, 5}


def test_a_radio_never_ends_and_repeats_late(library):
    found = [x.row["id"] for x in islice(filled(library, 30, 30).radio([1], 4), 100)]
    assert len(found) == 100
    assert all(len(set(found[i : i + 10])) == 10 for i in range(90))


def test_the_same_seed_gives_the_same_radio(library):
    c = filled(library)
    a, b, other = ([x.row["id"] for x in islice(c.radio([1], s), 15)] for s in (1, 1, 2))
    assert a == b != other


def test_discover_plays_what_was_not_played(library):
    filled(library, 40, 40)
    for track in range(1, 21):
        library.rate(track, "played")
    assert min(x.row["id"] for x in islice(chooser(library).radio([1], discover=True), 15)) > 20


def test_reasons_name_what_is_shared(library):
    v = np.random.default_rng(0).standard_normal(WIDTH)
    a = put(library, 1, v, "A")
    put(library, 2, v + 0.1, "A", tempo=240.0)
    (found,) = chooser(library).similar([a])
    assert found.why == ("very close", "both rock", "same tempo (240)", "same key (C major)", "same artist")


@pytest.mark.parametrize("count", [0, 1, 2])
def test_small_libraries_have_small_answers(library, count):
    c = filled(library, count)
    assert len(list(islice(c.radio([]), 3))) == (3 if count else 0)
    if count:
        assert len(c.similar([1])) == count - 1
        assert c.path(1, count, 2)[-1].row["id"] == count
    with pytest.raises(KeyError, match="there is no piece 99"):
        c.similar([99])


def test_a_hundred_thousand_pieces_take_milliseconds(library):
    """The whole answer takes 20 ms at most where nothing else runs; here the arithmetic's share of it is bounded."""
    from time import thread_time

    filled(library, 3)
    c = chooser(library)
    n = 100_000
    c.all.unit = unit(np.random.default_rng(0).standard_normal((n, WIDTH)).astype(np.float32))
    c.all.unit[:3] = index(library, load_model()).unit
    for name, value in (("seconds", 100.0), ("rating", 0), ("energy", 0.0)):
        setattr(c.all, name, np.full(n, value, np.float32))
    c.all.artist, c.all.name = np.arange(n, dtype=np.int32), np.arange(n, dtype=np.int32)
    c._disliked, c._burden = np.zeros(n, bool), np.zeros(n, np.float32)
    c._choice = lambda i, similarity, seeds: i
    times = []
    for _ in range(10):
        began = thread_time()
        assert len(c.similar([1], 20)) == 20
        times.append(thread_time() - began)
    assert np.median(times) < 0.1


def test_spherical_interpolation_keeps_length_and_ends():
    a, b = unit(np.random.default_rng(0).standard_normal((2, 8)).astype(np.float32))
    assert between(a, b, 0) == pytest.approx(a, abs=1e-5)
    assert between(a, b, 1) == pytest.approx(b, abs=1e-5)
    assert np.linalg.norm(between(a, b, 0.3)) == pytest.approx(1)


def test_pieces_are_found_by_number_words_and_file(library):
    put(library, 1, np.ones(WIDTH), "Björk", "Jóga")
    put(library, 2, np.ones(WIDTH), "Björk", "Hunter")
    assert find(library, "2") == 2
    assert find(library, "joga bjork") == 1
    assert find(library, "/music/2.mp3") == 2
    with pytest.raises(ValueError, match=r"'bjork' fits several pieces, as .*name one by its number"):
        find(library, "bjork")
    with pytest.raises(ValueError, match="there is no piece 'xyz'"):
        find(library, "xyz")
    with pytest.raises(ValueError, match="there is no piece"):
        find(library, '"" OR *')


def test_playlists_are_relative_and_keep_every_name(library, tmp_path):
    put(library, 1, np.ones(WIDTH), "A", "Line\nbreak")
    with library.change():
        library.db.execute("UPDATE tracks SET path = ?", (bytes(tmp_path) + b"/music/caf\xe9 #1.mp3",))
    lines = m3u8(library.rows(), tmp_path / "lists").splitlines()
    assert lines == [b"#EXTM3U", b"#EXTINF:107,A - Line break", b"../music/caf\xe9 #1.mp3"]


@pytest.mark.parametrize("odd", [b"two\nlines.mp3", b"a\rb.mp3", b"blank.mp3 ", b"caf\xe9\n.mp3"])
def test_names_that_are_no_line_of_a_playlist_are_addresses(library, tmp_path, odd):
    put(library, 1, np.ones(WIDTH))
    path = bytes(tmp_path) + b"/music/" + odd
    with library.change():
        library.db.execute("UPDATE tracks SET path = ?", (path,))
    (tmp_path / "list.m3u8").write_bytes(m3u8(library.rows(), tmp_path))
    assert (tmp_path / "list.m3u8").read_bytes().count(b"\n") == 3
    assert playlist(tmp_path / "list.m3u8") == {path}, "read again"


def test_a_graph_of_a_large_library_finds_the_same_and_grows(library, monkeypatch, tmp_path):
    rng, model = np.random.default_rng(3), load_model()
    for n in range(1200):
        put(library, n, rng.standard_normal(WIDTH))
    assert graphs.build(library.folder, model.digest, index(library, model)) is None, "all can be compared"
    monkeypatch.setattr(graphs, "EXACT", 1000)
    near = graphs.build(library.folder, model.digest, index(library, model))
    assert len(near) == 1200
    exact, fast = chooser(library), Chooser(library, index(library, model), near)
    monkeypatch.setattr(fast, "_allowed", None)  # not even a look at all of them
    seeds = range(1, 41)
    same = [{c.row["id"] for c in exact.similar([s], 10)} & {c.row["id"] for c in fast.similar([s], 10)} for s in seeds]
    assert sum(map(len, same)) >= 0.98 * 10 * len(seeds)
    library.rate(50, "dislike")
    put(library, 1200, np.array(library.vectors(model.digest, WIDTH)[0]) * 1.5 + 0.2)
    near = graphs.build(library.folder, model.digest, index(library, model))
    assert len(near) == len(graphs.load(library.folder, model.digest)) == 1201
    fast = Chooser(library, index(library, model), near)
    found = [c.row["id"] for c in fast.similar([1], 10)]
    assert found == [c.row["id"] for c in chooser(library).similar([1], 10)]
    assert 1 not in found
    graphs.file_of(library.folder, model.digest).write_bytes(b"no graph")
    assert graphs.load(library.folder, model.digest) is None


def test_what_is_said_of_a_piece_is_heeded_at_once(library):
    some = filled(library, artists=60)
    first = some.similar([1], 3)[0].row["id"]
    library.rate(first, "dislike")
    some.note(first)
    assert first not in [c.row["id"] for c in some.similar([1], 50)]
    some.note(10_000)  # of another model, or gone: nothing happens


def test_a_radio_that_nobody_gave_a_seed_says_what_each_has_of_the_one_before(library):
    chooser = filled(library)
    first, *rest = islice(chooser.radio([], seed=3), 12)
    assert first.why == ()
    for before, choice in zip([first, *rest], rest, strict=False):
        a, b = (chooser.all.unit[chooser.all.place(c.row["id"])] for c in (before, choice))
        assert choice.similarity == pytest.approx(float(a @ b), abs=1e-5)
        assert choice.why[0] == ("very close" if a @ b >= 0.9 else "close" if a @ b >= 0.7 else "farther off")


def test_a_library_is_opened_in_little_more_memory_than_it_keeps(library):
    """Rows are read one at a time, and one long genre does not make all of them long."""
    count = 20_000
    put(library, 0, np.ones(WIDTH), tagged="x" * 500)
    with library.change():
        columns = [r["name"] for r in library.db.execute("PRAGMA table_info(tracks)")]
        changed = {"id": "id + n", "path": "'/m/' || n", "title": "'Song ' || n", "place": "0"}
        asked = ", ".join(changed.get(c, c) for c in columns)
        library.db.execute(
            f"WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n < {count}) "
            f"INSERT INTO tracks ({', '.join(columns)}) SELECT {asked} FROM tracks, more"
        )
        library.db.execute("UPDATE tracks SET genre = '' WHERE id > 1")
    found = index(library, load_model())
    tracemalloc.start()
    try:
        opened = Chooser(library, found)
        assert tracemalloc.get_traced_memory()[1] < 10e6
    finally:
        tracemalloc.stop()
    assert len(opened.all) == count + 1
    assert (opened.all.genres == opened.all.genre["x" * 500]).sum() == 1

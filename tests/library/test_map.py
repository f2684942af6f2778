"""The map: who is alike lies together, one library has one map, and it stays as one knows it."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from rtengine.jukebox.plane import SIDE, square
from rtengine.library import plane
from rtengine.library.layout import layout, principal
from rtengine.library.neighbours import ROWS, neighbours
from rtengine.library.plane import places
from rtengine.library.vectors import Index, unit
from rtengine.models.listen.gtzan import clips
from rtengine.models.listen.head import load_head

MODEL = "0123456789abcdef"


@pytest.fixture(scope="module")
def music():
    """GTZAN's published clips as a library has them: vectors, genres, artists."""
    a, b = clips("train"), clips("test")
    features = np.concatenate([a.features, b.features]) - load_head().center
    return unit(features), np.array(a.genres + b.genres), np.array(a.artists + b.artists)


@pytest.fixture(scope="module")
def laid(music):
    return layout(music[0])


def nearest(at, count):
    square_ = ((at[:, None].astype(float) - at[None]) ** 2).sum(axis=-1)
    np.fill_diagonal(square_, np.inf)
    return np.argsort(square_, axis=1, kind="stable")[:, :count]


def kept(vectors, at, count=10):
    """Share of the nearest that are among the nearest on the plane."""
    there, here = neighbours(vectors, vectors, count, themselves=True)[0], nearest(at, count)
    return np.mean([len(np.intersect1d(a, b)) / count for a, b in zip(there, here, strict=True)])


def test_neighbours_are_all_found(music):
    rng = np.random.default_rng(0)
    vectors = unit(rng.normal(size=(ROWS + 99, 50)).astype(np.float32))
    found, cosines = neighbours(vectors, vectors, 7, themselves=True)
    product = vectors @ vectors.T
    np.fill_diagonal(product, -np.inf)
    np.testing.assert_array_equal(found, np.argsort(-product, axis=1, kind="stable")[:, :7])
    np.testing.assert_allclose(cosines, np.take_along_axis(product, found.astype(int), 1), atol=1e-6)
    assert (neighbours(vectors[:9], vectors, 1)[0][:, 0] == np.arange(9)).all()


def test_who_is_alike_lies_together(music, laid):
    vectors, genres, artists = music
    first = principal(vectors)
    assert kept(vectors, laid) > 0.58
    assert kept(vectors, laid) > 2.4 * kept(vectors, first)
    assert trustworthiness(vectors, laid, n_neighbors=10, metric="cosine") > 0.985
    assert trustworthiness(vectors, first, n_neighbors=10, metric="cosine") < 0.88
    apart = nearest(laid, len(laid) - 1)
    five = [[j for j in row if artists[j] != artists[i]][:5] for i, row in enumerate(apart)]
    assert np.mean(genres[np.array(five)] == genres[:, None]) > 0.66  # .70 among the vectors themselves


def test_one_library_has_one_map(music, laid):
    np.testing.assert_array_equal(layout(music[0]), laid)


def test_new_pieces_lie_beside_what_they_are_like_and_the_rest_stays(music, tmp_path):
    vectors, n = music[0], len(music[0])
    order = np.random.default_rng(0).permutation(n)
    ids = np.sort(order[: n - 50])
    before = places(tmp_path, MODEL, Index(ids, vectors[ids]))
    after = places(tmp_path, MODEL, Index(np.arange(n), vectors))
    np.testing.assert_array_equal(after[ids], before)
    new = order[n - 50 :]
    found = nearest(after, 10)[new]
    right = neighbours(vectors, vectors, 10, themselves=True)[0][new]
    assert np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(found, right, strict=True)]) > 0.35


def test_many_new_pieces_are_laid_out_from_where_all_lies(music, tmp_path):
    vectors = music[0]
    before = places(tmp_path, MODEL, Index(np.arange(600), vectors[:600]))
    after = places(tmp_path, MODEL, Index(np.arange(len(vectors)), vectors))
    moved = np.median(np.abs(after[:600] - before) / np.ptp(before, axis=0))
    assert 0 < moved < 0.05
    assert kept(vectors, after) > 0.55
    np.testing.assert_array_equal(places(tmp_path, MODEL, Index(np.arange(len(vectors)), vectors)), after)


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x03\x04 half"])
def test_a_damaged_map_is_made_again(music, tmp_path, data):
    index = Index(np.arange(99), music[0][:99])
    right = places(tmp_path, MODEL, index)
    plane.file_of(tmp_path, MODEL).write_bytes(data)
    np.testing.assert_array_equal(places(tmp_path, MODEL, index), right)


def test_a_map_that_cannot_be_kept_is_a_map(music, tmp_path):
    assert len(places(tmp_path / "nowhere", MODEL, Index(np.arange(99), music[0][:99]))) == 99


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 11, 12])
@pytest.mark.parametrize("equal", [False, True])
def test_small_libraries_and_equal_pieces_have_maps(count, equal):
    vectors = unit(np.random.default_rng(0).normal(size=(count, 50)).astype(np.float32))
    if equal:
        vectors[:] = vectors[:1]
    at = layout(vectors)
    assert at.shape == (count, 2)
    assert np.isfinite(at).all()
    on = square(at)
    assert on.shape == (count, 2)
    assert ((on >= 0) & (on <= SIDE)).all()


def test_silence_has_a_place(music):
    vectors = music[0][:60].copy()
    vectors[:20] = 0
    assert np.isfinite(layout(vectors)).all()

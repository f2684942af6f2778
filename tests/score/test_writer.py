"""Whatever the network wants, the film has its way: onsets, boundaries, scale and ranges, even of an untrained one."""

import numpy as np
import pytest
import torch
from support.analyses import told

from rtengine.models.score.model import FILE, Model
from rtengine.models.score.training.export import export
from rtengine.models.score.training.network import Composer
from rtengine.models.score.words import Bars
from rtengine.score.compose import compose
from rtengine.score.improvise import Improviser
from rtengine.score.networked import ONSETS
from rtengine.score.running import Now
from rtengine.score.writer import RANGES, Half, Writer

MAJOR, TRIAD = (0, 2, 4, 5, 7, 9, 11), (0, 4, 7)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A network that knows nothing, and has its preferences."""
    torch.manual_seed(1)
    network, path = Composer(24, 2, 2), tmp_path_factory.mktemp("net") / "wild.onnx"
    for head in network.heads:
        torch.nn.init.normal_(head.weight, std=1.0)
    export(network, path, {})
    return Model(path)


@pytest.mark.parametrize("onsets", [1, 3, 5, 8])
def test_a_half_bar_has_its_onsets_its_boundaries_and_its_bass(model: Model, onsets: int) -> None:
    none = np.zeros(0, np.int64)
    bars = Bars(0, 0, 100.0, np.zeros((8, 2), np.int64), np.full(8, onsets), none, none)
    writer = Writer(model, 2, onsets)
    for number, boundaries in enumerate([(0,), (0, 3), (0, 5, 7)]):
        half = Half(max(onsets, len(boundaries)), boundaries, MAJOR, TRIAD, True, (1, 2, 3))
        tones = list(writer.bar(number, (half, half), bars))
        for h in range(2):
            mine = [(p, t) for p, t in tones if h * 2 <= t.beat - 4 * number < h * 2 + 2]
            steps = {round((t.beat - 4 * number - 2 * h) * 4) for _, t in mine}
            assert len(steps) == half.onsets
            assert set(boundaries) <= steps
            assert any(p == "bass" and t.beat % 2 == 0 for p, t in mine), "harmony begins with its bass"
        for part, tone in tones:
            low, high = RANGES[("melody", "harmony", "bass").index(part) + 1]
            assert low <= tone.pitch <= high
            assert (tone.pitch - 2) % 12 in MAJOR
        for beat in {t.beat for _, t in tones}:
            assert sum(p == "melody" and t.beat == beat for p, t in tones) <= 1
            assert sum(p == "harmony" and t.beat == beat for p, t in tones) <= 3


def test_what_comes_again_is_played_again(model: Model) -> None:
    none = np.zeros(0, np.int64)
    bars = Bars(0, 0, 100.0, np.zeros((8, 2), np.int64), np.full(8, 3), none, none)
    writer = Writer(model, 0, 0)
    half = Half(3, (0,), MAJOR, TRIAD, True, (1, 2, 3), again="A")
    first, second = (list(writer.bar(n, (half, half._replace(again=None)), bars)) for n in range(2))
    same = [[(p, t.beat % 4, t.pitch, t.length) for p, t in tones if t.beat % 4 < 2] for tones in (first, second)]
    assert same[0] == same[1]


def test_a_piece_of_the_network_meets_every_cut(model: Model) -> None:
    film = told(cuts=(6.1, 13.4, 20.2), impacts=(3.0, 9.7))
    piece = compose(film, model=model, seed=1)
    starts = np.array([n.start for n in piece.notes])
    assert all(np.min(np.abs(starts - t)) < 0.001 for t in (6.1, 13.4, 20.2))
    assert compose(film, model=model, seed=1).notes == piece.notes
    assert compose(film, model=model, seed=2).notes != piece.notes


def test_the_file_that_comes_with_it_writes_faster_than_sixty_words_a_second() -> None:
    import time

    model = Model(FILE)
    assert FILE.stat().st_size < 6_000_000
    none = np.zeros(0, np.int64)
    bars = Bars(0, 0, 100.0, np.zeros((32, 2), np.int64), np.full(32, 4), none, none)
    writer, half = Writer(model, 0, 0), Half(4, (0,), MAJOR, TRIAD, True, (1, 2, 3))
    began = time.process_time()
    for number in range(8):
        list(writer.bar(number, (half, half), bars))
    assert writer.words / (time.process_time() - began) > 60


@pytest.mark.parametrize("networked", [False, True])
def test_improvised_bars_are_as_busy_as_the_picture(model: Model, networked: bool) -> None:
    models = (model, model) if networked else None
    parts = frozenset(("melody", "harmony", "pad", "bass", "drums"))
    counts = []
    for motion in (0.0, 1.0):
        improviser = Improviser(3, 100.0, models)
        bars = [improviser.bar(Now(motion, 0.3, 0.2, 0.0), parts) for _ in range(4)]
        for number, bar in enumerate(bars):
            assert all(number * 4 <= tone.beat < number * 4 + 4 for _, tone in bar)
        counts.append(sum(map(len, bars)))
    assert counts[1] > 2 * counts[0]
    assert ONSETS[0] == 1

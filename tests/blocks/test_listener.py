"""What it hears live is what is heard in a file."""

from time import sleep, thread_time

import numpy as np
import pytest

from rtengine.blocks.listener import KEYS, Listener
from rtengine.graph import Graph
from rtengine.library.hear import LIVE_HOP, Ears
from rtengine.library.tempo_and_key import key, tempo
from rtengine.models.listen import live
from rtengine.models.listen.front_end import Ear
from rtengine.models.listen.head import UNSURE, load_head, mean_logit
from rtengine.models.listen.model import load_model

RATE = 44_100


def music(
    seconds: float, bpm: float = 126.0, rate: int = RATE, chords: tuple[tuple[int, ...], ...] = ((57, 60, 64),)
) -> np.ndarray:
    """Chords and a drum, a second channel a little different."""
    t = np.arange(round(seconds * rate)) / rate
    beat = t * bpm / 60
    drum = np.exp(-30 * (beat % 1)) * np.random.default_rng(0).standard_normal(len(t))
    which = (beat // 4).astype(int) % len(chords)
    tones = np.zeros(len(t))
    for i, chord in enumerate(chords):
        for note in chord:
            f = 440 * 2 ** ((note - 69) / 12)
            tones += (which == i) * sum(np.sin(2 * np.pi * f * h * t) / h for h in (1, 2, 3))
    x = 0.1 * tones + 0.3 * drum
    return np.stack([x, 0.9 * x]).astype(np.float32)


def shown(g: Graph, x: np.ndarray, size: int = 4410, pause: float = 0.0) -> list[tuple[float, ...]]:
    """All readings after every tenth of a second."""
    rows = []
    for start in range(0, x.shape[1], size):
        g.process(np.ascontiguousarray(x[:, start : start + size]))
        rows.append(tuple(v for address in g.readings for v in g.reading(address)))
        sleep(pause)
    return rows


@pytest.fixture(scope="module")
def graph() -> Graph:
    return Graph(RATE, 2, listener=Listener())


def test_live_is_what_is_heard_in_a_file(graph):
    x = music(14)
    ears = Ears(RATE, 2, load_model(), LIVE_HOP)
    ears.hear(x)
    taggram = ears.finish().taggram
    share = -np.expm1(-LIVE_HOP * 256 / 16_000 / live.SMOOTHING)
    expected, smooth = [], taggram[0]
    for row in taggram:
        smooth = smooth + np.float32(share) * (row - smooth)
        expected.append(smooth)
    graph.reset()
    seen: list[tuple[float, ...]] = []
    for start in range(0, x.shape[1], 4410):
        graph.process(np.ascontiguousarray(x[:, start : start + 4410]))
        tags = graph.reading("/listener/tags")
        if any(tags) and (not seen or tags != seen[-1]):
            seen.append(tags)
            p = load_head().probabilities(mean_logit(taggram[: len(seen)])[None])[0]
            assert graph.reading("/listener/sureness")[0] == pytest.approx(p.max(), abs=1e-5)
            verdict = (UNSURE, *load_head().genres)[int(graph.reading("/listener/genre")[0])]
            assert verdict == load_head().verdict(p)
    assert len(seen) == 6  # of windows that end at 3, 5, ... 13 s, half a second later
    np.testing.assert_allclose(seen, expected[: len(seen)], atol=2e-6)
    assert graph.late == 0


def test_a_thread_of_its_own_changes_nothing(graph):
    x = music(6)
    graph.reset()
    inline = shown(graph, x)
    graph.reset()
    with graph:
        graph.start()
        threaded = shown(graph, x, pause=0.1)
    assert graph.late == 0
    assert threaded == inline


def test_it_costs_little(graph):
    """At most 3 % of a core where nothing else runs; here twice that, for a neighbour slows a core down."""
    x = music(16)
    graph.reset()
    graph.process(x)
    graph.reset()
    began = thread_time()
    graph.process(x)
    assert (thread_time() - began) / 16 < 0.06


@pytest.mark.parametrize("bpm", [90, 126, 140])
def test_the_tempo_is_the_drums_live_and_offline(graph, bpm):
    x = music(16, bpm)
    graph.reset()
    graph.process(x)
    assert graph.reading("/listener/tempo")[0] == pytest.approx(bpm, rel=0.02)
    frames = Ear(RATE).hear(x)
    assert tempo(np.maximum(np.diff(frames, axis=0), 0).mean(axis=1)) == pytest.approx(bpm, rel=0.02)


PROGRESSIONS = {  # tonic, subdominant, dominant, tonic
    "C major": ((60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67)),
    "A minor": ((57, 60, 64), (62, 65, 69), (64, 68, 71), (57, 60, 64)),
    "F# minor": ((54, 57, 61), (59, 62, 66), (61, 65, 68), (54, 57, 61)),
    "Eb major": ((63, 67, 70), (68, 72, 75), (70, 74, 77), (63, 67, 70)),
}


@pytest.mark.parametrize("name", PROGRESSIONS)
def test_the_key_is_the_chords_live_and_offline(graph, name):
    x = music(16, chords=PROGRESSIONS[name])
    graph.reset()
    graph.process(x)
    assert KEYS[int(graph.reading("/listener/key")[0])] == name
    sixteen = music(16, rate=16_000, chords=PROGRESSIONS[name])[0]
    assert key(sixteen).name == name


def test_noise_and_silence_have_no_tempo_and_no_key(graph):
    noise = np.random.default_rng(0).standard_normal((2, 16 * RATE)).astype(np.float32)
    for x in (np.zeros_like(noise), noise):
        graph.reset()
        graph.process(x)
        assert graph.reading("/listener/tempo")[0] == 0
        assert KEYS[int(graph.reading("/listener/key")[0])] == UNSURE
        assert tempo(np.abs(x[0, :600])) == 0
    assert key(np.zeros(100_000, np.float32)).name == ""
    assert key(x[0]).name == ""


def test_bad_samples_leave_it_whole(graph):
    x = music(5)
    x[:, 1000:1100] = np.inf
    x[:, 2000:2100] = np.nan
    graph.reset()
    graph.process(x)
    assert all(np.isfinite(v) for address in graph.readings for v in graph.reading(address))

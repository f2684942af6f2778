import numpy as np
import pytest

from rtengine.patches import chain
from rtengine.patches.patch import Setup

RATE = 48_000


def test_three_microphones_are_three_strips_and_come_out_as_two() -> None:
    (patch,) = chain.chained("console")
    graph = chain.build([patch], Setup(RATE, inputs=3, settings={"automatic": 0}))
    assert graph.outputs == 2
    assert [p for p in graph.blocks if p.startswith("strip/")] == ["strip/1", "strip/2", "strip/3"]
    x = (0.1 * np.random.default_rng(0).standard_normal((3, 9_600))).astype(np.float32)
    graph["/strip/2/pan"], graph["/bus/mute3"] = -1, 1
    graph.settle()
    y = graph.process(x)
    late = graph.latency
    assert np.abs(y[1, late:] - x[0, :-late]).max() < 1e-5
    assert np.abs(y[0, late:] - x[0, :-late] - np.sqrt(2) * x[1, :-late]).max() < 1e-5


def test_what_cannot_be_a_desk_is_refused() -> None:
    (patch,) = chain.chained("console")
    with pytest.raises(ValueError, match="3 channels are no pairs"):
        chain.build([patch], Setup(RATE, inputs=3, settings={"pairs": 1}))
    with pytest.raises(ValueError, match="17 stems are not 1 to 16"):
        chain.build([patch], Setup(RATE, inputs=17))


def test_an_impulse_response_of_the_player_s_own_is_the_room_and_what_is_none_is_refused(tmp_path) -> None:
    import soundfile

    from rtengine.patches.console import impulse_response

    def written(name: str, seconds: float, rate: int = RATE, gain: float = 0.5):
        x = np.zeros(round(seconds * rate), np.float32)
        x[: min(len(x), 10)] = gain
        soundfile.write(tmp_path / name, x, rate)
        return tmp_path / name

    other = impulse_response(written("other.wav", 0.5, 44_100), RATE)
    assert other.shape == (2, 24_000)
    assert abs(np.mean(np.sum(other.astype(float) ** 2, axis=1)) - 1) < 1e-3
    for name, seconds, gain, sentence in (
        ("hour.wav", 60, 0.5, "an impulse response has at most 20 s"),
        ("silent.wav", 1, 0, "it is no impulse response"),
        ("empty.wav", 0, 0, "holds no samples"),
    ):
        with pytest.raises(ValueError, match=sentence):
            impulse_response(written(name, seconds, gain=gain), RATE)

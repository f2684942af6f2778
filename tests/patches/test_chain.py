"""Patches by name, alone and in a chain; one that a stranger adds needs no line anywhere else."""

import sys
from types import ModuleType

import numpy as np
import pytest
from support.every_block import small_model
from support.instruments import Bus, Sine

from rtengine import events, patches
from rtengine.block import Parameter
from rtengine.patches import chain
from rtengine.patches.patch import Files, Part, Patch, Setup

RATE = 48_000
WHOLE = Patch(
    "whole",
    "everything to two channels, with a synthesiser",
    lambda setup: Part({"bus": Bus(), "sine": Sine()}, start={"/sine/level": WHOLE.setting(setup, "level")}),
    settings={"level": Parameter(0.5, 0, 1)},
    inputs=(2, 16),
)


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> Patch:
    """A patch as if it stood in the folder."""
    module = ModuleType("rtengine.patches.whole")
    module.PATCH = WHOLE  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "rtengine.patches.whole", module)
    names = [*chain.names(), "whole"]
    monkeypatch.setattr(chain, "names", lambda: names)
    return WHOLE


def test_the_shipped_ones_are_found_and_say_what_they_are() -> None:
    assert {"console", "texture"} <= {*patches.names()}
    for name in patches.names():
        patch = patches.find(name)
        assert patch.name == name
        assert patch.doc
        assert all(setting.doc or setting.choices for setting in patch.settings.values())
        assert all(files.doc and files.endings for files in patch.files.values())


def test_the_settings_and_the_channels_are_the_patchs_own(whole: Patch) -> None:
    graph = chain.build(chain.chained("whole"), Setup(RATE, inputs=8, settings={"level": 0.25}))
    assert (graph.inputs, graph.outputs) == (8, 2)
    assert graph["/sine/level"] == 0.25
    assert [*graph.blocks] == ["bus", "sine", "output", "limiter"]
    assert graph.inboxes == {"/sine": 0}


def test_a_mix_becomes_water(whole: Patch) -> None:
    """Eight channels through one patch, and what it makes of them through another, with a note of the first's."""
    both = chain.chained("whole,texture")
    setup = Setup(RATE, inputs=8, files={"model": {"small": small_model()}})
    with chain.build(both, setup) as graph, chain.build(both[:1], setup.__class__(RATE, inputs=8)) as alone:
        assert (graph.inputs, graph.outputs) == (8, 2)
        assert graph.latency > alone.latency
        graph["/mix/amount"] = 0
        graph.settle()
        x = 0.1 * np.random.default_rng(0).standard_normal((8, 24_000)).astype(np.float32)
        for g in (graph, alone):
            g.send("/sine", events.NOTE_ON, 0, 69, 1, time=5_001)
        late = graph.latency - alone.latency
        assert np.array_equal(graph.process(x)[:, late:], alone.process(x)[:, :-late]), "dry, it is the mix, later"


@pytest.mark.parametrize(
    ("names", "setup", "sentence"),
    [
        ("harp", Setup(RATE), "there is no patch 'harp': choose from console"),
        ("texture,texture", Setup(RATE), "has a patch twice"),
        ("texture", Setup(RATE, inputs=3), "3 channels are not 1 to 2, which texture takes"),
        ("texture", Setup(4_000), "sample rate 4000 is outside 8000 to 384000 Hz"),
        ("texture", Setup(RATE, settings={"reverb": 1}), "there is no setting 'reverb': low_latency"),
        ("texture", Setup(RATE, settings={"quality": 7}), "quality = 7 is outside 0 to 2"),
        ("texture", Setup(RATE, files={"font": {}}), "there is no file 'font': model, clip"),
    ],
)
def test_what_cannot_be_is_one_sentence(names: str, setup: Setup, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        chain.build(chain.chained(names), setup)


def test_settings_are_read_as_a_person_types_them() -> None:
    both = chain.chained("texture")
    assert chain.parsed(both, [("quality", "HIFI"), ("low_latency", "1")]) == {"quality": 2, "low_latency": 1}
    for name, text, sentence in (
        ("reverb", "1", "there is no setting 'reverb': low_latency, quality, refine"),
        ("quality", "best", "quality: best is not a number or one of lofi, standard, hifi"),
        ("quality", "7", "quality = 7 is outside 0 to 2"),
    ):
        with pytest.raises(ValueError, match=sentence):
            chain.parsed(both, [(name, text)])


def test_a_file_that_must_be_chosen_is_asked_for() -> None:
    player = Patch("player", "", lambda setup: Part({}), files={"font": Files("a sound font", (".sf2",), 1)})
    with pytest.raises(ValueError, match="player needs a file: a sound font"):
        player.file(Setup(RATE), "font")

"""A texture that was listened to closely, in its file: read back, told to networks, or refused in a sentence."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rtengine.models.exemplars import exemplar
from rtengine.models.texture import clip, heard
from rtengine.models.texture.embedding import columns
from rtengine.models.texture.model import SHIPPED, known, load_model
from rtengine.models.texture.training import listening
from rtengine.oscquery import pictures

RATE = 44_100


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    soundfile.write(folder / "night.wav", exemplar("insects", 2, RATE, 3), RATE)
    model = load_model(SHIPPED)
    at_once = known(model, clip.measured(clip.load(folder / "night.wav")))
    closer = np.array(at_once.embedding)
    closer[columns("closer")] = 0.1
    made = heard.Heard(
        "night.wav", heard.digest(model), tuple(closer.tolist()), at_once.embedding, at_once.modulator, 0.9
    )
    (folder / "night-closer.texture").write_text(made.text())
    return folder / "night-closer.texture"


def test_the_network_that_heard_it_is_told_what_was_found(file: Path) -> None:
    told, found = heard.texture(load_model(SHIPPED), file), heard.read(file)
    assert (told.embedding, told.middle) == (found.closer, 0.9)
    assert np.array_equal(told.modulator.envelopes, found.modulator.envelopes)
    assert np.array_equal(told.modulator.partials, found.modulator.partials)


def test_another_network_is_told_what_was_measured(file: Path) -> None:
    other = replace(load_model(SHIPPED), weights=None)
    told, plain = heard.texture(other, file), heard.texture(other, file.with_name("night.wav"))
    assert told.embedding == pytest.approx(plain.embedding)
    assert told.middle == plain.middle
    assert np.array_equal(told.modulator.envelopes, plain.modulator.envelopes)


def test_a_network_that_knows_its_own_textures_only_says_so(file: Path) -> None:
    model = load_model(SHIPPED)
    deaf = replace(model, metadata={**model.metadata, "clips": ""}, weights=None)
    for clip_of_any_kind in (file, file.with_name("night.wav")):
        with pytest.raises(ValueError, match="knows its own textures only, and no sounds of yours"):
            heard.texture(deaf, clip_of_any_kind)


def test_its_picture_is_that_of_its_sound(file: Path, tmp_path: Path) -> None:
    assert heard.sound_of(file) == file.with_name("night.wav") == heard.sound_of(file.with_name("night.wav"))
    x, rate = pictures.sound(str(file))
    assert np.array_equal(x, pictures.sound(str(file.with_name("night.wav")))[0])
    assert rate == RATE
    alone = tmp_path / file.name
    alone.write_bytes(file.read_bytes())
    with pytest.raises(OSError, match=r"night.wav, of which night-closer.texture was made, is not beside it"):
        heard.sound_of(alone)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"layout": "1/99"}, "is of another version: let its sound be listened to again"),
        ({"middle": 1.5}, "is damaged: it is no texture that was listened to"),
        ({"closer": [0.0]}, "is damaged"),
        ({"at_once": [float("nan")] * 534}, "is damaged"),
        ({"modulator": "AAAA"}, "is damaged"),
        ({"more": 1}, "is damaged"),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence(
    file: Path, tmp_path: Path, changed: dict[str, object], sentence: str
) -> None:
    bad = tmp_path / "bad.texture"
    bad.write_text(json.dumps(json.loads(file.read_text()) | changed))
    with pytest.raises(ValueError, match=rf"^bad\.texture {sentence}"):
        heard.read(bad)


def test_who_listens_says_in_a_sentence_why_it_cannot(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[float] = []
    for samples, sentence in ((RATE // 4, "has 0.25 s of sound, which is less than 0.5"), (RATE, "is silent")):
        soundfile.write(tmp_path / "bad.wav", np.zeros(samples), RATE)
        with pytest.raises(ValueError, match=rf"^bad\.wav {sentence}$"):
            listening.listen(tmp_path / "bad.wav", SHIPPED, told.append)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(OSError, match=r"^torch is missing: training needs pip install 'rtengine\[train\]'$"):
        listening.listen(file.with_name("night.wav"), SHIPPED, told.append)
    assert told == []


@pytest.mark.parametrize("text", ["", "no JSON", "[1]", "{}", "\x00\xff"])
def test_what_is_no_such_file_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    bad = tmp_path / "bad.texture"
    bad.write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match=r"^bad\.texture is damaged"):
        heard.read(bad)

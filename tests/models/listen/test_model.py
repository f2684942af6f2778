"""The converted network, and the contract that any other has to keep."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from rtengine.models.listen.model import FRAMES, SHIPPED, load_model, windows

HERE = Path(__file__).parent


def test_the_network_is_tensorflows():
    """The reference's numbers are those of another conversion, which equals TensorFlow within 1e-6 and 5e-6."""
    x = np.random.default_rng(17).random((3, 187, 96), np.float32) * np.linspace(4, 0, 96, dtype=np.float32)
    taggram, embedding = load_model().tag(x)
    with np.load(HERE / "reference.npz") as z:
        assert np.abs(taggram - z["taggram"]).max() < 1e-6
        assert np.abs(embedding - z["embedding"]).max() < 2e-5


def test_the_licence_comes_with_it():
    model = load_model()
    assert model.licence.startswith("ISC, Copyright (c) Music Technology Group, Universitat Pompeu Fabra 2019")
    assert "Permission to use, copy, modify" in SHIPPED.with_name("LICENSE.musicnn").read_text()
    assert SHIPPED.stat().st_size < 4_000_000


def test_windows_follow_one_another_and_short_sounds_are_repeated():
    frames = np.arange(400 * 96, dtype=np.float32).reshape(400, 96)
    assert [w[0, 0] // 96 for w in windows(frames)] == [0, 187]
    assert [w[0, 0] // 96 for w in windows(frames, 100)] == [0, 100, 200]
    (short,) = windows(frames[:100])
    np.testing.assert_array_equal(short[100:], frames[:87])
    assert [w.any() for w in windows(frames[:0])] == [False]


def altered(folder: Path, **changes: str) -> Path:
    model = onnx.load(SHIPPED)
    metadata = {p.key: p.value for p in model.metadata_props} | changes
    onnx.helper.set_model_props(model, {k: v for k, v in metadata.items() if v})
    onnx.save(model, folder / "other.onnx")
    return folder / "other.onnx"


def test_another_file_with_the_same_contract_serves(tmp_path):
    other = load_model(altered(tmp_path, name="mine", tags=str([f"t{i}" for i in range(50)]).replace("'", '"')))
    assert (other.name, other.tags[7]) == ("mine", "t7")
    assert other.digest != load_model().digest
    assert other.tag(np.zeros((1, FRAMES, 96), np.float32))[0].shape == (1, 50)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"contract": "3"}, "has contract '3'"),
        ({"tags": ""}, "metadata .* damaged"),
        ({"tags": '["one"]'}, "with 1 tags"),
    ],
)
def test_a_file_that_breaks_the_contract_is_refused(tmp_path, changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        load_model(altered(tmp_path, **changes))


def test_no_file_and_no_network_are_refused(tmp_path):
    with pytest.raises(OSError, match="there is no model file"):
        load_model(tmp_path / "none.onnx")
    (tmp_path / "text.onnx").write_text("hello")
    with pytest.raises(ValueError, match="is not an ONNX model"):
        load_model(tmp_path / "text.onnx")


def test_what_is_not_finite_gives_numbers():
    taggram, embedding = replace(load_model()).tag(np.full((1, FRAMES, 96), np.nan, np.float32))
    assert np.isfinite(taggram).all()
    assert np.isfinite(embedding).all()

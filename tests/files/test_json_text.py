"""Files that somebody sent: JSON that is nested too deeply is refused as any other damage is."""

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from rtengine.live.session import Session
from rtengine.models.console import model as console
from rtengine.models.listen.model import SHIPPED as LISTENING
from rtengine.models.listen.model import load_model as load_listening
from rtengine.models.score.model import FILE as SCORE
from rtengine.models.score.model import Model as ScoreModel
from rtengine.models.texture import heard
from rtengine.models.texture.model import SHIPPED as TEXTURES
from rtengine.models.texture.model import load_model as load_textures
from rtengine.take import automation, scenes

DEEP = "[" * 100_000


@pytest.mark.parametrize("read", [heard.read, automation.read])
def test_a_file_nested_too_deeply_is_refused(read: Callable[[Path], object], tmp_path: Path) -> None:
    file = tmp_path / "deep.texture"
    file.write_text(DEEP)
    with pytest.raises(ValueError, match=r"deep\.texture"):
        read(file)


def test_a_scene_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    scenes.path(tmp_path, "deep").write_text(DEEP)
    with pytest.raises(ValueError, match="is no scene"):
        scenes.recall(tmp_path, "deep")


def test_a_session_nested_too_deeply_begins_anew(tmp_path: Path) -> None:
    said: list[str] = []
    file = tmp_path / "session.json"
    file.write_text(DEEP)
    session = Session(file, said.append)
    assert session.read() is None
    assert "cannot be read" in said[-1]
    session.close()


@pytest.mark.parametrize(
    ("load", "shipped", "field"),
    [
        (load_textures, TEXTURES, "textures"),
        (load_listening, LISTENING, "tags"),
        (ScoreModel, SCORE, "shape"),
        (console.load, console.SHIPPED, "training"),
    ],
)
def test_metadata_nested_too_deeply_are_refused(
    load: Callable[[Path], object], shipped: Path, field: str, tmp_path: Path
) -> None:
    file = tmp_path / "deep.onnx"
    content = onnx.load(str(shipped))
    facts = {p.key: p.value for p in content.metadata_props} | {field: DEEP}
    onnx.helper.set_model_props(content, facts)
    onnx.save(content, str(file))
    with pytest.raises(ValueError, match=r"deep\.onnx"):
        load(file)

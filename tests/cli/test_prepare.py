"""What is compiled beforehand is all that a start needs."""

from pathlib import Path

import pytest

from rtengine.cli import prepare
from rtengine.jobs.order import Settings
from rtengine.jobs.render import build
from rtengine.live.engine import Engine
from rtengine.native.cache import cache_directory
from rtengine.patches.texture import texture


def compiled() -> set[Path]:
    return set(cache_directory().rglob("*.nb[ic]"))


def test_a_start_has_nothing_left_to_compile(tmp_path: Path) -> None:
    said = prepare.run(["--rates", "48000"], print)
    assert str(cache_directory()) in said
    before = compiled()
    engine = Engine(texture(48_000, live=True), "null", "null", presets=tmp_path, songs=tmp_path, takes=tmp_path)
    engine.close()
    for quality in ("lofi", "standard", "hifi"):
        build(48_000, 2, "texture", Settings(quality=quality, threads=0)).close()
    assert compiled() == before


@pytest.mark.parametrize(
    "arguments", [["--rates", "7"], ["--channels", "0"], ["--rates", "44100,44100"], ["--nothing"]]
)
def test_wrong_arguments_are_told_in_a_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        prepare.run(arguments, print)
    assert leaving.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_an_unknown_patch_is_told() -> None:
    with pytest.raises(ValueError, match="there is no patch 'nothing'"):
        prepare.run(["--patch", "nothing"], print)

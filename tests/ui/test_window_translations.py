"""Translations: whole, in step with the source, and in the wheel."""

import shutil
import xml.etree.ElementTree as Xml
from pathlib import Path

import pytest
from PySide6.QtCore import QTranslator

from ui.look import translate
from ui.look.words import CONTEXT

FILES = sorted(translate.TRANSLATIONS.glob("*.ts"))


def messages(file: Path) -> dict[tuple[str, str], str]:
    found = {}
    for context in Xml.parse(file).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            assert translation is not None
            finished = translation.get("type") is None
            key = context.findtext("name", ""), message.findtext("source", "")
            found[key] = (translation.text or "") if finished else ""
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_every_text_of_the_window_is_translated(file: Path, tmp_path: Path) -> None:
    fresh = tmp_path / file.name
    shutil.copy(file, fresh)
    translate.update(fresh)
    own = ((key, text) for key, text in messages(fresh).items() if key[0] != CONTEXT)  # a host may say anything
    missing = [key for key, text in own if not text]
    assert not missing, "run python -m ui.look.translate, and translate these"


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_places_for_values_are_kept(file: Path) -> None:
    for (_, source), text in messages(file).items():
        assert source.count("{") == text.count("{"), source


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_the_binary_is_that_of_the_source(file: Path) -> None:
    translator = QTranslator()
    assert translator.load(str(file.with_suffix(".qm")))
    for (context, source), text in messages(file).items():
        assert translator.translate(context, source) == text


def test_the_binary_is_in_the_wheel() -> None:
    """Hatch takes what git does not ignore."""
    ignored = (translate.FOLDER.parent / ".gitignore").read_text().split()
    assert not any(pattern.endswith(("qm", "translations/")) for pattern in ignored)
    assert [f.with_suffix(".qm").is_file() for f in FILES] == [True] * len(FILES)

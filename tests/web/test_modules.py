"""The modules of the web client: what one imports another exports, once, and what pages name is there."""

import re
from pathlib import Path

import pytest

import ui

PAGES = Path(next(iter(ui.__path__))) / "web"
MODULES = sorted(f for f in PAGES.rglob("*.js") if "vendor" not in f.parts)
IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?(?:\* as \w+ from )?"(\.[^"]*)";', re.MULTILINE)
EXPORT = re.compile(r"^export (?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)


def exported(module: Path) -> list[str]:
    return EXPORT.findall(module.read_text("utf-8"))


@pytest.mark.parametrize("module", MODULES, ids=lambda f: f.relative_to(PAGES).as_posix())
def test_what_is_imported_is_exported_once(module: Path) -> None:
    names = exported(module)
    assert len(set(names)) == len(names)
    for wanted, where in IMPORT.findall(module.read_text("utf-8")):
        other = module.parent / where
        assert other.is_file()
        missing = {w.split(" as ")[0].strip() for w in wanted.split(",") if w.strip()} - set(exported(other))
        assert not missing, (where, missing)


@pytest.mark.parametrize("page", sorted(PAGES.rglob("*.html")), ids=lambda f: f.relative_to(PAGES).as_posix())
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    for name in re.findall(r'(?:src|href)="([^":#]+)"', text):
        assert (page.parent / name).exists(), name
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(set(ids)) == len(ids)

import ast
import os
import time
from pathlib import Path

import pytest

from rtengine.native import cache


def test_a_digest_covers_what_a_file_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "PACKAGE", tmp_path)

    def forget() -> None:
        for kept in (cache.digest, cache._imports, cache._files, cache._content):
            kept.cache_clear()

    def digest_of(below: str) -> bytes:
        forget()
        (tmp_path / "below.py").write_text(below)
        (tmp_path / "middle.py").write_text("from rtengine import below")
        (tmp_path / "top.py").write_text("import rtengine.middle")
        return cache.digest(tmp_path / "top.py")

    assert digest_of("x = 1") == digest_of("x = 1") != digest_of("x = 2")
    around = "def late():\n    import rtengine.top\n    return {}"
    assert digest_of(around.format(1)) != digest_of(around.format(2)), "imports that go round in a circle"
    forget()


def parsed(file: Path) -> set[Path]:
    """What a file imports of the project, as Python's own parser has it."""
    names: set[str] = set()
    for statement in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(statement, ast.Import):
            names |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            names |= {statement.module} | {f"{statement.module}.{alias.name}" for alias in statement.names}
    paths = [cache.PACKAGE.joinpath(*name.split(".")[1:]) for name in names if name.startswith("rtengine.")]
    return {file for path in paths for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()}


def test_no_import_is_overlooked() -> None:
    """The digest reads imports by their looks, for speed."""
    files = sorted(cache.PACKAGE.rglob("*.py"))
    assert len(files) > 100
    for file in files:
        assert parsed(file) <= cache._imports(file), file


def test_what_is_unused_for_a_month_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RTENGINE_CACHE", str(tmp_path))
    for name in ("old", "revived", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "kernel").touch()
    long_ago = time.time() - cache.UNUSED - 60
    for name in ("old", "revived"):
        os.utime(tmp_path / name, (long_ago, long_ago))
    cache.used(tmp_path / "revived")
    cache.used(tmp_path / "never made")
    cache.prune()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["new", "revived"]

"""What the texts promise: links lead somewhere, and the two READMEs tell the same."""

import ast
import importlib
import re
import shlex
import textwrap
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

import pytest

from offline.arguments import parse as offline
from rtengine.__main__ import COMMANDS
from rtengine.cli.arguments import parse as live

ROOT = Path(__file__).parent.parent
TEXTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
CODE = re.compile(r"^    (?=\S).*$|^```.*?^```$", re.MULTILINE | re.DOTALL)


def links(text: str) -> list[str]:
    """Those to files; without what is code."""
    found = re.findall(r"\]\(([^)\s]+)\)", CODE.sub("", text))
    return [unquote(link.split("#")[0]) for link in found if "://" not in link and not link.startswith("#")]


@pytest.mark.parametrize("file", TEXTS, ids=lambda f: f.name)
def test_every_link_to_a_file_leads_to_one(file: Path) -> None:
    assert [link for link in links(file.read_text("utf-8")) if not (file.parent / link).exists()] == []


def test_both_readmes_have_the_same_sections_commands_links_and_figures() -> None:
    english, chinese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh.md"))

    def commands(text: str) -> list[str]:
        lines = re.findall(r"^    (\S.*?)(?:\s+#.*)?$", text, re.MULTILINE)
        return [line for line in lines if line.isascii()]

    def figures(text: str) -> list[list[str]]:
        rows = [row for row in text.splitlines() if row.startswith("|")]
        return [sorted(re.findall(r"\d[\d.,]*(?<![.,])", row.split("|", 2)[2])) for row in rows]

    assert [line.count("#") for line in re.findall("^#+", english, re.MULTILINE)] == [
        line.count("#") for line in re.findall("^#+", chinese, re.MULTILINE)
    ]
    assert commands(english) == commands(chinese)
    shown = [link.replace("window-chinese", "window-playing") for link in links(chinese)]
    assert links(english)[1:] == shown[1:], "the first is the other language"
    assert figures(english) == figures(chinese)


@pytest.mark.parametrize("file", [ROOT / "README.md", *(ROOT / "docs").glob("*.md")], ids=lambda f: f.name)
def test_commands_work_as_they_are_typed(file: Path) -> None:
    """In any shell, at the root of the project: nobody has to know that there is an environment, or how to enter it."""
    bare = re.findall(r"^    (?:python|pip) .*$", file.read_text("utf-8"), re.MULTILINE)
    assert bare == []


def parsed(words: list[str]) -> None:
    """What a program makes of its arguments, before it does anything; SystemExit if they are wrong."""
    program, arguments = words[0], words[1:]
    if program == "rtengine" and arguments and arguments[0] in COMMANDS:
        importlib.import_module(f"rtengine.cli.{COMMANDS[arguments[0]]}").parse(arguments[1:])
    elif program == "rtengine":
        live(arguments)
    elif program == "offline":
        offline(arguments)


def understood(line: str) -> bool:
    try:
        parsed(shlex.split(line, comments=True))
    except SystemExit as leaving:
        return leaving.code == 0
    return True


@pytest.mark.parametrize("file", [ROOT / "README.md", *(ROOT / "docs").glob("*.md")], ids=lambda f: f.name)
def test_every_command_is_understood(file: Path) -> None:
    typed = re.findall(r"^    \.venv/bin/python -m (.*)$", file.read_text("utf-8"), re.MULTILINE)
    assert [line for line in typed if not understood(line)] == []


@pytest.mark.parametrize("file", TEXTS, ids=lambda f: f.name)
def test_what_python_is_told_to_import_is_there(file: Path) -> None:
    for block in re.findall(r"^ *```python\n(.*?)^ *```", file.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        for statement in ast.walk(ast.parse(textwrap.dedent(block))):
            if isinstance(statement, ast.ImportFrom) and statement.module:
                module = importlib.import_module(statement.module)
                for name in statement.names:
                    assert hasattr(module, name.name) or find_spec(f"{statement.module}.{name.name}"), name.name

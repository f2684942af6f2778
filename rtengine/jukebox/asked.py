"""What a request says, checked: whatever comes from outside has a bound, and what is wrong is a sentence."""

import json
from pathlib import Path
from typing import Any

from aiohttp import web

from rtengine.jukebox.state import JUKEBOX, Jukebox
from rtengine.library.store import path_of
from rtengine.service.problem import Problem

PIECE = "[0-9]{1,18}"
MOST = 500  # pieces of one answer


def jukebox(request: web.Request) -> Jukebox:
    return request.app[JUKEBOX]


def whole(request: web.Request, name: str, default: int, low: int, high: int) -> int:
    """A whole number of the address; 400 with the bound if it is none."""
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 16 and low <= int(text) <= high):
        raise Problem(400, f"{name} = {text[:40]} is no whole number from {low} to {high}")
    return int(text)


def share(request: web.Request, name: str, default: float) -> float:
    """A number from 0 to 1 of the address."""
    text = request.query.get(name, str(default))
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise Problem(400, f"{name} = {text[:40]} is no number from 0 to 1")
    return value


def text(request: web.Request, name: str, longest: int = 200) -> str:
    said = request.query.get(name, "")
    if len(said) > longest:
        raise Problem(400, f"{name} has {len(said)} letters, and {longest} are the most")
    return said


def choice(request: web.Request, name: str, names: Any) -> str:
    """One of some words, or "" if it is not said."""
    said = text(request, name)
    if said and said not in names:
        raise Problem(400, f"there is no {name} {said[:40]!r}: {', '.join(names)}")
    return said


def pieces(request: web.Request, name: str = "pieces", most: int = 50) -> list[int]:
    """Numbers with commas between them."""
    numbers = [n for n in text(request, name, 20 * most).split(",") if n]
    if len(numbers) > most or not all(n.isascii() and n.isdecimal() and len(n) < 19 for n in numbers):
        raise Problem(400, f"{name} are up to {most} numbers with commas between them")
    return [int(n) for n in numbers]


async def body(request: web.Request) -> dict[str, Any]:
    """A JSON object."""
    if request.content_type != "application/json":
        raise Problem(415, "what is sent is to be application/json")
    try:
        said = json.loads(await request.text())
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise Problem(400, "what is sent is no JSON object")
    return said


async def row(request: web.Request) -> dict[str, Any]:
    """The row of the piece that the address names; 404 if there is none."""
    number = int(request.match_info["piece"])
    found = await jukebox(request).shelf.ask(lambda opened: opened.library.row(number))
    if found is None or found["gone"]:
        raise Problem(404, f"there is no piece {number}, or its file is gone", "gone")
    return dict(found)


def file_of(row: dict[str, Any]) -> Path:
    """The piece's file; 404 if it is not there now."""
    file = path_of(row["path"])
    if not file.is_file():
        raise Problem(404, f"the file of piece {row['id']} is not there now: is its folder away?", "gone")
    return file

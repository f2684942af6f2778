"""Answers that are sound, a picture, or found by listening."""

import asyncio
import json
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import numpy as np
from aiohttp import web

from rtengine.jukebox import asked, views
from rtengine.jukebox import course as courses
from rtengine.jukebox.asked import jukebox
from rtengine.jukebox.shelf import Opened
from rtengine.jukebox.sounds import Wanted
from rtengine.library import scan, work
from rtengine.library.store import File
from rtengine.library.tags import cover as cover_in
from rtengine.models.listen.model import SHIPPED
from rtengine.service.problem import Problem
from rtengine.subsonic.media import PICTURES, drawn

RATES = 8_000, 192_000  # Hz, of a browser's player
LONGEST = 1 << 20  # frames of one answer
TEXTURES = 8
SOUND = 1 << 22  # bytes that may be heard at once
SAFE = ("image/jpeg", "image/png", "image/gif", "image/webp")  # SVG can hold scripts
FRESH = {"Cache-Control": "no-store"}


async def samples(request: web.Request) -> web.Response:
    """Frames of 16 bits, left and right, little-endian, from `first` on; fewer than `count` where the piece ends."""
    row = await asked.row(request)
    rate = asked.whole(request, "rate", 48_000, *RATES)
    first, count = asked.whole(request, "first", 0, 0, 1 << 40), asked.whole(request, "count", rate, 1, LONGEST)
    wanted = Wanted(asked.file_of(row), row["digest"], rate, shares(asked.text(request, "textures")),
                    asked.share(request, "mix", 1.0))  # fmt: skip
    try:
        data = await jukebox(request).sounds.samples(wanted, first, count)
    except OSError as error:
        if error.errno:  # of the disk, which is a sentence elsewhere
            raise
        raise Problem(422, str(error), "unplayable") from None
    headers = {"Content-Type": "application/octet-stream", "Cache-Control": "private, max-age=3600"}
    return web.Response(body=data, headers=headers)


def shares(text: str) -> dict[str, float]:
    """Shares of textures from "water:0.7,laser:0.3"; 400 if these are none."""
    found: dict[str, float] = {}
    for part in filter(None, text.split(",")):
        name, _, share = part.partition(":")
        try:
            found[name] = float(share or 1)
        except ValueError:
            found[name] = -1.0
        if not (name.isascii() and name.replace("-", "").isalnum() and 0 < found[name] <= 1) or len(found) > TEXTURES:
            raise Problem(400, f"textures are up to {TEXTURES} as water:0.7,laser:0.3, each share above 0 and up to 1")
    return found


async def cover(request: web.Request) -> web.StreamResponse:
    """The picture in a piece, or beside it, or one drawn from its album's name."""
    row = await asked.row(request)
    file = asked.file_of(row)
    headers = {"Cache-Control": "private, max-age=86400", "Content-Security-Policy": "sandbox"}
    found = await asyncio.to_thread(cover_in, file)
    if found and found[1] in SAFE:
        return web.Response(body=found[0], content_type=found[1], headers=headers)
    for name in PICTURES:
        if (picture := file.parent / name).is_file():
            return web.FileResponse(picture, headers=headers)
    return web.Response(body=drawn(row["album"] or row["title"]), content_type="image/svg+xml", headers=headers)


async def course(request: web.Request) -> web.Response:
    """Waveform, tags, genre and loudness over time."""
    row, box = await asked.row(request), jukebox(request)
    text = await _done(request, courses.kept, asked.file_of(row), box.shelf.folder / "courses", row["digest"])
    found = json.loads(text)
    if "trouble" in found:
        raise Problem(422, found["trouble"], "unplayable")
    return web.json_response(found, headers=FRESH)


async def again(request: web.Request) -> web.Response:
    """Listen to a piece once more."""
    row, box = await asked.row(request), jukebox(request)
    path = asked.file_of(row)
    about = path.stat()
    file = File(path, about.st_size, about.st_mtime_ns)
    result: work.Result = await _done(request, work.work, path, SHIPPED)

    def note(opened: Opened) -> Any:
        if isinstance(result, str):
            opened.library.fail(file, result)
        else:
            with scan.alone(opened.library):
                scan.keep(opened.library, file, scan.digest_of(file), result)
        return opened.library.row(row["id"])

    try:
        found = await box.shelf.ask(note)
    except OSError as error:
        if error.errno:
            raise
        raise Problem(409, str(error), "busy", 30) from None
    if isinstance(result, str):
        raise Problem(422, result, "unplayable")
    return web.json_response(views.piece(found, box.address))


async def _done(request: web.Request, function: Any, *values: object) -> Any:
    """What another process makes of it."""
    try:
        return await asyncio.wrap_future(jukebox(request).sounds.run(function, *values))
    except BrokenProcessPool:
        raise Problem(422, "the decoder crashed on it", "unplayable") from None


async def heard(request: web.Request) -> web.Response:
    """Take mono sound of 16 bits as it comes; answer what is heard by now, and what of the library is like it."""
    rate, box = asked.whole(request, "rate", 48_000, 8_000, 192_000), jukebox(request)
    data = bytearray()
    async for more in request.content.iter_any():
        data += more
        if len(data) > SOUND:
            break
    if not data or len(data) % 2 or len(data) > SOUND:
        raise Problem(400, f"send up to {SOUND} bytes of 16-bit samples at a time")
    x = (np.frombuffer(data, "<i2") / 32768).astype(np.float32)
    try:
        found, vector = await box.live.ask(request.match_info["name"], rate, x)
    except ValueError as error:
        raise Problem(429, str(error), "busy", 10) from None
    if vector is not None:
        like = await box.shelf.ask(lambda o: o.chooser.like(vector, 5) if len(o.chooser.all) else [])
        found["like"] = [views.chosen(c, box.address) for c in like]
    return web.json_response(found, headers=FRESH)

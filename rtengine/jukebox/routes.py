"""The addresses of a library: /music and what is below it. JSON, unless it is sound or a picture.

GET  /music                         how much there is, its genres, how far a scan is
GET  /music/pieces                  a list or a search: list, words, genre, tag, order, first, count
GET  /music/pieces/N                a piece; /cover, /course, /samples below it
POST /music/pieces/N                {"verdict": "like"}: also dislike, none, skip, played
GET  /music/choice                  what to play: way, pieces, farther, genre, mood, seed, first, count
GET  /music/map                     all pieces on a plane; /music/tags: what they sound like
GET  /music/errors                  the files that cannot be read
POST /music/scan                    {"again": true, "folders": [...]}; DELETE breaks it off
POST /music/heard/NAME              sound as it comes; what is heard, and what is like it
GET  /music/heard/host              what the live host of this computer hears, and what is like it
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from itertools import islice
from pathlib import Path
from typing import Any

from aiohttp import web

from rtengine.files.names import shown
from rtengine.jukebox import asked, host, plane, sound, views
from rtengine.jukebox.asked import MOST, PIECE, jukebox
from rtengine.jukebox.shelf import Opened
from rtengine.jukebox.state import JUKEBOX, Jukebox
from rtengine.library.choose import Choice
from rtengine.library.plane import places
from rtengine.library.playlist import m3u8
from rtengine.library.store import path_of
from rtengine.library.vectors import Index
from rtengine.models.listen.model import load_model
from rtengine.service.problem import Problem

VERDICTS = ("like", "dislike", "none", "skip", "played")
WAYS = ("similar", "radio", "path", "discover")
FARTHEST = 5000  # pieces of a radio
FOLDERS = 20  # of one scan
FRESH = {"Cache-Control": "no-store"}


def attach(app: web.Application, folder: Path, address: Callable[[str], str], ours: bool) -> None:
    """Answer for a library too; OSError or ValueError in a sentence if it cannot be opened."""
    app[JUKEBOX] = Jukebox.of(folder, address, ours)
    app.cleanup_ctx.append(_close)
    app.add_routes(routes())


async def _close(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[JUKEBOX].close()


def routes() -> list[web.RouteDef]:
    """Where they are."""
    one = f"/music/pieces/{{piece:{PIECE}}}"
    return [
        web.get("/music", about),
        web.get("/music/pieces", pieces),
        web.get(one, piece),
        web.post(one, verdict),
        web.post(f"{one}/again", sound.again),
        web.get(f"{one}/cover", sound.cover),
        web.get(f"{one}/course", sound.course),
        web.get(f"{one}/samples", sound.samples),
        web.get("/music/choice", choice),
        web.get("/music/playlist.m3u8", playlist),
        web.get("/music/map", whole_map),
        web.get("/music/tags", tags),
        web.get("/music/errors", errors),
        web.post("/music/scan", scan),
        web.delete("/music/scan", stop),
        web.get("/music/heard/host", host.heard),
        web.post("/music/heard/{name:[A-Za-z0-9-]{1,40}}", sound.heard),
    ]


async def about(request: web.Request) -> web.Response:
    """How much there is, and what is being done."""
    box = jukebox(request)
    box.sounds.warm()

    def found(opened: Opened) -> dict[str, object]:
        db = opened.library.db
        count, seconds = db.execute("SELECT count(*), total(seconds) FROM tracks WHERE gone = 0").fetchone()
        liked = db.execute("SELECT count(*) FROM tracks WHERE gone = 0 AND rating > 0").fetchone()[0]
        return {
            "pieces": count, "seconds": seconds, "liked": liked, "genres": views.genres(opened.library),
            "errors": db.execute("SELECT count(*) FROM errors").fetchone()[0],
            "folders": [str(path_of(r["path"])).encode("utf-8", "replace").decode()
                        for r in db.execute("SELECT path FROM folders ORDER BY path")],
        }  # fmt: skip

    told = await box.shelf.ask(found) | {"scan": box.scan.told, "scanning": box.scan.runs, "ours": box.ours}
    return web.json_response(told, headers=FRESH)


async def pieces(request: web.Request) -> web.Response:
    """A list, or what fits some words."""
    name = asked.choice(request, "list", views.LISTS) or "all"
    order, genre = asked.choice(request, "order", views.ORDERS), asked.text(request, "genre")
    words, tag = asked.text(request, "words"), asked.text(request, "tag")
    first, count = asked.whole(request, "first", 0, 0, 10**9), asked.whole(request, "count", 100, 1, MOST)
    box = jukebox(request)
    rows = await box.shelf.ask(lambda o: views.listed(o.library, name, order, genre, tag, words, first, count))
    return web.json_response([views.piece(row, box.address) for row in rows], headers=FRESH)


async def piece(request: web.Request) -> web.Response:
    """One."""
    row = await asked.row(request)
    return web.json_response(views.piece(row, jukebox(request).address), headers=FRESH)


async def verdict(request: web.Request) -> web.Response:
    """Note what is said of a piece."""
    said, row = (await asked.body(request)).get("verdict"), await asked.row(request)
    if said not in VERDICTS:
        raise Problem(400, f"a verdict is one of {', '.join(VERDICTS)}")

    def note(opened: Opened) -> Any:
        opened.library.rate(row["id"], said)
        opened.chooser.note(row["id"])
        return opened.library.row(row["id"])

    return web.json_response(views.piece(await jukebox(request).shelf.ask(note), jukebox(request).address))


async def choice(request: web.Request) -> web.Response:
    """What to play, and why."""
    way, seeds = asked.choice(request, "way", WAYS) or "similar", asked.pieces(request)
    farther, mood = asked.share(request, "farther", 0.0), asked.choice(request, "mood", ("calm", "loud"))
    genre, seed = asked.text(request, "genre"), asked.whole(request, "seed", 0, 0, 2**32 - 1)
    first, count = asked.whole(request, "first", 0, 0, FARTHEST), asked.whole(request, "count", 20, 1, MOST)
    if (way == "similar" and not seeds) or (way == "path" and len(seeds) != 2):
        raise Problem(400, "similar needs pieces, and a path two of them")
    box = jukebox(request)

    def found(opened: Opened) -> list[Choice]:
        chooser = opened.chooser
        for n in seeds:
            chooser.all.place(n)
        if way == "path":
            return chooser.path(seeds[0], seeds[1], max(count, 2))
        if way == "similar":
            return chooser.similar(seeds, count, farther, genre, mood)
        return list(islice(chooser.radio(seeds, seed, way == "discover"), first, first + count))

    try:
        choices = await box.shelf.ask(found)
    except KeyError as error:
        raise Problem(404, str(error.args[0]), "gone") from None
    return web.json_response([views.chosen(c, box.address) for c in choices], headers=FRESH)


async def playlist(request: web.Request) -> web.Response:
    """Pieces as a playlist for other players, with whole paths."""
    numbers = asked.pieces(request, most=MOST)
    rows = await jukebox(request).shelf.ask(lambda o: [r for n in numbers if (r := o.library.row(n))])
    headers = {"Content-Type": "audio/x-mpegurl", "Content-Disposition": 'attachment; filename="queue.m3u8"'}
    return web.Response(body=m3u8(rows, None), headers=headers)


async def whole_map(request: web.Request) -> web.Response:
    """All pieces on a plane; where they are laid out anew, which may take a while, others are answered meanwhile."""
    box, model = jukebox(request), load_model().digest

    def kept(opened: Opened) -> tuple[Index, object]:
        return opened.chooser.all.index, opened.kept.get("map")

    async with box.drawing:
        index, text = await box.shelf.ask(kept)
        if text is None:
            at = await asyncio.to_thread(places, box.shelf.folder, model, index)

            def draw(opened: Opened) -> object:
                made = json.dumps(plane.drawn(opened.library, index, at))
                return opened.kept.setdefault("map", made) if opened.chooser.all.index is index else made

            text = await box.shelf.ask(draw)
    response = web.json_response(text=str(text), headers=FRESH)
    response.enable_compression()
    return response


async def tags(request: web.Request) -> web.Response:
    """The tags that hold most in the pieces, with how many pieces each."""

    def found(opened: Opened) -> object:
        opened.chooser  # noqa: B018  # what is kept is as old as it
        if "tags" not in opened.kept:
            opened.kept["tags"] = views.tags(opened.library)
        return opened.kept["tags"]

    return web.json_response(await jukebox(request).shelf.ask(found), headers=FRESH)


async def errors(request: web.Request) -> web.Response:
    """The files that cannot be read, and why."""
    found = await jukebox(request).shelf.ask(lambda o: o.library.errors())
    told = [{"file": shown(p), "why": why.removeprefix(shown(p)).strip()} for p, why in found]
    return web.json_response(told, headers=FRESH)


async def scan(request: web.Request) -> web.Response:
    """Look for what is new; other folders only where the one who asks sits at this computer."""
    said, box = await asked.body(request), jukebox(request)
    folders = said.get("folders", [])
    if not isinstance(folders, list) or len(folders) > FOLDERS or not all(isinstance(f, str) for f in folders):
        raise Problem(400, f"folders are up to {FOLDERS} texts")
    if folders and not box.ours:
        raise Problem(403, "folders are added at the computer itself: python -m offline library add FOLDER")
    wanted = [Path(f).expanduser() for f in folders if "\0" not in f]
    for folder in wanted:
        if not folder.is_absolute() or not folder.is_dir():
            raise Problem(400, f"{str(folder)[:200]} is no folder of this computer; write its whole path")
    known = await box.shelf.ask(lambda o: [path_of(r["path"]) for r in o.library.db.execute("SELECT * FROM folders")])
    there = [f for f in (wanted or known) if f.is_dir()]
    if not there:
        raise Problem(409, "no folder of the library is there now" if known else "the library has no folder yet")
    await box.scan.begin(there, said.get("again") is True)
    return web.json_response({"scanning": True}, status=202)


async def stop(request: web.Request) -> web.Response:
    """Break a scan off."""
    await jukebox(request).scan.stop()
    return web.Response(status=204)

"""The sound itself, with ranges, as it is or in another format; and the pictures that come with it."""

import asyncio
import hashlib
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from rtengine.files.sink import FORMATS, Sink, beside, nearest_rate
from rtengine.files.source import open_source, resampled
from rtengine.library.store import path_of
from rtengine.library.tags import cover
from rtengine.subsonic.answer import GENERIC, NOT_FOUND, ProtocolError
from rtengine.subsonic.request import Request
from rtengine.subsonic.shelf import TYPES, Row

KEPT = 50  # files in other formats that are kept
SMALLER = "mp3"  # what a player gets that asks for fewer bits, and for no format
PICTURES = ("cover.jpg", "cover.png", "folder.jpg", "folder.png", "front.jpg", "front.png")


async def stream(request: Request) -> web.StreamResponse:
    """A song; format: another format that this project can write; maxBitRate: in another if the file has more."""
    row = request.track(request.text("id"))
    file = existing(row)
    suffix, most = file.suffix[1:].lower(), request.number("maxBitRate", 0, 0, 1 << 20)
    wanted = request.text("format", "").lower()
    if wanted in ("", "raw", suffix):
        too_many = most and row["size"] * 8 / 1000 / max(row["seconds"], 1e-3) > most
        wanted = SMALLER if too_many and wanted != "raw" and suffix != SMALLER else suffix
    if wanted == suffix:
        return sent(file, suffix)
    if f".{wanted}" not in FORMATS:
        raise ProtocolError(GENERIC, f"{wanted[:20]!r} is no format that can be written: {', '.join(FORMATS)}")
    folder = request.library.folder / "converted"
    try:
        converted = await asyncio.to_thread(convert, file, row["digest"], wanted, folder)
    except (OSError, ValueError) as error:
        raise ProtocolError(GENERIC, str(error)) from None
    return sent(converted, wanted)


async def download(request: Request) -> web.StreamResponse:
    file = existing(request.track(request.text("id")))
    return sent(file, file.suffix[1:].lower())


def sent(file: Path, suffix: str) -> web.FileResponse:
    """A file with its type; aiohttp does ranges."""
    return web.FileResponse(file, headers={"Content-Type": TYPES.get(suffix, "application/octet-stream")})


def existing(row: Row) -> Path:
    """The file of a row; ProtocolError if it has gone."""
    file = path_of(row["path"])
    if not file.is_file():
        raise ProtocolError(NOT_FOUND, f"the file of song tr-{row['id']} is gone")
    return file


def convert(file: Path, digest: str, suffix: str, folder: Path) -> Path:
    """The same sound in another format, made once and kept for the next time."""
    folder.mkdir(exist_ok=True)
    target = folder / f"{digest[:32]}.{suffix}"
    if target.exists():
        target.touch()
        return target
    source = open_source(file)
    rate, blocks = nearest_rate(source.sample_rate, f".{suffix}"), source.blocks()
    if rate != source.sample_rate:
        blocks = resampled(blocks, source.sample_rate, rate, source.channels)
    with beside(target, True) as whole, Sink(whole, f".{suffix}", rate, source.channels, name=target) as sink:
        for x in blocks:
            sink.write(x)
    for old in sorted(folder.iterdir(), key=lambda f: f.stat().st_mtime, reverse=True)[KEPT:]:
        with suppress(OSError):
            old.unlink()
    return target


async def get_cover_art(request: Request) -> web.StreamResponse:
    """The picture in a song, or one that lies beside it; else one that is drawn from the album's name."""
    key = request.text("id")
    if key in request.shelf.albums:
        rows = request.shelf.albums[key].songs[:1]
    elif key in request.shelf.artists:
        rows = request.shelf.artists[key][0].songs[:1]
    else:
        rows = [request.track(key)]
    file = existing(rows[0])
    if found := await asyncio.to_thread(cover, file):
        return web.Response(body=found[0], content_type=found[1] if found[1].startswith("image/") else "image/jpeg")
    for name in PICTURES:
        if (picture := file.parent / name).is_file():
            return web.FileResponse(picture)
    name = rows[0]["album"] or rows[0]["title"]
    return web.Response(body=drawn(name), content_type="image/svg+xml")


def drawn(name: str) -> bytes:
    """A square with two colours of its own for each name."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:2], "big")
    hues = number % 360, (number // 7 + 60) % 360
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">'
        f'<rect width="10" height="10" fill="hsl({hues[0]} 45% 35%)"/>'
        f'<circle cx="5" cy="5" r="3" fill="hsl({hues[1]} 55% 60%)"/></svg>'
    ).encode()

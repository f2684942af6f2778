"""Uploads that go on where they were broken off: tus 1.0.0 with creation, expiration, termination and checksum.

    POST /uploads        Upload-Length, Upload-Metadata     201, Location
    HEAD /uploads/ID                                        Upload-Offset
    PATCH /uploads/ID    Upload-Offset, a piece             204, Upload-Offset
    DELETE /uploads/ID                                      204
    GET /uploads/ID                                         what we know of it; `song` once all has come

In the metadata, `filename` is what the song is called, and `sha256` (hexadecimal) may say what it is: if that song is
here, the upload is complete at once. A piece counts when it is written; what comes before a connection breaks, too.
Source: https://tus.io/protocols/resumable-upload, version 1.0.0.
"""

import asyncio
import base64
import binascii
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from typing import Any, BinaryIO

from aiohttp import web

from rtengine.service.problem import Problem
from rtengine.service.songs import Upload
from rtengine.service.state import STATE, State

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination,checksum"
ALGORITHMS = ("sha1", "sha256", "md5")
KIND = "application/offset+octet-stream"
PIECE = 1 << 16  # bytes written at once: what each of those who send at once may hold here
PATIENCE = 30.0  # seconds without a byte after which a connection is given up
LONGEST_NAME = 200  # characters
BAD_CHECKSUM = 460  # of the protocol's own


def routes() -> list[web.RouteDef]:
    """Where uploads are."""
    return [
        web.options("/uploads", options),
        web.post("/uploads", create),
        web.head("/uploads/{id:[0-9a-f]{32}}", head),
        web.get("/uploads/{id:[0-9a-f]{32}}", show, allow_head=False),
        web.patch("/uploads/{id:[0-9a-f]{32}}", patch),
        web.delete("/uploads/{id:[0-9a-f]{32}}", delete),
        web.post("/uploads/{id:[0-9a-f]{32}}", override),
    ]


async def options(request: web.Request) -> web.Response:
    """What we can."""
    headers = {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Max-Size": str(request.app[STATE].settings.largest),
        "Tus-Extension": EXTENSIONS,
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }
    return web.Response(status=204, headers=headers)


async def create(request: web.Request) -> web.Response:
    """A new upload, with its first piece if there is one."""
    state = request.app[STATE]
    _check_version(request)
    size = _number(request, "Upload-Length")
    largest = state.settings.largest
    if size == 0:
        raise Problem(400, "the file is empty")
    if size > largest:
        raise Problem(413, f"{size / 1e6:.0f} MB are more than the {largest / 1e6:.0f} that are taken", "large")
    client = state.client(request)
    held, under_way = state.songs.held(client)
    if under_way >= state.settings.uploads:
        raise Problem(429, f"you have {under_way} uploads under way, which is as many as may be", "uploads", 10)
    if held + size > state.settings.held:
        raise Problem(413, f"with it you would have {(held + size) / 1e9:.1f} GB here: delete a song first", "held")
    state.check_room(size + state.songs.coming())
    told = _metadata(request)
    song = told.get("sha256", "")
    upload = state.songs.begin(client, _name(told), size, song if re.fullmatch("[0-9a-f]{64}", song) else None)
    state.counts["uploads", "begun"] += 1
    headers = _headers(upload) | {"Location": f"/uploads/{upload.id}"}
    if upload.song:
        state.look(upload.song, client)
        state.counts["uploads", "known"] += 1
        return web.Response(status=201, headers=headers | {"Upload-Offset": str(size)})
    if request.content_type == KIND and request.body_exists:
        upload, offset = await _take(request, state, upload, 0)
        headers = headers | _headers(upload) | {"Upload-Offset": str(offset)}
    return web.Response(status=201, headers=headers)


async def head(request: web.Request) -> web.Response:
    """How much has come."""
    state = request.app[STATE]
    _check_version(request)
    upload = _found(request)
    headers = {"Upload-Offset": str(state.songs.offset(upload)), "Upload-Length": str(upload.size)}
    return web.Response(status=200, headers=_headers(upload) | headers | {"Cache-Control": "no-store"})


async def show(request: web.Request) -> web.Response:
    """What we know of it, as JSON."""
    state = request.app[STATE]
    upload = _found(request)
    known: dict[str, Any] = {"id": upload.id, "name": upload.name, "size": upload.size, "expires": upload.expires}
    known |= {"offset": state.songs.offset(upload), "song": upload.song}
    return web.json_response(known, headers={"Cache-Control": "no-store"})


async def patch(request: web.Request) -> web.Response:
    """Take a piece."""
    state = request.app[STATE]
    _check_version(request)
    upload = _found(request)
    if request.content_type != KIND:
        raise Problem(415, f"a piece has the type {KIND}")
    offset = _number(request, "Upload-Offset")
    if offset != state.songs.offset(upload):
        raise Problem(409, f"{state.songs.offset(upload)} bytes have come, and not {offset}", "offset")
    if not upload.song:
        upload, offset = await _take(request, state, upload, offset)
    return web.Response(status=204, headers=_headers(upload) | {"Upload-Offset": str(offset)})


async def delete(request: web.Request) -> web.Response:
    """Let go of it, and of the song, if nobody else has it."""
    state = request.app[STATE]
    _check_version(request)
    upload = _found(request)
    if upload.id in state.busy:
        raise Problem(423, "it is being written to")
    state.let_go(upload)
    return web.Response(status=204, headers={"Tus-Resumable": VERSION})


async def override(request: web.Request) -> web.Response:
    """What clients send that can send neither PATCH nor DELETE."""
    known = {"PATCH": patch, "DELETE": delete}
    wanted = request.headers.get("X-HTTP-Method-Override", "").upper()
    if wanted not in known:
        raise Problem(400, "a POST to an upload says PATCH or DELETE as X-HTTP-Method-Override")
    return await known[wanted](request)


async def _take(request: web.Request, state: State, upload: Upload, offset: int) -> tuple[Upload, int]:
    """Append a request's body; returns the upload, complete if it is, and how much has come."""
    room = upload.size - offset
    if request.content_length is not None and request.content_length > room:
        raise Problem(413, f"only {room} bytes are missing")
    expected = _checksum(request)
    async with _alone(state, request, upload, offset):
        state.check_room(min(request.content_length or 0, room))
        with state.songs.part(upload).open("ab") as file:
            came = await _write(request, file, room, expected)
            if expected and not came:
                file.truncate(offset)
                raise Problem(BAD_CHECKSUM, "the piece is not what its checksum says")
        offset += came
        state.counts["bytes", "received"] += came
        if offset == upload.size:
            song = await asyncio.to_thread(state.songs.digest, upload)
            await asyncio.to_thread(state.songs.keep, upload, song)
            state.songs.complete(upload, song)
            state.look(song, upload.client)
            state.counts["uploads", "complete"] += 1
            upload = state.songs.get(upload.id)
    return upload, offset


async def _write(request: web.Request, file: BinaryIO, room: int, expected: tuple[str, bytes] | None) -> int:
    """Write what comes; returns the bytes, 0 if a checksum was told and is not theirs."""
    came, total = 0, hashlib.new(expected[0], usedforsecurity=False) if expected else None
    waiting = bytearray()
    try:
        while piece := await asyncio.wait_for(request.content.readany(), PATIENCE):
            came += len(piece)
            if came > room:
                raise Problem(413, f"only {room} bytes are missing")
            waiting += piece
            if total:
                total.update(piece)
            if len(waiting) >= PIECE:
                file.write(waiting)
                waiting.clear()
    except TimeoutError:
        raise Problem(408, f"nothing came for {PATIENCE:.0f} s") from None
    finally:
        file.write(waiting)  # a connection that breaks has brought this much
    return 0 if total and expected and total.digest() != expected[1] else came


@asynccontextmanager
async def _alone(state: State, request: web.Request, upload: Upload, offset: int) -> AsyncIterator[None]:
    """Nobody else writes to it meanwhile: a connection that was lost may still look open, so the newer one counts."""
    for _ in range(20):
        former = state.busy.get(upload.id)
        if former is None:
            break
        if former.transport:
            former.transport.close()
        await asyncio.sleep(0.05)
    else:
        raise Problem(423, "another connection is writing to it", "locked")
    if state.songs.offset(upload) != offset:
        raise Problem(409, f"{state.songs.offset(upload)} bytes have come, and not {offset}", "offset")
    state.busy[upload.id] = request
    try:
        yield
    finally:
        state.busy.pop(upload.id, None)


def _found(request: web.Request) -> Upload:
    try:
        return request.app[STATE].songs.get(request.match_info["id"])
    except KeyError:
        raise Problem(404, "there is no such upload, or its time is over", "gone") from None


def _headers(upload: Upload) -> dict[str, str]:
    headers = {"Tus-Resumable": VERSION, "Upload-Expires": formatdate(upload.expires, usegmt=True)}
    if upload.song:
        digest = base64.b64encode(bytes.fromhex(upload.song)).decode()
        headers["Repr-Digest"] = f"sha-256=:{digest}:"
    return headers


def _check_version(request: web.Request) -> None:
    said = request.headers.get("Tus-Resumable")
    if said != VERSION:
        raise Problem(412, f"this is tus {VERSION}, and the request says {said or 'nothing'}", "version")


def _number(request: web.Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise Problem(400, f"{header} = {text[:40]!r} is no number of bytes")
    return int(text)


def _metadata(request: web.Request) -> dict[str, str]:
    """Upload-Metadata: keys, and values in base64."""
    told: dict[str, str] = {}
    for pair in filter(None, request.headers.get("Upload-Metadata", "").split(",")):
        key, _, value = pair.strip().partition(" ")
        try:
            told[key] = base64.b64decode(value, validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            raise Problem(400, f"Upload-Metadata has {key[:40]!r} with what is not base64") from None
    return told


def _name(told: dict[str, str]) -> str:
    """What the song is called, to show: never a path."""
    name = re.split(r"[/\\]", told.get("filename") or told.get("name") or "song")[-1]
    return "".join(c for c in name if c.isprintable())[:LONGEST_NAME] or "song"


def _checksum(request: web.Request) -> tuple[str, bytes] | None:
    """Upload-Checksum: an algorithm and the digest in base64."""
    said = request.headers.get("Upload-Checksum")
    if said is None:
        return None
    algorithm, _, value = said.partition(" ")
    if algorithm not in ALGORITHMS:
        raise Problem(400, f"checksums are {', '.join(ALGORITHMS)}, and not {algorithm[:20]!r}")
    try:
        return algorithm, base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise Problem(400, "the checksum is not base64") from None

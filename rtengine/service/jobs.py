"""Jobs: put one, look at it, end it, fetch what it made.

    PUT /jobs/UUID       a request as JSON      201, or 200 if it was put before
    GET /jobs/UUID                              how far it is, and where its files are
    DELETE /jobs/UUID                           cancelled if it had not ended, else deleted with its result
    GET /jobs/UUID/FILE                         result, compare, before, after, about; with ranges

The UUID is the client's: who does not know whether a request arrived sends it again, and nothing is done twice. It is
also all that opens a job, so it should be random (version 4).
"""

import asyncio
import re
from typing import Any
from urllib.parse import quote

import msgspec
from aiohttp import web

from rtengine.jobs.queue import Job
from rtengine.service.problem import Problem
from rtengine.service.requests import (
    PLACES,
    Convert,
    Mix,
    Render,
    Request,
    Score,
    convert_spec,
    mix_spec,
    packed,
    render_spec,
    score_spec,
    sounds,
)
from rtengine.service.state import LONG_WORK, OWN, STATE, State

UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
PATIENCE = 10.0  # seconds for a request to come
LARGEST_REQUEST = 1 << 16  # bytes
BYTES_A_SECOND = 800_000  # of a result and what belongs to it, before it is compressed
KINDS = {
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "mp3": "audio/mpeg",
    "png": "image/png",
    "json": "application/json",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "mov": "video/quicktime",
    "mkv": "video/x-matroska",
    "webm": "video/webm",
}
FILES = {  # what may be fetched, and the file of the result that it is
    "compare": "compare.flac",
    "before": "before.png",
    "after": "after.png",
    "look": "look.png",
    "about": "about.json",
    "moves": "moves.json",
}
ENDING = r"\.[A-Za-z0-9]{1,5}$"
READER = msgspec.json.Decoder(Request)


def routes() -> list[web.RouteDef]:
    """Where jobs are."""
    one = f"/jobs/{{id:{UUID}}}"
    return [
        web.put(one, put),
        web.get(one, show),
        web.delete(one, delete),
        web.get(f"{one}/result", result),
        web.get(f"{one}/{{file:{'|'.join(FILES)}}}", part),
    ]


async def put(request: web.Request) -> web.Response:
    """Begin a job, or find that it was begun."""
    state, id = request.app[STATE], request.match_info["id"]
    wanted = await _read(request)
    if known := _known(state, id):
        if not _same(known, wanted):
            raise Problem(409, f"there is another job {id}: take a new UUID", "taken")
        return web.json_response(view(request, known))
    client = state.client(request)
    state.check_turn(client)
    kind, spec, songs, seconds = _planned(state, wanted)
    state.check_room(int(seconds * BYTES_A_SECOND))
    long = state.work(kind) * seconds > LONG_WORK
    try:
        job = state.queue.put(id, client, kind, packed(spec), " ".join(songs), seconds, long)
    except ValueError:  # it is one of the service's own
        raise Problem(409, f"there is another job {id}: take a new UUID", "taken") from None
    return web.json_response(view(request, job), status=201)


async def show(request: web.Request) -> web.Response:
    """How far it is."""
    return web.json_response(view(request, found(request)), headers={"Cache-Control": "no-store"})


async def delete(request: web.Request) -> web.Response:
    """Cancel or delete it."""
    state, job = request.app[STATE], found(request)
    if job.open:
        return web.json_response(view(request, state.queue.cancel(job.id)))
    state.forget(job)
    return web.Response(status=204)


async def result(request: web.Request) -> web.StreamResponse:
    """The sound, under the name of the song."""
    state, job = request.app[STATE], found(request)
    folder = _finished(state, job)
    files = sorted(folder.glob("result.*"))
    if not files:
        raise Problem(404, "this job makes no sound")
    spec = msgspec.json.decode(job.spec)
    name = f"{_title(state, spec)}{files[0].suffix}"
    return _file(files[0], name)


async def part(request: web.Request) -> web.StreamResponse:
    """Another file of the result."""
    state, job = request.app[STATE], found(request)
    file = _finished(state, job) / FILES[request.match_info["file"]]
    if not file.is_file():
        raise Problem(404, "this job makes no such file")
    return _file(file)


def view(request: web.Request, job: Job) -> dict[str, Any]:
    """A job as clients see it."""
    state = request.app[STATE]
    spec = msgspec.json.decode(job.spec)
    shown: dict[str, Any] = {
        "id": job.id,
        "state": job.state,
        "do": spec["do"],
        "name": spec.get("name", ""),
        "progress": round(job.progress, 4),
        "remaining": state.remaining(job),
        "doing": job.doing if job.state == "running" else "",
        "made": job.made,
        "started": job.started,
        "ended": job.ended,
        "error": job.error,
        "changed": job.changed,
        "request": spec.get("request") or _asked(spec),
    }
    if job.state == "done" and job.result:
        folder = state.store.path(job.result)
        files = {name: file for name, file in FILES.items() if (folder / file).is_file()}
        if list(folder.glob("result.*")):
            files["result"] = ""
        shown["size"] = job.size
        shown["expires"] = (job.ended or 0) + state.settings.keep
        shown["files"] = {name: address(state, f"/jobs/{job.id}/{name}") for name in files}
    return shown


def _asked(spec: dict[str, Any]) -> dict[str, Any]:
    """What somebody asked for, of what a worker is told."""
    asked = {k: v for k, v in spec.items() if k in Render.__struct_fields__ + Convert.__struct_fields__}
    return asked | ({"song": spec["song"].rpartition("/")[2]} if spec["do"] in ("render", "look") else {})


def address(state: State, path: str) -> str:
    """The path, with a ticket for who cannot send the token."""
    guard = state.settings.guard
    return f"{path}?ticket={guard.ticket(path)}" if guard.token else path


def found(request: web.Request) -> Job:
    """The job of the address."""
    job = _known(request.app[STATE], request.match_info["id"])
    if job is None:
        raise Problem(404, "there is no such job, or its time is over", "gone")
    return job


def _known(state: State, id: str) -> Job | None:
    try:
        job = state.queue.get(id)
    except KeyError:
        return None
    return None if job.client == OWN else job


def _finished(state: State, job: Job) -> Any:
    if job.state != "done" or not job.result:
        raise Problem(409, job.error or f"the job is {job.state}", job.state)
    return state.store.path(job.result)


async def _read(request: web.Request) -> Request:
    if request.content_type != "application/json":
        raise Problem(415, "a request is application/json")
    if (request.content_length or 0) > LARGEST_REQUEST:
        raise Problem(413, f"a request of {request.content_length} bytes is more than {LARGEST_REQUEST}")
    try:
        body = await asyncio.wait_for(request.read(), PATIENCE)
    except TimeoutError:
        raise Problem(408, f"the request did not come within {PATIENCE:.0f} s") from None
    try:
        return READER.decode(body)
    except msgspec.ValidationError as error:
        raise Problem(422, str(error), "invalid") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, f"this is no JSON: {error}", "json") from None


def _planned(state: State, wanted: Request) -> tuple[str, dict[str, Any], list[str], float]:
    """kind, spec, songs that are read, or the job that made what is, and seconds of sound."""
    if isinstance(wanted, Convert):
        made = _known(state, wanted.job)
        if made is None or made.state != "done" or not made.result or not made.kind.startswith(("render", "mix")):
            raise Problem(404, f"there is no finished render {wanted.job}", "no-job")
        _check_format(wanted)
        return "convert", convert_spec(wanted, made.result), [made.id], made.seconds
    songs = _songs(wanted)
    for song in songs:
        if not state.songs.has(song):
            raise Problem(404, f"there is no song {song}: upload it first", "no-song")
    if not isinstance(wanted, Render):
        return _planned_elsewhere(state, wanted, songs)
    if not any(weight > 0 for weight in wanted.textures.values()):
        raise Problem(422, "all textures have the weight 0", "invalid")
    length = max(state.seconds(wanted.song) - wanted.start, 0.1)
    seconds = min(wanted.duration or length, length)
    spec = render_spec(wanted, state.songs.name(wanted.song), state.settings.longest)
    return f"render {wanted.quality}", spec, songs, seconds


def _songs(wanted: Render | Mix | Score) -> list[str]:
    """What it reads."""
    if isinstance(wanted, Render):
        return [wanted.song, *sounds(wanted)]
    return [*wanted.stems, *wanted.like] if isinstance(wanted, Mix) else [wanted.film]


def _planned_elsewhere(
    state: State, wanted: Mix | Score, songs: list[str]
) -> tuple[str, dict[str, Any], list[str], float]:
    kind = "mix" if isinstance(wanted, Mix) else "score"
    if PLACES[kind] not in state.places:
        raise Problem(404, f"this service makes no {kind}", "no-place")
    seconds, longest = sum(map(state.seconds, songs)), state.settings.longest
    if isinstance(wanted, Mix):
        return kind, mix_spec(wanted, [state.songs.name(song) for song in wanted.stems], longest), songs, seconds
    return kind, score_spec(wanted, state.songs.name(wanted.film), longest), songs, seconds


def _same(job: Job, wanted: Request) -> bool:
    """Whether a job is what is wanted, again."""
    spec = msgspec.json.decode(job.spec)
    if spec["do"] != wanted.__struct_config__.tag:
        return False
    if isinstance(wanted, Render):
        again = render_spec(wanted, spec.get("name", ""), spec.get("longest", 0.0))
    elif not isinstance(wanted, Convert):
        return bool(spec.get("request") == msgspec.to_builtins(wanted))
    else:
        again = convert_spec(wanted, spec["song"].split("/")[1])
    return packed(again) == job.spec


def _check_format(wanted: Convert) -> None:
    """Refuse at once what no file can hold."""
    from rtengine.files.sink import check_format

    try:
        check_format(f".{wanted.format}", bit_depth=wanted.bit_depth)
    except ValueError as error:
        raise Problem(422, str(error).replace("--bit-depth", "bit_depth"), "invalid") from None


def _title(state: State, spec: dict[str, Any]) -> str:
    """What the result is called: the song's name and the textures'."""
    if spec["do"] == "convert":
        made = _known(state, spec["job"])
        spec = msgspec.json.decode(made.spec) if made else spec
    if spec["do"] in ("mix", "score"):
        return "mix" if spec["do"] == "mix" else f"{re.sub(ENDING, '', spec['name'])}-scored"[:120]
    weights = sorted(spec.get("textures", {}).items(), key=lambda pair: -pair[1])  # what is heard most comes first
    textures = [name if len(name) < 64 else state.songs.name(name) for name, weight in weights if weight > 0]
    return "-".join(re.sub(ENDING, "", name) for name in (spec.get("name", "song"), *textures))[:120]


def _file(file: Any, name: str = "") -> web.FileResponse:
    kind = KINDS.get(file.suffix[1:], "application/octet-stream")
    headers = {"Content-Type": kind, "Cache-Control": "private, max-age=86400", "Content-Security-Policy": "sandbox"}
    if name:
        plain = re.sub(r"[^A-Za-z0-9 ._-]", "_", name)
        headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return web.FileResponse(file, headers=headers)

"""Songs as they were sent, what a look at them found, and the tiles of the textures."""

from typing import Any

from aiohttp import web

from rtengine.jobs.queue import Job
from rtengine.service.jobs import _file, address, view
from rtengine.service.problem import Problem
from rtengine.service.state import GUESS, OWN, STATE, State

SONG = "[0-9a-f]{64}"
TILE = "[a-z][a-z0-9_-]{0,63}"
STARTS = {  # what a file of a kind begins with, and where
    "audio/wav": ((0, b"RIFF"), (0, b"RF64")),
    "audio/flac": ((0, b"fLaC"),),
    "audio/ogg": ((0, b"OggS"),),
    "audio/mp4": ((4, b"ftyp"),),
    "audio/webm": ((0, b"\x1aE\xdf\xa3"),),
    "audio/aiff": ((0, b"FORM"),),
    "audio/mpeg": ((0, b"ID3"), (0, b"\xff\xfb"), (0, b"\xff\xf3"), (0, b"\xff\xfa"), (0, b"\xff\xf2")),
}


def routes() -> list[web.RouteDef]:
    """Where they are."""
    return [
        web.get(f"/songs/{{song:{SONG}}}", song),
        web.get(f"/songs/{{song:{SONG}}}/sound", sound),
        web.get("/textures", textures),
        web.get(f"/textures/{{name:{TILE}}}.{{kind:png|flac}}", tile),
    ]


async def song(request: web.Request) -> web.Response:
    """What is known of a song: its look, as a job, and where it can be heard."""
    state, name = request.app[STATE], request.match_info["song"]
    if not state.songs.has(name):
        raise Problem(404, "there is no such song, or its time is over", "gone")
    look = state.look(name, state.client(request))
    known = {
        "song": name,
        "name": state.songs.name(name),
        "size": state.songs.path(name).stat().st_size,
        "expires": state.songs.expires(name),
        "sound": address(state, f"/songs/{name}/sound"),
        "look": view(request, look),
    }
    return web.json_response(known, headers={"Cache-Control": "no-store"})


async def sound(request: web.Request) -> web.StreamResponse:
    """The file, as it was sent; of a kind that a browser plays or else of none."""
    state, name = request.app[STATE], request.match_info["song"]
    if not state.songs.has(name):
        raise Problem(404, "there is no such song, or its time is over", "gone")
    path = state.songs.path(name)
    response = _file(path)
    with path.open("rb") as file:
        response.headers["Content-Type"] = kind(file.read(16))
    return response


async def textures(request: web.Request) -> web.Response:
    """The textures, where their pictures and sounds are, and what each quality costs in time."""
    state = request.app[STATE]
    made = state.queue.get(state.tiles)
    listed: list[dict[str, Any]] = state.about(made).get("textures", [])
    for texture in listed:
        for what, suffix in (("picture", "png"), ("sound", "flac")):
            texture[what] = address(state, f"/textures/{texture['name']}.{suffix}")
    known = {
        "ready": made.state == "done",
        "places": state.places,
        "textures": listed,
        "qualities": {q: rate(state, q) for q in ("lofi", "standard", "hifi")},
        "formats": ["wav", "flac", "mp3", "opus", "ogg"],
        "keep": state.settings.keep,
        "largest": state.settings.largest,
        "longest": state.settings.longest,
    }
    return web.json_response(known, headers={"Cache-Control": "no-store"})


async def tile(request: web.Request) -> web.StreamResponse:
    """A texture's picture or sound."""
    state = request.app[STATE]
    made: Job = state.queue.get(state.tiles)
    known = {texture["name"] for texture in state.about(made).get("textures", [])}
    if not made.result or request.match_info["name"] not in known:
        raise Problem(404, "there is no such texture")
    return _file(state.store.path(made.result) / f"{request.match_info['name']}.{request.match_info['kind']}")


def rate(state: State, quality: str) -> dict[str, float | bool]:
    """Seconds for a second of sound, and whether that was measured."""
    measured = state.queue.rate(f"render {quality}", trial=OWN)
    return {"seconds": measured or GUESS, "measured": measured is not None}


def kind(start: bytes) -> str:
    """The media type of a file that begins so."""
    for name, signs in STARTS.items():
        if any(start[at : at + len(sign)] == sign for at, sign in signs):
            return name
    return "application/octet-stream"

"""The interface as an OpenAPI 3.1 document: what is asked by the types of `requests`, what is answered in words."""

from typing import Any

import msgspec
from aiohttp import web

from rtengine.service.jobs import UUID
from rtengine.service.media import SONG, TILE
from rtengine.service.requests import Convert, Mix, Render, Score

REF = "#/components/schemas/{name}"
ID = "[0-9a-f]{32}"
LARGEST = 10**15 - 1  # bytes that a header can tell


def routes() -> list[web.RouteDef]:
    """Where it is."""
    return [web.get("/openapi.json", show)]


async def show(request: web.Request) -> web.Response:
    """The document."""
    return web.json_response(document())


def document() -> dict[str, Any]:
    """The document as a value."""
    _, components = msgspec.json.schema_components([Render, Convert, Mix, Score], ref_template=REF)
    components["Job"] = _object(JOB, ("id", "state", "progress"))
    components["Problem"] = _object(PROBLEM, ("title", "status", "detail"))
    job, song, upload, tile = _path("id", UUID), _path("song", SONG), _path("id", ID), _path("name", TILE)
    tus = {"name": "Tus-Resumable", "in": "header", "required": True, "schema": {"const": "1.0.0"}}
    number = {"type": "integer", "minimum": 0, "maximum": LARGEST}
    size = number | {"minimum": 1}
    other = {
        "name": "X-HTTP-Method-Override",
        "in": "header",
        "required": True,
        "schema": {"enum": ["PATCH", "DELETE"]},
    }
    offset = {"name": "Upload-Offset", "in": "header", "required": True, "schema": number}
    piece = {"required": True, "content": {"application/offset+octet-stream": {"schema": BYTES}}}
    piece_refused = 404, 409, 412, 413, 415, 423, 460, 507
    told = {"$ref": REF.format(name="Job")}
    wanted = {"oneOf": [{"$ref": REF.format(name=n)} for n in ("Render", "Convert", "Mix", "Score")]}
    listed = {"type": "array", "minItems": 1, "maxItems": 100, "items": {"type": "string", "pattern": f"^{UUID}$"}}
    paths: dict[str, Any] = {
        "/jobs/{id}": {
            "parameters": [job],
            "put": _does("Begin a job, or find that it was begun", {200: told, 201: told}, 404, 409, 413, 415, 422, 507)
            | {"requestBody": {"required": True, "content": {"application/json": {"schema": wanted}}}},
            "get": _does("How far a job is", {200: told}, 404),
            "delete": _does("Cancel it, or delete it with its result", {200: told, 204: None}, 404),
        },
        "/songs/{song}": {"parameters": [song], "get": _does("What is known of a song", {200: {}}, 404)},
        "/songs/{song}/sound": {"parameters": [song], "get": _does("The song", {200: "*/*", 206: "*/*"}, 404, 416)},
        "/textures": {"get": _does("Textures, qualities and limits", {200: {}})},
        "/textures/{name}.png": {"parameters": [tile], "get": _does("A picture", {200: "image/png"}, 404)},
        "/textures/{name}.flac": {"parameters": [tile], "get": _does("Its sound", {200: "audio/flac"}, 404)},
        "/events": {
            "get": _does("Changes of jobs as they happen", {200: "text/event-stream"}, 404)
            | {"parameters": [{"name": "job", "in": "query", "required": True, "schema": listed}]}
        },
        "/uploads": {
            "post": _does("Begin an upload (tus 1.0.0)", {201: None}, 411, 412, 413, 415, 429, 507)
            | {"parameters": [tus, {"name": "Upload-Length", "in": "header", "required": True, "schema": size}]},
            "options": _does("What of tus is there", {204: None}),
        },
        "/uploads/{id}": {
            "parameters": [upload],
            "get": _does("What is known of an upload", {200: {}}, 404),
            "patch": _does("Send a piece", {204: None}, *piece_refused)
            | {"parameters": [tus, offset], "requestBody": piece},
            "post": _does("PATCH or DELETE, for who cannot send them", {204: None}, *piece_refused)
            | {"parameters": [tus, other, offset], "requestBody": piece},
            "head": _does("How much has come", {200: None}, 404, 412) | {"parameters": [tus]},
            "delete": _does("Let go of it", {204: None}, 404, 412, 423) | {"parameters": [tus]},
        },
        "/health": {"get": _does("Whether jobs are done here", {200: {}, 503: {}})},
        "/metrics": {"get": _does("Figures for Prometheus", {200: "text/plain"})},
        "/openapi.json": {"get": _does("This", {200: {}})},
    }  # fmt: skip
    for name in ("result", "compare", "before", "after", "look", "about", "moves"):
        answers = {200: "*/*", 206: "*/*"}
        paths[f"/jobs/{{id}}/{name}"] = {"parameters": [job], "get": _does(f"The {name}", answers, 404, 409, 416)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "rtengine", "version": "1", "description": "Give a song the texture of another sound."},
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


NUMBER, TEXT, BYTES = {"type": "number"}, {"type": "string"}, {"type": "string", "format": "binary"}
MAYBE_NUMBER, MAYBE_TEXT = {"type": ["number", "null"]}, {"type": ["string", "null"]}
STATES = {"enum": ["queued", "running", "done", "failed", "cancelled"]}
JOB: dict[str, Any] = {
    "id": TEXT,
    "state": STATES,
    "do": TEXT,
    "name": TEXT | {"description": "what the song is called"},
    "progress": NUMBER | {"description": "0 to 1"},
    "doing": {"type": "string", "description": "what the progress is of, if not the job: compiling"},
    "remaining": MAYBE_NUMBER | {"description": "seconds until it has ended, about"},
    "made": NUMBER,
    "started": MAYBE_NUMBER,
    "ended": MAYBE_NUMBER,
    "error": MAYBE_TEXT | {"description": "why there is no result, in a sentence"},
    "request": {"type": "object"},
    "files": {"type": "object", "additionalProperties": TEXT, "description": "where what was made is"},
    "size": NUMBER,
    "expires": NUMBER,
}
NO_HTTP: dict[str, Any] = {"text/plain": {}}  # of what is no HTTP, or has lines longer than any of ours
PROBLEM: dict[str, Any] = {"title": TEXT, "status": {"type": "integer"}, "detail": TEXT, "code": TEXT}


def _object(properties: dict[str, Any], required: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def _path(name: str, pattern: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": f"^{pattern}$"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _does(what: str, answers: dict[int, Any], *refusals: int) -> dict[str, Any]:
    """An operation: a schema, a media type or None for each good answer, and the statuses of refusals."""
    responses: dict[str, Any] = {}
    for status, answer in answers.items():
        content = (
            {answer: {}}
            if isinstance(answer, str)
            else {}
            if answer is None
            else {"application/json": {"schema": answer}}
        )
        responses[str(status)] = {"description": what} | ({"content": content} if content else {})
    problem = {"application/problem+json": {"schema": {"$ref": REF.format(name="Problem")}}}
    for status in sorted({400, 401, 403, 429, *refusals}):
        responses[str(status)] = {"description": "refused, in a sentence", "content": problem}
    responses["400"] = {"description": "refused, in a sentence", "content": problem | NO_HTTP}
    return {"summary": what, "responses": responses}  # fmt: skip

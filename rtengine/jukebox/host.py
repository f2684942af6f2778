"""What the live host of this computer hears, if it plays with the listener: asked for over its OSCQuery.

The host's own guards hold, for it is asked as anybody is, by its loopback address; the page never talks to it itself.
"""

import json
from typing import Any

import aiohttp
from aiohttp import ClientTimeout, web

from rtengine.cli.arguments import OSCQUERY_PORT
from rtengine.jukebox.asked import jukebox
from rtengine.jukebox.live import TAGS, nearest
from rtengine.jukebox.views import chosen
from rtengine.models.listen.head import UNSURE
from rtengine.service.problem import Problem

URL = f"http://127.0.0.1:{OSCQUERY_PORT}/"
PATIENCE = ClientTimeout(total=2.0)  # seconds
LARGEST = 1 << 16  # bytes of an answer
NOBODY = "no host plays here: python -m rtengine --patch listener"


async def heard(request: web.Request) -> web.Response:
    """Its readings, as what a browser hears is told; 404 if no host is there, or none that listens."""
    box = jukebox(request)
    found, tags = told(await ask())
    vector = await box.live.run(nearest, tags)
    if vector is not None:
        like = await box.shelf.ask(lambda o: o.chooser.like(vector, 5) if len(o.chooser.all) else [])
        found["like"] = [chosen(c, box.address) for c in like]
    return web.json_response(found, headers={"Cache-Control": "no-store"})


async def ask() -> dict[str, Any]:
    """The readings of the listener as OSCQuery tells them, by name."""
    try:
        async with aiohttp.ClientSession(timeout=PATIENCE) as session, session.get(f"{URL}listener") as answer:
            if answer.status != 200:
                raise Problem(404, f"the host plays without the listener: {NOBODY.partition(': ')[2]}", "no-listener")
            node = json.loads(await answer.content.read(LARGEST))
        return dict(node["CONTENTS"])
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError):
        raise Problem(404, NOBODY, "no-host") from None


def told(nodes: dict[str, Any]) -> tuple[dict[str, Any], dict[str, float]]:
    """What is heard as Listener.hear tells it, and all tags; 404 if these are no readings of a listener."""
    try:
        values = nodes["tags"]["VALUE"]
        names = nodes["tags"]["DESCRIPTION"].rpartition("holds: ")[2].split(", ")
        tags = {name: float(value) for name, value in zip(names, values, strict=True)}
        best = sorted(tags, key=lambda name: -tags[name])[:TAGS]
        sureness, tempo = (float(nodes[name]["VALUE"][0]) for name in ("sureness", "tempo"))
        genre, key = (str(nodes[name]["VALUE"][0]) for name in ("genre", "key"))
    except (KeyError, ValueError, IndexError, TypeError):
        raise Problem(404, NOBODY, "no-host") from None
    found = {
        "windows": int(any(tags.values())),
        "tags": {name: round(tags[name], 3) for name in best},
        "genre": "" if genre == UNSURE else genre,
        "sureness": round(sureness, 3),
        "tempo": round(tempo, 1),
        "key": "" if key == UNSURE else key,
    }
    return found, tags if found["windows"] else {}

"""What is like a song, and the way from one to another, by what was heard."""

from itertools import islice
from typing import Any

from rtengine.library.choose import Choice, Chooser
from rtengine.library.near import load
from rtengine.library.vectors import index
from rtengine.models.listen.model import load_model
from rtengine.subsonic.answer import NOT_FOUND, Payload, ProtocolError
from rtengine.subsonic.request import Request
from rtengine.subsonic.shelf import song


def get_similar_songs(request: Request) -> Payload:
    return {"similarSongs": {"song": _radio(request)}}


def get_similar_songs_2(request: Request) -> Payload:
    return {"similarSongs2": {"song": _radio(request)}}


def _radio(request: Request) -> list[dict[str, Any]]:
    """What to play next after a song, an album or an artist: players call it instant mix."""
    key, count = request.text("id"), request.number("count", 50)
    if key in request.shelf.artists:
        seeds = [a.songs[0]["id"] for a in request.shelf.artists[key]][:10]
    elif key in request.shelf.albums:
        seeds = [row["id"] for row in request.shelf.albums[key].songs][:20]
    else:
        seeds = [request.track(key)["id"]]
    seen: dict[int, Choice] = {}
    for choice in islice(_asked(request, seeds).radio(seeds, seeds[0]), count):
        if choice.row["id"] in seen:
            break  # all there is was played once
        seen[choice.row["id"]] = choice
    return [song(choice.row, request.shelf) for choice in seen.values()]


def get_sonic_similar_tracks(request: Request) -> Payload:
    seed = request.track(request.text("id"))["id"]
    return {"sonicMatch": _matches(request, _asked(request, [seed]).similar([seed], request.number("count", 10)))}


def find_sonic_path(request: Request) -> Payload:
    start, end = (request.track(request.text(name))["id"] for name in ("startSongId", "endSongId"))
    chooser = _asked(request, [start, end])
    way = chooser.path(start, end, max(request.number("count", 25), 2))
    at, unit = chooser.all.place(start), chooser.all.unit
    like = {c.row["id"]: float(unit[chooser.all.place(c.row["id"])] @ unit[at]) for c in way}
    return {"sonicMatch": _matches(request, [Choice(c.row, like[c.row["id"]], c.why) for c in way])}


def _matches(request: Request, choices: list[Choice]) -> list[dict[str, Any]]:
    """Cosines, -1 to 1, as the protocol's 0 (most different) to 1 (the same)."""
    return [
        {"entry": song(c.row, request.shelf), "similarity": round(min(max((1 + c.similarity) / 2, 0), 1), 4)}
        for c in choices
    ]


def _asked(request: Request, seeds: list[int]) -> Chooser:
    chooser: Chooser = request.state.kept(
        "chooser",
        lambda: Chooser(
            request.library, index(request.library, load_model()), load(request.library.folder, load_model().digest)
        ),
    )
    try:
        for seed in seeds:
            chooser.all.place(seed)
    except KeyError as error:
        raise ProtocolError(NOT_FOUND, str(error.args[0])) from None
    return chooser

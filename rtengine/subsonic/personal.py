"""What a listener does: stars, ratings, plays and skips, playlists, the queue that a player left."""

import json
import time
from typing import Any

from rtengine.subsonic.answer import GENERIC, NOT_FOUND, Payload, ProtocolError
from rtengine.subsonic.request import Request
from rtengine.subsonic.shelf import Row, moment, song

SKIPPED = 0.5  # of a song's length: what was stopped before was skipped
ROLES = ("settings", "upload", "playlist", "coverArt", "comment", "podcast", "jukebox", "share", "videoConversion")


def star(request: Request) -> Payload:
    return _star(request, "like")


def unstar(request: Request) -> Payload:
    return _star(request, "none")


def _star(request: Request, verdict: str) -> Payload:
    """Songs, albums and artists, each by its own parameter, or all by id, as older players do."""
    others = [*request.all("albumId"), *request.all("artistId")]
    others += [key for key in request.all("id") if key.startswith(("al-", "ar-"))]
    songs = [request.track(key)["id"] for key in request.all("id") if key not in others]
    for key in others:
        if key not in request.shelf.albums and key not in request.shelf.artists:
            raise ProtocolError(NOT_FOUND, f"there is no album or artist {key[:40]!r}")
    for track in songs:
        request.library.rate(track, verdict)
    with request.library.change():
        for key in others:
            kind = "album" if key in request.shelf.albums else "artist"
            request.library.db.execute("DELETE FROM starred WHERE kind = ? AND name = ?", (kind, key))
            if verdict == "like":
                request.library.db.execute("INSERT INTO starred VALUES (?, ?, ?)", (kind, key, time.time()))
    return {}


def set_rating(request: Request) -> Payload:
    stars = request.number("rating", 0, -1, 6)
    if not 0 <= stars <= 5:
        raise ProtocolError(GENERIC, f"a rating of {request.text('rating')[:20]} is outside 0 to 5")
    track = request.track(request.text("id"))["id"]
    with request.library.change():
        request.library.db.execute("UPDATE tracks SET stars = ? WHERE id = ?", (stars, track))
        if stars == 1:  # one star says no
            request.library.db.execute("UPDATE tracks SET rating = -1 WHERE id = ?", (track,))
        elif stars >= 2:
            request.library.db.execute("UPDATE tracks SET rating = max(rating, 0) WHERE id = ?", (track,))
    return {}


def scrobble(request: Request) -> Payload:
    rows = [request.track(key) for key in request.all("id")] or [request.track(request.text("id"))]
    if request.text("submission", "true").lower() == "false":
        request.state.playing[request.user] = rows[-1]["id"], time.time()
        return {}
    for row in rows:
        request.library.rate(row["id"], "played")
    return {}


def report_playback(request: Request) -> Payload:
    """What a player does with a song: so skips are known at last."""
    row, state = request.track(request.text("mediaId")), request.text("state")
    position = request.number("positionMs", 0, 0, 1 << 40) / 1000
    if state in ("starting", "playing", "paused"):
        request.state.playing[request.user] = row["id"], time.time() - position
    elif state == "stopped":
        request.state.playing.pop(request.user, None)
        if request.text("ignoreScrobble", "false").lower() != "true":
            request.library.rate(row["id"], "skip" if position < SKIPPED * row["seconds"] else "played")
    else:
        raise ProtocolError(GENERIC, f"there is no state {state[:40]!r}")
    return {}


def get_now_playing(request: Request) -> Payload:
    entries = []
    for user, (track, since) in request.state.playing.items():
        row = request.library.row(track)
        if row and not row["gone"]:
            minutes = round((time.time() - since) / 60)
            entries.append(song(row, request.shelf) | {"username": user, "minutesAgo": minutes, "playerId": 0})
    return {"nowPlaying": {"entry": entries}}


def get_user(request: Request) -> Payload:
    name = request.text("username", request.user)
    if name != request.user:
        raise ProtocolError(NOT_FOUND, f"there is no user {name[:40]!r}")
    allowed = {"playlist", "comment"}
    roles = {f"{role}Role": role in allowed for role in ROLES}
    user = {"username": name, "scrobblingEnabled": True, "adminRole": False, "downloadRole": True, "streamRole": True}
    return {"user": user | roles | {"folder": [1]}}


def get_playlists(request: Request) -> Payload:
    rows = request.library.db.execute("SELECT * FROM playlists ORDER BY name, id").fetchall()
    return {"playlists": {"playlist": [_playlist(request, row)[0] for row in rows]}}


def get_playlist(request: Request) -> Payload:
    about, songs = _playlist(request, _row(request, request.text("id")))
    return {"playlist": about | {"entry": [song(row, request.shelf) for row in songs]}}


def create_playlist(request: Request) -> Payload:
    tracks = [request.track(key)["id"] for key in request.all("songId")]
    now, key = time.time(), request.text("playlistId", "")
    with request.library.change():
        if key:
            number = _row(request, key)["id"]
            _save(request, number, tracks)
        else:
            (number,) = request.library.db.execute(
                "INSERT INTO playlists (name, tracks, made, changed) VALUES (?, ?, ?, ?) RETURNING id",
                (request.text("name"), json.dumps(tracks), now, now),
            ).fetchone()
    about, songs = _playlist(request, _row(request, f"pl-{number}"))
    return {"playlist": about | {"entry": [song(row, request.shelf) for row in songs]}}


def update_playlist(request: Request) -> Payload:
    row = _row(request, request.text("playlistId"))
    tracks = json.loads(row["tracks"])
    removed = {int(i) for i in request.all("songIndexToRemove") if i.isdecimal()}
    tracks = [t for i, t in enumerate(tracks) if i not in removed]
    tracks += [request.track(key)["id"] for key in request.all("songIdToAdd")]
    with request.library.change():
        _save(request, row["id"], tracks)
        request.library.db.execute(
            "UPDATE playlists SET name = ?, comment = ? WHERE id = ?",
            (request.text("name", row["name"]), request.text("comment", row["comment"]), row["id"]),
        )
    return {}


def delete_playlist(request: Request) -> Payload:
    row = _row(request, request.text("id"))
    with request.library.change():
        request.library.db.execute("DELETE FROM playlists WHERE id = ?", (row["id"],))
    return {}


def _row(request: Request, key: str) -> Row:
    number = key.removeprefix("pl-")
    found = None
    if number.isdecimal() and len(number) < 19:
        found = request.library.db.execute("SELECT * FROM playlists WHERE id = ?", (int(number),)).fetchone()
    if found is None:
        raise ProtocolError(NOT_FOUND, f"there is no playlist {key[:40]!r}")
    row: Row = found
    return row


def _save(request: Request, number: int, tracks: list[int]) -> None:
    request.library.db.execute(
        "UPDATE playlists SET tracks = ?, changed = ? WHERE id = ?", (json.dumps(tracks), time.time(), number)
    )


def _playlist(request: Request, row: Row) -> tuple[dict[str, Any], list[Row]]:
    """A playlist, and those of its pieces that are there."""
    found = (request.library.row(track) for track in json.loads(row["tracks"]))
    songs = [r for r in found if r is not None and not r["gone"]]
    about = {
        "id": f"pl-{row['id']}", "name": row["name"], "comment": row["comment"], "owner": request.user,
        "public": False, "songCount": len(songs), "duration": round(sum(r["seconds"] for r in songs)),
        "created": moment(row["made"]), "changed": moment(row["changed"]),
    }  # fmt: skip
    return about, songs


def save_play_queue(request: Request) -> Payload:
    tracks = [request.track(key)["id"] for key in request.all("id")]
    current = request.text("current", "")
    row = (
        request.user,
        json.dumps(tracks),
        request.track(current)["id"] if current else None,
        request.number("position", 0, 0, 1 << 40),
        time.time(),
    )
    with request.library.change():
        request.library.db.execute("INSERT OR REPLACE INTO queue VALUES (?, ?, ?, ?, ?)", row)
    return {}


def get_play_queue(request: Request) -> Payload:
    """The queue saved last, by whichever app: so one goes on where another stopped."""
    row = request.library.db.execute("SELECT * FROM queue ORDER BY changed DESC LIMIT 1").fetchone()
    if row is None:
        return {}
    found = (request.library.row(track) for track in json.loads(row["tracks"]))
    queue: dict[str, Any] = {
        "username": request.user, "changedBy": row["app"], "changed": moment(row["changed"]),
        "position": row["position"], "entry": [song(r, request.shelf) for r in found if r and not r["gone"]],
    }  # fmt: skip
    return {"playQueue": queue | ({"current": f"tr-{row['current']}"} if row["current"] else {})}

"""What there is: folders, artists, albums, songs, genres, lists, a search."""

import random
from collections import defaultdict
from typing import Any

from rtengine.subsonic.answer import GENERIC, NOT_FOUND, Payload, ProtocolError
from rtengine.subsonic.request import Request
from rtengine.subsonic.shelf import Album, Row, album, artist, genre_of, identity, song

ARTICLES = "The An A Die Das Der Los Las El La Le Les"


def get_music_folders(request: Request) -> Payload:
    return {"musicFolders": {"musicFolder": [{"id": 1, "name": "Music"}]}}


def get_indexes(request: Request) -> Payload:
    groups = [
        {"name": letter, "artist": [{"id": a["id"], "name": a["name"]} for a in artists]}
        for letter, artists in _by_letter(request).items()
    ]
    newest = max((a.songs[0]["added"] for a in request.shelf.albums.values()), default=0)
    return {"indexes": {"lastModified": round(newest * 1000), "ignoredArticles": ARTICLES, "index": groups}}


def get_artists(request: Request) -> Payload:
    groups = [{"name": letter, "artist": artists} for letter, artists in _by_letter(request).items()]
    return {"artists": {"ignoredArticles": ARTICLES, "index": groups}}


def _by_letter(request: Request) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    starred = request.starred("artist")
    for key, name in ((key, request.shelf.names[key]) for key in request.shelf.artists):
        first, _, rest = name.partition(" ")
        sorted_by = rest if rest and first in ARTICLES.split() else name
        letter = sorted_by[:1].upper()
        groups[letter if letter.isalpha() else "#"].append(artist(key, request.shelf, starred))
    return dict(sorted(groups.items()))


def get_music_directory(request: Request) -> Payload:
    key = request.text("id")
    if key in request.shelf.artists:
        children = [album(a, request.starred("album")) for a in request.shelf.artists[key]]
        return {"directory": {"id": key, "name": request.shelf.names[key], "child": children}}
    found = _album(request, key)
    songs = [song(row, request.shelf) for row in found.songs]
    return {"directory": {"id": key, "parent": identity("ar", found.artist), "name": found.name, "child": songs}}


def get_artist(request: Request) -> Payload:
    key = request.text("id")
    if key not in request.shelf.artists:
        raise ProtocolError(NOT_FOUND, f"there is no artist {key[:40]!r}")
    starred = request.starred("album")
    albums = [album(a, starred) for a in request.shelf.artists[key]]
    return {"artist": artist(key, request.shelf, request.starred("artist")) | {"album": albums}}


def get_album(request: Request) -> Payload:
    found = _album(request, request.text("id"))
    songs = [song(row, request.shelf) for row in found.songs]
    return {"album": album(found, request.starred("album")) | {"song": songs}}


def get_song(request: Request) -> Payload:
    return {"song": song(request.track(request.text("id")), request.shelf)}


def get_genres(request: Request) -> Payload:
    genres = request.shelf.genres().items()
    found = [{"value": name, "songCount": songs, "albumCount": albums} for name, (songs, albums) in genres]
    return {"genres": {"genre": found}}


def get_album_list(request: Request) -> Payload:
    return {"albumList": {"album": _albums(request)}}


def get_album_list_2(request: Request) -> Payload:
    return {"albumList2": {"album": _albums(request)}}


def _albums(request: Request) -> list[dict[str, Any]]:
    kind = request.text("type")
    found = list(request.shelf.albums.values())
    starred = request.starred("album")
    if kind == "random":
        random.Random().shuffle(found)
    elif kind == "byYear":
        first, last = request.number("fromYear", 0, 0, 9999), request.number("toYear", 9999, 0, 9999)
        low, high = sorted((first, last))
        found = [a for a in found if low <= _year(a) <= high and _year(a)]
        found.sort(key=_year, reverse=first > last)
    elif kind == "byGenre":
        genre = request.text("genre").casefold()
        found = [a for a in found if any(genre_of(r).casefold() == genre for r in a.songs)]
    elif kind == "starred":
        found = [a for a in found if a.id in starred]
    elif kind in ORDERS:
        found = [a for a in found if kind != "recent" or _played(a)]
        found.sort(key=ORDERS[kind], reverse=not kind.startswith("alphabetical"))
    else:
        raise ProtocolError(GENERIC, f"there is no list of albums of type {kind[:40]!r}")
    first, count = request.number("offset", 0, 0, 1 << 31), request.number("size", 10)
    return [album(a, starred) for a in found[first : first + count]]


def _year(found: Album) -> int:
    return max(int(r["year"]) for r in found.songs)


def _played(found: Album) -> float:
    return max(r["played"] or 0.0 for r in found.songs)


ORDERS: dict[str, Any] = {
    "newest": lambda a: max(r["added"] for r in a.songs),
    "highest": lambda a: sum(r["stars"] for r in a.songs) / len(a.songs),
    "frequent": lambda a: sum(r["plays"] for r in a.songs),
    "recent": _played,
    "alphabeticalByName": lambda a: a.name.casefold(),
    "alphabeticalByArtist": lambda a: (a.artist.casefold(), a.name.casefold()),
}


def get_random_songs(request: Request) -> Payload:
    low, high = request.number("fromYear", 0, 0, 9999), request.number("toYear", 9999, 0, 9999)
    rows = [r for r in _of_genre(request, request.text("genre", "")) if low <= r["year"] <= high]
    chosen = random.Random().sample(rows, min(request.number("size", 10), len(rows)))
    return {"randomSongs": {"song": [song(row, request.shelf) for row in chosen]}}


def get_songs_by_genre(request: Request) -> Payload:
    rows = _of_genre(request, request.text("genre"))
    first, count = request.number("offset", 0, 0, 1 << 31), request.number("count", 10)
    return {"songsByGenre": {"song": [song(row, request.shelf) for row in rows[first : first + count]]}}


def _of_genre(request: Request, genre: str) -> list[Row]:
    rows = (r for a in request.shelf.albums.values() for r in a.songs)
    return [r for r in rows if not genre or genre_of(r).casefold() == genre.casefold()]


def search_2(request: Request) -> Payload:
    return {"searchResult2": _found(request)}


def search_3(request: Request) -> Payload:
    return {"searchResult3": _found(request)}


def _found(request: Request) -> dict[str, Any]:
    """Artists, albums and songs; an empty query, also written "", is all there is."""
    words = request.text("query", "").strip().strip('"').rstrip("*").casefold().split()
    shelf = request.shelf

    def fits(*names: str) -> bool:
        return all(any(w in name.casefold() for name in names) for w in words)

    def part(kind: str, of: list[Any]) -> list[Any]:
        first = request.number(f"{kind}Offset", 0, 0, 1 << 31)
        return of[first : first + request.number(f"{kind}Count", 20)]

    artists = [key for key, name in shelf.names.items() if fits(name)]
    albums = [a for a in shelf.albums.values() if fits(a.name, a.artist)]
    first, count = request.number("songOffset", 0, 0, 1 << 31), request.number("songCount", 20)
    songs = request.library.search(" ".join(words), count, first) if count else []
    starred_artists, starred_albums = request.starred("artist"), request.starred("album")
    return {
        "artist": [artist(key, shelf, starred_artists) for key in part("artist", artists)],
        "album": [album(a, starred_albums) for a in part("album", albums)],
        "song": [song(row, shelf) for row in songs],
    }


def get_starred(request: Request) -> Payload:
    return {"starred": _starred(request)}


def get_starred_2(request: Request) -> Payload:
    return {"starred2": _starred(request)}


def _starred(request: Request) -> dict[str, Any]:
    shelf, artists, albums = request.shelf, request.starred("artist"), request.starred("album")
    return {
        "artist": [artist(key, shelf, artists) for key in artists if key in shelf.artists],
        "album": [album(shelf.albums[key], albums) for key in albums if key in shelf.albums],
        "song": [song(row, shelf) for row in request.library.rows("gone = 0 AND rating > 0")],
    }


def get_top_songs(request: Request) -> Payload:
    name = request.text("artist", "") or request.shelf.names.get(request.text("id", ""), "")
    rows = request.library.rows("gone = 0 AND artist = ?", (name,), "plays DESC, stars DESC, id")
    return {"topSongs": {"song": [song(row, request.shelf) for row in rows[: request.number("count", 50)]]}}


def get_artist_info(request: Request) -> Payload:
    return {"artistInfo": {}}  # nothing is fetched from elsewhere


def get_artist_info_2(request: Request) -> Payload:
    return {"artistInfo2": {}}


def get_album_info(request: Request) -> Payload:
    return {"albumInfo": {}}


def get_scan_status(request: Request) -> Payload:
    count = sum(len(a.songs) for a in request.shelf.albums.values())
    return {"scanStatus": {"scanning": False, "count": count}}


def _album(request: Request, key: str) -> Album:
    if key not in request.shelf.albums:
        raise ProtocolError(NOT_FOUND, f"there is no album {key[:40]!r}")
    return request.shelf.albums[key]

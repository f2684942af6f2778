"""Albums, artists and genres, which a library of pieces does not have: found from what the files say."""

import hashlib
import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rtengine.library.store import Library, path_of
from rtengine.library.tags import named

Row = sqlite3.Row

TYPES = {
    "mp3": "audio/mpeg", "flac": "audio/flac", "ogg": "audio/ogg", "oga": "audio/ogg", "opus": "audio/ogg",
    "wav": "audio/wav", "m4a": "audio/mp4", "m4b": "audio/mp4", "mp4": "audio/mp4", "aac": "audio/aac",
    "aif": "audio/aiff", "aiff": "audio/aiff", "au": "audio/basic", "wma": "audio/x-ms-wma",
}  # fmt: skip
UNKNOWN_ARTIST = "[unknown artist]"


@dataclass
class Album:
    """Pieces with one album's name by one album artist, or of one folder where the files name none."""

    id: str
    name: str
    artist: str
    songs: list[Row] = field(default_factory=list)


class Shelf:
    """All albums and artists of one state of a library, in the order of their names."""

    def __init__(self, library: Library) -> None:
        self.albums: dict[str, Album] = {}
        self.artists: dict[str, list[Album]] = defaultdict(list)
        self.album_of: dict[int, str] = {}
        self.names: dict[str, str] = {}
        for row in library.rows(order="album, disc, track, title, id"):
            name, artist = album_name(row), row["album_artist"] or row["artist"] or UNKNOWN_ARTIST
            key = identity("al", f"{artist}\n{name}")
            album = self.albums.setdefault(key, Album(key, name, artist))
            album.songs.append(row)
            self.album_of[row["id"]] = key
        for album in sorted(self.albums.values(), key=lambda a: a.name.casefold()):
            key = identity("ar", album.artist)
            self.artists[key].append(album)
            self.names[key] = album.artist
        self.artists = dict(sorted(self.artists.items(), key=lambda item: self.names[item[0]].casefold()))

    def genres(self) -> dict[str, tuple[int, int]]:
        """Songs and albums of each genre."""
        songs: dict[str, int] = defaultdict(int)
        albums: dict[str, set[str]] = defaultdict(set)
        for album in self.albums.values():
            for row in album.songs:
                if genre := genre_of(row):
                    songs[genre] += 1
                    albums[genre].add(album.id)
        return {genre: (songs[genre], len(albums[genre])) for genre in sorted(songs)}


def album_name(row: Row) -> str:
    """The album, or the folder's name."""
    return row["album"] or named(path_of(row["path"]).parent.name) or "[unknown album]"


def genre_of(row: Row) -> str:
    """What the file says, else what was heard."""
    return str(row["genre"] or row["heard_genre"])


def identity(kind: str, name: str) -> str:
    return f"{kind}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def song(row: Row, shelf: Shelf) -> dict[str, Any]:
    """A piece as the protocol's Child."""
    path = path_of(row["path"])
    suffix = named(path.suffix[1:].lower())
    album = shelf.albums[shelf.album_of[row["id"]]]
    found: dict[str, Any] = {
        "id": f"tr-{row['id']}", "parent": album.id, "isDir": False, "title": row["title"], "album": album.name,
        "artist": row["artist"] or UNKNOWN_ARTIST, "coverArt": f"tr-{row['id']}", "size": row["size"],
        "contentType": TYPES.get(suffix, "application/octet-stream"), "suffix": suffix,
        "duration": round(row["seconds"]), "path": f"{album.artist}/{album.name}/{named(path.name)}",
        "isVideo": False, "type": "music", "mediaType": "song", "albumId": album.id,
        "artistId": identity("ar", album.artist), "created": moment(row["added"]), "playCount": row["plays"],
        "bitRate": round(row["size"] * 8 / 1000 / max(row["seconds"], 1e-3)),
    }  # fmt: skip
    optional = {
        "track": row["track"], "year": row["year"], "discNumber": row["disc"], "genre": genre_of(row),
        "bpm": round(row["tempo"]), "userRating": row["stars"],
        "starred": moment(row["rated"]) if row["rating"] > 0 else "",
        "played": moment(row["played"]) if row["played"] else "",
    }  # fmt: skip
    return found | {key: value for key, value in optional.items() if value}


def album(album: Album, starred: dict[str, float]) -> dict[str, Any]:
    """An album as AlbumID3."""
    rows = album.songs
    found: dict[str, Any] = {
        "id": album.id, "name": album.name, "title": album.name, "album": album.name, "artist": album.artist,
        "artistId": identity("ar", album.artist), "coverArt": album.id, "songCount": len(rows),
        "duration": round(sum(r["seconds"] for r in rows)), "playCount": sum(r["plays"] for r in rows),
        "created": moment(min(r["added"] for r in rows)), "isDir": True, "parent": identity("ar", album.artist),
    }  # fmt: skip
    year, genre = max(r["year"] for r in rows), next((genre_of(r) for r in rows if genre_of(r)), "")
    optional = {
        "year": year, "genre": genre, "starred": moment(starred[album.id]) if album.id in starred else "",
    }  # fmt: skip
    return found | {key: value for key, value in optional.items() if value}


def artist(key: str, shelf: Shelf, starred: dict[str, float]) -> dict[str, Any]:
    """An artist as ArtistID3."""
    found: dict[str, Any] = {"id": key, "name": shelf.names[key], "albumCount": len(shelf.artists[key])}
    found["coverArt"] = shelf.artists[key][0].id
    return found | ({"starred": moment(starred[key])} if key in starred else {})


def moment(seconds: float | None) -> str:
    """A time as the protocol writes it."""
    return datetime.fromtimestamp(seconds or 0, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

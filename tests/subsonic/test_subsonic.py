"""The server against OpenSubsonic's own document, and against two clients that did not grow here."""

import asyncio
import hashlib
import json
import os
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema_rs
import libopensonic
import libsonic
import mutagen
import mutagen.flac
import numpy as np
import pytest
import soundfile
from aiohttp import web

from rtengine.library import scan as scanning
from rtengine.library.store import Library
from rtengine.subsonic.answer import answered
from rtengine.subsonic.login import App, make
from rtengine.subsonic.server import ENDPOINTS, application

DATA = Path(os.environ.get("RTENGINE_DATA", Path(__file__).parents[3] / "shared" / "data")) / "opensubsonic" / "openapi"
PICTURE = b"\x89PNG\r\n\x1a\nnot much of a picture"
RATE = 16_000


@dataclass
class Served:
    url: str
    app: App
    files: list[Path]

    def raw(self, endpoint: str, *, post: bool = False, login: bool = True, headers: Any = None, **said: Any) -> Any:
        """The answer as it came; lists are repeated parameters."""
        values = ({"apiKey": self.app.key} if login else {}) | said
        text = urllib.parse.urlencode(values, doseq=True)
        url = f"{self.url}/rest/{endpoint}" + ("" if post else f"?{text}")
        request = urllib.request.Request(url, text.encode() if post else None, headers or {})
        return urllib.request.urlopen(request, timeout=30)

    def json(self, endpoint: str, **said: Any) -> dict[str, Any]:
        with self.raw(endpoint, f="json", **said) as answer:
            return json.load(answer)["subsonic-response"]

    def songs(self) -> dict[str, str]:
        """Identifiers by title."""
        found = self.json("search3", query="", songCount=500)["searchResult3"]["song"]
        return {song["title"]: song["id"] for song in found}


def music(folder: Path) -> list[Path]:
    """Two albums by one artist, one by another, and a file that says nothing of itself."""
    files = []
    rng = np.random.default_rng(0)
    for n in range(8):
        file = folder / f"{n // 3}" / f"{n}.flac"
        file.parent.mkdir(parents=True, exist_ok=True)
        t = np.arange(2 * RATE) / RATE
        sound = np.sin(2 * np.pi * (150 + 90 * n) * t) * np.exp(-t * n) + 0.1 * rng.standard_normal(len(t)) * (n % 3)
        soundfile.write(file, 0.4 * sound, RATE)
        files.append(file)
        if n == 7:
            continue
        tags = mutagen.flac.FLAC(file)
        tags.update(title=f"Song {n}", artist="The Band" if n < 6 else "Ärzte & Söhne", album=f"Album <{n // 3}>",
                    tracknumber=str(n % 3 + 1), date="1999", genre="Rock" if n < 3 else "Jazz")  # fmt: skip
        if n == 0:
            picture = mutagen.flac.Picture()
            picture.data, picture.mime, picture.type = PICTURE, "image/png", 3
            tags.add_picture(picture)
        tags.save()
    return files


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("subsonic")
    files = music(folder / "music")
    library = Library(folder / "library")
    processes, scanning.ProcessPoolExecutor = scanning.ProcessPoolExecutor, lambda n, *a, **k: ThreadPoolExecutor(n)
    try:
        assert scanning.scan(library, [folder / "music"]).heard == 8
    finally:
        scanning.ProcessPoolExecutor = processes
    app = make(library, "phone")
    library.close()
    ready, place = threading.Event(), []

    def run() -> None:
        async def main() -> None:
            own = Library(folder / "library")
            runner = web.AppRunner(application(own))
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            place.extend([runner.addresses[0][1], asyncio.get_running_loop(), stop := asyncio.Event()])
            ready.set()
            await stop.wait()
            await runner.cleanup()
            own.close()

        asyncio.run(main())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(30)
    yield Served(f"http://127.0.0.1:{place[0]}", app, files)
    place[1].call_soon_threadsafe(place[2].set)
    thread.join(30)


# the protocol's own document


def schema_of(endpoint: str) -> dict[str, Any]:
    """The schema of an endpoint's answer, with all files that it refers to in one."""
    document = json.loads((DATA / "endpoints" / f"{endpoint}.json").read_text())
    answer = document["get"]["responses"]["200"]
    definitions: dict[str, Any] = {}

    def whole(value: Any, base: Path) -> Any:
        if isinstance(value, list):
            return [whole(v, base) for v in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value and isinstance(value["$ref"], str):
            file = (base / value["$ref"]).resolve()
            key = file.relative_to(DATA.resolve()).as_posix().replace("/", "_")
            if key not in definitions:
                definitions[key] = {}
                definitions[key] = whole(json.loads(file.read_text()), file.parent)
            return {"$ref": f"#/definitions/{key}"}
        return {k: whole(v, base) for k, v in value.items()}

    if "$ref" in answer:
        file = (DATA / "endpoints" / answer["$ref"]).resolve()
        answer, base = json.loads(file.read_text()), file.parent
    else:
        base = DATA / "endpoints"
    schema = whole(answer["content"]["application/json"]["schema"], base)
    return {**schema, "definitions": definitions}


def asked(served: Served) -> dict[str, dict[str, Any]]:
    """Parameters with which each endpoint has something to say."""
    songs = served.songs()
    album = served.json("getAlbumList2", type="newest")["albumList2"]["album"][0]
    first, second = songs["Song 0"], songs["Song 4"]
    playlist = served.json("createPlaylist", name="mine", songId=[first, second])["playlist"]["id"]
    gone = served.json("createPlaylist", name="gone")["playlist"]["id"]
    ids = ("getSong", "getSimilarSongs", "getSimilarSongs2", "getSonicSimilarTracks", "scrobble")
    return {name: {"id": first} for name in ids} | {
        "getArtist": {"id": album["artistId"]}, "getAlbum": {"id": album["id"]},
        "getMusicDirectory": {"id": album["id"]}, "getAlbumList": {"type": "alphabeticalByName"},
        "getAlbumList2": {"type": "newest"}, "getSongsByGenre": {"genre": "Rock"}, "search2": {"query": "song"},
        "search3": {"query": "band"}, "getTopSongs": {"artist": "The Band"}, "getArtistInfo": {"id": album["artistId"]},
        "getArtistInfo2": {"id": album["artistId"]}, "getAlbumInfo": {"id": album["id"]},
        "getAlbumInfo2": {"id": album["id"]}, "findSonicPath": {"startSongId": first, "endSongId": second},
        "star": {"id": first, "albumId": album["id"], "artistId": album["artistId"]}, "unstar": {"id": second},
        "setRating": {"id": first, "rating": 4}, "getPlaylist": {"id": playlist}, "createPlaylist": {"name": "x"},
        "reportPlayback": {"mediaId": first, "mediaType": "song", "positionMs": 500, "state": "playing"},
        "updatePlaylist": {"playlistId": playlist, "songIdToAdd": second}, "deletePlaylist": {"id": gone},
        "savePlayQueue": {"id": [first, second], "current": second, "position": 1234},
    }  # fmt: skip


@pytest.mark.skipif(not DATA.is_dir(), reason=f"there is no OpenSubsonic document in {DATA}")
def test_every_answer_keeps_the_document(served):
    said = asked(served)
    names = sorted(ENDPOINTS, key=lambda name: name.startswith("get"))  # what changes something comes first
    for name in names:
        answer = served.json(name, **said.get(name, {}))
        assert answer["status"] == "ok", (name, answer)
        validator = jsonschema_rs.Draft4Validator(schema_of(name))
        errors = [
            f"{e.message} at {list(e.instance_path)}" for e in validator.iter_errors({"subsonic-response": answer})
        ]
        assert not errors, (name, errors[:3])
        assert any(key not in BASE for key in answer) or name in SILENT, name


BASE = {"status", "version", "type", "serverVersion", "openSubsonic"}
SILENT = {"ping", "star", "unstar", "setRating", "scrobble", "reportPlayback", "updatePlaylist", "deletePlaylist",
          "savePlayQueue"}  # fmt: skip


@pytest.mark.skipif(not DATA.is_dir(), reason=f"there is no OpenSubsonic document in {DATA}")
def test_the_document_is_a_test_that_can_fail(served):
    answer = served.json("getSong", id=served.songs()["Song 0"])
    del answer["song"]["title"]
    assert not jsonschema_rs.Draft4Validator(schema_of("getSong")).is_valid({"subsonic-response": answer})


def test_xml_and_json_say_the_same(served):
    song = served.songs()["Song 0"]
    for post in (False, True):
        with served.raw("getSong.view", id=song, post=post) as answer:
            assert answer.headers["Content-Type"].startswith("text/xml")
            root = ElementTree.fromstring(answer.read())
        assert (root.tag, root.get("status")) == ("{http://subsonic.org/restapi}subsonic-response", "ok")
        found = root.find("{http://subsonic.org/restapi}song")
        expected = served.json("getSong", id=song)["song"]
        assert dict(found.attrib) == {k: json.dumps(v) if isinstance(v, bool) else str(v) for k, v in expected.items()}
    with served.raw("getGenres") as answer:
        genres = ElementTree.fromstring(answer.read()).iter("{http://subsonic.org/restapi}genre")
        assert {g.text for g in genres} >= {"Rock", "Jazz"}


# who may ask


def test_only_an_app_with_its_password_is_let_in(served):
    app = served.app
    salt = "c19b2d"
    token = hashlib.md5((app.password + salt).encode()).hexdigest()
    hexed = app.password.encode().hex()
    for said in ({"p": app.password}, {"p": f"enc:{hexed}"}, {"t": token, "s": salt}):
        assert served.json("ping", login=False, u="phone", **said)["status"] == "ok", said
    wrong = [
        ({"u": "phone", "p": "sesame"}, 40), ({"u": "nobody", "p": app.password}, 40),
        ({"u": "phone", "t": token, "s": "other"}, 40), ({"u": "phone"}, 10), ({}, 10), ({"apiKey": "x"}, 44),
        ({"apiKey": app.key, "u": "phone"}, 43), ({"u": "phone", "p": "enc:zz"}, 40),
        ({"u": "' OR 1=1 --", "p": "x"}, 40),
    ]  # fmt: skip
    for said, code in wrong:
        answer = served.json("ping", login=False, **said)
        assert (answer["status"], answer["error"]["code"]) == ("failed", code), said
    assert served.json("getOpenSubsonicExtensions", login=False)["status"] == "ok"


def test_guessing_is_slowed_down(tmp_path):
    from rtengine.subsonic.answer import ProtocolError
    from rtengine.subsonic.login import TRIES, Login

    library = Library(tmp_path)
    app, login = make(library, "phone"), Login(library)
    for _ in range(TRIES):
        with pytest.raises(ProtocolError, match="wrong"):
            login.user({"u": "phone", "p": "guess"})
    with pytest.raises(ProtocolError, match="too many"):
        login.user({"u": "phone", "p": app.password})
    library.close()


def test_strangers_names_and_pages_are_refused(served):
    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
        with pytest.raises(urllib.error.HTTPError) as refused:
            served.raw("ping", headers=headers)
        refused.value.close()
        assert refused.value.code == 403


@pytest.mark.parametrize(
    ("name", "said", "code"),
    [
        ("getSong", {"id": "tr-99"}, 70), ("getSong", {"id": "../../etc/passwd"}, 70), ("getSong", {}, 10),
        ("getAlbum", {"id": "al-0"}, 70), ("getAlbumList2", {"type": "best"}, 0), ("star", {"id": "x"}, 70),
        ("getAlbumList2", {"type": "newest", "size": "many"}, 10), ("nothing", {}, 0), ("stream", {"id": "tr-0"}, 70),
        ("setRating", {"id": "tr-1", "rating": 6}, 0), ("stream", {"id": "tr-1", "format": "exe"}, 0),
        ("getPlaylist", {"id": "pl-77"}, 70), ("getSong", {"id": "tr-" + "9" * 30}, 70),
    ],
)  # fmt: skip
def test_bad_questions_have_a_sentence(served, name, said, code):
    answer = served.json(name, **said)
    assert (answer["status"], answer["error"]["code"]) == ("failed", code)
    assert answer["error"]["message"]


# what it plays


def test_sound_comes_whole_and_in_ranges(served):
    song = served.songs()["Song 3"]
    whole = served.files[3].read_bytes()
    with served.raw("stream", id=song) as answer:
        assert (answer.read(), answer.headers["Content-Type"]) == (whole, "audio/flac")
    with served.raw("download", id=song, headers={"Range": "bytes=100-199"}) as answer:
        assert (answer.status, answer.read()) == (206, whole[100:200])
    with pytest.raises(urllib.error.HTTPError) as refused:
        served.raw("stream", id=song, headers={"Range": f"bytes={len(whole) + 5}-"})
    refused.value.close()
    assert refused.value.code == 416


@pytest.mark.parametrize("form", ["mp3", "opus", "wav"])
def test_sound_comes_in_another_format(served, tmp_path, form):
    for _ in range(2):  # made, then kept
        with served.raw("stream", id=served.songs()["Song 3"], format=form) as answer:
            (tmp_path / f"x.{form}").write_bytes(answer.read())
    x, rate = soundfile.read(tmp_path / f"x.{form}")
    y = soundfile.read(served.files[3])[0]
    assert len(x) / rate == pytest.approx(2, abs=0.1)
    assert np.sqrt((x**2).mean()) == pytest.approx(np.sqrt((y**2).mean()), rel=0.05)


def test_pictures_are_those_of_the_files_or_drawn(served):
    songs = served.songs()
    with served.raw("getCoverArt", id=songs["Song 0"]) as answer:
        assert (answer.read(), answer.headers["Content-Type"]) == (PICTURE, "image/png")
    with served.raw("getCoverArt", id=songs["Song 4"]) as answer:
        assert answer.headers["Content-Type"] == "image/svg+xml"
        assert answer.read().startswith(b"<svg")


def test_what_was_heard_answers_what_is_like_it(served):
    songs = served.songs()
    found = served.json("getSonicSimilarTracks", id=songs["Song 0"], count=3)["sonicMatch"]
    similarity = [match["similarity"] for match in found]
    assert len(found) == 3
    assert 1 >= similarity[0] >= similarity[-1] >= 0
    assert songs["Song 0"] not in [match["entry"]["id"] for match in found]
    way = served.json("findSonicPath", startSongId=songs["Song 0"], endSongId=songs["Song 6"], count=4)["sonicMatch"]
    assert (way[0]["entry"]["id"], way[-1]["entry"]["id"]) == (songs["Song 0"], songs["Song 6"])
    assert way[0]["similarity"] == pytest.approx(1, abs=1e-3)


def test_skips_and_plays_are_known(served, tmp_path):
    song = served.songs()["Song 5"]
    report = {"mediaId": song, "mediaType": "song"}
    served.json("reportPlayback", positionMs=0, state="starting", **report)
    assert served.json("getNowPlaying")["nowPlaying"]["entry"][0]["id"] == song
    served.json("reportPlayback", positionMs=300, state="stopped", **report)
    assert served.json("getNowPlaying")["nowPlaying"]["entry"] == []
    assert "playCount" in served.json("getSong", id=song)["song"]
    before = served.json("getSong", id=song)["song"]["playCount"]
    served.json("reportPlayback", positionMs=1900, state="stopped", **report)
    assert served.json("getSong", id=song)["song"]["playCount"] == before + 1


def test_albums_and_artists_are_those_of_the_tags(served):
    index = served.json("getArtists")["artists"]["index"]
    names = {a["name"]: a for group in index for a in group["artist"]}
    assert names.keys() == {"The Band", "Ärzte & Söhne", "[unknown artist]"}
    assert [g["name"] for g in index if any(a["name"] == "The Band" for a in g["artist"])] == ["B"]
    albums = served.json("getArtist", id=names["The Band"]["id"])["artist"]["album"]
    assert [(a["name"], a["songCount"], a["year"]) for a in albums] == [("Album <0>", 3, 1999), ("Album <1>", 3, 1999)]
    album = served.json("getAlbum", id=albums[0]["id"])["album"]
    assert [s["track"] for s in album["song"]] == [1, 2, 3]


# clients that did not grow here


def test_libsonic_plays_it(served):
    host, port = served.url.rsplit(":", 1)
    client = libsonic.Connection(host, "phone", served.app.password, int(port), serverPath="/rest")
    assert client.ping()
    artists = [a["name"] for g in client.getArtists()["artists"]["index"] for a in g["artist"]]
    assert "The Band" in artists
    found = client.search3("song 1")["searchResult3"]["song"]
    assert found[0]["title"] == "Song 1"
    with client.stream(found[0]["id"]) as sound:
        assert sound.read() == served.files[1].read_bytes()
    client.star(sids=[found[0]["id"]])
    assert "Song 1" in {s["title"] for s in client.getStarred2()["starred2"]["song"]}
    client.createPlaylist(name="libsonic", songIds=[found[0]["id"]])
    lists = client.getPlaylists()["playlists"]["playlist"]
    mine = next(p for p in lists if p["name"] == "libsonic")
    assert [s["title"] for s in client.getPlaylist(mine["id"])["playlist"]["entry"]] == ["Song 1"]
    assert len(client.getSimilarSongs2(found[0]["id"], count=3)["similarSongs2"]["song"]) == 3


def test_libopensonic_plays_it(served):
    host, port = served.url.rsplit(":", 1)
    client = libopensonic.Connection(host, api_key=served.app.key, port=int(port))
    try:
        _use(client)
    finally:
        client.cleanup()
        client._loop.close()  # which it forgets


def _use(client):
    assert client.ping()
    assert client.token_info().username == "phone"
    songs = {s.title: s for s in client.search3("Song", song_count=10).song}
    assert songs["Song 2"].artist == "The Band"
    assert client.get_album(songs["Song 2"].album_id).song[0].title == "Song 0"
    match = client.get_sonic_similar_tracks(songs["Song 2"].id, count=2)
    assert len(match) == 2
    way = client.find_sonic_path(songs["Song 2"].id, songs["Song 4"].id, count=3)
    assert [way[0].entry.title, way[-1].entry.title] == ["Song 2", "Song 4"]
    client.report_playback(songs["Song 2"].id, "song", 10, "starting")
    assert client.get_now_playing()[0].title == "Song 2"
    client.save_play_queue([songs["Song 2"].id, songs["Song 4"].id], songs["Song 4"].id, 1500)
    queue = client.get_play_queue()
    assert (queue.current, queue.position, len(queue.entry)) == (songs["Song 4"].id, 1500, 2)
    client.set_rating(songs["Song 2"].id, 5)
    assert client.get_song(songs["Song 2"].id).user_rating == 5


def test_titles_that_xml_forbids_are_answers_all_the_same() -> None:
    told = answered("xml", {"song": {"title": "a\x00\x1b\x07b\ud800\ufffe\uffffc \U0001f30a <&>"}})
    song = ElementTree.fromstring(bytes(told.body))[0]
    assert song.get("title") == "abc \U0001f30a <&>"


def test_a_full_disk_is_told_to_the_player(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Library, *values: object) -> None:
        raise OSError(28, "the library cannot be written: database or disk is full; what was there is kept")

    monkeypatch.setattr(Library, "rate", full)
    monkeypatch.setattr(Library, "change", full)
    song = next(iter(served.songs().values()))
    for endpoint in ("star", "scrobble"):
        told = served.json(endpoint, id=song)
        assert told["status"] == "failed"
        assert told["error"]["message"].endswith("disk is full; what was there is kept")

"""The server: which address gives which answer, to whom, in which form.

On loopback alone unless a host is given. Names and pages are checked as everywhere (rtengine.web.guards); who asks is
checked by the protocol's own login, with passwords made here for each app.
Source: opensubsonic.netlify.app; its OpenAPI document is the test.
"""

import socket
from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web

from rtengine.library.store import Library
from rtengine.subsonic import browse, media, personal, sonic
from rtengine.subsonic.answer import GENERIC, Payload, ProtocolError, answered, failed
from rtengine.subsonic.login import Login
from rtengine.subsonic.request import Endpoint, Request, State
from rtengine.web.guards import Guard, checked_name, is_everywhere, listened
from rtengine.web.middleware import carefully, guarded

LARGEST = 1 << 20  # bytes of a form
EXTENSIONS = ("apiKeyAuthentication", "formPost", "playbackReport", "sonicSimilarity")
OPEN = "getOpenSubsonicExtensions"  # the one answer that needs no login

Sender = Callable[[Request], Awaitable[web.StreamResponse]]
STATE, LOGIN = web.AppKey("state", State), web.AppKey("login", Login)


def ping(request: Request) -> Payload:
    return {}


def get_license(request: Request) -> Payload:
    return {"license": {"valid": True}}


def get_extensions(request: Request) -> Payload:
    return {"openSubsonicExtensions": [{"name": name, "versions": [1]} for name in EXTENSIONS]}


def token_info(request: Request) -> Payload:
    return {"tokenInfo": {"username": request.user}}


ENDPOINTS: dict[str, Endpoint] = {
    "ping": ping, "getLicense": get_license, OPEN: get_extensions, "tokenInfo": token_info,
    "getMusicFolders": browse.get_music_folders, "getIndexes": browse.get_indexes,
    "getMusicDirectory": browse.get_music_directory, "getArtists": browse.get_artists,
    "getArtist": browse.get_artist, "getAlbum": browse.get_album, "getSong": browse.get_song,
    "getGenres": browse.get_genres, "getAlbumList": browse.get_album_list, "getAlbumList2": browse.get_album_list_2,
    "getRandomSongs": browse.get_random_songs, "getSongsByGenre": browse.get_songs_by_genre,
    "search2": browse.search_2, "search3": browse.search_3, "getStarred": browse.get_starred,
    "getStarred2": browse.get_starred_2, "getTopSongs": browse.get_top_songs,
    "getArtistInfo": browse.get_artist_info, "getArtistInfo2": browse.get_artist_info_2,
    "getAlbumInfo": browse.get_album_info, "getAlbumInfo2": browse.get_album_info,
    "getScanStatus": browse.get_scan_status,
    "getSimilarSongs": sonic.get_similar_songs, "getSimilarSongs2": sonic.get_similar_songs_2,
    "getSonicSimilarTracks": sonic.get_sonic_similar_tracks, "findSonicPath": sonic.find_sonic_path,
    "star": personal.star, "unstar": personal.unstar, "setRating": personal.set_rating,
    "scrobble": personal.scrobble, "reportPlayback": personal.report_playback,
    "getNowPlaying": personal.get_now_playing, "getUser": personal.get_user,
    "getPlaylists": personal.get_playlists, "getPlaylist": personal.get_playlist,
    "createPlaylist": personal.create_playlist, "updatePlaylist": personal.update_playlist,
    "deletePlaylist": personal.delete_playlist, "savePlayQueue": personal.save_play_queue,
    "getPlayQueue": personal.get_play_queue,
}  # fmt: skip
SENDERS: dict[str, Sender] = {
    "stream": media.stream, "download": media.download, "getCoverArt": media.get_cover_art,
}  # fmt: skip


def application(library: Library, host: str = "127.0.0.1", allowed: Iterable[str] = ()) -> web.Application:
    """The server of a library. host: where it will listen.  allowed: further names by which it is reached."""
    names = frozenset({checked_name(name) for name in allowed} | listened(host))
    app = web.Application(middlewares=[guarded(Guard(names, is_everywhere(host)))], client_max_size=LARGEST)
    app.on_response_prepare.append(carefully)
    app[STATE], app[LOGIN] = State(library), Login(library)
    for method in (app.router.add_get, app.router.add_post):
        method("/rest/{name}", _handle)
    return app


async def _handle(asked: web.Request) -> web.StreamResponse:
    said: dict[str, list[str]] = {}
    for name, value in asked.query.items():
        said.setdefault(name, []).append(value)
    if asked.method == "POST":
        for name, field in (await asked.post()).items():
            if isinstance(field, str):
                said.setdefault(name, []).append(field)
    form = "json" if said.get("f") == ["json"] else "xml"
    name = asked.match_info["name"].removesuffix(".view")
    try:
        user = "" if name == OPEN else asked.app[LOGIN].user({key: values[0] for key, values in said.items()})
        request = Request(said, user, asked.app[STATE])
        if name in SENDERS:
            return await SENDERS[name](request)
        if name not in ENDPOINTS:
            raise ProtocolError(GENERIC, f"{name[:40]!r} is nothing that this server does")
        return answered(form, _asked(ENDPOINTS[name], request))
    except ProtocolError as trouble:
        return failed(form, trouble)


def _asked(endpoint: Endpoint, request: Request) -> Payload:
    """What is answered; a disk that is full is told, as other troubles are."""
    try:
        return endpoint(request)
    except OSError as trouble:
        raise ProtocolError(GENERIC, trouble.strerror or str(trouble)) from None


def serve(library: Library, host: str, port: int, allowed: Iterable[str], say: Callable[[str], object]) -> None:
    """Serve until stopped, and say where; OSError in a sentence if the place is taken."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise OSError(f"{host}:{port}: {error.strerror}") from None
        say(f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}  (for Subsonic players)")
        web.run_app(application(library, host, allowed), sock=listener, print=None, access_log=None)

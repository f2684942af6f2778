"""What the library answers: lists, choices, sound to the sample, and sentences for all that is wrong."""

import fcntl
import json
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from support.pieces import PIECES, RATE, SECONDS, noise
from support.services import Service

from rtengine.blocks.listener import Listener
from rtengine.library.store import File, Library
from rtengine.oscquery.tree import reading


def ids(service: Service) -> dict[str, int]:
    return {p["title"]: p["id"] for p in service.json("GET", "/music/pieces")[1]}


def samples(service: Service, piece: int, query: str = "") -> np.ndarray:
    status, _, data = service.ask("GET", f"/music/pieces/{piece}/samples?{query}")
    assert status == 200, data
    return np.frombuffer(data, "<i2").reshape(-1, 2)


def test_samples_are_the_file_s_own_and_end_where_it_ends(service: Service) -> None:
    piece, whole = ids(service)["Piece 3"], noise(3)
    parts = [samples(service, piece, f"rate={RATE}&first={n * 70_000}&count=70000") for n in range(4)]
    assert [len(p) for p in parts] == [70_000, 70_000, round(RATE * SECONDS) - 140_000, 0]
    assert np.abs(np.concatenate(parts).astype(int) - whole).max() <= 1
    half = samples(service, piece, "rate=24000&count=1000000")
    assert len(half) == round(24_000 * SECONDS)


def test_a_piece_of_water_is_as_long_and_another_sound(service: Service) -> None:
    piece, whole = ids(service)["Piece 1"], noise(1).astype(float)
    wet = samples(service, piece, f"rate={RATE}&count=1000000&textures=water:0.8&mix=0.5").astype(float)
    assert wet.shape == whole.shape
    assert np.abs(wet - whole).max() > 1000
    r = np.corrcoef(wet[20_000:100_000, 0], whole[20_000:100_000, 0])[0, 1]
    assert 0.3 < r < 0.999, "half of it is the piece itself, at its own time"
    dry = samples(service, piece, f"rate={RATE}&count=1000000&textures=water:0.8&mix=0").astype(float)
    assert np.abs(dry - whole).max() <= 300  # a limiter stands at the end


def test_lists_words_genres_and_tags(service: Service) -> None:
    ask = lambda query: [p["title"] for p in service.json("GET", f"/music/pieces?{query}")[1]]  # noqa: E731
    assert ask("") == [f"Piece {n}" for n in range(PIECES)]
    assert ask("first=2&count=2") == ["Piece 2", "Piece 3"]
    assert ask("words=piece+4") == ["Piece 4"]
    assert ask("genre=rain") == ["Piece 4", "Piece 5"]
    tags = dict(service.json("GET", "/music/tags")[1])
    assert sum(tags.values()) == 3 * PIECES
    tag = max(tags, key=lambda name: tags[name])
    assert len(ask(f"tag={tag}")) == tags[tag]
    about = service.json("GET", "/music")[1]
    assert (about["pieces"], about["errors"]) == (PIECES, 1)
    assert [(g["name"], g["count"]) for g in about["genres"]] == [("Noise", 4), ("Rain", 2)]


def test_what_is_said_is_kept_and_heeded(service: Service) -> None:
    known = ids(service)
    service.json("POST", f"/music/pieces/{known['Piece 0']}", {"verdict": "like"})
    service.json("POST", f"/music/pieces/{known['Piece 1']}", {"verdict": "dislike"})
    service.json("POST", f"/music/pieces/{known['Piece 2']}", {"verdict": "played"})
    assert [p["title"] for p in service.json("GET", "/music/pieces?list=liked")[1]] == ["Piece 0"]
    assert [p["title"] for p in service.json("GET", "/music/pieces?list=recent")[1]] == ["Piece 2"]
    near = service.json("GET", f"/music/choice?way=similar&pieces={known['Piece 0']}")[1]
    assert near
    assert {"Piece 0", "Piece 1"}.isdisjoint(p["title"] for p in near)
    assert all(p["why"] for p in near)


def test_a_radio_goes_on_where_it_was_and_a_way_ends_where_it_should(service: Service) -> None:
    known = ids(service)
    ask = lambda query: [p["title"] for p in service.json("GET", f"/music/choice?{query}")[1]]  # noqa: E731
    whole = ask(f"way=radio&pieces={known['Piece 0']}&seed=5&count=12")
    assert len(whole) == 12
    assert ask(f"way=radio&pieces={known['Piece 0']}&seed=5&first=4&count=8") == whole[4:]
    way = ask(f"way=path&pieces={known['Piece 0']},{known['Piece 5']}&count=4")
    assert (way[0], way[-1]) == ("Piece 0", "Piece 5")
    assert len(ask("way=discover&seed=1&count=3")) == 3


def test_a_course_covers_the_piece_and_it_can_be_heard_again(service: Service, folder: Path) -> None:
    piece = ids(service)["Piece 2"]
    course = service.json("GET", f"/music/pieces/{piece}/course")[1]
    assert course["seconds"] == pytest.approx(SECONDS)
    assert len(course["low"]) == len(course["high"]) > 200
    top = noise(2).astype(float).mean(axis=1).max() / 32768
    assert max(course["high"]) == pytest.approx(top, abs=2e-3)
    assert len(course["tags"]) == 6
    assert course == service.json("GET", f"/music/pieces/{piece}/course")[1]
    before = service.json("POST", f"/music/pieces/{piece}", {"verdict": "like"})[1]
    assert service.json("POST", f"/music/pieces/{piece}/again", {}) == (200, before)
    with (folder / "scan.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        status, told = service.json("POST", f"/music/pieces/{piece}/again", {})
    assert (status, told["detail"].startswith("another scan is adding")) == (409, True)


def test_the_map_has_every_piece_once(service: Service) -> None:
    told = service.json("GET", "/music/map")[1]
    assert sorted(told["ids"]) == sorted(ids(service).values())
    assert all(0 <= v <= 65_535 for v in told["x"] + told["y"])
    assert max(told["group"]) <= len(told["groups"])


def test_what_is_heard_live_is_what_was_heard_of_the_file(service: Service) -> None:
    x = noise(4).mean(axis=1).round().astype("<i2")
    for start in range(0, len(x), 2 * RATE):
        status, _, data = service.ask("POST", f"/music/heard/me?rate={RATE}", x[start : start + 2 * RATE].tobytes())
        assert status == 200, data
    told = json.loads(data)
    known = service.json("GET", f"/music/pieces/{ids(service)['Piece 4']}")[1]
    assert next(iter(told["tags"])) == next(iter(known["tags"]))
    assert told["like"][0]["title"] == "Piece 4"
    assert told["genre"] == ""


def test_what_is_wrong_is_a_sentence(service: Service, folder: Path) -> None:
    piece = ids(service)["Piece 0"]
    for path, status in {
        "/music/pieces?count=0": 400, "/music/pieces?first=x": 400, "/music/pieces?list=all'": 400,
        "/music/pieces?order=id;drop": 400, "/music/choice?way=path&pieces=1": 400, "/music/choice?pieces=a": 400,
        "/music/choice?way=similar&pieces=999": 404, "/music/pieces/999": 404, "/music/pieces/999/samples": 404,
        f"/music/pieces/{piece}/samples?rate=1": 400, f"/music/pieces/{piece}/samples?textures=../x": 400,
        f"/music/pieces/{piece}/samples?textures=water:2": 400, f"/music/pieces/{piece}/samples?textures=nothing": 422,
        f"/music/pieces/{piece}/samples?mix=nan": 400, "/music/choice?farther=2&pieces=1": 400,
    }.items():  # fmt: skip
        got, told = service.json("GET", path)
        assert got == status, (path, told)
        assert told["detail"]
    assert service.json("POST", f"/music/pieces/{piece}", {"verdict": "love"})[0] == 400
    assert service.json("POST", "/music/scan", {"folders": ["relative"]})[0] == 400
    assert service.json("POST", "/music/scan", {"folders": ["/nowhere at all"]})[0] == 400
    assert service.ask("POST", "/music/heard/me?rate=48000", b"x")[0] == 400
    assert service.ask("POST", "/music/heard/me?rate=48000", bytes((1 << 22) + 2))[0] == 400


def test_strangers_get_nothing_and_add_no_folders(folder: Path, tmp_path: Path) -> None:
    from rtengine.web.guards import guard

    with Service(tmp_path / "s", library=folder, guard=guard("127.0.0.1", token="0123456789abcdef")) as service:
        for path in ("/music", "/music/pieces", "/music/pieces/1/samples", "/music/pieces/1/cover"):
            assert service.ask("GET", path)[0] == 401
        key = {"Authorization": "Bearer 0123456789abcdef"}
        told = json.loads(service.ask("GET", "/music/pieces", headers=key)[2])
        assert service.ask("GET", told[0]["cover"])[0] == 200, "a picture has a ticket of its own"
        body = json.dumps({"folders": [str(tmp_path)]}).encode()
        headers = key | {"Content-Type": "application/json"}
        assert service.ask("POST", "/music/scan", body, headers)[0] == 403


def test_a_file_that_went_away_is_told_and_comes_back(heard: Path, service: Service) -> None:
    piece, file = ids(service)["Piece 5"], heard / "music" / "5.flac"
    file.rename(heard / "away.flac")
    try:
        status, told = service.json("GET", f"/music/pieces/{piece}/samples?rate={RATE}")
        assert (status, "not there now" in told["detail"]) == (404, True)
    finally:
        (heard / "away.flac").rename(file)
    assert len(samples(service, piece, f"rate={RATE}&count=100")) == 100


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A live host that listens, as OSCQuery tells of it: its nodes by path, to be changed."""
    block = Listener()
    tags = tuple(0.9 if name == "jazz" else 0.05 for name in block.model.tags)
    shown: dict[str, tuple[float | str, ...]] = {"tags": tags, "genre": ("jazz",), "key": ("unsure",)}
    shown |= {"sureness": (0.8,), "tempo": (120.0,)}
    nodes: dict[str, Any] = {
        "/listener": {"CONTENTS": {n: reading(f"/listener/{n}", block.readings[n], v) for n, v in shown.items()}}
    }

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path in nodes
            self.send_response(200 if known else 404)
            self.end_headers()
            self.wfile.write(json.dumps(nodes.get(self.path)).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr("rtengine.jukebox.host.URL", f"http://127.0.0.1:{server.server_port}/")
        yield nodes
        server.shutdown()


def test_what_the_host_hears_is_told_and_compared(service: Service, host: dict[str, Any]) -> None:
    status, found = service.json("GET", "/music/heard/host")
    assert status == 200
    assert next(iter(found["tags"].items())) == ("jazz", 0.9)
    assert [found[name] for name in ("windows", "genre", "sureness", "tempo", "key")] == [1, "jazz", 0.8, 120, ""]
    assert len(found["like"]) == 5
    host["/listener"]["CONTENTS"]["tags"]["VALUE"] = [0.0] * 50
    assert service.json("GET", "/music/heard/host")[1]["windows"] == 0
    del host["/listener"]["CONTENTS"]["tempo"]
    assert service.json("GET", "/music/heard/host")[0] == 404
    host.clear()
    assert "plays without the listener" in service.json("GET", "/music/heard/host")[1]["detail"]


def test_where_no_host_plays_it_is_a_sentence(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rtengine.jukebox.host.URL", "http://127.0.0.1:9/")
    status, said = service.json("GET", "/music/heard/host")
    assert (status, said["detail"]) == (404, "no host plays here: python -m rtengine --patch listener")


def test_what_cannot_be_read_is_told_once(service: Service, folder: Path) -> None:
    library = Library(folder)
    odd = Path(os.fsdecode(b"/music/\x1b[2J \xff.mp3"))
    library.fail(File(odd, 1, 1), "the decoder crashed on it")
    library.close()
    told = {row["file"].rpartition("/")[2]: row["why"] for row in service.json("GET", "/music/errors")[1]}
    assert told[r"\x1b[2J \udcff.mp3"] == "the decoder crashed on it"
    assert told["broken.mp3"].startswith("is no sound file")

import errno
import hashlib
import http.client
import json
import random
import re
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support.services import TUS, Service

from rtengine.jobs.table import connect
from rtengine.jobs.worker import TABLE
from rtengine.service.limits import Rates
from rtengine.web.guards import guard

SONG = random.Random(2).randbytes(5000)
DIGEST = hashlib.sha256(SONG).hexdigest()
TOKEN = "correct-horse-battery"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("service")) as service:
        service.upload(SONG)
        yield service


def put(service: Service, body: object, id: str = "") -> tuple[int, dict[str, object]]:
    status, answer = service.json("PUT", f"/jobs/{id or uuid.uuid4()}", body)
    return status, answer


def test_from_a_song_to_its_result(service: Service) -> None:
    id = service.render(SONG, textures={"water": 0.7, "laser": 0.3}, quality="hifi", duration=1.0)
    job = service.ended(id)
    assert (job["state"], job["progress"], job["error"]) == ("done", 1.0, None)
    assert job["request"]["textures"] == {"water": 0.7, "laser": 0.3}
    assert set(job["files"]) == {"result", "compare", "before", "after", "about"}
    status, headers, sound = service.ask("GET", job["files"]["result"])
    assert (status, sound) == (200, SONG[::-1])
    assert 'filename="song-water-laser.flac"' in headers["content-disposition"]
    assert headers["x-content-type-options"] == "nosniff"


def test_a_part_of_a_result(service: Service) -> None:
    job = service.ended(service.render(SONG))
    where = job["files"]["result"]
    status, headers, part = service.ask("GET", where, headers={"Range": "bytes=100-199"})
    assert (status, part, headers["content-range"]) == (206, SONG[::-1][100:200], f"bytes 100-199/{len(SONG)}")
    assert service.ask("GET", where, headers={"Range": "bytes=99999-"})[0] == 416
    assert service.ask("GET", where, headers={"If-None-Match": headers["etag"]})[0] == 304


def test_a_request_that_is_sent_again_is_done_once(service: Service) -> None:
    body, id = {"do": "render", "song": DIGEST, "duration": 0.5}, str(uuid.uuid4())
    assert [put(service, body, id)[0] for _ in range(3)] == [201, 200, 200]
    service.ended(id)
    assert put(service, body, id)[0] == 200
    assert put(service, body | {"mix": 0.5}, id)[0] == 409


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"do": "render", "song": DIGEST, "mix": 1.01}, 422, "mix"),
        ({"do": "render", "song": DIGEST, "mix": "1"}, 422, "mix"),
        ({"do": "render", "song": DIGEST, "textures": {}}, 422, "textures"),
        ({"do": "render", "song": DIGEST, "textures": {"water": 0}}, 422, "weight 0"),
        ({"do": "render", "song": DIGEST, "textures": {"../../x": 1}}, 422, "textures"),
        ({"do": "render", "song": DIGEST, "textures": {"0" * 64: 1}}, 404, "upload it first"),
        ({"do": "render", "song": "0" * 64}, 404, "upload it first"),
        ({"do": "render", "song": "../jobs.db"}, 422, "song"),
        ({"do": "render", "song": DIGEST, "quality": "best"}, 422, "quality"),
        ({"do": "render", "song": DIGEST, "duration": 0}, 422, "duration"),
        ({"do": "render", "song": DIGEST, "start": -1}, 422, "start"),
        ({"do": "render", "song": DIGEST, "seed": 2**32}, 422, "seed"),
        ({"do": "render", "song": DIGEST, "values": {"/etc/passwd/../x": 1}}, 422, "values"),
        ({"do": "render", "song": DIGEST, "model": "x.onnx"}, 422, "model"),
        ({"do": "tiles"}, 422, "do"),
        ({"song": DIGEST}, 422, "do"),
        ([], 422, "object"),
        ({"do": "convert", "job": str(uuid.uuid4())}, 404, "finished render"),
        ({"do": "convert", "job": "../../x"}, 422, "job"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(service: Service, body: object, status: int, word: str) -> None:
    got, answer = put(service, body)
    assert got == status
    assert word in str(answer["detail"])


def test_what_is_no_request_is_refused(service: Service) -> None:
    where, kind = f"/jobs/{uuid.uuid4()}", {"Content-Type": "application/json"}
    assert service.ask("PUT", where, b"{", kind)[0] == 400
    assert service.ask("PUT", where, b"\xff\xfe", kind)[0] == 400
    assert service.ask("PUT", where, b"[" * 50_000, kind)[0] in (400, 422)
    assert service.ask("PUT", where, b"{}", {"Content-Type": "text/plain"})[0] == 415
    assert service.ask("PUT", where, b" " * 70_000, kind)[0] == 413
    assert service.ask("PUT", "/jobs/1", b"{}", kind)[0] == 404
    assert service.ask("POST", where, b"{}", kind)[0] == 405
    assert service.json("GET", where)[0] == 404


def test_a_failure_names_no_path(service: Service) -> None:
    job = service.ended(service.render(SONG, seed=13))
    assert job["state"] == "failed"
    assert str(service.settings.folder) not in json.dumps(job)
    assert service.json("GET", f"/jobs/{job['id']}/result")[0] == 409


def test_cancelled_within_half_a_second(service: Service) -> None:
    running, waiting = (service.render(SONG, duration=60.0) for _ in range(2))
    end = time.monotonic() + 10
    while service.json("GET", f"/jobs/{running}")[1]["state"] == "queued":
        assert time.monotonic() < end
        time.sleep(0.01)
    told = service.json("GET", f"/jobs/{waiting}")[1]
    assert told["state"] == "queued"
    assert told["remaining"] > 0
    for id in (waiting, running):
        began = time.monotonic()
        assert service.json("DELETE", f"/jobs/{id}")[1]["state"] == "cancelled"
        assert time.monotonic() - began < 0.5
    quick = service.render(SONG)
    assert service.ended(quick, 3)["state"] == "done", "the worker is free"
    assert service.ask("DELETE", f"/jobs/{running}")[0] == 204
    assert service.json("GET", f"/jobs/{running}")[0] == 404


def test_what_a_result_was_converted_to_goes_with_it(service: Service) -> None:
    job = service.ended(service.render(b"one that is saved as another format"))
    copy = str(uuid.uuid4())
    assert service.json("PUT", f"/jobs/{copy}", {"do": "convert", "job": job["id"], "format": "mp3"})[0] == 201
    assert service.ended(copy)["state"] == "done"
    made = {path.name for path in (service.settings.folder / "results").iterdir()}
    assert {f"{job['id']}-1", f"{copy}-1"} <= made
    assert service.ask("DELETE", f"/jobs/{job['id']}")[0] == 204
    assert service.json("GET", f"/jobs/{copy}")[0] == 404
    kept = {path.name for path in (service.settings.folder / "results").iterdir()}
    assert made - kept == {f"{job['id']}-1", f"{copy}-1"}


def test_deleting_a_job_deletes_its_result(service: Service) -> None:
    job = service.ended(service.render(SONG))
    before = set((service.settings.folder / "results").iterdir())
    assert service.ask("DELETE", f"/jobs/{job['id']}")[0] == 204
    gone = before - set((service.settings.folder / "results").iterdir())
    assert [path.name for path in gone] == [f"{job['id']}-1"]


def test_another_format_of_a_result(service: Service) -> None:
    made = service.ended(service.render(SONG))
    id = str(uuid.uuid4())
    body = {"do": "convert", "job": made["id"], "format": "wav", "bit_depth": "16"}
    assert [put(service, body, id)[0] for _ in range(2)] == [201, 200]
    job = service.ended(id)
    assert job["state"] == "done"
    status, headers, _ = service.ask("GET", job["files"]["result"])
    assert (status, headers["content-type"]) == (200, "audio/wav")
    assert "song-water.wav" in headers["content-disposition"]
    wrong = {"do": "convert", "job": made["id"], "format": "opus", "bit_depth": "16"}
    assert put(service, wrong)[0] == 422, "Opus has no bits"


def test_who_comes_while_shapes_are_made_ready_has_a_worker(service: Service) -> None:
    with closing(connect(service.settings.folder / TABLE)) as table:
        kinds = dict(table.execute("SELECT kind, max(long) FROM job WHERE client = 'service' GROUP BY kind").fetchall())
    assert kinds.pop("warm") == 1
    assert set(kinds.values()) == {0}


def test_mixes_and_scores_are_jobs_where_the_service_makes_them(service: Service, tmp_path: Path) -> None:
    mix = {"do": "mix", "stems": [DIGEST]}
    assert put(service, mix)[0] == 404
    with Service(tmp_path, places=("mix", "film")) as making:
        making.upload(SONG, "vocals.wav")
        id = str(uuid.uuid4())
        assert [put(making, mix, id)[0] for _ in range(2)] == [201, 200]
        assert put(making, {"do": "convert", "job": id}, id)[0] == 409
        job = making.ended(id)
        assert (job["state"], job["name"], job["request"]["stems"]) == ("done", "vocals", [DIGEST])
        assert set(job["files"]) == {"result", "moves", "about"}
        assert put(making, {"do": "mix", "stems": []})[0] == 422
        assert put(making, {"do": "mix", "stems": ["0" * 64]})[0] == 404
        status, told = put(making, {"do": "score", "film": DIGEST, "emotion": "calm"})
        assert status == 201
        assert making.ended(str(told["id"]))["files"].keys() == {"result", "about"}
        assert put(making, {"do": "score", "film": DIGEST, "emotion": "bored"})[0] == 422
        assert making.json("GET", "/textures")[1]["places"] == ["textures", "mix", "film"]


def follow(service: Service, query: str, last: str = "") -> list[dict[str, object]]:
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)
    connection.request("GET", f"/events?{query}", headers={"Last-Event-ID": last} if last else {})
    text = connection.getresponse().read().decode()
    connection.close()
    told = []
    for id, data in re.findall(r"id: (\d+)\nevent: job\ndata: (.*)\n\n", text):
        told.append(json.loads(data))
        assert told[-1]["changed"] == int(id)
    return told


def test_events_tell_the_progress_until_the_end(service: Service) -> None:
    id = service.render(SONG, duration=10.0)
    told = follow(service, f"job={id}")
    assert told[-1]["state"] == "done"
    progress = [float(str(event["progress"])) for event in told]
    assert progress == sorted(progress)
    assert len({p for p in progress if 0 < p < 1}) >= 3
    assert follow(service, f"job={id}", str(told[-2]["changed"])) == [told[-1]], "what was missed, in its last state"
    assert follow(service, f"job={id}", str(told[-1]["changed"])) == []


def test_one_stream_tells_of_many_jobs(service: Service) -> None:
    ids = [service.render(SONG, duration=0.2 * n) for n in range(1, 4)]
    told = follow(service, "&".join(f"job={id}" for id in ids))
    assert {event["id"] for event in told if event["state"] == "done"} == set(ids)
    assert service.json("GET", "/events")[0] == 400
    assert service.json("GET", f"/events?job={uuid.uuid4()}")[0] == 404
    assert service.json("GET", "/events?job=1")[0] == 400


def test_a_restart_finds_every_job(tmp_path: Path) -> None:
    with Service(tmp_path) as first:
        done = first.render(SONG)
        first.ended(done)
        others = [first.render(SONG, duration=5.0) for _ in range(3)]
    with Service(tmp_path) as second:
        assert second.json("GET", f"/jobs/{done}")[1]["state"] == "done"
        assert second.ask("GET", f"/jobs/{done}/result")[2] == SONG[::-1]
        assert {second.ended(id)["state"] for id in others} == {"done"}


def test_too_many_jobs_are_told_when_to_come_back(tmp_path: Path) -> None:
    with Service(tmp_path, waiting=3) as service:
        service.upload(SONG)
        body = {"do": "render", "song": DIGEST, "duration": 60.0}
        ids = [str(uuid.uuid4()) for _ in range(6)]
        answers = [put(service, body, id)[0] for id in ids]
        assert answers[0] == 201
        assert answers[-1] == 429
        headers = {"Content-Type": "application/json"}
        status, told, _ = service.ask("PUT", f"/jobs/{ids[-1]}", json.dumps(body).encode(), headers)
        assert status == 429
        assert 1 <= int(told["retry-after"]) <= 3600
        assert put(service, body, ids[0])[0] == 200, "what is there may be asked for again"


def test_a_full_disk_takes_no_jobs(tmp_path: Path) -> None:
    with Service(tmp_path) as service:
        service.upload(SONG)
    with Service(tmp_path, reserve=1 << 60) as service:
        assert put(service, {"do": "render", "song": DIGEST})[0] == 507
        assert service.json("GET", "/health")[0] == 503


def test_a_bucket_of_requests() -> None:
    rates = Rates(10, 5)
    assert [rates.wait("a", now=0.0) for _ in range(5)] == [0.0] * 5
    assert rates.wait("a", now=0.0) == pytest.approx(0.1)
    assert rates.wait("b", now=0.0) == 0.0
    assert rates.wait("a", now=0.11) == 0.0


def test_a_token_is_needed_where_there_is_one(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "index.html").write_text('<meta name="nonce" content="{{nonce}}">')
    with Service(tmp_path / "service", guard=guard("0.0.0.0", token=TOKEN), pages=pages) as service:
        allowed = {"Authorization": f"Bearer {TOKEN}"}
        assert service.ask("GET", "/textures")[0] == 401
        assert service.ask("GET", "/textures", headers=allowed)[0] == 200
        assert service.ask("POST", "/uploads", headers=TUS | {"Upload-Length": "1"})[0] == 401
        assert service.ask("GET", "/metrics")[0] == 401
        assert service.ask("GET", "/health")[0] in (200, 503)
        end = time.monotonic() + 10
        while not (textures := json.loads(service.ask("GET", "/textures", headers=allowed)[2]))["textures"]:
            assert time.monotonic() < end
            time.sleep(0.05)
        picture = textures["textures"][0]["picture"]
        assert "ticket=" in picture
        assert service.ask("GET", picture)[0] == 200
        assert service.ask("GET", picture[:-1])[0] == 401
        status, headers, page = service.ask("GET", "/")
        assert status == 200
        nonce = re.search(rb'content="([^"]+)"', page)
        assert nonce
        assert f"'nonce-{nonce[1].decode()}'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]


def test_strangers_pages_and_names_are_refused(service: Service) -> None:
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
        for method, path in (("GET", "/textures"), ("PUT", f"/jobs/{uuid.uuid4()}"), ("POST", "/uploads")):
            assert service.ask(method, path, headers=TUS | headers)[0] == 403


RUBBISH = [
    b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /songs/..%2fjobs.db HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /textures/..%2f..%2fjobs.db.png HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /jobs/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    b"PUT /jobs/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\0" * 5000,
    b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nOrigin: http://evil.example\r\n\r\n",
]


@pytest.mark.parametrize("rubbish", RUBBISH, ids=range(len(RUBBISH)))
def test_hostile_bytes_get_a_refusal_and_nothing_else(service: Service, rubbish: bytes) -> None:
    with socket.create_connection(("127.0.0.1", service.port), timeout=5) as connection:
        try:
            connection.sendall(rubbish)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(65536)
        except OSError as error:  # it has hung up, sooner or later
            if error.errno not in (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN):
                raise
            answer = b""
    assert not answer or 400 <= int(answer.split()[1]) < 500
    assert b"Traceback" not in answer
    assert b"root:" not in answer
    assert service.json("GET", "/textures")[0] == 200


def test_the_document_names_every_route(service: Service) -> None:
    status, document = service.json("GET", "/openapi.json")
    assert (status, document["openapi"]) == (200, "3.1.0")
    assert document["components"]["schemas"]["Render"]["properties"]["mix"]["maximum"] == 1
    assert "put" in document["paths"]["/jobs/{id}"]


def test_figures_for_prometheus(service: Service) -> None:
    text = service.ask("GET", "/metrics")[2].decode()
    figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(figures["rtengine_workers"]) == 1
    assert float(figures['rtengine_jobs{state="done"}']) >= 4
    assert all(re.fullmatch(r'rtengine_[a-z_]+(\{[a-z]+="[a-z0-9]+"\})?', name) for name in figures)


def test_twenty_clients_at_once_lose_nothing(tmp_path: Path) -> None:
    with Service(tmp_path, workers=2, uploads=1000) as service:
        made: dict[int, str] = {}

        def client(n: int) -> None:
            made[n] = service.render(bytes([n]) * 2000)

        threads = [threading.Thread(target=client, args=(n,)) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(made.values())) == 20
        for n, id in made.items():
            job = service.ended(id)
            assert service.ask("GET", job["files"]["result"])[2] == bytes([n]) * 2000

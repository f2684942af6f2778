import base64
import hashlib
import json
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.services import PIECE, TUS, Service
from tusclient.client import TusClient

from rtengine.service import songs as module

SONG = random.Random(1).randbytes(300_000)
PEER = Path(__file__).parent.parent / "peer"  # npm --prefix tests/peer install, once
DIGEST = hashlib.sha256(SONG).hexdigest()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("service"), largest=1_000_000, uploads=1000) as service:
        yield service


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path, uploads=2) as service:
        yield service


def begin(service: Service, size: int = len(SONG), **headers: str) -> str:
    told = {"Upload-Length": str(size)} | {k.replace("_", "-"): v for k, v in headers.items()}
    status, answer, _ = service.ask("POST", "/uploads", headers=TUS | told)
    assert status == 201
    return answer["location"]


def send(service: Service, where: str, data: bytes, offset: int, **headers: str) -> tuple[int, dict[str, str]]:
    told = PIECE | {"Upload-Offset": str(offset)} | {k.replace("_", "-"): v for k, v in headers.items()}
    status, answer, _ = service.ask("PATCH", where, data, told)
    return status, answer


def offset(service: Service, where: str) -> int:
    status, answer, _ = service.ask("HEAD", where, headers=TUS)
    assert status == 200
    assert answer["cache-control"] == "no-store"
    return int(answer["upload-offset"])


def test_a_song_in_pieces_is_named_by_its_digest(service: Service) -> None:
    where = begin(service, Upload_Metadata=f"filename {base64.b64encode('我的歌.mp3'.encode()).decode()}")
    for start in range(0, len(SONG), 100_000):
        assert offset(service, where) == start
        status, answer = send(service, where, SONG[start : start + 100_000], start)
        assert (status, answer["upload-offset"]) == (204, str(start + 100_000))
    assert answer["repr-digest"] == f"sha-256=:{base64.b64encode(bytes.fromhex(DIGEST)).decode()}:"
    known = service.json("GET", where)[1]
    assert (known["song"], known["name"], known["offset"]) == (DIGEST, "我的歌.mp3", len(SONG))
    assert (service.settings.folder / "songs" / DIGEST).read_bytes() == SONG
    assert service.ask("GET", f"/songs/{DIGEST}/sound")[2] == SONG


def test_a_broken_connection_goes_on_where_it_broke(service: Service) -> None:
    where = begin(service)
    with socket.create_connection(("127.0.0.1", service.port)) as broken:
        head = f"PATCH {where} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
        head += f"Content-Type: application/offset+octet-stream\r\nContent-Length: {len(SONG)}\r\n\r\n"
        broken.sendall(head.encode() + SONG[:77_777])
        time.sleep(0.2)
    end = time.monotonic() + 5
    while (came := offset(service, where)) < 77_777:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert came == 77_777
    assert send(service, where, SONG[came:], came)[0] == 204
    assert service.json("GET", where)[1]["song"] == DIGEST


def test_a_connection_that_only_looks_open_gives_way(service: Service) -> None:
    where = begin(service)
    with socket.create_connection(("127.0.0.1", service.port)) as asleep:
        head = f"PATCH {where} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
        head += f"Content-Type: application/offset+octet-stream\r\nContent-Length: {len(SONG)}\r\n\r\n"
        asleep.sendall(head.encode() + SONG[:1000])
        time.sleep(0.3)  # the laptop's lid is closed, and opened elsewhere
        assert send(service, where, SONG, 0)[0] in (204, 409)
        came = offset(service, where)
        assert send(service, where, SONG[came:], came)[0] == 204
    assert service.json("GET", where)[1]["song"] == DIGEST


def test_tuspy_is_a_peer(service: Service, tmp_path: Path) -> None:
    (tmp_path / "song.wav").write_bytes(SONG)
    client = TusClient(f"{service.url}/uploads")
    with (tmp_path / "song.wav").open("rb") as file:
        uploader = client.uploader(
            file_stream=file, chunk_size=70_000, metadata={"filename": "song.wav"}, upload_checksum=True
        )
        uploader.upload(stop_at=140_000)
        again = client.uploader(file_stream=file, chunk_size=70_000, url=uploader.url)
        assert again.offset == 140_000
        again.upload()
    where = str(uploader.url).removeprefix(service.url)
    assert service.json("GET", where)[1]["song"] == DIGEST


@pytest.mark.skipif(not shutil.which("node"), reason="needs the Debian package nodejs")
@pytest.mark.skipif(
    not (PEER / "node_modules" / "tus-js-client").is_dir(),
    reason="needs the Debian package npm, and then: npm --prefix tests/peer install",
)
def test_tus_js_client_is_a_peer(service: Service, tmp_path: Path) -> None:
    (tmp_path / "song.wav").write_bytes(SONG)
    words = ["node", PEER / "tus.js", f"{service.url}/uploads", tmp_path / "song.wav", tmp_path / "memory.json"]
    said = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 0, said.stderr
    told = {key: value for line in said.stdout.splitlines() for key, value in json.loads(line).items()}
    assert told["done"]["url"] == told["stopped"]["url"]
    assert told["done"]["from"] >= told["stopped"]["came"] >= 210_000, "what had come was not sent again"
    where = told["done"]["url"].removeprefix(service.url)
    assert service.json("GET", where)[1]["song"] == DIGEST
    assert service.ask("HEAD", told["gone"]["url"].removeprefix(service.url), headers=TUS)[0] == 404


def test_what_is_here_is_not_sent_again(service: Service) -> None:
    service.upload(SONG)
    told = base64.b64encode(DIGEST.encode()).decode()
    where = begin(service, Upload_Metadata=f"sha256 {told}")
    assert offset(service, where) == len(SONG)
    assert service.json("GET", where)[1]["song"] == DIGEST
    other = begin(service, 1, Upload_Metadata=f"sha256 {told}")
    assert offset(service, other) == 0, "of another size it cannot be the same"


def test_the_first_piece_may_come_with_the_creation(service: Service) -> None:
    status, answer, _ = service.ask("POST", "/uploads", SONG, PIECE | {"Upload-Length": str(len(SONG))})
    assert (status, answer["upload-offset"]) == (201, str(len(SONG)))


def test_a_wrong_checksum_changes_nothing(service: Service) -> None:
    where = begin(service)
    good = base64.b64encode(hashlib.sha1(SONG[:1000]).digest()).decode()
    assert send(service, where, SONG[1:1001], 0, Upload_Checksum=f"sha1 {good}")[0] == 460
    assert offset(service, where) == 0
    assert send(service, where, SONG[:1000], 0, Upload_Checksum=f"sha1 {good}")[0] == 204
    assert offset(service, where) == 1000
    assert send(service, where, SONG[1000:], 1000, Upload_Checksum="crc32 AAAA")[0] == 400
    assert send(service, where, SONG[1000:], 1000, Upload_Checksum="sha1 !!!")[0] == 400


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", {"Upload-Length": "10"}, 412),
        ("POST", TUS, 400),
        ("POST", TUS | {"Upload-Length": "0"}, 400),
        ("POST", TUS | {"Upload-Length": "-1"}, 400),
        ("POST", TUS | {"Upload-Length": "1e3"}, 400),
        ("POST", TUS | {"Upload-Length": "9" * 400}, 400),
        ("POST", TUS | {"Upload-Length": "1000001"}, 413),
        ("POST", TUS | {"Upload-Length": "10", "Upload-Metadata": "filename not-base64!"}, 400),
        ("PATCH", {}, 405),
        ("DELETE", {}, 405),
    ],
)
def test_an_upload_that_cannot_be_is_refused(
    service: Service, method: str, headers: dict[str, str], status: int
) -> None:
    got, _, body = service.ask(method, "/uploads", headers=headers)
    assert got == status
    assert b"Traceback" not in body


def test_a_piece_that_does_not_fit_is_refused(service: Service) -> None:
    where = begin(service, 10)
    assert send(service, where, b"12345", 5)[0] == 409
    assert send(service, where, b"12345678901", 0)[0] == 413
    assert send(service, where, b"12345", 0, Content_Type="text/plain")[0] == 415
    assert send(service, where, b"12345", 0, Tus_Resumable="0.2.2")[0] == 412
    assert send(service, "/uploads/" + "0" * 32, b"12345", 0)[0] == 404
    assert send(service, where, b"1234567890", 0)[0] == 204
    assert send(service, where, b"", 10)[0] == 204


def test_options_say_what_there_is(service: Service) -> None:
    status, headers, _ = service.ask("OPTIONS", "/uploads")
    assert status == 204
    assert headers["tus-extension"] == "creation,creation-with-upload,expiration,termination,checksum"
    assert headers["tus-max-size"] == "1000000"


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\evil\\x.wav", "a\0b\nc", "x" * 5000, ""])
def test_a_name_is_shown_and_never_used(service: Service, name: str) -> None:
    where = service.upload(name.encode() + b"sound", name)
    shown = service.json("GET", where)[1]["name"]
    assert 0 < len(shown) <= 200
    assert not set(shown) & set("/\\\0\n")
    names = {file.name for file in (service.settings.folder / "songs").iterdir()}
    assert all(len(n) == 64 and set(n) <= set("0123456789abcdef") for n in names)


def test_deleting_my_song_deletes_it_when_nobody_else_has_it(fresh: Service) -> None:
    mine, other = fresh.upload(SONG), fresh.upload(SONG)
    assert mine != other
    path = fresh.settings.folder / "songs" / DIGEST
    assert fresh.ask("DELETE", mine, headers=TUS)[0] == 204
    assert path.exists(), "the other has it still"
    assert fresh.ask("HEAD", mine, headers=TUS)[0] == 404
    assert fresh.ask("POST", other, headers=TUS | {"X-HTTP-Method-Override": "DELETE"})[0] == 204
    assert not path.exists()
    assert fresh.json("GET", f"/songs/{DIGEST}")[0] == 404


def test_half_uploads_expire_and_strays_are_swept(fresh: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    where = begin(fresh)
    send(fresh, where, SONG[:5000], 0)
    folder = fresh.settings.folder
    (folder / "songs" / ("f" * 64)).write_bytes(b"stray")
    (folder / "uploads" / "stray.part").write_bytes(b"stray")
    fresh.upload(b"kept")
    real = time.time
    monkeypatch.setattr(module.time, "time", lambda: real() + 60)
    fresh.state.songs.__class__.sweep(_songs(fresh), set())
    assert [f.name for f in (folder / "songs").iterdir()] == [hashlib.sha256(b"kept").hexdigest()]
    assert [f.name for f in (folder / "uploads").iterdir()] == [where.rpartition("/")[2] + ".part"]
    monkeypatch.setattr(module.time, "time", lambda: real() + module.HALF + 60)
    fresh.state.songs.__class__.sweep(_songs(fresh), set())
    assert not list((folder / "uploads").iterdir())


def _songs(service: Service) -> module.Songs:
    """Another view of the same folder, for this thread."""
    folder = service.settings.folder
    return module.Songs(folder, folder / "jobs.db", service.settings.keep)


def test_a_client_has_so_many_uploads_at_a_time(fresh: Service) -> None:
    for _ in range(2):
        begin(fresh)
    status, headers, _ = fresh.ask("POST", "/uploads", headers=TUS | {"Upload-Length": "10"})
    assert status == 429
    assert int(headers["retry-after"]) > 0


def test_a_full_disk_is_refused_before_it_is_full(tmp_path: Path) -> None:
    with Service(tmp_path, reserve=1 << 60) as service:
        status, _, body = service.ask("POST", "/uploads", headers=TUS | {"Upload-Length": "10"})
        assert status == 507
        assert b"full" in body

import random
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.services import Service

from offline.__main__ import main
from rtengine.service import remote as module
from rtengine.service.remote import RefusedError, Remote, Request

SONG = random.Random(3).randbytes(9_000_000)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture
def song(tmp_path: Path) -> Path:
    file = tmp_path / "song.wav"
    file.write_bytes(SONG)
    return file


class Leaky:
    """A proxy before the service that cuts each connection after so many bytes from the client, a few times."""

    def __init__(self, port: int, cuts: list[int]) -> None:
        self._port, self._cuts = port, cuts
        self.cut = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._port))
            threading.Thread(target=self._back, args=(server, client), daemon=True).start()
            threading.Thread(target=self._forth, args=(client, server), daemon=True).start()

    def _forth(self, client: socket.socket, server: socket.socket) -> None:
        came = 0
        with client, server:
            while data := _received(client):
                came += len(data)
                server.sendall(data)
                if self._cuts and came > self._cuts[0]:
                    self._cuts.pop(0)
                    self.cut += 1
                    return

    def _back(self, server: socket.socket, client: socket.socket) -> None:
        while data := _received(server):
            try:
                client.sendall(data)
            except OSError:
                return

    def close(self) -> None:
        self._listener.close()


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except OSError:
        return b""


def test_from_a_file_to_a_file(service: Service, song: Path, tmp_path: Path) -> None:
    remote = Remote(service.url)
    digest = remote.upload(song)
    told: list[float] = []
    job = remote.wait(remote.render(Request(digest, duration=2.0)), lambda job: told.append(job.progress))
    assert told == sorted(told)
    assert len(told) > 2
    remote.save(job, tmp_path / "out.flac")
    assert (tmp_path / "out.flac").read_bytes() == SONG[::-1]


def test_an_upload_survives_its_connections(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rest = module.time.sleep
    monkeypatch.setattr(module.time, "sleep", lambda seconds: rest(0.05))
    song = tmp_path / "other.wav"
    song.write_bytes(SONG[::-1])
    leaky = Leaky(service.port, [3_000_000, 100_000, 2_500_000])
    digest = Remote(leaky.url).upload(song)
    leaky.close()
    assert leaky.cut == 3
    assert service.ask("GET", f"/songs/{digest}/sound")[2] == SONG[::-1]


def test_half_a_result_is_not_fetched_again(service: Service, song: Path, tmp_path: Path) -> None:
    remote = Remote(service.url)
    job = remote.wait(remote.render(Request(remote.upload(song))))
    half = tmp_path / "half.flac"
    half.write_bytes(SONG[::-1][:5_000_000])
    got: list[float] = []
    remote.save(job, half, progress=got.append)
    assert half.read_bytes() == SONG[::-1]
    assert got[0] > 0.5
    remote.save(job, half)
    assert half.read_bytes() == SONG[::-1], "all of it was here"


def test_a_refusal_is_a_sentence(service: Service, tmp_path: Path) -> None:
    remote = Remote(service.url)
    with pytest.raises(RefusedError, match="upload it first") as refused:
        remote.render(Request("0" * 64))
    assert (refused.value.status, refused.value.code) == (404, "no-song")
    with pytest.raises(ValueError, match="no address of a service"):
        Remote("studio.local")


def test_the_command_line(
    service: Service, song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RTENGINE_CACHE", str(tmp_path / "cache"))
    words = ["render", str(song), str(tmp_path / "out.flac"), "--remote", service.url, "--texture", "laser"]
    assert main(words) == 0
    assert (tmp_path / "out.flac").read_bytes() == SONG[::-1]
    before = service.json("GET", "/textures")[0]
    assert before == 200
    done = service.ask("GET", "/metrics")[2].decode().count('rtengine_jobs{state="done"}')
    assert main([*words, "--force"]) == 0
    assert service.ask("GET", "/metrics")[2].decode().count('rtengine_jobs{state="done"}') == done, "found again"
    assert main(words) == 2
    assert "exists" in capsys.readouterr().err
    assert main([*words[:2], "out.xyz", *words[3:]]) == 2
    assert main([*words, "--force", "--picture", "x.png"]) == 2
    assert "exclude each other" in capsys.readouterr().err
    assert main(["render", str(song), str(tmp_path / "b.wav"), "--remote", service.url]) == 0
    assert (tmp_path / "b.wav").stat().st_size == len(SONG)

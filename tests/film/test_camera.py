"""Pictures that come from a camera's stand-ins: a pipe, and a network camera that sends JPEGs over HTTP."""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path

import av
import pytest
from support.films import Scene, pictures, write_film

from rtengine.film.camera import address, frames, is_camera

COUNT = 30


def jpegs() -> list[bytes]:
    """A scene, picture by picture."""
    found = []
    for picture in pictures([Scene(COUNT, 1, ball=6)], 160, 90):
        opened = BytesIO()
        with av.open(opened, "w", format="mjpeg") as output:
            stream = output.add_stream("mjpeg", rate=25)
            stream.width, stream.height, stream.pix_fmt = 160, 90, "yuvj420p"
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
            output.mux(stream.encode())
        found.append(opened.getvalue())
    return found


@pytest.fixture
def phone() -> Iterator[str]:
    """Serves what a phone's webcam app serves."""
    parts = jpegs()

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
            self.end_headers()
            for part in parts:
                self.wfile.write(b"--next\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(part))
                self.wfile.write(part + b"\r\n")

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Camera)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/video"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_network_camera_is_read_as_it_comes(phone: str) -> None:
    source = Path(phone)
    assert is_camera(source)
    assert address(source) == phone
    seen: list[tuple[int, ...]] = []
    with pytest.raises(OSError, match=f"camera {phone} is gone"):
        seen.extend(picture.luma.shape for picture in frames(source))
    assert len(seen) >= COUNT - 1
    assert set(seen) == {(90, 160)}


def test_a_network_camera_that_is_not_there_is_told_in_a_sentence() -> None:
    with pytest.raises(OSError, match=r"there is no camera http://127.0.0.1:9/video \(Connection refused\)"):
        next(frames(Path("http://127.0.0.1:9/video")))


def test_a_pipe_is_a_camera(tmp_path: Path) -> None:
    film = write_film(tmp_path / "x.mkv", pictures([Scene(COUNT, 2)], 160, 90))
    pipe = tmp_path / "camera.pipe"
    os.mkfifo(pipe)
    assert is_camera(pipe)
    assert not is_camera(film)
    writer = threading.Thread(target=lambda: pipe.write_bytes(film.read_bytes()))
    writer.start()
    assert sum(1 for _ in frames(pipe)) == COUNT
    writer.join()

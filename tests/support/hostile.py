"""What strangers send: each kind makes a request as bytes, and says with which statuses it may be answered."""

import base64
import json
import random
import socket
import uuid
from collections.abc import Callable

Made = tuple[bytes, set[int]]  # no status at all, 0, is a connection that was closed
REFUSED = {400, 403, 404, 405}
TUS = "Tus-Resumable: 1.0.0\r\n"
PIECE = TUS + "Content-Type: application/offset+octet-stream\r\n"
ODD = ("..", "%2e%2e", "%2E%2E%2F", "..%2f", "%252e", "%00", "\\..", "%5c..", "etc", "passwd", "jobs.db", ".part",
       "a" * 300, "%c0%ae", "%ff", "~", "con", "songs", "results", "{}", "%0d%0aX:%20y", "file:", "0" * 64)  # fmt: skip
ROUTES = ("", "songs", "songs/" + "0" * 64, "jobs", "uploads", "textures", "events", "results", "vendor", "health")


def request(method: str, path: str, headers: str = "", body: bytes = b"", length: int | None = None) -> bytes:
    """One request of HTTP/1.1; length: what it says of its body, in place of the truth."""
    size = len(body) if length is None else length
    told = f"Content-Length: {size}\r\n" if body or length is not None else ""
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}{told}\r\n".encode() + body


def path_names(chance: random.Random) -> Made:
    """Ways out of a folder."""
    way = "/".join([chance.choice(ROUTES), *chance.choices(ODD, k=chance.randint(1, 6))])
    return request(chance.choice(["GET", "PUT", "DELETE", "HEAD"]), f"/{way}"), REFUSED


def methods(chance: random.Random) -> Made:
    """What HTTP or nobody knows, where it is not known."""
    method = chance.choice(["TRACE", "CONNECT", "PROPFIND", "BREW", "PUT", "DELETE", "post", "LINK"])
    return request(method, f"/{chance.choice(['health', 'textures', 'events', 'metrics', 'openapi.json'])}"), REFUSED


def headers(chance: random.Random) -> Made:
    """Headers of a megabyte, ten thousand headers, headers that are none."""
    told = chance.choice([
        f"X: {'a' * 1_000_000}\r\n", "".join(f"X-{n}: y\r\n" for n in range(10_000)), "X\r\n", ": y\r\n", "X y: z\r\n",
        "Host: localhost\r\nHost: evil.example\r\n", f"Upload-Metadata: {'a' * 60_000}\r\n",
    ])  # fmt: skip
    return request("GET", "/textures", told), {400, 403, 431, 0}


def lengths(chance: random.Random) -> Made:
    """Bodies that are not what they say: smuggled requests."""
    head = b"POST /uploads HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTus-Resumable: 1.0.0\r\n"
    rest = chance.choice([
        b"Content-Length: -1\r\n\r\n", b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", b"Content-Length: 0x10\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n0\r\n\r\n", b"Transfer-Encoding: x\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", b"Content-Length: 99999999999999999999\r\n\r\n",
    ])  # fmt: skip
    return head + rest, {400, 411, 413, 501, 0}


def no_http(chance: random.Random) -> Made:
    """Whatever it is."""
    made = chance.choice([chance.randbytes(3000), b"\0" * 5000, b"\x16\x03\x01\x02\x00\x01\xfc\x03\x03", b"\r\n" * 3000,
                          b"GET", b"GET / HTTP/9.9\r\n\r\n", b"GET  /\r\n\r\n", b"SSH-2.0-x\r\n"])  # fmt: skip
    return made, {400, 403, 0, 505}


def strangers(chance: random.Random) -> Made:
    """Pages of other sites, names that are not ours, and WebSockets from there."""
    evil = f"http://{chance.choice(['evil.example', 'localhost.evil.example', 'localhost:1', '127.0.0.1', '[::1]'])}"
    socket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n"
    path = f"/{chance.choice(['textures', 'health', 'events', '', 'uploads', 'jobs/' + str(uuid.uuid4())])}"
    made = request(chance.choice(["GET", "PUT", "POST"]), path, chance.choice(["", socket]) + f"Origin: {evil}\r\n")
    if chance.random() < 0.3:
        made = made.replace(b"Host: localhost", b"Host: evil.example")
    return made, {403}


def requests(chance: random.Random) -> Made:
    """Requests for jobs that are none."""
    body = chance.choice([
        b"[" * 60_000, b'{"do":' * 9000, b"\xff\xfe\x00", b'{"do":"render","song":"../../etc/passwd"}', b"null", b"NaN",
        json.dumps({"do": "render", "song": "0" * 64, "textures": {f"t{n}": 1 for n in range(4000)}}).encode(),
        b'{"do":"render","song":"%s","duration":1e999}' % (b"0" * 64), b'{"do":"render","song":"%s"}' % (b"0" * 64),
        b'{"do":"convert","job":"' + b"0" * 60_000 + b'"}', b" " * 70_000, chance.randbytes(1000),
        b'{"do":"render","song":"%s","values":{"/etc/../passwd":1}}' % (b"0" * 64), b'{"do":"tiles"}',
    ])  # fmt: skip
    kind = "Content-Type: application/json\r\n"
    return request("PUT", f"/jobs/{uuid.UUID(int=chance.getrandbits(128))}", kind, body), {400, 404, 413, 422}


def uploads(chance: random.Random) -> Made:
    """Uploads that cannot be."""
    name = base64.b64encode(chance.choice(["../../x", "C:\\x", "a\0b", "\u202egnp.exe", "x" * 5000]).encode()).decode()
    told, body, expected = chance.choice([
        ("Upload-Length: -1\r\n", b"", {400}), (f"Upload-Length: {'9' * 400}\r\n", b"", {400}),
        ("Upload-Length: 1e9\r\n", b"", {400}), ("Upload-Length: 0\r\n", b"", {400}),
        (f"Upload-Length: {1 << 45}\r\n", b"", {413}),
        ("Upload-Length: 10\r\nUpload-Metadata: filename !\r\n", b"", {400}),
        (f"Upload-Length: 10\r\nUpload-Metadata: filename {name}\r\n", b"x" * 5000, {413}),
        ("Upload-Defer-Length: 1\r\n", b"", {400}), ("Upload-Length: 3\r\nUpload-Checksum: crc 1\r\n", b"abc", {400}),
    ])  # fmt: skip
    return request("POST", "/uploads", PIECE + told, body), expected


def pieces(chance: random.Random) -> Made:
    """Pieces of what nobody has begun."""
    offset = chance.choice(["0", "-1", "1e3", "9" * 30, "", "0x0"])
    where = f"/uploads/{chance.getrandbits(128):032x}"
    method = chance.choice(["PATCH", "HEAD", "DELETE", "GET"])
    return request(method, where, PIECE + f"Upload-Offset: {offset}\r\n", b"x" * chance.choice([0, 100])), {404}


KINDS: tuple[Callable[[random.Random], Made], ...] = (
    path_names, methods, headers, lengths, no_http, strangers, requests, uploads, pieces,
)  # fmt: skip


def answer(port: int, sent: bytes, half: bool = False, seconds: float = 20.0) -> int:
    """Send it; the status of the answer, 0 if there is none. half: hang up once it is sent, where more is expected."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        try:
            connection.sendall(sent)
            if half:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has been refused before all was sent; the answer may be here all the same
        try:
            return status(connection.recv(65536))
        except ConnectionError:
            return 0


def status(received: bytes) -> int:
    """Of the answer that these bytes begin."""
    words = received.split(maxsplit=2)
    assert b"Traceback" not in received
    assert b"root:" not in received
    return int(words[1]) if len(words) > 1 and words[0].startswith(b"HTTP/") else 0

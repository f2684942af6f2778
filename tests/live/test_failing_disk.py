"""Every write of a host that plays, while the disk refuses it: the sound goes on, and the sentence is right."""

import errno
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from support import needs

from rtengine.osc.packet import decode, encode
from rtengine.take import automation

HERE = Path(__file__).parents[1]
DISK = HERE / "support" / "failing_disk.c"
WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EROFS: "the disk cannot be written to",
    errno.EACCES: "writing there is not allowed",
    errno.EIO: "the disk does not work",
}
HOST = """
import sys
from pathlib import Path
from support.card import scale
from rtengine.live.engine import Engine
from rtengine.live.session import Session
from rtengine.osc.server import Server
folder, say = Path(sys.argv[1]), lambda sentence: print(sentence, flush=True)
with (
    Session(folder / "session.json", say) as session,
    Engine(scale(), "null", "null", log=folder / "log", presets=folder / "s", takes=folder / "t", say=say) as engine,
    Server(engine, "127.0.0.1", 0) as server,
):
    session.keep(engine.kept)
    print(server.port, flush=True)
    sys.stdin.read()
"""

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="what is loaded before the C library is Linux's"),
    needs.program("gcc", "gcc"),
]


class Host:
    """A host, the disk that it writes to, and whoever turns its controls."""

    def __init__(self, folder: Path) -> None:
        self._failure, self.folder = folder / "failure", folder / "disk"
        self.folder.mkdir()
        self.fail(0)
        library = folder / "disk.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, DISK, "-ldl"], check=True)
        failing = {"LD_PRELOAD": library, "FAILING": self.folder, "FAILURE": self._failure}
        paths = os.pathsep.join(map(str, (HERE, HERE.parent)))
        environment = {**os.environ, "PYTHONPATH": paths, **{name: str(path) for name, path in failing.items()}}
        self.log = folder / "said"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", HOST, self.folder],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=out,
            )
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(0.02)
        self._turned = 0
        self._heard = 0
        self._socket.connect(("127.0.0.1", int(self.wait("", turning=False))))

    def close(self) -> None:
        self._socket.close()
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        self.process.kill()
        self.process.wait()

    def fail(self, number: int) -> None:
        """From now on the disk gives this error, or none."""
        with self._failure.open("r+b" if self._failure.exists() else "wb") as file:
            file.write(struct.pack("i", number))

    def wait(self, beginning: str, turning: bool = True) -> str:
        """The next line that it says that begins so; meanwhile a control is turned."""
        end = time.monotonic() + 60
        while True:
            lines = self.log.read_text().splitlines(keepends=True)[self._heard :]
            for n, line in enumerate(lines):
                if line.endswith("\n") and line.startswith(beginning):
                    self._heard += n * (beginning == "")
                    return line.rstrip()
            assert time.monotonic() < end, f"{beginning!r} is not in {lines}"
            assert self.process.poll() is None, lines
            if turning:
                self.turn()
            time.sleep(0.02)

    def all_heard(self) -> None:
        """What is said from now on is what counts."""
        self._heard = len(self.log.read_text().splitlines())

    def turn(self) -> None:
        self._turned += 1
        self._socket.send(encode("/tone/scale", 1 + self._turned % 8 / 8))

    def ask(self, address: str, *arguments: object) -> str:
        """Send, and wait until it is done; what it led to, "" if to no error."""
        self._socket.send(encode(address, *arguments))  # type: ignore[arg-type]
        error, end = "", time.monotonic() + 20
        self._socket.send(encode("/sync", 1))
        while time.monotonic() < end:
            try:
                for message in decode(self._socket.recv(65_536)):
                    if message.address == "/error":
                        error = str(message.arguments[1])
                    if message.address == "/synced":
                        return error
            except TimeoutError:
                continue
        raise AssertionError(f"{address} is not answered")

    def clock(self) -> int:
        self._socket.send(encode("/status"))
        while (reply := decode(self._socket.recv(65_536))[0]).address != "/status.reply":
            pass
        return int(dict(zip(reply.arguments[::2], reply.arguments[1::2], strict=True))["clock"])  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    if not shutil.which("gcc"):
        pytest.skip("needs the Debian package gcc")
    host = Host(tmp_path_factory.mktemp("host"))
    try:
        yield host
    finally:
        host.close()


@pytest.mark.parametrize("error", WORDS)
def test_whatever_the_disk_refuses_the_sound_goes_on_and_the_sentence_is_right(host: Host, error: int) -> None:
    words, name = WORDS[error], errno.errorcode[error]
    assert host.ask("/scene/store", "kept") == ""
    assert host.ask("/record/start", name) == ""
    host.wait("recording to")
    time.sleep(0.5 if error == errno.ENOSPC else 1.5)  # a header that is there can be written over on a full disk alone
    host.all_heard()
    before = host.clock()
    host.fail(error)
    assert "; and goes on" not in host.wait(f"{words}: the log stopped at 00:00:")
    assert host.wait(f"{words}: recording stopped at 00:00:").endswith(f"; {name}.wav can be read up to there")
    host.wait(f"{words}: what is played is not kept")
    assert host.ask("/scene/store", "new") == f"{words}: the scene new is not kept"
    if error != errno.ENOSPC:  # to remove, and to give another name, takes no room
        assert host.ask("/scene/rename", "kept", "else") == f"{words}: the scene kept keeps its name"
        assert host.ask("/scene/delete", "kept") == f"{words}: the scene kept stays"
    assert host.ask("/scene/recall", "kept", 0.1) == ""
    assert host.clock() > before
    host.fail(0)
    host.wait("the log goes on")
    host.wait("the disk takes sound again: recording goes on at 00:00:")
    time.sleep(0.3)
    assert host.ask("/record/stop") == ""
    host.fail(error)
    refused = host.ask("/record/start", "no")
    assert refused.startswith(f"{words}: ")
    assert refused.endswith("no-dry.wav is not recorded")
    host.fail(0)
    for part in ("", "-dry", "-2", "-2-dry"):
        assert soundfile.info(host.folder / "t" / f"{name}{part}.wav").frames > 1000
    assert not (host.folder / "s" / "new.json").exists()
    assert not (host.folder / "t" / "no-dry.wav").exists()


def test_at_last_it_leaves_in_peace_and_its_log_is_whole(host: Host) -> None:
    assert host.process.stdin
    host.process.stdin.close()
    assert host.process.wait(20) == 0
    said = host.log.read_text()
    assert "Traceback" not in said
    assert "went wrong" not in said
    performance = automation.read(host.folder / "log")
    assert (performance.late, performance.lost) == (0, 0)
    assert len(performance.events) > 10

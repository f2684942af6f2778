"""Programs of other people play the host and hear what it answers.

liblo does in test_osc.py, Chromium in test_oscquery.py. The patches for Pure Data and
SuperCollider are those of docs/examples, at another port.
"""

import json
import os
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.controls import Controls

from rtengine.osc.server import Server
from rtengine.oscquery.server import QueryServer

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
PEER = ROOT / "tests" / "peer"
PORT = "9000"  # in the examples
LONG = 60.0  # seconds: SuperCollider compiles its own library first


class Program:
    """A program that runs, and the lines that it says."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process, self.said = process, ""
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def until(self, words: str) -> str:
        """The next line with these words in it; fails if there is none within LONG."""
        end = time.monotonic() + LONG
        while time.monotonic() < end:
            try:
                line = self._lines.get(timeout=0.1)
            except queue.Empty:
                assert self.process.poll() is None, f"it ended without {words!r}:\n{self.said}"
                continue
            self.said += line
            if words in line:
                return line
        raise AssertionError(f"{words!r} was never said:\n{self.said}")

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)


@contextmanager
def running(command: Sequence[object], environment: Mapping[str, str] | None = None) -> Iterator[Program]:
    words = [str(word) for word in command]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=os.environ | dict(environment or {}),
    ) as process:  # fmt: skip
        try:
            yield Program(process)
        finally:
            process.kill()


def until(controls: Controls, address: str, value: float) -> None:
    until_true(lambda: controls[address] == value)


def until_true(fact: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not fact():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


@pytest.fixture
def controls() -> Controls:
    return Controls()


@pytest.fixture
def server(controls: Controls) -> Iterator[Server]:
    with Server(controls, port=0) as server:
        yield server


def example(name: str, server: Server, folder: Path, more: str = "") -> Path:
    """The example, for this server."""
    text = (EXAMPLES / name).read_text("utf-8")
    assert text.count(PORT) == 1
    (folder / name).write_text(text.replace(PORT, str(server.port)) + more, "utf-8")
    return folder / name


@pytest.mark.skipif(not shutil.which("pd"), reason="needs the Debian package puredata-core")
def test_pure_data(server: Server, controls: Controls, tmp_path: Path) -> None:
    patch = example("rtengine.pd", server, tmp_path)
    listener = tmp_path / "listener.pd"  # says what moves the slider
    listener.write_text(
        "#N canvas 0 0 200 100 12;\n#X obj 9 9 r mix-shown;\n#X obj 9 39 print shown;\n#X connect 0 0 1 0;\n"
    )
    play = ["-send", "mix 0.25", "-send", "texture symbol laser"]
    with running(["pd", "-nogui", "-noaudio", "-nomidi", "-stderr", *play, listener, patch]) as pd:
        until(controls, "/mix/amount", 0.25)
        until(controls, "/texture/laser", 1)
        assert controls["/texture/water"] == 0
        controls["/mix/amount"] = 0.75
        pd.until("shown: set 0.75")
    assert "no such object" not in pd.said
    assert "couldn't" not in pd.said
    assert server.counts["refused"] == 0, server.refusal


@pytest.mark.skipif(not shutil.which("sclang"), reason="needs the Debian package supercollider-language")
def test_supercollider(server: Server, controls: Controls, tmp_path: Path) -> None:
    play = """;
    ~shown = { |address, value| [address, value].postln };
    ~texture.("laser");
    ~mix.(0.25);
    ~morph.("laser", "future", 0.2);
    """
    script = example("rtengine.scd", server, tmp_path, play)
    headless = {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1", "HOME": str(tmp_path)}
    with running(["sclang", "-u", "0", script], headless) as sclang:
        sclang.until("[ /mix/amount, 0.25 ]")
        assert controls["/mix/amount"] == 0.25
        until_true(lambda: (controls.timed or [()])[-1][1:] == ("/texture/future", 1.0))
        steps = [value for _, address, value in controls.timed if address == "/texture/future"]
        assert steps == pytest.approx([n / 20 for n in range(21)]), "each for its own sample"
        controls["/mix/amount"] = 0.75
        sclang.until("[ /mix/amount, 0.75 ]")
    assert "ERROR" not in sclang.said
    assert server.counts["refused"] == 0, server.refusal


@pytest.mark.skipif(not shutil.which("node"), reason="needs the Debian package nodejs")
@pytest.mark.skipif(
    not (PEER / "node_modules" / "oscquery").is_dir(),
    reason="needs the Debian package npm, and then: npm --prefix tests/peer install",
)
def test_an_oscquery_client_of_other_people(server: Server, controls: Controls) -> None:
    """npm's oscquery reads the namespace; ws and osc-min, what it listens to and sends."""
    with QueryServer(server, port=0, name="stage") as query:
        with running(["node", PEER / "peer.js", query.port, "/output/gain", -6]) as peer:
            told = json.loads(peer.until('"methods"'))
            assert (told["host"]["name"], told["host"]["oscPort"]) == ("stage", server.port)
            found = {m["full_path"]: m for m in told["methods"] if "parameter" in m["tags"]}
            assert list(found) == list(controls.parameters)
            for address, p in controls.parameters.items():
                (value,) = found[address]["values"]
                bounds = {"min": p.low, "max": p.high}
                bounds |= {"vals": [p.low + i for i in range(len(p.choices))]} if p.choices else {}
                assert (value["type"], value["range"], value["clipmode"]) == ("f", bounds, "both")
                assert found[address]["access"] == 3
            until(controls, "/output/gain", -6)
            controls["/output/gain"] = -12
            assert json.loads(peer.until("-12")) == {"heard": ["/output/gain", -12]}
        assert query.refused == 0
    assert server.counts["refused"] == 0, server.refusal

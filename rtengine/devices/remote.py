"""A stream in a process of its own: for the player one like any other, but that it cannot crash or hang the host."""

import json
import mmap
import os
import select
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from rtengine.devices import exchange
from rtengine.devices.portaudio import PROCESS, Device
from rtengine.native.priority import AUDIO, hurry
from rtengine.native.process import command, environment

OPEN = 20.0  # seconds for the process to come up (2 where nothing is compiled yet) and to open the device
START = 3.0
CLOSE = 2.0  # seconds for a stream to close before its process is killed


class Remote:
    """Calls a C function when the device asks: inputs and outputs are its channels, latency (in, out) in seconds."""

    def __init__(
        self,
        callback: int,
        memory: int,
        source: Device | None,
        sink: Device | None,
        channels: tuple[int, int],
        sample_rate: float,
        block_size: int,
    ) -> None:
        """callback: address of a PaStreamCallback, float32 interleaved; OSError if the device does not want to.

        source or sink may be None, not both. channels: in and out, if the devices have as many. block_size 0: whatever
        the device likes, and not always the same.
        """
        device = sink or source
        assert device
        self.name = device.name
        self.inputs = min(source.inputs, channels[0]) if source else 0
        self.outputs = min(sink.outputs, channels[1]) if sink else 0
        fresh = exchange.shared()
        self._pipes = [*os.pipe(), *os.pipe()]  # to the host, and back
        handle = shared_file()
        os.ftruncate(handle, fresh.nbytes)
        self.memory = np.frombuffer(mmap.mmap(handle, fresh.nbytes), fresh.dtype, 1)
        self.memory["inputs"], self.memory["outputs"] = self.inputs, self.outputs
        self.memory["sample_rate"] = sample_rate
        self._ends = exchange.ends(self._pipes[0], self._pipes[3])
        self._stop = np.zeros(1, np.int64)
        arguments = (self._stop, self.memory[0], self._ends[0], callback, memory)
        self._thread = threading.Thread(target=self._run, args=arguments, name="rtengine device", daemon=True)
        theirs = (handle, self._pipes[2], self._pipes[1])
        self._process = subprocess.Popen(
            command(PROCESS, "play"),
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=theirs,
            bufsize=0,
            start_new_session=True,  # Ctrl-C is for the host, which fades out first
        )
        os.close(handle)
        for end in self._pipes[1:3]:
            os.close(end)
        wanted = dict(zip(("memory", "listen", "tell"), theirs, strict=True)) | {
            "source": asdict(source) if source else None,
            "sink": asdict(sink) if sink else None,
            "channels": channels,
            "sample_rate": sample_rate,
            "block_size": block_size,
        }
        self._closed = False
        declared = self._ask(wanted, OPEN)["latency"]
        self.latency: tuple[float, float] = (declared[0], declared[1])

    def _run(self, *arguments: Any) -> None:  # those of attend
        hurry(AUDIO)
        exchange.attend(*arguments)

    def _ask(self, question: object, seconds: float) -> dict[str, Any]:
        """Send a line, and return the answer; OSError says why there is none."""
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(question).encode() + b"\n")
            answer = json.loads(self._line(seconds))
        except (OSError, ValueError):
            answer = {"error": "the device does not answer"}
        if "error" in answer:
            self.close((True,))
            error = str(answer["error"])
            raise OSError(error if error.startswith(self.name) else f"{self.name}: {error}")
        return dict(answer)

    def _line(self, seconds: float) -> bytes:
        """The next line; less of it if the process ends, or takes longer."""
        assert self._process.stdout
        line, end = b"", time.monotonic() + seconds
        while not line.endswith(b"\n"):
            if not select.select([self._process.stdout], [], [], max(end - time.monotonic(), 0))[0]:
                break
            more = self._process.stdout.read(1 << 16)
            if not more:
                break
            line += more
        return line

    def start(self) -> None:
        """Let the callbacks come; OSError if the device does not want to."""
        self._thread.start()
        self._ask({}, START)

    @property
    def pulses(self) -> tuple[int, ...]:
        """What grows while it lives, beside the host's callbacks; see rtengine.devices.pair."""
        return ()

    @property
    def missed(self) -> int:
        """Buffers for which the host's answer came too late."""
        return int(self.memory["missed"][0])

    def close(self, gone: Sequence[bool] = (False,)) -> None:
        """Return when the callback will not be called any more. gone: whether the device does not answer."""
        if self._closed:
            return
        self._closed = True
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()  # which ends it
        try:
            self._process.wait(0 if gone[0] else CLOSE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        exchange.ask_to_stop(self._stop)
        if self._thread.is_alive():
            self._thread.join()
        for end in (self._pipes[0], self._pipes[3]):
            os.close(end)


def shared_file() -> int:
    """A descriptor of a file without a name, in memory where the system has that."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("rtengine")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())

"""The exported plug-in beside the live host's own code: what it costs, how long it takes to load, how large it is."""

import ctypes
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.table import Row
from rtengine.patches.texture import texture

RATE, SIZE, SECONDS, RUNS = 48_000, 512, 10, 5
MEGABYTE = 1e6
Handle = ctypes.c_void_p


class Descriptor(ctypes.Structure):
    """LV2_Descriptor of lv2plug.in/ns/lv2core."""

    _fields_ = (
        ("uri", ctypes.c_char_p),
        ("instantiate", ctypes.CFUNCTYPE(Handle, Handle, ctypes.c_double, ctypes.c_char_p, Handle)),
        ("connect_port", ctypes.CFUNCTYPE(None, Handle, ctypes.c_uint32, Handle)),
        ("activate", ctypes.CFUNCTYPE(None, Handle)),
        ("run", ctypes.CFUNCTYPE(None, Handle, ctypes.c_uint32)),
        ("deactivate", ctypes.CFUNCTYPE(None, Handle)),
        ("cleanup", ctypes.CFUNCTYPE(None, Handle)),
    )


def rows() -> list[Row]:
    """CPU seconds of ten seconds of stereo, all work within the calls, in turns; and a process that loads it."""
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "Water.lv2"
        export = ["export", "lv2", "--texture", "water", "--rates", str(RATE), "--channels", "2", "--cpu", "native"]
        subprocess.run([sys.executable, "-m", "rtengine", *export, "-o", str(bundle)], check=True, capture_output=True)
        size = sum(file.stat().st_size for file in bundle.iterdir()) / MEGABYTE
        library = next(bundle.glob("*.so"))
        graph = texture(RATE)
        values = [graph[address] for address in graph.parameters]
        began = time.perf_counter()
        plugin = Plugin(library, values)
        plugin.run()
        cold = 1000 * (time.perf_counter() - began)
        buffer = np.zeros((2, SIZE), np.float32)
        turns = [(_cpu(plugin.run), _cpu(lambda: graph.process(buffer))) for _ in range(RUNS)]
        plugin.close()
    ours, host = (median(found) for found in zip(*turns, strict=True))
    return [
        Row("ten seconds of stereo, the plug-in", ours, "CPU s", "Graph.process", host, "within 5 %"),
        Row("from the file to the first buffer", cold, "ms", note="<= 50 ms"),
        Row("the bundle, one rate, stereo", size, "MB", note="all rates, mono and stereo: <= 8 MB"),
    ]


class Plugin:
    """An LV2 plug-in with buffers of its own, offline."""

    def __init__(self, library: Path, values: Sequence[float]) -> None:
        find: Any = ctypes.CDLL(str(library)).lv2_descriptor
        find.restype, find.argtypes = ctypes.POINTER(Descriptor), (ctypes.c_uint32,)
        self.found = find(0)[0]
        self.audio = np.zeros((4, SIZE), np.float32)
        self.ports = np.array([*values, 1, 1, 0, 0], np.float32)  # enabled, freewheel, latency, late
        self.handle = self.found.instantiate(ctypes.byref(self.found), RATE, b"", None)
        for port, buffer in enumerate((*self.audio, *self.ports[:, np.newaxis])):
            self.found.connect_port(self.handle, port, buffer.ctypes.data)
        self.found.activate(self.handle)

    def run(self) -> None:
        """Play one buffer."""
        self.found.run(self.handle, SIZE)

    def close(self) -> None:
        """Give it back."""
        self.found.deactivate(self.handle)
        self.found.cleanup(self.handle)


def _cpu(run: Callable[[], object]) -> float:
    began = time.process_time()
    for _ in range(SECONDS * RATE // SIZE):
        run()
    return time.process_time() - began

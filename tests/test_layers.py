"""Who may import whom: downwards only, and one door for each outside library."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = [  # from the top; a file may import from its own line and those below it
    ("ui", "offline", "benchmarks"),
    (
        "rtengine.patch",
        "rtengine.__main__",
        "rtengine.cli.arguments",
        "rtengine.cli.terminal",
        "rtengine.files.loop",
        "rtengine.midi.port",
    ),
    ("rtengine.cli.measure_latency",),
    ("rtengine.live.engine", "rtengine.osc.server", "rtengine.oscquery.server", "rtengine.oscquery.announce"),
    ("rtengine.live.player", "rtengine.live.recorder", "rtengine.take.scenes", "rtengine.live.song_input"),
    ("rtengine.take.journal", "rtengine.live.replay"),
    (
        "rtengine.take.automation",
        "rtengine.midi.controllers",
        "rtengine.live.instrument",
        "rtengine.files.song",
        "rtengine.live.news",
    ),
    (
        "rtengine.devices.pair",
        "rtengine.devices.round_trips",
        "rtengine.osc.scope.pictures",
        "rtengine.osc.scope.stream",
    ),
    ("rtengine.live.host", "rtengine.devices.portaudio", "rtengine.devices.bridge", "rtengine.devices.loopback"),
    ("rtengine.live.song",),
    ("rtengine.oscquery.tree",),
    (
        "rtengine.osc.commands",
        "rtengine.osc.feedback",
        "rtengine.osc.jobs",
        "rtengine.osc.namespace",
        "rtengine.osc.state",
    ),
    ("rtengine.osc.packet", "rtengine.osc.patterns", "rtengine.osc.schedule"),
    ("rtengine.graph",),
    ("rtengine.listing",),
    ("rtengine.blocks",),
    ("rtengine.models", "rtengine.dsp"),
    ("rtengine.native.worker", "rtengine.devices.null_clock"),
    ("rtengine.native.clock",),
    (
        "rtengine.native.ring",
        "rtengine.events",
        "rtengine.native.intrinsics",
        "rtengine.native.denormals",
        "rtengine.native.priority",
    ),
    ("rtengine.block",),
    ("rtengine.native.cache", "rtengine.cli.options", "rtengine.files.folders"),
]
DOORS = {
    "sounddevice": ("rtengine/devices/portaudio.py", "benchmarks", "ui/textures/audition.py"),
    "aiohttp": ("rtengine/oscquery/server.py", "ui/host/client.py"),
    "platformdirs": ("rtengine/files/folders.py",),
    "mido": ("rtengine/midi/port.py",),
    "rtmidi": ("rtengine/midi/port.py",),
    "zeroconf": ("rtengine/oscquery/announce.py",),
    "pythonosc": ("rtengine/osc/packet.py",),
    "onnxruntime": ("rtengine/models",),
    "onnx": ("rtengine/models", "offline/train.py"),
    "torch": ("rtengine/models", "benchmarks", "offline/train.py"),
    "pyqtgraph": ("ui",),
    "PySide6": ("ui",),
    "soundfile": (
        "rtengine/models/texture/clip.py",
        "offline",
        "rtengine/models",
        "rtengine/live/recorder.py",
        "rtengine/files/loop.py",
        "rtengine/files/song.py",
        "benchmarks",
    ),
    "av": ("offline", "rtengine/models/texture/clip.py"),
    "librosa": ("benchmarks",),
}
FILES = sorted(f for top in ("rtengine", "offline", "ui", "benchmarks") for f in (ROOT / top).rglob("*.py"))


def imports(file: Path) -> set[str]:
    names: set[str] = set()
    for statement in ast.walk(ast.parse(file.read_text())):
        if isinstance(statement, ast.Import):
            names |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            assert statement.level == 0, f"{file} imports relatively"
            names |= {f"{statement.module}.{alias.name}" for alias in statement.names}
    return names


def layer(name: str) -> int | None:
    for i, members in enumerate(LAYERS):
        if any(name == m or name.startswith(m + ".") for m in members):
            return i
    return None


def module_name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_imports_point_downwards(file: Path) -> None:
    own = layer(module_name(file))
    if own is None:
        assert file.name == "__init__.py", f"{file} stands in no layer"
        return
    for name in imports(file):
        other = layer(name)
        assert other is None or other >= own, f"{module_name(file)} imports {name}, which is above it"


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_each_library_has_its_door(file: Path) -> None:
    path = file.relative_to(ROOT).as_posix()
    for name in imports(file):
        doors = DOORS.get(name.split(".")[0])
        assert doors is None or path.startswith(doors), f"{path} imports {name}"


def test_offline_use_needs_no_device_no_window_and_no_torch() -> None:
    code = "import sys, rtengine.patch, offline.render; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not {"sounddevice", "torch", "PySide6", "pyqtgraph", "aiohttp", "zeroconf", "librosa", "mido"} & set(
        modules.split()
    )

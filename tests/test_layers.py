"""Who may import whom: downwards only, and one door for each outside library."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = [  # from the top; a file may import from rooms of its own line, and from those below
    ("ui", "offline", "benchmarks"),
    ("rtengine.__main__", "rtengine.service", "rtengine.jukebox"),
    ("rtengine.jobs", "rtengine.cli", "rtengine.subsonic", "rtengine.export"),
    ("rtengine.oscquery",),
    ("rtengine.osc",),
    ("rtengine.osc.scope",),
    ("rtengine.live",),
    ("rtengine.take", "rtengine.midi", "rtengine.devices"),
    ("rtengine.score", "rtengine.library"),
    ("rtengine.patches",),
    ("rtengine.graph",),
    ("rtengine.listing",),
    ("rtengine.blocks.texture",),
    ("rtengine.blocks",),
    ("rtengine.block", "rtengine.events"),
    ("rtengine.models.texture.training", "rtengine.models.score.training", "rtengine.models.console.training"),
    ("rtengine.models.texture", "rtengine.models.console", "rtengine.models.score"),
    ("rtengine.models.listen", "rtengine.film"),
    ("rtengine.files",),
    ("rtengine.models", "rtengine.dsp"),
    ("rtengine.dsp.phase",),
    ("rtengine.dsp.vector",),
    ("rtengine.native", "rtengine.web"),
]
DOORS = {
    "sounddevice": ("rtengine/devices/stream.py", "benchmarks", "ui/textures/audition.py"),
    "aiohttp": (
        "rtengine/web",
        "rtengine/oscquery",
        "rtengine/service",
        "rtengine/subsonic",
        "rtengine/jukebox",
        "benchmarks",
        "ui/host/client.py",
    ),
    "platformdirs": ("rtengine/files/folders.py",),
    "mido": ("rtengine/midi", "rtengine/score/midi.py", "rtengine/models/score/training", "benchmarks"),
    "rtmidi": ("rtengine/midi/process.py",),
    "segno": ("rtengine/oscquery/address.py", "ui/parts/phone.py"),
    "zeroconf": ("rtengine/oscquery/announce.py",),
    "pythonosc": ("rtengine/osc/packet.py",),
    "onnxruntime": ("rtengine/models",),
    "onnx": ("rtengine/models", "offline/score/train.py"),
    "torch": (
        "rtengine/models",
        "benchmarks",
        "offline/score/train.py",
        "offline/automix/train.py",
        "offline/listen_network.py",
    ),
    "pyqtgraph": ("ui",),
    "PySide6": ("ui",),
    "soundfile": ("rtengine/files", "rtengine/live/recorder.py", "rtengine/models/listen", "benchmarks", "offline"),
    "av": ("rtengine/files", "rtengine/film", "offline/score"),
    "librosa": ("benchmarks", "rtengine/library/warm.py"),
    "mutagen": ("rtengine/library",),
    "voyager": ("rtengine/library/near.py",),
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
    """The line of the room that a module stands in: of all that fit, the innermost."""
    found = [(len(room), i) for i, line in enumerate(ROOMS) for room in line if f"{name}.".startswith(f"{room}.")]
    return max(found)[1] if found else None


def module_name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_imports_point_downwards(file: Path) -> None:
    own = layer(module_name(file))
    if own is None:
        assert file.name == "__init__.py", f"{file} stands in no room"
        return
    for name in imports(file):
        other = layer(name)
        assert other is None or other >= own, f"{module_name(file)} imports {name}, which is above it"


def test_no_imports_go_round_in_a_circle() -> None:
    """Not even those within functions: of two files that need each other, one idea is in the wrong place."""
    known = {module_name(file): file for file in FILES if file.name != "window_keys.py"}  # names a type alone
    below = {
        name: {n for i in imports(file) for n in (i, i.rpartition(".")[0])} & known.keys() - {name}
        for name, file in known.items()
    }
    while leaves := [name for name, needed in below.items() if not needed]:
        for name in leaves:
            del below[name]
        for needed in below.values():
            needed.difference_update(leaves)
    assert not below, f"somewhere among {sorted(below)}"


def test_the_map_of_the_house_is_this_one() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text().split("against the tree:")[1].split("## Live")[0]
    lines = [re.findall(r"rtengine[.\w]+|^ui|offline|benchmarks", line.strip()) for line in text.strip().splitlines()]
    assert lines == [[*line] for line in ROOMS]


def test_every_room_is_in_the_map_and_the_hall_is_small() -> None:
    own = {name for line in ROOMS for name in line}
    for folder in (ROOT / "rtengine").iterdir():
        if (folder / "__init__.py").is_file():
            assert f"rtengine.{folder.name}" in own
    assert len([*(ROOT / "rtengine").glob("*.*")]) <= 8


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_each_library_has_its_door(file: Path) -> None:
    path = file.relative_to(ROOT).as_posix()
    for name in imports(file):
        doors = DOORS.get(name.split(".")[0])
        assert doors is None or path.startswith(doors), f"{path} imports {name}"


def test_offline_use_needs_no_device_no_window_and_no_torch() -> None:
    code = "import sys, rtengine.patches.texture, offline.render; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not {"sounddevice", "torch", "PySide6", "pyqtgraph", "aiohttp", "zeroconf", "librosa", "mido"} & set(
        modules.split()
    )

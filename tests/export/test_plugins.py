"""Plug-ins: the samples of the graph that was exported, in hosts that share nothing with this one."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from support.needs import program

from rtengine.patches import chain
from rtengine.patches.patch import Setup
from rtengine.patches.texture import texture

HERE = Path(__file__).parent
GLUE = HERE.parents[1] / "rtengine" / "export" / "glue"
RATES = (44_100, 48_000, 96_000)
LARGEST = 8_000_000  # bytes of a bundle
SYSTEM = {"libm.so.6", "libc.so.6", "linux-vdso.so.1", "ld-linux-x86-64.so.2"}
SANITIZERS = {"address": "address,undefined", "thread": "thread"}
Samples = NDArray[np.float32]

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the host finds plug-ins as Linux does"),
    program("cc", "gcc"),
    program("lv2apply", "lilv-utils"),
    pytest.mark.skipif(not Path("/usr/include/lv2/core/lv2.h").exists(), reason="needs the Debian package lv2-dev"),
    pytest.mark.timeout(600),
]


class Bundle(NamedTuple):
    """A plug-in, the only one of a bundle, for two channels."""

    kind: str
    path: Path
    starts: tuple[float, ...]  # of its parameters in LV2

    @property
    def library(self) -> Path:
        return next(self.path.glob("*.so")) if self.kind == "lv2" else self.path


def rtengine(*arguments: object, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "rtengine", *map(str, arguments)]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)


def exported(kind: str, path: Path, *arguments: object, **environment: str) -> Bundle:
    done = rtengine("export", kind, "-o", path, "--channels", 2, *arguments, **environment)
    assert done.returncode == 0, done.stderr
    text = (path / "stereo.ttl").read_text() if kind == "lv2" else ""
    ports = re.findall(r"a lv2:InputPort , lv2:ControlPort.*?\n\t\]", text, re.DOTALL)
    starts = [float(re.search(r"lv2:default (\S+)", port)[1]) for port in ports if "designation" not in port]  # type: ignore[index]
    return Bundle(kind, path, tuple(starts))


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Bundle]:
    """Water, as both."""
    folder = tmp_path_factory.mktemp("plugins")
    water = "--texture", "water", "--rates", ",".join(map(str, RATES))
    return {kind: exported(kind, folder / f"Water.{kind}", *water) for kind in ("lv2", "clap")}


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_host(tmp_path_factory.mktemp("host"))


def built_host(folder: Path, *flags: str) -> Path:
    host = folder / "host"
    warnings = "-Wall", "-Wextra", "-Werror"
    command = ["cc", "-std=gnu11", "-O1", "-g", *warnings, *flags, f"-I{GLUE}", HERE / "host.c", "-o", host]
    subprocess.run([*command, "-ldl", "-lpthread"], check=True)
    return host


def ask(host: Path, bundle: Bundle, *command: object, rate: int = 48_000, **environment: str) -> dict[str, list[float]]:
    """What the host prints, by its first words."""
    about = bundle.kind, 0, 2, rate, len(bundle.starts), bundle.library
    run = [host, *map(str, about), *map(str, command)]
    done = subprocess.run(run, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return {word: list(map(float, numbers)) for word, *numbers in map(str.split, done.stdout.splitlines())}


def played(
    host: Path, bundle: Bundle, x: Samples, block: int, folder: Path, changes: Sequence[str] = (), rate: int = 48_000
) -> tuple[Samples, Mapping[str, list[float]]]:
    """x (2, samples) through the plug-in without what it is late by, and what the host says."""
    np.ascontiguousarray(x.T).tofile(folder / "in.f32")
    starts = [f"0:{i}={start!r}" for i, start in enumerate(bundle.starts)]
    said = ask(host, bundle, "play", folder / "in.f32", folder / "out.f32", block, *starts, *changes, rate=rate)
    y = np.fromfile(folder / "out.f32", np.float32).reshape(-1, 2).T
    return y[:, int(said["latency"][0]) :], said


def music(seconds: float, rate: int = 48_000) -> Samples:
    t = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(4).normal(0, 0.02, (2, len(t)))
    tones = sum(np.sin(2 * np.pi * f * t + f) * (np.sin(2 * np.pi * f / 200 * t) > 0) for f in (220, 554, 1318))
    return (noise + 0.15 * np.stack([tones, tones[::-1]])).astype(np.float32)


def through(graph: Any, x: Samples) -> Samples:
    """x without the latency."""
    with graph:
        y: Samples = graph.process(np.pad(x, ((0, 0), (0, graph.latency))))
        return y[:, graph.latency :]


def water(headroom: int = 0) -> Any:
    graph = texture(48_000, headroom=headroom)
    graph["/texture/water"] = 1
    graph.settle()
    return graph


@pytest.mark.parametrize("rate", RATES)
def test_another_programs_host_gives_the_samples_of_a_render(
    bundles: dict[str, Bundle], rate: int, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "in.wav", music(2, rate).T, rate, "FLOAT")
    render = "offline", "render", "in.wav", "-o", "want.wav", "--texture", "water", "--bit-depth", "float"
    subprocess.run(
        [sys.executable, "-m", *render, "--setting", "refine=0"], cwd=tmp_path, check=True, capture_output=True
    )
    uri = "urn:rtengine:water:stereo"
    paths = {"LV2_PATH": f"{bundles['lv2'].path.parent}:/usr/lib/lv2"}
    apply = ["lv2apply", "-i", "in.wav", "-o", "got.wav", "-c", "freewheel", "1", uri]
    subprocess.run(apply, cwd=tmp_path, env=os.environ | paths, check=True, capture_output=True)
    got, want = (soundfile.read(tmp_path / f"{name}.wav", dtype="float32")[0] for name in ("got", "want"))
    late = next(n for n in range(len(want)) if np.array_equal(got[n : n + 4000], want[:4000]))
    assert np.abs(want).max() > 0.1
    np.testing.assert_array_equal(got[late:], want[: len(got) - late])


@pytest.mark.parametrize("kind", ["lv2", "clap"])
@pytest.mark.parametrize("block", [0, 1, 512, -4096])
def test_any_buffers_live_or_not_give_the_graphs_samples(
    bundles: dict[str, Bundle], host: Path, kind: str, block: int, tmp_path: Path
) -> None:
    x = music(0.5 if block == 1 else 2)
    y, said = played(host, bundles[kind], x, block, tmp_path)
    assert said["late"] == [0]
    want = through(water(), x)
    np.testing.assert_array_equal(y, want[:, : y.shape[1]])


def test_automation_takes_effect_at_its_sample(bundles: dict[str, Bundle], host: Path, tmp_path: Path) -> None:
    x = music(2)
    names, latency = list(water().parameters), water().latency
    moves = {"/texture/strength": [(20_001, 0.1), (50_000, 0.9)], "/mix/amount": [(30_500, 0.4)]}
    changes = sorted((time, names.index(a), value) for a, all_ in moves.items() for time, value in all_)
    y, said = played(host, bundles["clap"], x, 4096, tmp_path, [f"{t}:{i}={v!r}" for t, i, v in changes])
    graph = water(int(said["latency"][0]) - latency)  # the mix is turned where it is heard
    for address, all_ in moves.items():
        for time, value in all_:
            assert graph.at(time, address, value)
    want = through(graph, x)
    np.testing.assert_array_equal(y, want[:, : y.shape[1]])
    assert not np.array_equal(want, through(water(), x))


def test_the_bypass_is_the_input_as_late_as_the_texture(bundles: dict[str, Bundle], host: Path, tmp_path: Path) -> None:
    x = music(1)
    bypass = len(water().parameters)  # in CLAP it follows the parameters
    y, _ = played(host, bundles["clap"], x, 512, tmp_path, [f"0:{bypass}=1"])
    np.testing.assert_array_equal(y, x[:, : y.shape[1]])


@pytest.mark.parametrize("kind", ["lv2", "clap"])
def test_hosts_do_to_it_what_they_do(bundles: dict[str, Bundle], host: Path, kind: str) -> None:
    assert ask(host, bundles[kind], "cycle", 1000)["cycles"] == [1000]
    assert ask(host, bundles[kind], "many", 20)["many"] == [20]


def test_what_was_saved_comes_back_and_nothing_of_what_is_damaged(bundles: dict[str, Bundle], host: Path) -> None:
    parameters = len(water().parameters) + 1
    assert ask(host, bundles["clap"], "state")["state"] == [8 * (parameters + 1)]


def test_a_browser_of_presets_finds_each_texture(bundles: dict[str, Bundle], host: Path) -> None:
    textures = [address.rpartition("/")[2] for address, p in water().parameters.items() if p.share]
    assert list(ask(host, bundles["clap"], "presets")) == [f"preset.{name}" for name in textures]
    assert all(f'rdfs:label "{name}"' in (bundles["lv2"].path / "stereo.ttl").read_text() for name in textures)


@pytest.mark.parametrize("kind", ["lv2", "clap"])
def test_the_audio_thread_calls_nothing(bundles: dict[str, Bundle], host: Path, kind: str, tmp_path: Path) -> None:
    library = tmp_path / "count.so"
    source = HERE.parent / "support" / "count_calls.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True)
    said = ask(host, bundles[kind], "count", 3000, LD_PRELOAD=str(library))
    assert said["calls"] == [0, 0, 0]  # malloc, free, lock


@pytest.mark.parametrize("sanitizer", SANITIZERS)
@pytest.mark.parametrize("kind", ["lv2", "clap"])
def test_sanitizers_find_nothing(kind: str, sanitizer: str, tmp_path: Path) -> None:
    flags = f"-fsanitize={SANITIZERS[sanitizer]}"
    path = tmp_path / f"Water.{kind}"
    bundle = exported(kind, path, "--texture", "water", "--rates", 48_000, CC=f"cc -g {flags}")
    host = built_host(tmp_path, flags)
    assert ask(host, bundle, "cycle", 60)["cycles"] == [60]
    assert ask(host, bundle, "many", 4)["many"] == [4]
    played(host, bundle, music(0.2), 0, tmp_path)
    if kind == "clap":
        assert ask(host, bundle, "state")["state"]


@pytest.mark.parametrize("kind", ["lv2", "clap"])
def test_there_is_nothing_of_python_in_it(bundles: dict[str, Bundle], kind: str) -> None:
    library = bundles[kind].library
    needed = subprocess.run(["ldd", library], capture_output=True, text=True, check=True).stdout
    assert {Path(line.split()[0]).name for line in needed.splitlines()} <= SYSTEM
    names = subprocess.run(["nm", "-D", library], capture_output=True, text=True, check=True).stdout
    given = {line.split()[-1] for line in names.splitlines() if line.split()[-2] not in "Uw"}
    assert given == {"lv2_descriptor" if kind == "lv2" else "clap_entry"}
    assert not re.search(r"\b_?Py|NRT_|numba", names)
    assert str(Path.home()).encode() not in library.read_bytes()
    assert sum(f.stat().st_size for f in (library, *bundles["lv2"].path.glob("*.ttl"))) < LARGEST


def test_what_it_says_of_itself_is_what_the_vocabularies_allow(bundles: dict[str, Bundle], tmp_path: Path) -> None:
    paths = os.environ | {"LV2_PATH": f"{bundles['lv2'].path.parent}:/usr/lib/lv2"}
    listed = subprocess.run(["lv2ls"], env=paths, capture_output=True, text=True, check=True)
    assert "urn:rtengine:water:stereo" in listed.stdout.splitlines()
    uri = "urn:rtengine:water:stereo"
    info = subprocess.run(["lv2info", uri], env=paths, capture_output=True, text=True, check=True).stdout
    ports = {re.search(r"Symbol:\s+(\S+)", port)[1]: port for port in re.split(r"\n\tPort \d+:", info)[1:]}  # type: ignore[index]
    for name, parameter in water().parameters.items():
        port = ports[name[1:].replace("/", "_")]
        assert float(re.search(r"Minimum:\s+(\S+)", port)[1]) == pytest.approx(parameter.low)  # type: ignore[index]
        assert float(re.search(r"Maximum:\s+(\S+)", port)[1]) == pytest.approx(parameter.high)  # type: ignore[index]
        assert all(choice in port for choice in parameter.choices)


@program("sord_validate", "sordi")
def test_its_turtle_is_valid(bundles: dict[str, Bundle], tmp_path: Path) -> None:
    own = list(bundles["lv2"].path.glob("*.ttl"))
    bad = tmp_path / "bad.ttl"
    bad.write_text((bundles["lv2"].path / "stereo.ttl").read_text().replace("lv2:index 3 ;", 'lv2:index "three" ;'))
    known = sorted(Path("/usr/lib/lv2").glob("*.lv2/*.ttl"))  # in which it finds some faults as well
    found = []
    for files in ([], own, [bad]):
        validate = ["sord_validate", *map(str, (*known, *files))]
        said = subprocess.run(validate, capture_output=True, text=True, check=False)
        found.append(int(re.search(r"Found (\d+) errors", said.stdout + said.stderr)[1]))  # type: ignore[index]
    assert found[0] == found[1] < found[2]


def test_the_desk_mixes_as_it_does_here(host: Path, tmp_path: Path) -> None:
    bundle = exported(
        "lv2", tmp_path / "Desk.lv2", "--patch", "console", "--setting", "automatic=on", "--rates", 48_000,
        "--cpu", "native",
    )  # fmt: skip
    x = music(3)
    y, _ = played(host, bundle, x, 0, tmp_path)
    setup = Setup(48_000, inputs=2, settings={"automatic": 1.0})
    want = through(chain.build(chain.chained("console"), setup), x)
    np.testing.assert_array_equal(y, want[:, : y.shape[1]])
    assert np.abs(want - x).max() > 0.01


def test_a_clip_and_scenes_go_into_the_bundle(host: Path, tmp_path: Path) -> None:
    clip = tmp_path / "kitchen.wav"
    soundfile.write(clip, np.random.default_rng(1).normal(0, 0.1, 48_000), 48_000)
    scenes = tmp_path / "scenes"
    scenes.mkdir()
    (scenes / "half and half.json").write_text('{"/mix/amount": 0.5, "/texture/strength": 0.25}')
    name = 'A "quoted" \\ ??= näme'
    bundle = exported(
        "lv2", tmp_path / "Kitchen.lv2", "--texture", f"{clip}:0.5,laser:0.25", "--presets", scenes, "--name", name,
        "--rates", 48_000, "--set", "/output/gain=-6",
    )  # fmt: skip
    clip.unlink()
    graph_of = Setup(48_000, inputs=2, files={"clip": {"kitchen": clip}})
    x = music(1)
    soundfile.write(clip, np.random.default_rng(1).normal(0, 0.1, 48_000), 48_000)

    def turn(graph: Any) -> None:
        chain.blend(graph, {"kitchen": 0.5, "laser": 0.25})
        graph["/output/gain"] = -6

    want = through(chain.build(chain.chained("texture"), graph_of, turn), x)
    y, _ = played(host, bundle, x, 300, tmp_path)
    np.testing.assert_array_equal(y, want[:, : y.shape[1]])
    text = (bundle.path / "stereo.ttl").read_text()
    assert "half and half" in text
    assert '"A \\"quoted\\" \\\\ ??= näme"' in text
    paths = os.environ | {"LV2_PATH": f"{tmp_path}:/usr/lib/lv2"}
    uri = "urn:rtengine:a-quoted-n-me:stereo"
    info = subprocess.run(["lv2info", uri], env=paths, capture_output=True, text=True, check=True).stdout
    assert name in info
    assert "half and half" in info


REFUSED = {
    ("--patch", "listener"): "/listener runs a network",
    ("--setting", "fit=12", "--setting", "refine=4"): "/texture runs a network of another kind",
    ("--patch", "score"): "/score is played by notes",
    ("--patch", "nothing"): "there is no patch 'nothing'",
    ("--texture", "nothing"): "there is no texture nothing",
    ("--set", "/texture/strength=7"): "/texture/strength = 7 is outside 0 to 1",
    ("--rates", "44100,100"): "'100' is not a whole number from 8000 to 384000",
    ("--channels", "3"): "3 channels are not 1 to 2",
    ("--model", "nothing.onnx"): "there is no model file nothing.onnx",
    ("--presets", "nothing"): "nothing is no folder of scenes",
}


@pytest.mark.parametrize("arguments", REFUSED)
def test_what_cannot_be_exported_is_told_in_a_sentence(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = rtengine("export", "lv2", "-o", tmp_path / "x.lv2", *arguments)
    assert done.returncode == 2
    assert REFUSED[arguments] in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_no_compiler_is_told_and_what_stands_there_stays(tmp_path: Path) -> None:
    out = tmp_path / "x.lv2"
    done = rtengine("export", "lv2", "-o", out, CC="no-such-cc")
    assert done.returncode == 2
    assert "no-such-cc is no C compiler" in done.stderr
    few = "--rates", 48_000, "--channels", 2, "--cpu", "native"
    done = rtengine("export", "lv2", "-o", out, *few, CC="false")
    assert (done.returncode, done.stderr) == (2, "rtengine: false cannot build the plug-in: status 1\n")
    assert not list(tmp_path.iterdir())
    out.mkdir()
    (out / "diary.txt").write_text("mine")
    assert "exists; --force" in rtengine("export", "lv2", "-o", out).stderr
    assert "no LV2 bundle" in rtengine("export", "lv2", "-o", out, "--force").stderr
    assert (out / "diary.txt").read_text() == "mine"
    wrong = rtengine("export", "clap", "-o", out)
    assert (wrong.returncode, "does not end in .clap" in wrong.stderr) == (2, True)

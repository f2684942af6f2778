"""python -m offline render: what comes out, what is refused, and what is left behind when it is stopped."""

import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from matplotlib.image import imread
from support import sounds, stand_in

from offline.__main__ import main
from offline.arguments import parse
from rtengine.files import source
from rtengine.files.source import open_source

RATE = 48_000


@pytest.fixture
def delays(monkeypatch: pytest.MonkeyPatch) -> list[stand_in.Delay]:
    """All graphs that were built: stand-ins, for these tests are of what is around the graph."""
    return stand_in.install(monkeypatch)


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return sounds.write(tmp_path / "song.wav", sounds.music(100_017, 2, RATE), RATE, "PCM_24")


def samples(path: Path) -> np.ndarray:
    return np.concatenate(list(open_source(path).blocks()), axis=1)


def render(*words: object) -> int:
    return main(["render", *map(str, words)])


def others(folder: Path, *known: Path) -> set[str]:
    return {p.name for p in folder.iterdir()} - {p.name for p in known}


@pytest.mark.usefixtures("delays")
@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3", "opus"])
@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3", "a.opus", "aac.m4a"])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_format_to_every_format_in_time(tmp_path: Path, name: str, ending: str, channels: int) -> None:
    x = sounds.music(100_017, channels, RATE)
    path = tmp_path / name
    file = sounds.encode(path, x, RATE, "aac", "ipod") if name == "aac.m4a" else sounds.write(path, x, RATE)
    assert render(file, tmp_path / f"out.{ending}") == 0
    y = samples(tmp_path / f"out.{ending}")
    assert open_source(tmp_path / f"out.{ending}").sample_rate == RATE
    assert y.shape == x.shape
    assert sounds.delay(samples(file), y) == 0


@pytest.mark.usefixtures("delays")
@pytest.mark.parametrize("length", [1, 2, 63, 3_000, 3_001, 3_002, 65_536, 65_537])
def test_any_length_comes_back_bit_for_bit(tmp_path: Path, length: int) -> None:
    x = sounds.music(length, 1, 44_100)
    assert render(sounds.write(tmp_path / "a.wav", x, 44_100, "FLOAT"), "--bit-depth", "float") == 0
    assert np.array_equal(samples(tmp_path / "a-water.wav"), x)


@pytest.mark.usefixtures("delays")
def test_start_and_duration_cut_to_the_sample(tmp_path: Path, song: Path) -> None:
    x = samples(song)
    for start, duration in ((0.5, 1.0), (0, 0.25), (1.75, 10), (2.0, None), (1e-5, 1e-9)):
        words = ["--start", start] + ([] if duration is None else ["--duration", duration])
        assert render(song, tmp_path / "part.wav", *words, "--force") == 0
        first = round(start * RATE)
        last = None if duration is None else first + max(round(duration * RATE), 1)
        assert np.array_equal(samples(tmp_path / "part.wav"), x[:, first:last])


@pytest.mark.usefixtures("delays")
def test_the_output_is_named_after_the_textures_and_never_overwritten(
    tmp_path: Path, song: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert render(song) == 0
    assert render(song, "-t", "laser:0.5,future:0.5") == 0
    assert others(tmp_path, song) == {"song-water.wav", "song-laser-future.wav"}
    before = (tmp_path / "song-water.wav").read_bytes()
    assert render(song, "--duration", 1) == 2
    assert (tmp_path / "song-water.wav").read_bytes() == before
    assert "--force" in capsys.readouterr().err
    assert render(song, "--duration", 1, "--force") == 0
    assert soundfile.info(tmp_path / "song-water.wav").frames == RATE


def test_the_output_can_be_named_by_an_option_as_in_the_other_commands() -> None:
    for words in (["a.wav", "-o", "b.wav"], ["-o", "b.wav", "a.wav"], ["a.wav", "b.wav"]):
        assert parse(["render", *words]).output == Path("b.wav")
    assert parse(["render", "a.wav"]).output is None
    with pytest.raises(SystemExit) as stop:
        parse(["render", "a.wav", "b.wav", "-o", "c.wav"])
    assert stop.value.code == 2


def test_options_turn_the_parameters(song: Path, delays: list[stand_in.Delay]) -> None:
    blend = ["--texture", "water:0.25,future:0.5", "--mix", "0.75", "--quality", "hifi"]
    assert render(song, *blend, "--set", "/texture/strength=0.5", "--set", "/texture/quality=lofi") == 0
    values = delays[0].values
    assert [values[f"/texture/{name}"] for name in stand_in.TEXTURES] == [0.25, 0, 0.5]
    assert (values["/mix/amount"], values["/texture/strength"], values["/texture/quality"]) == (0.75, 0.5, 0)


@pytest.mark.usefixtures("delays")
def test_silence_where_no_one_watches(song: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert render(song) == 0
    assert capsys.readouterr() == ("", "")
    assert render(song, "-f", "-v") == 0
    out, err = capsys.readouterr()
    assert "song-water.wav" in out
    assert "faster than real time" in out
    assert not err


def bad_inputs(folder: Path) -> dict[str, tuple[list[object], str]]:
    """By name: the words after `render`, and what the sentence must say."""
    song = folder / "song.wav"
    x = samples(song)
    broken = x.copy()
    broken[0, 70_000] = np.nan
    (folder / "empty.wav").touch()
    (folder / "text.mp3").write_text("not a sound " * 400)
    (folder / "noise.flac").write_bytes(np.random.default_rng(0).bytes(5_000))
    (folder / "header.wav").write_bytes(song.read_bytes()[:20])
    (folder / "none.wav").write_bytes(song.read_bytes()[:44])
    sounds.write(folder / "nan.wav", broken, RATE, "FLOAT")
    sounds.write(folder / "cd.wav", x, 44_100)
    (folder / "taken.wav").write_text("mine")
    return {
        "missing": ([folder / "nope.wav"], "nope.wav does not exist"),
        "folder": ([folder], "is a folder"),
        "empty": ([folder / "empty.wav"], "empty.wav is empty"),
        "text": ([folder / "text.mp3"], "text.mp3"),
        "noise": ([folder / "noise.flac"], "noise.flac"),
        "header": ([folder / "header.wav"], "header.wav"),
        "no samples": ([folder / "none.wav"], "no samples"),
        "nan": ([folder / "nan.wav"], "nan.wav holds NaN or infinity at 1.458 s"),
        "texture": ([song, "-t", "fire"], "no texture fire, nor a file: choose from water, laser, future"),
        "address": ([song, "--set", "/fire/hot=1"], "/fire/hot"),
        "bound": ([song, "--set", "/mix/amount=7"], "/mix/amount = 7 is outside 0 to 1"),
        "not a number": ([song, "--set", "/texture/quality=best"], "lofi, standard, hifi"),
        "nan parameter": ([song, "--set", "/mix/amount=nan"], "/mix/amount = nan"),
        "no folder": ([song, folder / "no" / "out.wav"], "no does not exist"),
        "into a folder": ([song, folder], "no ending is no format"),
        "ending": (
            [song, folder / "out.aiff"],
            ".aiff is no format that can be written: .wav, .flac, .ogg, .mp3, .opus",
        ),
        "exists": ([song, folder / "taken.wav"], "taken.wav exists"),
        "itself": ([song, song, "-f"], "cannot be input and output"),
        "opus rate": ([folder / "cd.wav", folder / "out.opus"], "44100 Hz"),
        "depth": ([song, folder / "out.mp3", "--bit-depth", "16"], "--bit-depth 16 is not possible in .mp3"),
        "float flac": ([song, folder / "out.flac", "--bit-depth", "float"], "24 or 16"),
        "start": ([song, "--start", "2.1"], "--start 2.1 is past the end"),
        "picture": ([song, "--picture", folder / "a.jpg"], ".png"),
        "picture folder": ([song, "--picture", folder / "no" / "a.png"], "no does not exist"),
    }


BAD = [
    "missing", "folder", "empty", "text", "noise", "header", "no samples", "nan", "texture",
    "address", "bound", "not a number", "nan parameter", "no folder", "into a folder", "ending", "exists", "itself",
    "opus rate", "depth", "float flac", "start", "picture", "picture folder",
]  # fmt: skip


@pytest.mark.usefixtures("delays")
@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence_and_nothing_written(
    tmp_path: Path, song: Path, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words, told = bad_inputs(tmp_path)[case]
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()}
    assert render(*words) == 2
    out, err = capsys.readouterr()
    assert not out
    assert told in err
    assert err.startswith("offline render: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()} == before
    assert song.exists()


def test_the_table_of_bad_inputs_is_whole(tmp_path: Path, song: Path) -> None:
    assert song.exists()
    assert list(bad_inputs(tmp_path)) == BAD


@pytest.mark.usefixtures("delays")
def test_a_damaged_file_is_rendered_as_far_as_it_is_whole(
    tmp_path: Path, song: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    x = samples(song)
    song.write_bytes(song.read_bytes()[:-300_000])
    assert render(song) == 0
    y = samples(tmp_path / "song-water.wav")
    assert np.array_equal(y, x[:, : y.shape[1]])
    assert y.shape[1] == 50_017
    err = capsys.readouterr().err
    assert "song.wav is damaged" in err
    assert err.count("\n") == 1


@pytest.mark.usefixtures("delays")
def test_the_picture(tmp_path: Path, song: Path) -> None:
    picture = tmp_path / "a.png"
    assert render(song, "--picture", picture) == 0
    assert imread(picture)[..., :3].std() > 0.1
    assert others(tmp_path, song) == {"song-water.wav", "a.png"}
    assert render(song, tmp_path / "b.wav", "--picture", picture) == 2
    assert not (tmp_path / "b.wav").exists()
    assert render(song, tmp_path / "b.wav", "--picture", picture, "--force") == 0
    assert render(song, tmp_path / "c.png.wav", "--picture", tmp_path / "c.png.wav") == 2


STOPPED = """
import sys
import pytest
from support import stand_in
from offline import __main__

def wait():
    print("here", flush=True)
    sys.stdin.readline()

class Waiting(stand_in.Delay):
    def __init__(self, channels):
        super().__init__(channels)
        if sys.argv.pop(1) == "compiling":
            try:
                wait()
            except BaseException:
                print("lost")  # as a callback of the compiler would

    def process(self, x):
        wait()
        return super().process(x)

with pytest.MonkeyPatch.context() as patched:
    stand_in.install(patched, Waiting)
    __main__.listen()
    sys.exit(__main__.main(sys.argv[2:]))
"""


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)]
)
@pytest.mark.parametrize("more", [(), ("--loudness", "-14"), ("--picture", "a.png"), ("compiling",)])
def test_what_is_stopped_leaves_nothing(
    tmp_path: Path, song: Path, number: signal.Signals, status: int, more: tuple[str, ...]
) -> None:
    compiling = more == ("compiling",)
    words = [sys.executable, "-c", STOPPED, "compiling", "render", "song.wav"]
    words = words if compiling else [*words[:3], "rendering", *words[4:], *more]
    paths = os.pathsep.join((str(Path(__file__).parents[1]), str(Path(__file__).parents[2])))
    with subprocess.Popen(
        words, cwd=tmp_path, env={**os.environ, "PYTHONPATH": paths},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stdout.readline() == "here\n"
        assert compiling or any(name.endswith(".part") for name in others(tmp_path, song))
        process.send_signal(number)
        _, err = process.communicate()
    assert process.returncode == status
    left = others(tmp_path, song)
    assert not {name for name in left if not name.startswith(".")}
    if number != signal.SIGKILL:
        assert not left
        *before, last = (line.removeprefix("offline render: ") for line in err.splitlines())
        assert last == "stopped; no half-written file is left"
        assert all(line.startswith("compiling for this processor") for line in before)


@pytest.mark.usefixtures("delays")
def test_an_hour_needs_no_more_memory_than_a_minute(
    tmp_path: Path, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = sounds.music(source.BLOCK, 2, RATE)

    def peak(blocks: int) -> int:
        def read(self: source.Source) -> Iterator[np.ndarray]:
            return (block.copy() for _ in range(blocks))

        monkeypatch.setattr(source.Source, "blocks", read)
        tracemalloc.start()
        assert render(song, tmp_path / f"{blocks}.flac") == 0
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(80) < 1.2 * peak(20) + 1_000_000

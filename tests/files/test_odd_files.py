"""Files as people have them: lengths that lie, streams that change, many channels, sound that begins late."""

import io
import os
import struct
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile
from matplotlib.image import imread
from support import sounds, stand_in

from offline.__main__ import main
from rtengine.files import layout, loop
from rtengine.files.song import Song
from rtengine.files.source import Source, open_source

RATE = 48_000
N = 100_017


def load(path: Path, stream: int = 1) -> tuple[np.ndarray, Source]:
    source = open_source(path, stream)
    return np.concatenate(list(source.blocks()), axis=1), source


def written(path: Path, x: np.ndarray, container: str, subtype: str = "PCM_16", rate: int = RATE) -> bytearray:
    soundfile.write(path, x.T, rate, format=container, subtype=subtype)
    return bytearray(path.read_bytes())


def flac(total: int) -> tuple[str, object]:
    """What writes this total in place of a FLAC's: 36 bits, of which 0 stands for unknown."""

    def lie(data: bytearray) -> None:
        data[21] = data[21] & 0xF0 | total >> 32
        data[22:26] = (total & 0xFFFFFFFF).to_bytes(4, "big")

    return "FLAC", lie


def sized(container: str, mark: bytes, offset: int, size: bytes, head: bytes = b"") -> tuple[str, object]:
    """What writes this size behind a mark, and one into the head of the file."""

    def lie(data: bytearray) -> None:
        at = data.index(mark) + len(mark) + offset
        data[at : at + len(size)] = size
        if head:
            data[4 : 4 + len(head)] = head

    return container, lie


def au(data: bytearray) -> None:
    data[8:12] = b"\xff\xff\xff\xff"


LIES = {
    "flac of unknown length": flac(0),
    "wav of 0 bytes": sized("WAV", b"data", 0, bytes(4), bytes(4)),
    "wav of 2^32 - 1 bytes": sized("WAV", b"data", 0, b"\xff" * 4, b"\xff" * 4),
    "wav of 2^31 bytes": sized("WAV", b"data", 0, struct.pack("<I", 1 << 31), struct.pack("<I", 1 << 31)),
    "rf64 of 0 bytes": sized("RF64", b"ds64", 4, bytes(24)),
    "rf64 of 2^63 - 1 bytes": sized("RF64", b"ds64", 4, (b"\xff" * 7 + b"\x7f") * 3),
    "w64 of 0 bytes": sized("W64", b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a", 0, bytes(8)),
    "w64 of 2^63 - 1 bytes": sized(
        "W64", b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a", 0, b"\xff" * 7 + b"\x7f"
    ),
    "aiff of 0 bytes": sized("AIFF", b"SSND", 0, bytes(4)),
    "au of unknown length": ("AU", au),
    "caf of unknown length": sized("CAF", b"data", 0, b"\xff" * 8),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_length_that_lies_or_is_unknown_is_no_damage(tmp_path: Path, lie: str) -> None:
    container, change = LIES[lie]
    x = sounds.music(N, 2, RATE)
    path = tmp_path / "a.sound"
    data = written(path, x, container)
    whole, _ = load(path)
    change(data)  # type: ignore[operator]
    path.write_bytes(data)
    y, source = load(path)
    assert source.damage == ""
    assert np.array_equal(y, whole)
    assert not source.exact or source.samples == N
    assert abs(source.length() - N) < 0.2 * RATE


@pytest.mark.parametrize("total", [1000, 2 * N, 2**36 - 1])
def test_a_wrong_length_harms_neither_picture_nor_header(
    tmp_path: Path, total: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in.install(monkeypatch)
    path = tmp_path / "a.flac"
    data = written(path, sounds.music(N, 2, RATE), "FLAC")
    flac(total)[1](data)  # type: ignore[operator]
    path.write_bytes(data)
    for more in ([], ["--picture", str(tmp_path / "p.png"), "--overview", str(tmp_path / "o.npz")]):
        assert main(["render", str(path), str(tmp_path / "out.wav"), "-f", *more]) == 0
        assert (tmp_path / "out.wav").read_bytes()[:4] == b"RIFF"
        assert soundfile.info(tmp_path / "out.wav").frames == N
    assert imread(tmp_path / "p.png")[..., :3].std() > 0.05
    assert ("2.08 s of it are missing" in capsys.readouterr().err) == (total == 2 * N)


def parts(folder: Path, ending: str, rates: tuple[int, int], channels: tuple[int, int]) -> list[bytes]:
    """Two files of this ending, 100,000 samples each at 48 kHz and as long at other rates."""
    made = []
    for i, (rate, n) in enumerate(zip(rates, channels, strict=True)):
        x, path = sounds.music(100_000 * rate // RATE, n, rate, seed=i), folder / f"{i}{ending}"
        if ending in (".ogg", ".opus", ".mp3", ".flac"):
            sounds.write(path, x, rate)
        else:
            sounds.encode(path, x, rate, *{".oga": ("flac", "ogg"), ".aac": ("aac", "adts")}[ending])
        made.append(path.read_bytes())
    return made


@pytest.mark.parametrize("ending", [".ogg", ".opus", ".oga", ".flac", ".mp3", ".aac"])
@pytest.mark.parametrize("change", ["none", "rate", "channels"])
def test_files_that_were_made_one_are_heard_to_the_end(tmp_path: Path, ending: str, change: str) -> None:
    rates = (RATE, (24_000 if ending == ".opus" else 44_100) if change == "rate" else RATE)
    first, second = parts(tmp_path, ending, rates, (2, 1 if change == "channels" else 2))
    path = tmp_path / f"both{ending}"
    path.write_bytes(first + second)
    alone = [load(tmp_path / f"{i}{ending}")[0] for i in (0, 1)]
    y, source = load(path)
    assert source.damage == ""
    assert (source.sample_rate, source.channels) == (RATE, 2)
    wanted = alone[0].shape[1] + alone[1].shape[1] * RATE // rates[1]
    loose = 4096 if ending in (".mp3", ".aac") else 2  # they do not know where one ends
    assert abs(y.shape[1] - wanted) <= loose
    assert abs(source.length() - wanted) < 0.3 * RATE
    assert np.abs(y[:, :90_000] - alone[0][:, :90_000]).max() < 1e-6
    power = np.square(y[:, -90_000:]).mean() / np.square(alone[1]).mean()
    assert 0.5 < power < 1.6


def test_an_ogg_that_changes_its_codec(tmp_path: Path) -> None:
    first, second = parts(tmp_path, ".ogg", (RATE, RATE), (2, 2))[0], parts(tmp_path, ".opus", (RATE, RATE), (2, 2))[1]
    (tmp_path / "a.ogg").write_bytes(first + second)
    y, source = load(tmp_path / "a.ogg")
    assert (y.shape, source.damage) == ((2, 200_000), "")


def test_live_input_plays_all_of_it(tmp_path: Path) -> None:
    first, second = parts(tmp_path, ".ogg", (RATE, RATE), (2, 2))
    (tmp_path / "a.ogg").write_bytes(first + second)
    assert loop.read(tmp_path / "a.ogg", RATE, 2).shape == (200_000, 2)
    assert abs(len(loop.read(tmp_path / "a.ogg", 44_100, 1)) - 183_750) <= 1
    song = Song(tmp_path / "a.ogg", RATE, 2)
    song._thread.join()
    assert 200_000 <= len(song.x) < 205_000
    assert song.x[150_000:199_000].std() > 0.01
    assert song.failed == ""


def test_what_is_lost_is_said_with_its_length(tmp_path: Path) -> None:
    first, second = parts(tmp_path, ".ogg", (RATE, RATE), (2, 2))
    (tmp_path / "a.ogg").write_bytes(first + second[: len(second) // 2])
    y, source = load(tmp_path / "a.ogg")
    assert 100_000 < y.shape[1] < 170_000
    assert "damaged" in source.damage


@pytest.mark.parametrize("container", ["WAV", "FLAC"])
def test_surround_is_mixed_as_the_recommendation_says(tmp_path: Path, container: str) -> None:
    n = np.arange(RATE)
    tones = [0.1 * np.sin(2 * np.pi * f * n / RATE) for f in (300, 500, 700, 50, 1100, 1300)]
    written(tmp_path / "a.sound", np.array(tones), container, "PCM_24")
    y, source = load(tmp_path / "a.sound")
    assert source.channels == 2
    assert source.notices == (f"{tmp_path / 'a.sound'} has 5.1 channels: they are mixed to stereo (ITU-R BS.775)",)
    spectrum = np.abs(np.fft.rfft(y)) / RATE * 20
    half = 0.5**0.5
    wanted = [(1, 0), (0, 1), (half, half), (0, 0), (half, 0), (0, half)]
    for f, (left, right) in zip((300, 500, 700, 50, 1100, 1300), wanted, strict=True):
        assert np.allclose(spectrum[:, f], (left, right), atol=1e-3)


def test_each_number_of_channels_can_be_mixed() -> None:
    for count in range(3, 17):
        names = layout.known(["NONE"] * count)
        x = np.random.default_rng(0).standard_normal((count, 1000)).astype(np.float32)
        y = np.concatenate(list(layout.fitted([x], names, 2)), axis=1)
        assert y.shape == (2, 1000)
        assert np.concatenate(list(layout.fitted([x], names, 1)), axis=1).shape == (1, 1000)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A picture of 6 s with two tracks that begin after 2 s: a chirp from 200 Hz on, and another that is silent."""
    n = np.arange(3 * RATE) / RATE
    chirp = 0.2 * np.sin(2 * np.pi * (200 * n + 100 * n * n))
    tracks = [np.stack([chirp, chirp]).astype(np.float32), np.zeros((1, 3 * RATE), np.float32)]
    return sounds.film(tmp_path / "film.mkv", tracks, RATE, late=2.0)


def frequency(x: np.ndarray) -> float:
    return float(np.abs(np.fft.rfft(x[0] * np.hanning(x.shape[1]), 1 << 17)).argmax() * RATE / (1 << 17))


def test_start_is_the_pictures_time(
    film: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in.install(monkeypatch)

    def rendered(*words: str) -> tuple[np.ndarray, str]:
        out = film.with_name("out.wav")
        capsys.readouterr()
        assert main(["render", str(film), str(out), "-f", *words]) == 0
        return load(out)[0], capsys.readouterr().err

    y, err = rendered("--start", "3", "--duration", "0.2")
    assert abs(frequency(y) - 420) < 15  # 1 s after its beginning: 400 Hz, and rising
    assert "begins" not in err
    whole, err = rendered()
    assert whole.shape[1] == 3 * RATE
    assert "begins 2.000 s after the picture" in err
    assert "--align picture" in err
    y, err = rendered("--align", "picture")
    assert "begins" not in err
    assert not y[:, : 2 * RATE].any()
    assert np.array_equal(y[:, 2 * RATE :], whole)
    y, err = rendered("--start", "1", "--duration", "2")
    assert np.array_equal(y, whole[:, :RATE])
    assert "1.000 s after 1 s" in err
    y, _ = rendered("--start", "1", "--duration", "2", "--align", "picture")
    assert y.shape[1] == 2 * RATE
    assert np.array_equal(y[:, RATE:], whole[:, :RATE])
    assert main(["render", str(film), str(film.with_name("out.wav")), "-f", "--duration", "1"]) == 2
    assert "begins at 2.000 s" in capsys.readouterr().err


def test_one_of_several_streams(film: Path) -> None:
    y, source = load(film)
    assert "has 2 audio streams (1, 2): number 1 is taken" in source.notices[0]
    assert y.any()
    assert source.damage == ""
    y, source = load(film, stream=2)
    assert source.channels == 1
    assert not y.any()
    with pytest.raises(ValueError, match=r"--stream 3 is outside 1 to 2"):
        open_source(film, 3)


def test_a_picture_that_is_longer_is_no_damage(tmp_path: Path) -> None:
    x = sounds.music(2 * RATE, 2, RATE)
    y, source = load(sounds.film(tmp_path / "a.mkv", [x], RATE))
    assert (y.shape, source.damage, source.late) == (x.shape, "", 0.0)


COMMAND = """
import sys, pytest
from support import stand_in
from offline import __main__
with pytest.MonkeyPatch.context() as patched:
    stand_in.install(patched)
    sys.exit(__main__.main(sys.argv[1:]))
"""
PATHS = os.pathsep.join((str(Path(__file__).parents[1]), str(Path(__file__).parents[2])))


def run(folder: Path, *words: str, data: bytes | None = None, **environment: str) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, "PYTHONPATH": PATHS, **environment}
    env = {name: value for name, value in env.items() if value != "unset"}
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *words], cwd=folder, input=data, capture_output=True, env=env, check=False
    )


def test_standard_input_and_output(tmp_path: Path) -> None:
    x = sounds.music(20_000, 2, RATE)
    song = sounds.write(tmp_path / "a.wav", x, RATE, "PCM_24")
    done = run(tmp_path, "render", "-", "-", data=song.read_bytes())
    assert (done.returncode, done.stderr) == (0, b"")
    y, rate = soundfile.read(io.BytesIO(done.stdout))
    assert rate == RATE
    assert np.array_equal(y.T, soundfile.read(song)[0].T)
    assert struct.unpack("<I", done.stdout[4:8])[0] == len(done.stdout) - 8
    assert [p.name for p in tmp_path.iterdir()] == ["a.wav"]


def test_pipes_are_read_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in.install(monkeypatch)
    x = sounds.music(20_000, 2, RATE)
    song = sounds.write(tmp_path / "a.flac", x, RATE)
    os.mkfifo(tmp_path / "in")
    os.mkfifo(tmp_path / "out.flac")
    heard: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: (tmp_path / "in").write_bytes(song.read_bytes())),
        threading.Thread(target=lambda: heard.append((tmp_path / "out.flac").read_bytes())),
    ]
    for thread in threads:
        thread.start()
    assert main(["render", str(tmp_path / "in"), str(tmp_path / "out.flac")]) == 0
    for thread in threads:
        thread.join()
    y, _ = soundfile.read(io.BytesIO(heard[0]))
    assert np.abs(y.T - load(song)[0]).max() < 2**-23
    assert (tmp_path / "out.flac").is_fifo()


def test_names_in_any_encoding_on_a_terminal_in_ascii(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    song = sounds.write(tmp_path / "a.wav", sounds.music(20_000, 2, RATE), RATE)
    name = folder + b"/\xe4\xff song \xe6\xb0\xb4.wav"
    song.rename(os.fsdecode(name))
    for path in (os.fsdecode(name),):
        done = run(tmp_path, "render", path, "-v", LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
        assert done.returncode == 0, done.stderr
        assert os.path.exists(name[:-4] + b"-water.wav")  # noqa: PTH110  # bytes
    done = run(tmp_path, "render", os.fsdecode(folder + b"/\xe9.wav"), LC_ALL="C", PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert b"does not exist" in done.stderr
    assert b"Traceback" not in done.stderr


def test_channels_stay_apart_where_they_can_be_taken(tmp_path: Path) -> None:
    x = sounds.music(N, 8, RATE)
    written(tmp_path / "a.wav", x, "WAV", "FLOAT")
    source = open_source(tmp_path / "a.wav", most=16)
    assert (source.channels, source.notices) == (8, ())
    assert np.array_equal(np.concatenate(list(source.blocks()), axis=1), x)

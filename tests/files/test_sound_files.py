"""Reading and writing sound files: exact in length and time, whatever the format, and honest about damage."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from support import sounds

from rtengine.files import ffmpeg, wav
from rtengine.files.sink import FORMATS, Sink, beside
from rtengine.files.source import open_source

LOSSY = ".ogg", ".mp3", ".opus"
CASES = [
    (suffix, rate, channels, samples)
    for suffix in FORMATS
    for rate in (8_000, 22_050, 44_100, 48_000, 96_000)
    for channels in (1, 2)
    for samples in (1, 999, 2 * rate + 17)
    if rate in FORMATS[suffix].rates and (suffix != ".mp3" or samples > 1)  # FFmpeg adds 529 to one sample of MP3
]


def save(path: Path, x: np.ndarray, sample_rate: int, bit_depth: str | None = None, seed: int = 0) -> Path:
    with Sink(path, path.suffix, sample_rate, len(x), bit_depth=bit_depth, seed=seed) as file:
        for n in range(0, x.shape[1], 10_000):
            file.write(x[:, n : n + 10_000])
    return path


def load(path: Path) -> tuple[np.ndarray, str]:
    source = open_source(path)
    x = np.concatenate(list(source.blocks()), axis=1)
    assert x.shape[0] == source.channels
    assert x.dtype == np.float32
    return x, source.damage


@pytest.mark.parametrize(("suffix", "rate", "channels", "samples"), CASES)
def test_what_is_written_is_read_with_the_same_length_at_the_same_time(
    tmp_path: Path, suffix: str, rate: int, channels: int, samples: int
) -> None:
    x = sounds.music(samples, channels, rate)
    y, damage = load(save(tmp_path / f"a{suffix}", x, rate))
    assert (y.shape, damage) == (x.shape, "")
    if suffix not in LOSSY:
        assert np.abs(y - x).max() <= 2**-24
    elif samples > rate:
        assert sounds.delay(x, y) == 0


@pytest.mark.parametrize("name", sounds.AV)
@pytest.mark.parametrize("samples", [5_000, 100_017])
def test_what_other_encoders_wrote_is_as_long_as_it_was(tmp_path: Path, name: str, samples: int) -> None:
    x = sounds.music(samples, 2, 48_000)
    y, damage = load(sounds.encode(tmp_path / name, x, 48_000, *sounds.AV[name]))
    assert damage == ""
    # LAME by way of FFmpeg counts its padding from whole frames: up to 46 samples more, as every player plays
    assert 0 <= y.shape[1] - samples <= (46 if name == "lame.mp3" else 0)
    assert sounds.delay(x, y) == 0


def test_the_sound_of_a_video(tmp_path: Path) -> None:
    x = sounds.music(48_000, 2, 48_000)
    with av.open(str(tmp_path / "a.mp4"), "w") as output:
        picture = output.add_stream("mpeg4", rate=25)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
        audio = output.add_stream("aac", rate=48_000, layout="stereo")
        for n in range(25):
            frame = av.VideoFrame(64, 64, "yuv420p")
            frame.pts = n
            output.mux(picture.encode(frame))
        frame = av.AudioFrame.from_ndarray(x, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = 48_000, 0
        output.mux(audio.encode(frame))
        output.mux(audio.encode(None))
        output.mux(picture.encode(None))
    y, _ = load(tmp_path / "a.mp4")
    assert y.shape == x.shape
    assert sounds.delay(x, y) == 0


def test_the_length_that_itunes_writes() -> None:
    told = {"iTunSMPB": " 00000000 00000840 000001CA 00000000003F31F6 00000000 00000000"}
    assert ffmpeg._gapless(told) == 0x3F31F6
    assert ffmpeg._gapless({}) is None


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.opus", "a.mp3", "aac.m4a"])
def test_no_healthy_file_is_called_damaged_and_a_short_one_is(tmp_path: Path, name: str) -> None:
    x = sounds.music(240_017, 2, 48_000)
    whole = _healthy(tmp_path / name, x)
    y, damage = load(whole)
    assert (y.shape, damage) == (x.shape, "")
    cut = tmp_path / f"cut-{name}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    z, damage = load(cut)
    assert "damaged" in damage
    assert 0.4 < z.shape[1] / x.shape[1] < 0.7
    assert np.abs(z - y[:, : z.shape[1]])[:, :90_000].max() < 1e-6


@pytest.mark.parametrize(
    ("name", "lost"), [("a.flac", 0.2), ("a.ogg", 0.5), ("a.opus", 1.1), ("a.mp3", 0.5), ("aac.m4a", 0.5)]
)
def test_a_file_damaged_in_the_middle_is_read_to_its_end(tmp_path: Path, name: str, lost: float) -> None:
    x = sounds.music(240_017, 2, 48_000)
    whole = _healthy(tmp_path / name, x)
    y, _ = load(whole)
    data = bytearray(whole.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)
    broken = tmp_path / f"broken-{name}"
    broken.write_bytes(data)
    z, damage = load(broken)
    assert "damaged at" in damage
    assert 1.5 < float(damage.split(" at ")[1].split()[0]) < 3
    assert 0 <= x.shape[1] - z.shape[1] <= lost * 48_000
    shift = sounds.delay(y[:, -48_000:], z[:, -48_000:])
    if name == "a.mp3":  # which has no time stamps, and whose padding is only known when all frames were counted
        assert abs(shift) <= 1152
    else:
        assert (z.shape, shift) == (x.shape, 0)


def _healthy(path: Path, x: np.ndarray) -> Path:
    if path.suffix == ".m4a":
        return sounds.encode(path, x, 48_000, "aac", "ipod", movflags="faststart")
    return save(path, x, 48_000)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_no_number_is_refused_where_it_is(tmp_path: Path, value: float) -> None:
    x = sounds.music(200_000, 2, 48_000)
    x[1, 120_000] = value
    path = sounds.write(tmp_path / "a.wav", x, 48_000, "FLOAT")
    with pytest.raises(ValueError, match=r"a\.wav holds NaN or infinity at 2\.500 s"):
        load(path)


def test_24_bits_pass_bit_for_bit(tmp_path: Path) -> None:
    x = sounds.write(tmp_path / "a.wav", sounds.music(50_000, 2, 44_100), 44_100, "PCM_24")
    save(tmp_path / "b.flac", load(x)[0], 44_100)
    assert np.array_equal(soundfile.read(x, dtype="int32")[0], soundfile.read(tmp_path / "b.flac", dtype="int32")[0])


def test_16_bits_are_dithered_by_the_seed(tmp_path: Path) -> None:
    x = np.full((1, 100_000), 100.3 / 32768, np.float32)
    a, b, c = (
        soundfile.read(save(tmp_path / f"{i}.wav", x, 8_000, "16", s), dtype="int16")[0]
        for i, s in enumerate((1, 1, 2))
    )
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)
    error = a - 100.3
    assert abs(error.mean()) < 0.01  # a constant between two steps is kept on average,
    assert abs(error.std() - 0.5) < 0.01  # and triangular dither makes the error of all constants alike


def test_loud_samples_are_clipped_and_do_not_wrap(tmp_path: Path) -> None:
    x = np.array([[1.5, -1.5, 1.0, -1.0]], np.float32)
    for bits in ("16", "24"):
        y, _ = load(save(tmp_path / f"{bits}.wav", x, 8_000, bits))
        assert np.abs(y - np.clip(x, -1, 1)).max() < 1e-3
    y, _ = load(save(tmp_path / "float.wav", x, 8_000, "float"))
    assert np.array_equal(y, x)


def test_a_wav_is_rf64_only_where_riff_is_too_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x = sounds.music(10_000, 2, 48_000)
    for limit, header in ((wav.LIMIT, b"RIFF"), (30_000, b"RF64")):
        monkeypatch.setattr(wav, "LIMIT", limit)
        for bits in ("16", "24", "float"):
            file = save(tmp_path / "a.wav", x, 48_000, bits)
            assert file.read_bytes()[:4] == header
            y, damage = load(file)
            assert not damage
            assert np.abs(y - x).max() < {"16": 1e-4, "24": 2**-23, "float": 1e-9}[bits]
            assert np.array_equal(soundfile.read(file, dtype="float32")[0], y.T)


def test_beside_leaves_all_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with pytest.raises(ZeroDivisionError), beside(path, force=False) as temporary:
        temporary.write_text(f"half {1 / 0}")
    assert not list(tmp_path.iterdir())
    with beside(path, force=False) as temporary:
        temporary.write_text("whole")
        assert not path.exists()
    assert [p.read_text() for p in tmp_path.iterdir()] == ["whole"]
    with pytest.raises(FileExistsError), beside(path, force=False):
        pass
    with beside(path, force=True) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "new"


def test_reading_needs_no_more_memory_for_longer_files(tmp_path: Path) -> None:
    def peak(samples: int) -> int:
        path = tmp_path / f"{samples}.wav"
        with Sink(path, ".wav", 48_000, 2) as file:
            for _ in range(samples // 50_000):
                file.write(np.zeros((2, 50_000), np.float32))
        tracemalloc.start()
        assert sum(x.shape[1] for x in _read(path)) == samples
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    short, long = peak(500_000), peak(5_000_000)
    assert long < 1.1 * short + 100_000


def _read(path: Path) -> Iterator[np.ndarray]:
    return open_source(path).blocks()

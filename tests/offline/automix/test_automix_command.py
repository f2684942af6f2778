import errno
import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from offline.__main__ import main
from rtengine.files.disk import disk_of

RATE = 22_050
SECONDS = 4


def noise(level: float, seed: int, seconds: float = SECONDS, tilt: float = 0.9) -> np.ndarray:
    """A mono player: dark or bright noise with a beat, at so many dB of rms."""
    n = np.arange(round(seconds * RATE))
    x = np.random.default_rng(seed).standard_normal(n.size)
    f = np.maximum(np.fft.rfftfreq(n.size, 1 / RATE), 40)
    x = np.fft.irfft(np.fft.rfft(x) / f**tilt, n.size) * (0.3 + np.exp(-(n % (RATE // 2)) / 2000))
    return (10 ** (level / 20) * x / x.std()).astype(np.float32)


@pytest.fixture
def band(tmp_path: Path) -> list[str]:
    """Vocals too quiet, drums much too loud."""
    for name, x in {"vocals": noise(-40, 0), "drums": noise(-14, 1, tilt=0.5)}.items():
        soundfile.write(tmp_path / f"{name}.wav", x, RATE, subtype="FLOAT")
    return [str(tmp_path / "vocals.wav"), str(tmp_path / "drums.wav")]


def run(*words: object) -> int:
    return main(["automix", *map(str, words)])


def test_a_mix_and_its_moves(band: list[str], tmp_path: Path) -> None:
    mix, listed = tmp_path / "mix.wav", tmp_path / "moves.json"
    assert run(*band, "-o", mix, "--moves", listed) == 0
    y, rate = soundfile.read(mix)
    assert (rate, y.shape) == (RATE, (SECONDS * RATE, 2))
    assert 0.8 < np.abs(y).max() <= 0.9
    moves = {m["address"]: m for m in json.loads(listed.read_text())}
    assert moves["/strip/1/fader"]["value"] == 0
    assert -42 < moves["/strip/2/fader"]["value"] < -26  # 30 LU apart, 3.4 to be, and a little for the spectrum
    assert "drums comes in" in moves["/strip/2/fader"]["reason"]
    assert all(m["reason"] for m in moves.values())
    mid, side = y.sum(axis=1), y[:, 0] - y[:, 1]
    assert -20 < 10 * np.log10((side**2).sum() / (mid**2).sum()) < -6  # both are mono: the width is the desk's
    assert run(*band, "-o", mix) == 2
    assert run(*band, "-o", mix, "-f") == 0


def test_live_is_causal_and_moves_by_itself(band: list[str], tmp_path: Path) -> None:
    mix, listed = tmp_path / "live.wav", tmp_path / "moves.json"
    assert run(*band, "-o", mix, "--live", "--moves", listed) == 0
    y, _ = soundfile.read(mix)
    assert y.shape == (SECONDS * RATE, 2)
    moves = [m for m in json.loads(listed.read_text()) if m["address"] == "/strip/2/fader"]
    assert moves
    assert moves[-1]["value"] < -6
    assert "LUFS so far" in moves[-1]["reason"]


def test_a_song_to_be_like(band: list[str], tmp_path: Path) -> None:
    from rtengine.dsp.console import bands

    song = np.stack([noise(-20, 5, 8, 1.3), noise(-20, 6, 8, 1.3)])
    soundfile.write(tmp_path / "song.wav", song.T, RATE, subtype="FLOAT")
    target = bands.spectrum(song, RATE).both

    def far(file: Path) -> float:
        y = soundfile.read(file, dtype="float32")[0].T
        apart = (bands.spectrum(np.ascontiguousarray(y), RATE).both - target)[3:25]  # 50 Hz to 6.3 kHz
        return float(np.abs(apart - apart.mean()).mean())

    assert run(*band, "-o", tmp_path / "a.wav") == 0
    assert run(*band, "-o", tmp_path / "b.wav", "--reference", tmp_path / "song.wav") == 0
    assert far(tmp_path / "b.wav") < 0.5 * far(tmp_path / "a.wav")


def test_stems_of_other_rates_and_lengths_and_silent_ones_are_taken_with_a_word(
    band: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    soundfile.write(tmp_path / "bass.wav", noise(-20, 2, 2)[::2], RATE // 2)
    soundfile.write(tmp_path / "keys.wav", np.zeros(SECONDS * RATE), RATE)
    assert run(*band, tmp_path / "bass.wav", tmp_path / "keys.wav", "-o", tmp_path / "mix.wav") == 0
    said = capsys.readouterr().err
    assert "bass.wav is converted from 11025 to 22050 Hz" in said
    assert "bass.wav is 2.00 s shorter than the longest: silence is put at its end" in said
    assert "keys.wav is silent: its strip rests" in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nothing.wav"], "nothing.wav does not exist"),
        (["silence.wav"], "all stems are silent: there is nothing to mix"),
        (["tone.wav"] * 17, "17 stems are more than the desk's 16 strips: sum some of them first"),
        (["tone.wav", "-o", "mix.xyz"], ".xyz is no format"),
        (["tone.wav", "--roles", "vocals,drums"], "--roles names 2 roles, and there are 1 stems"),
        (["tone.wav", "--roles", "kazoo"], "kazoo is no role: vocals, drums, bass, other, or ?"),
        (["tone.wav", "-o", "tone.wav", "-f"], "tone.wav cannot be stem and output at once"),
        (
            ["tone.wav", "--live", "--rules", "--reference", "tone.wav"],
            "the rules of a desk that plays know no reference",
        ),
        (
            ["tone.wav", "--reference", "silence.wav"],
            "silence.wav is silent, or shorter than 0.4 s: no mix can be like it",
        ),
        (["tone.wav", "--controller", "none.onnx"], "none.onnx"),
        (["tone.wav", "--controller", "tone.json"], "tone.json is no ONNX file of a controller"),
        (["tone.wav", "--room", "tone.json"], "tone.json"),
        (["train", "tone.json"], "tone.json is no folder"),
        (["train", ".", "-o", "mine.wav"], "mine.wav does not end in .onnx"),
        (["tone.wav", "--references", "tone.json"], "tone.json holds no references"),
        (["features"], "features takes one folder"),
        (["features", "nowhere"], "nowhere is no folder"),
        (["evaluate", "empty"], "empty has no folders with stems"),
    ],
)
def test_bad_input_gets_one_sentence(
    words: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    soundfile.write("tone.wav", 0.1 * np.sin(np.arange(RATE) * 0.1), RATE)
    soundfile.write("silence.wav", np.zeros(RATE), RATE)
    Path("tone.json").write_text("[]")
    Path("empty").mkdir()
    assert run(*words) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert sentence in said
    assert not list(tmp_path.glob(".*.part"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two songs with stems and a mix each."""
    for i, song in enumerate(("one", "two")):
        folder = tmp_path / "data" / song
        folder.mkdir(parents=True)
        vocals, drums = noise(-20, i), noise(-18, i + 5, tilt=0.5)
        for name, x in {"vocals": vocals, "drums": drums, "mix": vocals + drums}.items():
            wide = np.stack([x + 0.3 * np.roll(x, 200), x - 0.3 * np.roll(x, 200)])
            soundfile.write(folder / f"{name}.wav", wide.T, RATE, subtype="FLOAT")
    return tmp_path / "data"


def test_features_of_a_data_set(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from rtengine.dsp.console import features

    assert run("features", data, "-o", tmp_path / "f.json") == 0
    assert "vocals       2" in capsys.readouterr().out
    found = features.read(tmp_path / "f.json")
    assert set(found) == {"vocals", "drums", "mix"}
    assert found["vocals"].loudness < found["mix"].loudness


def test_evaluation_tells_who_is_near(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, picture = tmp_path / "e.json", tmp_path / "e.png"
    assert run("evaluate", data, "-o", file, "--picture", picture) == 0
    scores = json.loads(file.read_text())["scores"]
    panning = {name: np.mean([s["panning"] for s in songs]) for name, songs in scores.items()}
    assert panning["plain sum"] > 0.9  # of degraded stems, which are mono
    assert panning["layer 0"] < 0.5
    third = {name: np.mean([s["third_octaves"] for s in songs]) for name, songs in scores.items()}
    assert third["oracle desk"] < third["plain sum"]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "layer 0" in capsys.readouterr().out
    assert run("evaluate", data, "-o", file, "--clean", "-f") == 0
    clean = json.loads(file.read_text())["scores"]["plain sum"]
    assert max(s["spectral"] for s in clean) < 0.01


def test_training_makes_a_controller_that_mixes_and_says_what_it_learnt_from(
    data: Path, band: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from rtengine.models.console.model import load

    mine = tmp_path / "mine.onnx"
    assert run("train", data, "-o", mine, "--steps", "5", "--hold", "two") == 0
    assert load(mine).training["songs"] == ["one"]
    lines = [json.loads(line) for line in (tmp_path / "mine.log").read_text().splitlines()]
    assert "sound" in lines[-1]
    assert not mine.with_suffix(".checkpoint").exists()
    assert run(*band, "-o", tmp_path / "mix.wav", "--controller", mine) == 0
    capsys.readouterr()
    assert run("train", data, "-o", tmp_path / "b.onnx", "--hold", "three") == 2
    assert "--hold three is no song" in capsys.readouterr().err


def test_the_room_of_one_s_own_is_heard(band: list[str], tmp_path: Path) -> None:
    h = np.zeros(RATE // 2)
    h[RATE // 4] = 1
    soundfile.write(tmp_path / "echo.wav", h, RATE)
    for name, words in (("a.wav", []), ("b.wav", ["--room", tmp_path / "echo.wav"])):
        assert run(*band, "-o", tmp_path / name, "--rules", *words) == 0
    a, b = (soundfile.read(tmp_path / name)[0] for name in ("a.wav", "b.wav"))
    assert np.abs(a - b).max() > 1e-3


def test_a_stem_of_one_sample_is_mixed(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "click.wav", np.array([0.5]), RATE)
    assert run(tmp_path / "click.wav", "-o", tmp_path / "mix.wav") == 0
    assert soundfile.info(tmp_path / "mix.wav").frames == 1


@pytest.mark.parametrize("seconds", [0.3, 100])
def test_stems_from_files_are_those_in_memory(tmp_path: Path, seconds: float) -> None:
    """All blocks of all stems, and what is measured of them, whatever their lengths and rates."""
    from offline.automix.mix import look
    from offline.automix.stems import Files, load
    from rtengine.dsp.console.features import read

    paths = [tmp_path / "a.wav", tmp_path / "b.wav", tmp_path / "c.flac"]
    for i, (path, rate, part) in enumerate(zip(paths, (8000, 8000, 16_000), (1.0, 0.4, 0.7), strict=True)):
        x = 0.1 * np.random.default_rng(i).standard_normal(round(seconds * part * rate))
        soundfile.write(path, x, rate)
    files, whole = Files(paths), load(paths)
    measured = [look(track, [None] * 3, read()) for track in (files, whole)]
    assert list(files.words()) == whole.words
    assert [s.features.spectrum for s in measured[0][::3]] == [s.features.spectrum for s in measured[1][::3]]
    for one, other in zip(*measured, strict=True):
        assert np.array_equal(one.heard[0], other.heard[0])
    rows = [np.concatenate(list(track.rows()), axis=1) for track in (files, whole)]
    assert np.array_equal(*rows)
    assert rows[0].shape == (6, whole.samples)


def test_rows_can_be_left_in_the_middle(tmp_path: Path) -> None:
    """While the next block is being read."""
    from offline.automix.stems import Files

    for name in "ab":
        soundfile.write(tmp_path / f"{name}.wav", noise(-20, 3, 12), RATE)
    rows = Files([tmp_path / "a.wav", tmp_path / "b.wav"]).rows()
    assert next(rows).any()
    rows.close()  # type: ignore[attr-defined]
    assert next(rows, None) is None


@pytest.mark.parametrize("words", [[], ["--rules"]])
def test_a_constant_in_a_stem_does_not_take_the_room_of_the_mix(tmp_path: Path, words: list[str]) -> None:
    for name, x, constant in (("drums", noise(-20, 1, tilt=0.5), 0.0), ("bass", noise(-20, 2), 0.3)):
        soundfile.write(tmp_path / f"{name}.wav", x - x.mean() + np.float32(constant), RATE, subtype="FLOAT")
    listed = tmp_path / "m.json"
    stems = [tmp_path / "drums.wav", tmp_path / "bass.wav"]
    assert run(*stems, "-o", tmp_path / "mix.wav", "--moves", listed, *words) == 0
    y, _ = soundfile.read(tmp_path / "mix.wav")
    assert np.abs(y[RATE // 2 :].mean(axis=0)).max() < 0.01
    moves = {m["address"]: m["reason"] for m in json.loads(listed.read_text())}
    assert moves["/strip/2/high_pass"] == "bass has a constant of +0.300 in it, which is no sound"
    assert "/strip/1/high_pass" not in moves


def test_a_full_disk_is_named_with_the_mix_that_it_has_no_room_for(
    band: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The mix first lies in a file without a name, of which nobody has heard."""

    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("offline.automix.desk.tempfile.TemporaryFile", lambda **where: Full())
    assert run(*band, "-o", tmp_path / "mix.wav") == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said == f"offline automix: {tmp_path / 'mix.wav'} cannot be written: the disk at {disk_of(tmp_path)} is full"
    assert not list(tmp_path.glob("*mix*"))

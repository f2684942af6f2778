"""The demo's music, and the commands `demo` and `textures`."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from matplotlib.image import imread
from support import sounds, stand_in

from offline import demo
from offline.__main__ import main
from rtengine.models.exemplars import exemplar
from rtengine.models.exemplars.music import frequency, music


def test_the_music_is_in_stereo_and_clips_nowhere() -> None:
    x = music(22_050)
    assert x.dtype == np.float32
    assert 16 <= x.shape[1] / 22_050 <= 20
    assert np.abs(x).max() == pytest.approx(0.8)
    assert np.abs(x[0] - x[1]).std() > 0.02
    assert np.abs(x.mean(axis=1)).max() < 1e-3
    assert np.abs(x[:, :2]).max() < 1e-3  # from silence,
    assert np.abs(x[:, -200:]).max() < 1e-3  # to silence
    seconds = np.sqrt(np.square(x[:, : 16 * 22_050].reshape(2, 16, -1)).mean(axis=(0, 2)))
    assert 20 * np.log10(seconds.min()) > -30  # and in between it never stops


def test_the_music_is_the_same_each_time_and_at_each_rate() -> None:
    a, b = music(22_050), music(44_100)
    assert np.array_equal(a, music(22_050))
    assert b.shape[1] == 2 * a.shape[1]
    levels = [np.sqrt(np.square(x).mean()) for x in (a, b)]
    assert abs(20 * np.log10(levels[0] / levels[1])) < 1


def test_the_melody_can_be_heard() -> None:
    """Its first note, E5, is among the strongest lines of the first half second."""
    x = music(44_100)[:, 2_000:22_050].sum(axis=0)
    spectrum = np.abs(np.fft.rfft(x * np.hanning(x.size)))
    k = round(frequency(76) * x.size / 44_100)
    assert spectrum[k - 2 : k + 3].max() > 0.3 * spectrum.max()


def test_the_demo_writes_the_music_a_render_for_each_texture_and_a_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    built = stand_in.install(monkeypatch)
    monkeypatch.setattr(demo, "music", lambda rate: sounds.music(rate, 2, rate))
    monkeypatch.setattr(demo, "scored", lambda folder: None)  # see test_score
    monkeypatch.setattr(demo, "mixed", lambda folder: None)  # see test_automix_command
    folder = tmp_path / "new" / "demo"
    for _ in range(2):  # again, over the first
        assert main(["demo", str(folder)]) == 0
        out, err = capsys.readouterr()
        assert not err
        names = ["song.wav", "song-water.wav", "song-laser.wav", "song-future.wav", "textures.png"]
        assert sorted(p.name for p in folder.iterdir()) == sorted(names)
        assert [Path(line.split()[0]).name for line in out.splitlines()] == names
        assert out.count("faster than real time") == 3
    weights = [[g.values[f"/texture/{name}"] for name in stand_in.TEXTURES] for g in built[:3]]
    assert weights == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    songs = [soundfile.read(folder / name)[0] for name in names[:4]]
    assert all(np.array_equal(songs[0], song) for song in songs)  # the stand-in changes nothing
    assert imread(folder / "textures.png")[..., :3].std() > 0.1


def test_textures_are_listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    stand_in.install(monkeypatch)
    assert main(["textures"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(stand_in.TEXTURES)
    assert main(["textures", "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert [e["name"] for e in entries] == list(stand_in.TEXTURES)
    assert all(e["description"] and e["address"] == f"/texture/{e['name']}" for e in entries)


def test_exemplars_are_exported_all_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in.install(monkeypatch)
    words = ["textures", "--seconds", "0.5", "--export"]
    assert main([*words, str(tmp_path / "new")]) == 0
    assert str(tmp_path / "new" / "laser.wav") in capsys.readouterr().out
    for name in stand_in.TEXTURES:
        x, rate = soundfile.read(tmp_path / "new" / f"{name}.wav", dtype="float32")
        assert (x.shape, rate) == ((22_050,), 44_100)
        assert np.abs(x - exemplar(name, 0.5)).max() <= 2**-24
    (tmp_path / "laser.wav").write_text("mine")
    assert main([*words, str(tmp_path)]) == 2
    assert "laser.wav exists" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["laser.wav"]
    assert main([*words, str(tmp_path), "--force"]) == 0
    (tmp_path / "file").touch()
    assert main([*words, str(tmp_path / "file")]) == 2
    assert main([*words, str(tmp_path / "no" / "folder")]) == 2
    assert capsys.readouterr().err.count("\n") == 2

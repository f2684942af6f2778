"""Songs that are made up, to learn from."""

from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from offline.__main__ import main
from offline.automix import band
from rtengine.score.midi import read_tracks


@pytest.fixture
def material(tmp_path: Path) -> Path:
    """A melody, a bass line, a drummer, a singer."""
    root = tmp_path / "material"
    for folder in ("midi", "vocals"):
        (root / folder).mkdir(parents=True)
    for name, channel, tracks in (("tune", 0, (72, 40)), ("drums", 9, (36,))):
        file = mido.MidiFile()
        for pitch in tracks:
            track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=400_000, time=0)])
            for beat in range(60):
                track.append(mido.Message("note_on", channel=channel, note=pitch + beat % 5, velocity=90, time=0))
                track.append(mido.Message("note_off", channel=channel, note=pitch + beat % 5, time=480))
            file.tracks.append(track)
        file.save(root / "midi" / f"{name}.mid")
    x = np.random.default_rng(0).standard_normal(44_100 * 3) * 0.1
    soundfile.write(root / "vocals" / "singer.wav", x, 44_100)
    return root


def test_a_song_has_its_parts_in_balance_and_is_the_same_every_time(material: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        words = ["automix", "practice", material, "-o", tmp_path / name, "--times", 2, "--seed", 3]
        assert main([*map(str, words)]) == 0
    songs = sorted((tmp_path / "a").iterdir())
    assert len(songs) == 2
    for song in songs:
        files = sorted(p.name for p in song.iterdir())
        assert {"drums.flac", "mix.flac"} < set(files)
        read = {p.stem: soundfile.read(p)[0] for p in song.iterdir()}
        assert all(x.shape == (round(band.SECONDS * band.SAMPLE_RATE), 2) for x in read.values())
        mix = read.pop("mix")
        assert np.abs(sum(read.values()) - mix).max() < 1e-3
        for p in song.iterdir():
            assert p.read_bytes() == (tmp_path / "b" / song.name / p.name).read_bytes()


def test_notes_keep_their_time(material: Path) -> None:
    parts = read_tracks(material / "midi" / "tune.mid")
    assert [channel for channel, _ in parts] == [0, 0]
    notes = parts[0][1]
    assert len(notes) == 60
    assert abs(notes[10].start - 4.0) < 1e-9
    assert abs(notes[10].end - 4.4) < 1e-9
    assert band.excerpt(notes, 4.0)[0].start == 0


def test_without_notes_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["automix", "practice", str(tmp_path)]) == 2
    assert "has no MIDI files in a folder midi" in capsys.readouterr().err
    broken = tmp_path / "midi"
    broken.mkdir()
    (broken / "x.mid").write_bytes(b"nothing")
    assert main(["automix", "practice", str(tmp_path), "-o", str(tmp_path / "out")]) == 2

"""The score network: words from MIDI, training that resumes exactly, a file that plays as the network does."""

from pathlib import Path

import mido
import numpy as np
import pytest
import torch

from rtengine.models.score import words
from rtengine.models.score.model import NEVER, Masks, Model
from rtengine.models.score.training import data, memory, trainer
from rtengine.models.score.training.begin import begun
from rtengine.models.score.training.export import export
from rtengine.models.score.training.network import Composer
from rtengine.models.score.training.pieces import stretches
from rtengine.models.score.words import BAR, CONDITIONS, FIELDS, LOWEST

TICKS = 480
SMALL = {"width": 24, "layers": 2, "heads": 2}


def song(path: Path, bars: int = 8, key: int = 62, numerator: int = 4) -> Path:
    """A melody over chords, in D major by default; a triplet in the last bar but one."""
    file = mido.MidiFile(ticks_per_beat=TICKS)
    tracks = [[], []]
    for bar in range(bars):
        for beat in range(numerator):
            at = (bar * numerator + beat) * TICKS
            tracks[0].append((at, key + (0, 2, 4, 5, 7, 9, 11)[(bar + beat) % 7] + 12, TICKS))
        chord = (0, 4, 7) if bar % 2 == 0 else (7, 11, 14)
        tracks[1] += [(bar * numerator * TICKS, key - 12 + p, numerator * TICKS) for p in (*chord, chord[0] - 12)]
    for n, notes in enumerate(tracks):
        track = mido.MidiTrack()
        file.tracks.append(track)
        if n == 0:
            track.append(mido.MetaMessage("time_signature", numerator=numerator, denominator=4))
            track.append(mido.MetaMessage("set_tempo", tempo=600_000))
        events = sorted([(a, "note_on", p) for a, p, _ in notes] + [(a + d, "note_off", p) for a, p, d in notes],
                        key=lambda e: (e[0], e[1] == "note_on"))  # fmt: skip
        last = 0
        for at, kind, pitch in events:
            track.append(mido.Message(kind, channel=n, note=pitch, velocity=80, time=at - last))
            last = at
    file.save(path)
    return path


def test_a_song_becomes_words_with_its_parts_chords_and_density(tmp_path: Path) -> None:
    (found,) = stretches(song(tmp_path / "a.mid"))
    assert (found.words[:, 0] == BAR).sum() == 8
    assert found.bars.tempo == pytest.approx(100)
    melody = found.words[found.words[:, 1] == 1]
    assert melody[0].tolist()[:3] == [0, 1, 74 - LOWEST + 1]
    assert (found.words[:, 1] == 3).any(), "what lies low is the bass"
    assert found.bars.chords[0].tolist() == [2, 0]
    assert found.bars.chords[2].tolist() == [9, 0]
    assert set(found.bars.density.tolist()) == {2}


def test_other_metres_are_left_out(tmp_path: Path) -> None:
    assert list(stretches(song(tmp_path / "a.mid", numerator=3))) == []


def test_a_crop_is_in_c_and_knows_the_way_to_the_next_boundary(tmp_path: Path) -> None:
    (found,) = stretches(song(tmp_path / "a.mid"))
    table, told = data.crop(found, len(found.words) - 1, np.random.default_rng(0))
    assert data.key(np.eye(12)[[2, 4, 6, 7, 9, 11, 1, 2, 2, 6, 9]].sum(axis=0)) == (2, False)
    moved = (table[1, 2] - found.words[1, 2]) % 12
    notes = table[:, 2] > 0
    assert np.array_equal((table[notes, 2] - found.words[: len(table)][notes, 2]) % 12, np.full(notes.sum(), moved))
    assert told[0, list(CONDITIONS).index("root")] == (2 + moved) % 12
    offsets = words.conditions(found.bars._replace(boundaries=np.array([7])), np.arange(9))[:, 5]
    assert [words.OFFSETS[o] for o in offsets[:8]] == [8, 6, 6, 4, 3, 2, 1, 0]
    assert offsets[8] == len(words.OFFSETS) - 1


def test_kept_words_are_those_that_were_gathered(tmp_path: Path) -> None:
    song(tmp_path / "a.mid")
    song(tmp_path / "b.mid", 12, 65)
    (tmp_path / "broken.mid").write_bytes(b"MThd\0\0\0\6\0\1\0")
    found = data.gathered(tmp_path)
    data.keep(found, tmp_path / "w.npz")
    again = data.kept(tmp_path / "w.npz")
    assert [s.source for s in again] == ["a", "b"]
    for a, b in zip(found, again, strict=True):
        assert np.array_equal(a.words, b.words)
        assert np.array_equal(a.at, b.at)
        assert all(np.array_equal(x, y) for x, y in zip(a.bars, b.bars, strict=True))


def test_a_folder_without_music_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no MIDI files"):
        data.gathered(tmp_path)


@pytest.fixture
def music(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> data.Music:
    monkeypatch.setattr(trainer, "Composer", lambda: Composer(**SMALL))
    monkeypatch.setattr(trainer, "LENGTH", 32)
    monkeypatch.setattr(trainer, "EVERY", 1000)
    song(tmp_path / "a.mid")
    found = data.gathered(tmp_path)
    return data.Music(found, found)


def test_training_learns_and_resumes_exactly(music: data.Music, tmp_path: Path) -> None:
    first = trainer.Trainer(music, 60, 3)
    begun = first.judge().sum()
    for _ in range(8):
        first._stepped()
    first.keep(tmp_path / "state.pt")
    again = trainer.Trainer(music, 60, 3)
    again.resume(tmp_path / "state.pt")
    torch.manual_seed(1)
    one = first._stepped()
    torch.manual_seed(1)
    assert np.array_equal(one, again._stepped())
    assert first.judge().sum() < begun


def test_training_goes_on_from_a_file(music: data.Music, tmp_path: Path) -> None:
    """What the file knows is where training begins, half precision apart; its rate lasts through a pause."""
    first = trainer.Trainer(music, 60, 3)
    for _ in range(8):
        first._stepped()
    known = first.judge()
    export(first.network, tmp_path / "a.onnx", {"seed": 3, "steps": 8})
    found = begun(tmp_path / "a.onnx")
    assert found.facts == {"seed": 3, "steps": 8}
    assert found.network.shape == SMALL
    second = trainer.Trainer(music, 60, 3, found)
    assert np.allclose(second.judge(), known, atol=2e-3)
    second._stepped()
    second.keep(tmp_path / "state.pt")
    third = trainer.Trainer(music, 60, 3)
    third.resume(tmp_path / "state.pt")
    assert (third.rate, third.earlier) == (trainer.AGAIN * trainer.RATE, {"seed": 3, "steps": 8})


def test_training_does_not_go_on_from_what_is_no_score_model(tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_bytes(b"no model")
    with pytest.raises(ValueError, match="cannot be read as a model"):
        begun(tmp_path / "x.onnx")
    other = next((Path(data.__file__).parents[2] / "texture").glob("*.onnx"))
    with pytest.raises(ValueError, match="is no score model"):
        begun(other)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Composer]:
    torch.manual_seed(0)
    network, path = Composer(**SMALL), tmp_path_factory.mktemp("net") / "small.onnx"
    for head in network.heads:
        torch.nn.init.normal_(head.weight, std=0.5)
    network.eval()
    export(network, path, {"seed": 0})
    return path, network


def test_the_file_draws_what_the_network_expects(file: tuple[Path, Composer]) -> None:
    """After 600 words, more than the ring holds, the drawn steps are distributed as the softmax says."""
    path, network = file
    random, model = np.random.default_rng(0), Model(path)
    model.warmth(1.0, 1e-9)
    table = np.stack([random.integers(0, n, 20) for n in FIELDS.values()], axis=1)
    told = np.stack([random.integers(0, n, 20) for n in CONDITIONS.values()], axis=1)
    for word, conditions in zip(table[:-1], told[:-1], strict=True):
        model.next(word.astype(np.int16), conditions.astype(np.int16), Masks())
    with torch.no_grad():
        for layer in network.layers:  # which the export has made plain
            assert layer.norm.weight is not None
        known = network.embed(torch.from_numpy(table)[None], torch.from_numpy(told)[None])
        expected = _forward(network, known)
    kept = model.keys.copy(), model.values.copy(), model.hidden.copy(), model.at
    counts = np.zeros(FIELDS["step"])
    for _ in range(1500):
        counts[model.next(table[-1].astype(np.int16), told[-1].astype(np.int16), Masks())[0]] += 1
        model.keys[:], model.values[:], model.hidden[:], model.at = kept
    assert np.abs(counts / counts.sum() - expected).max() < 0.04


def _forward(network: Composer, x: torch.Tensor) -> np.ndarray:
    from rtengine.models.score.training.network import angles

    turn = angles(torch.arange(x.shape[1]).float(), x.shape[-1] // network.shape["heads"])
    for layer in network.layers:
        x = layer(x, turn)
    weight = network.norm.weight
    x = x * torch.rsqrt((x * x).mean(dim=-1, keepdim=True) + 1e-5) * weight
    return torch.softmax(network.logits(x[0, -1], 0), dim=0).numpy()


def test_the_ring_forgets_what_is_older(file: tuple[Path, Composer]) -> None:
    """What follows depends on the last RING words alone."""
    path, _ = file
    random = np.random.default_rng(1)
    table = np.stack([random.integers(0, n, 1200) for n in FIELDS.values()], axis=1).astype(np.int16)
    told = np.stack([random.integers(0, n, 1200) for n in CONDITIONS.values()], axis=1).astype(np.int16)
    long, short = Model(path), Model(path)
    for i in range(1200):
        long.next(table[i], told[i], Masks())
    for i in range(1200):  # other words, but for those that two layers of rings can reach back to
        short.next(table[i] if i >= 1200 - 2 * 512 - 2 else table[i] * 0, told[i], Masks())
    assert long.keys.shape[2] == 512
    assert np.allclose(long.keys, short.keys, atol=1e-4)


def test_masks_are_never_broken(file: tuple[Path, Composer]) -> None:
    model, masks = Model(file[0], 3), Masks()
    masks.steps[:] = NEVER
    masks.steps[5] = 0
    masks.parts[5] = NEVER
    masks.parts[5, 2] = 0
    masks.pitches[0, 2] = NEVER
    masks.pitches[0, 2, [30, 40]] = 0
    word = np.array([5, 2, 40, 3, 3], np.int16)
    for _ in range(40):
        drawn = model.next(word, np.zeros(len(CONDITIONS), np.int16), masks)
        assert drawn[:3].tolist() == [5, 2, 30], "downwards within a step"


def test_a_file_that_is_no_score_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_bytes(b"no")
    with pytest.raises(ValueError, match="cannot be read as a model"):
        Model(tmp_path / "x.onnx")


def test_a_shared_run_is_found_in_another_key() -> None:
    random = np.random.default_rng(0)
    line = list(zip(random.integers(-5, 6, 40).tolist(), random.integers(1, 5, 40).tolist(), strict=True))
    other = list(zip(random.integers(15, 26, 40).tolist(), random.integers(1, 5, 40).tolist(), strict=True))
    assert memory.longest([*other[:10], *line[5:20], *other[10:]], [line]) == 16
    assert memory.longest(other, [line]) == 0

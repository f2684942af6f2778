"""SoundFonts, plain and compressed, beside the sine that they were made of; damaged ones are refused."""

from pathlib import Path

import numpy as np
import pytest
from support.samples import PERIOD, RATE, ROOT, write_font

from rtengine.blocks.sampler.fonts import load_bank
from rtengine.blocks.sampler.sampler import Sampler
from rtengine.events import NOTE_OFF, NOTE_ON
from rtengine.files.soundfont import Font, find_font
from rtengine.graph import Graph

WANTED = {"sine": (0, 0)}


def played(path: Path, note: float = float(ROOT), seconds: float = 0.5) -> np.ndarray:
    g = Graph(RATE, 2, synth=Sampler(load_bank(path, WANTED), ("sine",)))
    g["/synth/hall"] = 0
    g.settle()
    g.send("/synth", NOTE_ON, 0, note, 1.0)
    g.send("/synth", NOTE_OFF, 0, note, time=round(seconds * RATE))
    return g.process(np.zeros((2, round((seconds + 0.5) * RATE)), np.float32))


@pytest.mark.parametrize("compressed", [False, True])
def test_it_plays_what_is_in_it(tmp_path: Path, compressed: bool) -> None:
    y = played(write_font(tmp_path / "a.sf2", compressed))[0][200:3000] * np.sqrt(2)
    t = np.arange(200, 20_200)[: len(y)] / PERIOD
    basis = np.stack([np.sin(2 * np.pi * t), np.cos(2 * np.pi * t)])
    fitted = basis.T @ np.linalg.lstsq(basis.T, y, rcond=None)[0]
    assert np.std(y - fitted) < (0.05 if compressed else 0.02) * np.std(y)
    assert 0.9 < np.std(fitted) * np.sqrt(2) < 1.05


def test_a_font_whose_writer_left_the_padding_out_is_read(tmp_path: Path) -> None:
    whole = write_font(tmp_path / "whole.sf3", compressed=True).read_bytes()
    at = whole.index(b"smpl")
    size = int.from_bytes(whole[at + 4 : at + 8], "little")
    data = whole[at + 8 : at + 8 + size] + (b"" if size % 2 else b"\0")  # behind Ogg's last page a byte is no harm
    head = whole[:at] + b"smpl" + len(data).to_bytes(4, "little")
    bare = tmp_path / "bare.sf3"
    bare.write_bytes(head + data + whole[at + 8 + size + size % 2 :])
    assert len(data) % 2
    np.testing.assert_array_equal(played(bare), played(tmp_path / "whole.sf3"))


def test_a_link_to_a_font_that_is_gone_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "default-GM.sf3").symlink_to(tmp_path / "gone.sf3")
    monkeypatch.setattr("rtengine.files.soundfont.PLACES", (str(tmp_path),))
    assert find_font() is None
    there = write_font(tmp_path / "there.sf2")
    assert find_font() == there


def test_generators_mean_what_the_format_says(tmp_path: Path) -> None:
    plain = played(write_font(tmp_path / "a.sf2"))
    softer = played(write_font(tmp_path / "b.sf2", g48=200))  # 20 dB, of which 0.4 count
    right = played(write_font(tmp_path / "c.sf2", g17=500))
    higher = played(write_font(tmp_path / "d.sf2", g51=12))
    slow = played(write_font(tmp_path / "e.sf2", g34=-1200))  # attack: 0.5 s
    assert abs(20 * np.log10(np.abs(softer).max() / np.abs(plain).max()) + 8) < 0.1
    assert np.abs(right[0]).max() < 1e-3 < np.abs(right[1]).max()
    crossings = [np.sum(np.diff(np.signbit(y[0][1000:20_000]))) for y in (plain, higher)]
    assert abs(crossings[1] / crossings[0] - 2) < 0.01
    assert np.abs(slow[0][:2400]).max() < 0.15 * np.abs(slow[0]).max()


def test_what_is_no_font_is_refused(tmp_path: Path) -> None:
    good = write_font(tmp_path / "a.sf2").read_bytes()
    for name, data in (
        ("text", b"no font at all"),
        ("empty", b""),
        ("cut", good[:300]),
        ("half", good[: len(good) // 2]),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(ValueError, match="no SoundFont, or is damaged"):
            load_bank(path, WANTED)
    with pytest.raises(FileNotFoundError, match="does not exist"):
        Font(tmp_path / "nothing.sf2")
    with pytest.raises(KeyError, match="no preset 128:0"):
        load_bank(tmp_path / "a.sf2", {"kit": (128, 0)})

"""A dissolve is a new shot, to a fifth of a second; a title that comes up, a pan and a fade are none."""

from pathlib import Path

import numpy as np
from support.films import Scene, pictures, write_film

from rtengine.film.analysis import analyse
from rtengine.film.reader import HLG, PQ, tones


def shots(path: Path, frames: list[np.ndarray]) -> list[float]:
    return [c.time for c in analyse(write_film(path, frames)).cuts]


def still(seed: int, count: int) -> list[np.ndarray]:
    return list(pictures([Scene(count, seed, ball=1.0)], 160, 90))


def test_a_dissolve_is_found_at_its_middle(tmp_path: Path) -> None:
    a, b = still(1, 90), still(4, 90)
    share = np.linspace(0, 1, 27)[1:-1]
    mixed = [((1 - s) * x + s * y).astype(np.uint8) for s, x, y in zip(share, a[60:], b, strict=False)]
    found = shots(tmp_path / "x.mp4", [*a[:60], *mixed, *b[25:]])
    assert len(found) == 1
    assert abs(found[0] - (60 + 12.5) / 25) < 0.2


def test_a_title_is_no_dissolve(tmp_path: Path) -> None:
    frames = still(2, 120)
    for n in range(50, 120):
        frames[n][30:60, 40:120] = (frames[n][30:60, 40:120] * (1 - (s := min((n - 50) / 20, 1))) + 250 * s).astype(
            np.uint8
        )
    assert shots(tmp_path / "x.mp4", frames) == []


def test_a_pan_is_no_dissolve(tmp_path: Path) -> None:
    assert shots(tmp_path / "x.mp4", list(pictures([Scene(75, 3, pan=2.0)], 160, 90))) == []


def test_a_slow_pan_over_a_blurred_picture_is_no_dissolve(tmp_path: Path) -> None:
    """In slow motion of four equal frames each, what lies between two pictures looks like a mixture of them."""
    assert shots(tmp_path / "x.mp4", [_blurred(2.0 * (n // 4)) for n in range(100)]) == []


def _blurred(shift: float) -> np.ndarray:
    y, x = np.mgrid[:90, :160]
    waves = ((1, 0.6, 0), (2, -1.5, 1), (-1.7, 2.2, 2), (3, 1, 3))
    grey = np.clip(128 + 34 * sum(np.sin(np.pi * ((x + shift) * a + y * b) / 80 + c) for a, b, c in waves), 0, 255)
    return np.stack([grey, 0.9 * grey, 255 - grey], -1).astype(np.uint8)


def test_hdr_is_read_as_bright_as_it_looks() -> None:
    """Reference white, 58 % of PQ's signal and 75 % of HLG's (ITU-R BT.2408), is bright; black stays black."""
    assert tones(1) is None
    for transfer, white in ((PQ, 0.58), (HLG, 0.75)):
        bent = tones(transfer)
        assert bent is not None
        assert bent[16] == 16
        assert 185 < bent[round(16 + 219 * white)] <= 235
        assert np.all(np.diff(bent.astype(int)) >= 0)

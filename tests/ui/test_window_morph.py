"""The morph pad: mean value coordinates, and what dragging does."""

from itertools import pairwise
from math import hypot

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from support.windows import Stage, stage

from ui.textures.mean_value import inside, middle, polygon, weights

__all__ = ["stage"]

COUNTS = (1, 2, 3, 4, 5, 8, 24)


@pytest.mark.parametrize("count", COUNTS)
def test_corners_weighted_give_the_point_again(count: int) -> None:
    corners, random = polygon(count), np.random.default_rng(1)
    for x, y in random.uniform(-0.2, 1.2, (500, 2)):
        point = inside((x, y), corners) if count > 1 else corners[0]
        w = weights((x, y), corners)
        assert min(w) >= 0
        assert sum(w) == pytest.approx(1, abs=1e-12)
        assert hypot(*(a - b for a, b in zip(middle(w, corners), point, strict=True))) < 1e-9


@pytest.mark.parametrize("count", COUNTS)
def test_a_corner_is_its_texture_alone(count: int) -> None:
    corners = polygon(count)
    for i, corner in enumerate(corners):
        assert weights(corner, corners) == [float(i == j) for j in range(count)]


@pytest.mark.parametrize("count", COUNTS[2:])
def test_weights_do_not_jump(count: int) -> None:
    """Along lines that touch corners and edges, a step of 1e-4 moves no weight by more than 60 times as much."""
    corners = polygon(count)
    for begin, end in ((corners[0], corners[count // 2]), ((-0.1, 0.5), (1.1, 0.52)), (corners[0], corners[1])):
        line = [(begin[0] + t * (end[0] - begin[0]), begin[1] + t * (end[1] - begin[1])) for t in np.arange(0, 1, 1e-4)]
        for a, b in pairwise([weights(p, corners) for p in line]):
            assert max(abs(x - y) for x, y in zip(a, b, strict=True)) < 60e-4


def test_three_corners_are_barycentric() -> None:
    """Of a triangle there is only one such coordinate: areas of the opposite triangles."""
    a, b, c = corners = polygon(3)

    def area(p: tuple[float, float], q: tuple[float, float], r: tuple[float, float]) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    for x, y in ((0.5, 0.4), (0.3, 0.2), (0.55, 0.8)):
        whole = area(a, b, c)
        expected = [area((x, y), b, c) / whole, area(a, (x, y), c) / whole, area(a, b, (x, y)) / whole]
        assert weights((x, y), corners) == pytest.approx(expected, abs=1e-12)


def test_a_drag_blends_at_the_host(stage: Stage) -> None:
    pad, bot = stage.window.morph, stage.qtbot
    begin, end = pad._pixel((0.5, 0.9)).toPoint(), pad._pixel((0.4, 0.3)).toPoint()
    bot.mousePress(pad, Qt.MouseButton.LeftButton, pos=begin)
    bot.mouseMove(pad, QPoint((begin + end) / 2))
    bot.mouseMove(pad, end)
    shares = [f"/texture/{name}" for name in ("water", "laser", "future")]
    expected = weights(pad.point, pad.corners)
    stage.until(lambda: all(abs(stage.controls[a] - w) < 1e-6 for a, w in zip(shares, expected, strict=True)))
    assert pad.point == pytest.approx((0.4, 0.3), abs=0.01)
    bot.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=end)


def test_the_handle_follows_other_surfaces(stage: Stage) -> None:
    pad = stage.window.morph
    for name, value in (("water", 0.5), ("laser", 0.5), ("future", 0.0)):
        stage.controls[f"/texture/{name}"] = value
    stage.until(lambda: hypot(pad.point[0] - 0.25, pad.point[1] - 0.5) < 1e-3)

"""Mean value coordinates: a point of a convex polygon as weights of its corners.

The weights are at least 0, sum to 1, are smooth, are 1 at their own corner and linear along the edges, and the corners
so weighted give the point again: what is shown and what is meant are one, whoever moved it.
Source: M. Floater, "Mean value coordinates", CAGD 20 (2003), eq. 2.1; on the edges: K. Hormann, M. Floater, "Mean value
coordinates for arbitrary planar polygons", ACM TOG 25 (2006), section 5.
"""

from collections.abc import Sequence
from math import cos, hypot, pi, sin

Point = tuple[float, float]
TINY = 1e-9  # of the polygon's size: nearer to a corner or an edge is on it


def polygon(count: int) -> list[Point]:
    """The corners of a polygon that fills the unit square, y upwards, anticlockwise, the first at the top.

    It is a regular one, stretched; with an even number of corners it stands on an edge, so that four are a square. Two
    are the ends of a level line, one is the middle.
    """
    if count == 1:
        return [(0.5, 0.5)]
    if count == 2:
        return [(0.0, 0.5), (1.0, 0.5)]
    turn = pi / count if count % 2 == 0 else 0.0
    angles = [2 * pi * i / count + pi / 2 + turn for i in range(count)]
    xs, ys = _filling([cos(a) for a in angles]), _filling([sin(a) for a in angles])
    return list(zip(xs, ys, strict=True))


def _filling(values: list[float]) -> list[float]:
    low, high = min(values), max(values)
    return [(v - low) / (high - low) for v in values]


def weights(point: Point, corners: Sequence[Point]) -> list[float]:
    """The coordinates of a point; one that is outside counts as the nearest point of the polygon."""
    count = len(corners)
    if count == 1:
        return [1.0]
    x, y = inside(point, corners)
    s = [(cx - x, cy - y) for cx, cy in corners]
    r = [hypot(*v) for v in s]
    for i in range(count):
        if r[i] < TINY:
            return [float(j == i) for j in range(count)]
    found = [0.0] * count
    for i in range(count):
        j = (i + 1) % count
        area = s[i][0] * s[j][1] - s[j][0] * s[i][1]
        inner = s[i][0] * s[j][0] + s[i][1] * s[j][1]
        if abs(area) < TINY and inner < 0:  # between the two
            return [r[j] / (r[i] + r[j]) if k == i else r[i] / (r[i] + r[j]) if k == j else 0.0 for k in range(count)]
        tangent = (r[i] * r[j] - inner) / area  # of half the angle at the point
        found[i] += tangent / r[i]
        found[j] += tangent / r[j]
    total = sum(found)
    return [max(w / total, 0.0) for w in found]


def middle(shares: Sequence[float], corners: Sequence[Point]) -> Point:
    """The point whose coordinates are these shares; without any, the centre."""
    total = sum(shares)
    if total <= 0:
        return 0.5, 0.5
    pairs = tuple(zip(shares, corners, strict=True))
    return sum(w * x for w, (x, _) in pairs) / total, sum(w * y for w, (_, y) in pairs) / total


def inside(point: Point, corners: Sequence[Point]) -> Point:
    """The nearest point of the polygon."""
    count = len(corners)
    edges = [(corners[i], corners[(i + 1) % count]) for i in range(count)]
    if count > 2 and all(_left(point, a, b) >= 0 for a, b in edges):
        return point
    nearest = [_project(point, a, b) for a, b in edges]
    return min(nearest, key=lambda p: hypot(p[0] - point[0], p[1] - point[1]))


def _left(p: Point, a: Point, b: Point) -> float:
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def _project(p: Point, a: Point, b: Point) -> Point:
    dx, dy = b[0] - a[0], b[1] - a[1]
    t = ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (dx * dx + dy * dy)
    t = min(max(t, 0.0), 1.0)
    return a[0] + t * dx, a[1] + t * dy

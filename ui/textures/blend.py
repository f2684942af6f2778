"""What is heard of the textures: the loudest of them with their shares, and one picture of all."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from PySide6.QtGui import QImage, QPainter

from ui.look import theme
from ui.textures.pictures import HEIGHT, WIDTH

T = TypeVar("T")

SEEN = 0.02  # a share that is shown
MOST_NAMES = 3  # names beside a picture


def heard(shares: Mapping[T, float]) -> list[tuple[T, float]]:
    """The few that are heard most, the loudest first, with their shares of the whole; none if all are silent."""
    whole = sum(shares.values())
    if whole < SEEN:
        return []
    parts = [(what, share / whole) for what, share in shares.items() if share / whole >= SEEN]
    return sorted(parts, key=lambda part: -part[1])[:MOST_NAMES]


def picture(parts: Iterable[tuple[QImage, float]]) -> QImage:
    """Pictures as one, each as bright as its share to the loudest; null if none of them is there."""
    there = [(image, share) for image, share in parts if not image.isNull()]
    if len(there) < 2:
        return there[0][0] if there else QImage()
    most = max(share for _, share in there)
    whole = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    whole.fill(theme.GROUND)
    painter = QPainter(whole)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Lighten)
    for image, share in there:
        painter.setOpacity(share / most)
        painter.drawImage(whole.rect(), image)
    painter.end()
    return whole

"""What a widget shows, as numbers."""

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget


def pixels(view: QWidget, area: QRectF | None = None) -> np.ndarray:
    """What it shows, (height, width, 3) red green blue."""
    image = view.grab(area.toRect() if area else view.rect()).toImage().convertToFormat(QImage.Format.Format_RGB32)
    bits = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return bits[:, : image.width(), 2::-1].astype(int)


def rgb(colour: str) -> list[int]:
    return list(QColor(colour).getRgb()[:3])


def share(shown: np.ndarray, colour: str) -> float:
    return float((np.abs(shown - rgb(colour)).max(axis=2) <= 2).mean())

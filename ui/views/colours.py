"""The colours of spectrograms: from the ground through violet and amber to white, in steps that look equal.

Lightness rises in a straight line, so that the picture is right in grey as well and for eyes that tell few colours
apart.
Source: B. Ottosson, "A perceptual color space for image processing", 2020 (Oklab).
"""

import numpy as np
from numpy.typing import NDArray

DARKEST, LIGHTEST = 0.155, 0.97  # Oklab lightness; the first is that of the ground
HUES = ((0.0, 285.0), (0.35, 312.0), (0.6, 385.0), (0.8, 425.0), (1.0, 460.0))  # level, degrees
CHROMA = ((0.0, 0.01), (0.3, 0.16), (0.6, 0.185), (0.8, 0.15), (1.0, 0.04))


def colours() -> NDArray[np.uint32]:
    """One colour for each of 256 levels, 0xffRRGGBB."""
    level = np.linspace(0, 1, 256)
    hue = np.radians(np.interp(level, *np.transpose(HUES)))
    chroma = np.interp(level, *np.transpose(CHROMA))
    lightness = DARKEST + level * (LIGHTEST - DARKEST)
    rgb = srgb(lightness, chroma * np.cos(hue), chroma * np.sin(hue))
    for _ in range(40):  # what no screen can show becomes less colourful
        outside = ((rgb < 0) | (rgb > 1)).any(axis=1)
        chroma = np.where(outside, 0.95 * chroma, chroma)
        rgb = srgb(lightness, chroma * np.cos(hue), chroma * np.sin(hue))
    red, green, blue = np.rint(255 * np.clip(rgb, 0, 1)).astype(np.uint32).T
    return np.uint32(0xFF000000) | red << np.uint32(16) | green << np.uint32(8) | blue


def srgb(lightness: NDArray[np.float64], a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Oklab as sRGB (..., 3); outside 0 to 1 where the screen has no such colour."""
    to_cones = np.array(
        [[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728], [1, -0.0894841775, -1.291485548]]
    )
    to_linear = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.707614701],
        ]
    )
    linear = (np.stack((lightness, a, b), axis=-1) @ to_cones.T) ** 3 @ to_linear.T
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055)

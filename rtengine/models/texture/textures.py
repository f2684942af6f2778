"""The shipped textures, by the exemplars that they are learnt from."""

SHIPPED_TEXTURES = (
    "water", "laser", "future", "rain", "fire", "wind", "glass", "metal", "bells", "static", "birds", "waves", "choir",
    "arpeggio",
)  # fmt: skip

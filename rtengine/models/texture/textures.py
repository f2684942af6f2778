"""The shipped textures, by the exemplars that they are learnt from."""

SHIPPED_TEXTURES = (
    "water", "laser", "future", "rain", "fire", "wind", "glass", "metal", "bells", "static", "birds", "waves", "choir",
    "arpeggio",
)  # fmt: skip
MIDDLES = {
    "water": 0.86, "laser": 0.82, "future": 0.85, "rain": 0.7, "fire": 0.8, "wind": 0.9, "glass": 0.72, "metal": 0.88,
    "bells": 0.82, "static": 0.66, "birds": 0.74, "waves": 0.8, "choir": 0.88, "arpeggio": 0.82,
}  # what a player's strength of 0.7 means, so that all come as near: those that came least near have most  # fmt: skip
MIDDLE = 0.82  # of any other

"""The controller's numbers: what goes in, what comes out, how large its layers are.

    a hop of a strip  27 third octaves about the strip's own level, its level now, its peak           FRAME
    encoder           two layers, relu; their mean over the hops in which the strip played            WIDTH
    what is known     that mean; mean power, mean level and its deviation by third octave; how far
                      peaks and the highest stand out; for how long it was heard; the role; the wish  KNOWN
    strip             two layers; attention over the strips that were heard; a layer beside            MODEL
    for a strip       six bands, balance, what the compressor takes, how sure                         STRIP
    for the mix       side over mid in three bands, crest                                             MIX

No strip has a number: to exchange two of them exchanges what is said of them, and there may be any number.
Source: A. Vaswani et al., "Attention is all you need", 2017; M. Zaheer et al., "Deep sets", 2017 (the mean over time).
"""

import numpy as np
from numpy.typing import NDArray

from rtengine.models.console import ear

CONTRACT = "console 2"
ROLES = ("vocals", "drums", "bass", "other", "speech")
FRAME, WIDTH, MODEL, MIDDLE, HEADS = ear.COUNT + 2, 96, 128, 160, 4
BESIDE, LAST = 192, 48  # of the layer beside the attention, and before the outputs
WISH = ear.COUNT + 3 + 1  # a reference's spectrum, sides and crest, as departures from the average
KNOWN = WIDTH + 3 * ear.COUNT + 3 + len(ROLES) + WISH
BANDS = 6
STRIP = BANDS + 3
MIX = 4
EQ_RANGE, BALANCE_RANGE, TAKEN_RANGE = 12.0, 12.0, 8.0  # dB
UNSURE = 5.2  # dB: the deviation of bands that are anywhere within 9 dB, at which there is no confidence
SIDE_RANGE, CREST_RANGE = 10.0, 6.0  # dB about the average
SIDE_CENTRES = (-16.1, -10.9, -10.2)  # dB, see rtengine.dsp.console.moves
CREST_CENTRE = 15.0  # dB

WEIGHTS = {  # name: shape, as y = x W + b
    "frame1": (FRAME, WIDTH), "frame2": (WIDTH, WIDTH), "strip1": (KNOWN, MIDDLE), "strip2": (MIDDLE, MODEL),
    "query": (MODEL, MODEL), "key": (MODEL, MODEL), "value": (MODEL, MODEL), "join": (MODEL, MODEL),
    "beside1": (MODEL, BESIDE), "beside2": (BESIDE, MODEL), "out1": (MODEL, LAST), "out2": (LAST, STRIP),
    "mix1": (MODEL, LAST), "mix2": (LAST, MIX),
}  # fmt: skip

Weights = dict[str, NDArray[np.float32]]  # NAME and NAME.bias


def check(weights: Weights) -> None:
    """ValueError if a layer is missing or of another size."""
    for name, shape in WEIGHTS.items():
        for key, wanted in ((name, shape), (f"{name}.bias", shape[1:])):
            found = weights[key].shape if key in weights else None
            if found != wanted:
                raise ValueError(f"the controller's layer {key} is {found or 'missing'}, and not {wanted}")

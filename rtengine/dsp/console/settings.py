"""What somebody who has heard the stems says of them: the controller, or whoever takes its place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
FOLLOWED = 4  # bands from the lowest: what is said of those above was no gain on made-up songs that were held out


@dataclass(frozen=True)
class Settings:
    """bands (S, 6) dB of the strips, balance (S,) dB over the loudness of the role in MUSDB18, taken (S,) dB that the
    compressor takes of the loud peaks, sure (S,) 0 to 1; sides (3,) dB over mid and crest dB: of the mix.
    """

    bands: Numbers
    balance: Numbers
    taken: Numbers
    sure: Numbers
    sides: Numbers
    crest: float

"""From any number of channels to one or two.

More than two become stereo by Recommendation ITU-R BS.775-4, annex 4, table 2: the centre and each surround channel at
-3 dB, a surround channel in the middle at -6 dB, the low frequency effects left out.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.mono import Fold
from rtengine.files.blocks import Samples

HALF = 0.5**0.5  # of the power

DEFAULT = {  # by the number of channels, where a file names none: the order of WAVE files
    1: ("FC",),
    2: ("FL", "FR"),
    3: ("FL", "FR", "FC"),
    4: ("FL", "FR", "BL", "BR"),
    5: ("FL", "FR", "FC", "BL", "BR"),
    6: ("FL", "FR", "FC", "LFE", "BL", "BR"),
    7: ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
    8: ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
}
GAINS = {  # to the left, to the right
    "FL": (1.0, 0.0),
    "FR": (0.0, 1.0),
    "FC": (HALF, HALF),
    "LFE": (0.0, 0.0),
    "LFE2": (0.0, 0.0),
    "BL": (HALF, 0.0),
    "BR": (0.0, HALF),
    "SL": (HALF, 0.0),
    "SR": (0.0, HALF),
    "BC": (0.5, 0.5),
    "FLC": (1.0, 0.0),
    "FRC": (0.0, 1.0),
    "TFL": (HALF, 0.0),
    "TFR": (0.0, HALF),
    "TBL": (HALF, 0.0),
    "TBR": (0.0, HALF),
    "TSL": (HALF, 0.0),
    "TSR": (0.0, HALF),
    "WL": (HALF, 0.0),
    "WR": (0.0, HALF),
    "DL": (1.0, 0.0),
    "DR": (0.0, 1.0),
}
OTHER = 0.5, 0.5  # for channels that are nowhere, or above or below the middle
COMMON = {3: "3", 4: "4", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}

Layout = tuple[str, ...]  # FFmpeg's names of the channels


def known(names: Iterable[str]) -> Layout:
    """The names, or the usual ones where a file tells none."""
    layout = tuple(names)
    return layout if set(layout) & set(GAINS) else DEFAULT.get(len(layout), layout)


def called(layout: Layout) -> str:
    """What people call so many channels: "5.1 channels"."""
    return f"{COMMON.get(len(layout), len(layout))} channels"


def matrix(layout: Layout) -> NDArray[np.float32]:
    """Gains (2, channels) from these channels to left and right."""
    return np.array([GAINS.get(name, OTHER) for name in layout], np.float32).T.copy()


def fitted(blocks: Iterable[Samples], layout: Layout, channels: int) -> Iterator[Samples]:
    """Blocks (len(layout), samples) with other channels, as many samples in all; memory for one block.

    More than two are as those are that there are, and the rest are silent.
    """
    if len(layout) == channels:
        yield from blocks
        return
    if channels > 2:
        for x in blocks:
            yield np.pad(x[:channels], ((0, max(channels - len(x), 0)), (0, 0)))
        return
    if len(layout) == 1:
        for x in blocks:
            yield np.repeat(x, channels, axis=0)
        return
    stereo = blocks
    if len(layout) > 2:
        gains = matrix(layout)
        stereo = (gains @ x for x in blocks)
    yield from stereo if channels == 2 else Fold().of(stereo)

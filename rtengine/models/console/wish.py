"""A reference song, as the controller is told of it: how it departs from mixes on average."""

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp.console import features
from rtengine.dsp.console.features import MIX, Features
from rtengine.dsp.console.moves import sides
from rtengine.models.console import ear, layout


def wish(song: Features) -> NDArray[np.float64]:
    """Departures of its spectrum, sides and crest, in tens of decibels, at most 2: (WISH,). Nothing is asked by 0."""
    average = features.read()[MIX]
    spectrum = (np.array(song.spectrum) - np.array(average.spectrum))[ear.FIRST : ear.LAST]
    wide = np.array([s for _, _, s in sides(song)]) - np.array(layout.SIDE_CENTRES)
    found = np.concatenate([spectrum, wide, [song.crest - layout.CREST_CENTRE]]) / 10
    return np.clip(found, -2, 2)

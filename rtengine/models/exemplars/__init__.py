"""The sounds that textures are learnt from, synthesised here, so that all that is shipped is the project's own.

Each is a sum of many small events with distributed parameters, for a texture is told by the statistics of its events,
not by any one of them. The sounds are stationary and begin in the middle of things.
"""

import zlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rtengine.models.exemplars.air import fire, wind
from rtengine.models.exemplars.electronic import arpeggio, engine, future, laser, static
from rtengine.models.exemplars.liquids import rain, water, waves
from rtengine.models.exemplars.parts import Samples
from rtengine.models.exemplars.struck import bells, glass, metal
from rtengine.models.exemplars.voices import birds, choir, insects

LEVEL = 0.1  # RMS, -20 dBFS
PEAK = 0.89  # -1 dBFS; above KNEE the peaks are bent towards it
KNEE = 0.6


def exemplar(name: str, seconds: float = 10.0, sample_rate: float = 44100, seed: int = 0) -> NDArray[np.float32]:
    """Synthesise one exemplar, (samples,) float32, RMS -20 dBFS, peaks below -1 dBFS; equal for equal arguments.

    Raises ValueError for a name not in EXEMPLARS, or a length outside 0.1 to 600 seconds.
    """
    if name not in EXEMPLARS:
        raise ValueError(f"texture {name!r} is not one of {', '.join(EXEMPLARS)}")
    if not 0.1 <= seconds <= 600:
        raise ValueError(f"seconds = {seconds:g} is outside 0.1 to 600")
    if not 8000 <= sample_rate <= 192000:
        raise ValueError(f"sample_rate = {sample_rate:g} is outside 8000 to 192000 Hz")
    generator = np.random.default_rng([seed, zlib.crc32(name.encode())])
    samples = round(seconds * sample_rate)
    x = EXEMPLARS[name](generator, samples, float(sample_rate))
    for _ in range(3):  # bending the peaks takes a little level, which the next round returns
        x *= LEVEL / np.sqrt(np.mean(x * x))
        over = np.maximum(np.abs(x) - KNEE, 0) / (PEAK - KNEE)
        x = np.sign(x) * (np.minimum(np.abs(x), KNEE) + (PEAK - KNEE) * np.tanh(over))
    return x.astype(np.float32)


EXEMPLARS: dict[str, Callable[[np.random.Generator, int, float], Samples]] = {
    "water": water,
    "laser": laser,
    "future": future,
    "rain": rain,
    "fire": fire,
    "wind": wind,
    "glass": glass,
    "metal": metal,
    "bells": bells,
    "static": static,
    "birds": birds,
    "waves": waves,
    "choir": choir,
    "arpeggio": arpeggio,
    "insects": insects,
    "engine": engine,
}

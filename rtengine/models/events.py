"""What a texture's own events are like (a bubble, a zap, a spark): the numbers that drive the voices of voices.py."""

import math
from dataclasses import dataclass

from rtengine.models.bands import FRAME_RATE

VOICES = 12
HELD = 5  # numbers a voice draws when it starts and then holds: pace, pitch, rate, level, extent
HARMONICS = {2: 1.0, 3: 0.55, 4: 0.3}  # levels against the second's
BARS = {2.757: 1.0, 5.404: 0.6}  # of a free bar: Fletcher and Rossing, "The Physics of Musical Instruments", ch. 2
OVERTONES = (*HARMONICS, *BARS)


@dataclass(frozen=True)
class Events:
    """How one texture's tones come and go; lengths in log2(s), pitches and rates in log2(Hz); spreads in deviations."""

    length: float
    pitch: float
    rate: float  # of vibrato and tremolo
    extent: float  # octaves glided over the life, downwards if negative
    length_spread: float
    pitch_spread: float
    rate_spread: float
    extent_spread: float
    level_spread: float  # octaves of amplitude
    threshold: float  # deviations that chance must exceed for a waiting voice to start, each frame
    attack_pull: float  # by how much a rise of the music of 1 neper lowers that threshold
    follow: float  # 0: the pitch as it is; 1: the pitch counts from an octave of the music's strongest partial
    curve: float  # at least 0.1; the higher, the more of the glide is at the start of the life
    rise: float  # part of the life in which the level rises
    fall: float  # nepers that the level has fallen by at the end
    vibrato: float  # octaves
    tremolo: float  # 0 to 1
    overtones: float  # level of the tones' second harmonic against the first
    clang: float = 0.0  # level of their first inharmonic overtone

    def numbers(self) -> list[float]:
        """As an embedding holds them: means and spreads of what voices draw, then the rest, in the units of `step`."""
        reach = 1 / (1 - math.exp(-self.curve))
        pace = -self.length - math.log2(FRAME_RATE)  # log2 of the part of its life that a frame is
        means = [pace, self.pitch, self.rate, 0.0, self.extent * reach]
        bends = self.extent_spread * reach
        spreads = [self.length_spread, self.pitch_spread, self.rate_spread, self.level_spread, bends]
        others = [self.threshold, self.attack_pull, self.follow, 1 / self.rise, self.vibrato, self.tremolo / 2]
        harmonics = [*(self.overtones * v for v in HARMONICS.values()), *(self.clang * v for v in BARS.values())]
        return [*means, *spreads, *others, self.curve, self.fall, *harmonics]


SIZES = [HELD, HELD, 1, 1, 1, 1, 1, 1, 2]  # of `numbers`, but for the harmonics
PARAMETERS = sum(SIZES)

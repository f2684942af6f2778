"""The music itself, made of another sound: STFT, network, phase reconstruction, inverse STFT.

Three slow parts, joined by rings, so that threads can share them: `analyse` takes samples, resampled to the model's
rate, to textured spectra; `synthesise` takes these to hops of samples; `deliver` hands them back, and `refine` improves
them first. For files, `fit` may stand between these two. On the audio thread nothing but the two ends remains.

The latency is a whole number at any sample rate. In the model's own time nothing is delayed: its sample j stands for
the moment j / model.sample_rate, and the way back is asked for the moments of the device's own samples. What comes back
follows `latency` zeros.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np

from rtengine.block import Block, Parameter, Work
from rtengine.blocks import offload
from rtengine.blocks.texture import drift
from rtengine.blocks.texture.analysis import SLOTS, analyse
from rtengine.blocks.texture.synthesis import deliver, fit, refine, refine_fitted, synthesise
from rtengine.dsp import griffin_lim, resample, rtisi, stft
from rtengine.models.texture import fit as fitting
from rtengine.models.texture import stream
from rtengine.models.texture.bands import BANDS
from rtengine.models.texture.model import Model, load_model
from rtengine.models.texture.modulator import FRAMES, PARTIALS
from rtengine.native import ring
from rtengine.native.kernel import Kernel, kernel

MOST_TEXTURES = 32  # textures: the compiled code is the same for any number of them up to this
SHARED_RATE = 48_000  # Hz: at the model's own rate memory is laid out as at this one, and compiled code is shared
STEP_SECONDS = 0.05  # one step of `fit` with the processor to itself
QUALITIES = ("lofi", "standard", "hifi")


@dataclass(frozen=True, eq=False)
class Texture(Block):
    """A weight for each texture of the model, how much of them, and how much care for the phases.

    look_ahead: frames that phase reconstruction (RTISI-LA) may look ahead, up to 7; below 0, to -2 with a hop of
    n_fft / 4, it does not even wait for all frames that overlap.
    refine: Griffin-Lim iterations after it; they cost latency, so they are for files, and want a look_ahead from 0 on.
    fit: steps by which windows of six seconds are fitted to the texture before that (models/texture/fit.py); for files.
    headroom: samples of latency that the worker thread has for itself; 0 if there is none.
    patient: wait for the worker instead of fading to the dry signal; for files.
    """

    model: Model = field(default_factory=load_model)
    look_ahead: int = 3
    refine: int = 0
    fit: int = 0
    headroom: int = 0
    patient: bool = False
    chances: int = 0  # seed of all noise; the parameter counts on from it
    iterations: tuple[int, int, int] = (2, 4, 8)  # of RTISI-LA in a hop, for each quality

    strength = Parameter(0.7, 0, 1, "", "linear", "0 keeps the music as it is, 1 gives most to the texture")
    tone = Parameter(0.5, 0, 1, "", "linear", "how far the music's long-term spectrum goes towards the texture's")
    brightness = Parameter(20_000, 500, 20_000, "Hz", "log", "above this the texture falls by 12 dB an octave")
    noise = Parameter(1, 0, 2, "", "linear", "how much of its own noise the texture adds, 1 as it was made")
    freeze = Parameter(0, 0, 1, "", "step", "hold the texture's own movement still", ("off", "on"))
    seed = Parameter(0, 0, 99, "", "step", "another course of the texture's chances")
    quality = Parameter(1, 0, 2, "", "step", "how often the phases of a hop are improved", QUALITIES, costly=True)

    def __post_init__(self) -> None:
        if self.refine and self.look_ahead < 0:
            raise ValueError(f"refine = {self.refine} needs a look_ahead of at least 0, not {self.look_ahead}")
        if self.fit and not self.refine:
            raise ValueError(f"fit = {self.fit} needs refine = 1 or more, not {self.refine}")

    @property
    def parameters(self) -> dict[str, Parameter]:
        """A weight for each texture, the first one on; then the rest."""
        doc = "share of {}; the shares are relative, and below 1 in sum they lower the strength"
        shares = {
            texture: Parameter(float(i == 0), 0, 1, "", "linear", doc.format(texture), share=True)
            for i, texture in enumerate(self.textures)
        }
        return shares | super().parameters

    @property
    def spare(self) -> int:  # type: ignore[override]  # of some other blocks a constant
        return MOST_TEXTURES - len(self.textures)

    @property
    def textures(self) -> tuple[str, ...]:
        return tuple(self.model.textures)

    def latency(self, sample_rate: float) -> int:
        """n_fft + hops for look_ahead, fit and refine, in samples of the device, + resampling + headroom."""
        rate, inner = round(sample_rate), self.model.sample_rate
        waiting = fitting.DELAY if self.fit else 0  # hops; what is fitted comes late, and nothing before it
        within = Fraction(self._offset() + (1 + waiting) * self.model.hop_length)
        if rate == inner:
            return int(within) + self.headroom
        back = (within + resample.delay(inner, rate)) * Fraction(rate, inner)
        return ceil(resample.delay(rate, inner) + back) + 1 + self.headroom

    def _offset(self) -> int:
        """How far, in the model's samples, the first hop that is synthesised lies before the start."""
        hops = self.look_ahead + griffin_lim.delay(self.model.n_fft, self.model.hop_length, self.refine)
        return self.model.n_fft + (hops - 1) * self.model.hop_length

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        model, rate = self.model, round(sample_rate)
        n_fft, hop_length, bins = model.n_fft, model.hop_length, model.n_fft // 2 + 1
        bin_width = model.sample_rate / n_fft  # Hz
        latency = self.latency(sample_rate)
        heard, played = (hop_length, 1 + MOST_TEXTURES) if self.fit else (0, 0)  # of the song, for `fit`
        controls = len(self.parameters) + self.spare
        embeddings = np.zeros((MOST_TEXTURES, model.embeddings.shape[1]), np.float32)
        embeddings[: len(self.textures)] = model.embeddings
        most = ceil(max(block_size * model.sample_rate / rate, hop_length * rate / model.sample_rate)) + 2
        outer_rate = rate if rate != model.sample_rate else SHARED_RATE
        return {
            "clock": np.int64(0),
            "ends": offload.prepare(latency, self.headroom, channels, block_size, controls, self.patient),
            "waits": 0,
            "resampled": rate != model.sample_rate,
            # analyse
            "cell": np.zeros((channels, block_size), np.float32),
            "controls": {name: np.float32(0) for name, p in self.parameters.items() if not p.share},
            "shares": np.zeros(MOST_TEXTURES, np.float32),
            "there": resample.prepare(outer_rate, model.sample_rate, channels, Fraction(0)),
            "inner": np.zeros((channels, ring.power_of_two(most)), np.float32),
            "hop": np.zeros((channels, hop_length), np.float32),
            "filled": 0,  # samples in it
            "seen": 0,  # hops so far
            "bin_width": np.float32(bin_width),
            "seed": self.chances,
            "noise": np.zeros((channels, hop_length), np.float32),
            "audible": np.interp(np.arange(bins) * bin_width, [20_000, 21_500], [1, 0]).astype(np.float32),
            "signals": np.zeros((2 * channels, n_fft), np.float32),  # the channels, then a noise for each
            "stft": stft.prepare(n_fft, 2 * channels),
            "spectrum": np.zeros((2 * channels, 2, bins), np.float32),
            "phase": np.zeros((channels, 2, bins), np.float32),  # of the channels, as unit vectors
            "net": stream.prepare(model, channels),
            "embeddings": embeddings,
            "middles": np.pad(np.array([model.middles[name] for name in self.textures], np.float32), (0, self.spare)),
            "modulators": self._modulators(),
            "place": 0,  # of the modulators, frames
            "columns": np.array([model.tone.start, model.tone.stop, model.noise.start, model.noise.stop]),
            "drifting": self.model.drift > 0,
            "drift": drift.prepare(self.model.drift),
            "roll": np.ones(bins, np.float32),  # what the brightness leaves of each bin
            "iterations": np.array(self.iterations, np.int64),
            # from analyse to synthesise
            "spectra": {
                "index": ring.indices(),
                "magnitude": np.zeros((SLOTS, channels, bins), np.float32),
                "start": np.zeros((SLOTS, channels, 2, bins), np.float32),
                "n_iter": np.zeros(SLOTS, np.int64),
                "song": np.zeros((SLOTS, channels, heard), np.float32),
                "played": np.zeros((SLOTS, played), np.float32),
            },
            # synthesise
            "rtisi": rtisi.prepare(n_fft, hop_length, channels, self.look_ahead),
            "made": 0,
            "recent": np.zeros(
                (max(self.look_ahead, 0) + 1, channels, bins), np.float32
            ),  # magnitudes not yet committed
            "songs": np.zeros((max(self.look_ahead, 0) + 1, channels, heard), np.float32),
            "plays": np.zeros((max(self.look_ahead, 0) + 1, played), np.float32),
            # from synthesise to deliver, fit or refine
            "hops": {
                "index": ring.indices(),
                "magnitude": np.zeros((SLOTS, channels, bins), np.float32),
                "y": np.zeros((SLOTS, channels, hop_length), np.float32),
                "song": np.zeros((SLOTS, channels, heard), np.float32),
                "played": np.zeros((SLOTS, played), np.float32),
            },
            # fit
            "fit": fitting.prepare(channels, hop_length, self.fit, played) if self.fit else {"none": 0},
            "fitted": {
                "index": ring.indices(),
                "magnitude": np.zeros((SLOTS, channels, bins if self.fit else 0), np.float32),
                "y": np.zeros((SLOTS, channels, heard), np.float32),
            },
            # deliver and refine
            "refine": griffin_lim.prepare(n_fft, hop_length, channels, self.refine) if self.refine else {"none": 0},
            "refined": np.zeros((channels, hop_length), np.float32),
            "skip": self._offset(),
            "back": resample.prepare(model.sample_rate, outer_rate, channels, Fraction(self._offset())),
            "outer": np.zeros((channels, ring.power_of_two(most)), np.float32),
        }

    def _modulators(self) -> dict[str, Any]:
        lengths = np.ones(MOST_TEXTURES, np.int64)
        envelopes, partials = (
            np.zeros((MOST_TEXTURES, FRAMES, BANDS), np.int8),
            np.zeros((MOST_TEXTURES, FRAMES, 3, PARTIALS), np.int16),
        )
        for t, name in enumerate(self.textures):
            modulator = self.model.modulators[name]
            lengths[t] = frames = len(modulator.envelopes)
            envelopes[t, :frames], partials[t, :frames] = modulator
        return {"frames": lengths, "envelopes": envelopes, "partials": partials}

    @property
    def works(self) -> tuple[Kernel | Work, ...]:
        if self.fit:
            return analyse, synthesise, Work(fit, STEP_SECONDS), refine_fitted
        return analyse, synthesise, refine if self.refine else deliver

    def late(self, state: np.void) -> int:
        return int(state["ends"]["late"])

    def bind(self, state: np.void) -> object:
        bound = stream.bind(state["net"], self.model)
        return fitting.bind(state["fit"], bound) if self.fit else bound

    @staticmethod
    @kernel
    def fork(state, params, x):
        offload.send(state.ends, params, x)

    @staticmethod
    @kernel
    def process(state, params, x):
        offload.receive(state.ends, x, state.clock)

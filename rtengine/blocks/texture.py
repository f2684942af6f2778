"""The music itself, made of another sound: STFT, network, phase reconstruction, inverse STFT.

Three slow parts, joined by rings, so that threads can share them: `analyse` takes samples, resampled to the model's
rate, to textured spectra; `synthesise` takes these to hops of samples; `deliver` hands them back, `refine` improves them
before. On the audio thread nothing but the two ends remains.

The latency is a whole number at any sample rate. In the model's own time nothing is delayed: its sample j stands for the
moment j / model.sample_rate, and the way back is asked for the moments of the device's own samples. What comes back
follows `latency` zeros.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
from numba import carray

from rtengine import ring
from rtengine.block import Block, Kernel, Parameter, kernel
from rtengine.blocks import offload
from rtengine.dsp import griffin_lim, resample, rtisi, stft
from rtengine.dsp.noise import white_noise
from rtengine.models import onnx, stream
from rtengine.models.model import Model, load_model

SLOTS = 16  # frames between two slow parts, so that two threads can run side by side
TINY = np.float32(1e-20)  # magnitude below which a bin has no phase
QUALITIES = ("lofi", "standard", "hifi")


@dataclass(frozen=True, eq=False)
class Texture(Block):
    """A weight for each texture of the model, how much of them, and how much care for the phases.

    look_ahead: frames that phase reconstruction (RTISI-LA) may look ahead, 0 to 7.
    refine: Griffin-Lim iterations after it; they cost latency, so they are for files.
    headroom: samples of latency that the worker thread has for itself; 0 if there is none.
    patient: wait for the worker instead of fading to the dry signal; for files.
    """

    model: Model = field(default_factory=load_model)
    look_ahead: int = 3
    refine: int = 0
    headroom: int = 0
    patient: bool = False
    seed: int = 0
    iterations: tuple[int, int, int] = (4, 6, 8)  # of RTISI-LA in a hop, for each quality

    strength = Parameter(0.8, 0, 1, "", "linear", "0 keeps the music as it is, 1 gives most to the texture")
    quality = Parameter(1, 0, 2, "", "step", "how often the phases of a hop are improved", QUALITIES)

    @property
    def parameters(self) -> dict[str, Parameter]:
        """A weight for each texture, the first one on; then strength and quality."""
        doc = "share of {}; the shares are relative, and below 1 in sum they lower the strength"
        weights = {t: Parameter(float(i == 0), 0, 1, "", "linear", doc.format(t)) for i, t in enumerate(self.textures)}
        return weights | super().parameters

    @property
    def textures(self) -> tuple[str, ...]:
        return tuple(self.model.textures)

    def latency(self, sample_rate: float) -> int:
        """n_fft + hops for look_ahead and refine, in samples of the device, + resampling + headroom."""
        rate, inner = round(sample_rate), self.model.sample_rate
        within = Fraction(self._offset() + self.model.hop_length)
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
        latency = self.latency(sample_rate)
        most = ceil(max(block_size * model.sample_rate / rate, hop_length * rate / model.sample_rate)) + 2
        return {
            "ends": offload.prepare(
                latency, self.headroom, channels, block_size, len(self.parameters), self.patient
            ),
            "resampled": rate != model.sample_rate,
            # analyse
            "cell": np.zeros((channels, block_size), np.float32),
            "there": resample.prepare(rate, model.sample_rate, channels, Fraction(0)),
            "inner": np.zeros((channels, most), np.float32),
            "hop": np.zeros((channels, hop_length), np.float32),
            "filled": 0,  # samples in it
            "seen": 0,  # hops so far
            "seed": self.seed,
            "noise": np.zeros((channels, hop_length), np.float32),
            "signals": np.zeros((2 * channels, n_fft), np.float32),  # the channels, then a noise for each
            "stft": stft.prepare(n_fft, 2 * channels),
            "spectrum": np.zeros((2 * channels, 2, bins), np.float32),
            "phase": np.zeros((channels, 2, bins), np.float32),  # of the channels, as unit vectors
            "net": stream.prepare(model, channels),
            "embeddings": model.embeddings,
            "iterations": np.array(self.iterations, np.int64),
            # from analyse to synthesise
            "spectra": {
                "index": ring.indices(),
                "magnitude": np.zeros((SLOTS, channels, bins), np.float32),
                "start": np.zeros((SLOTS, channels, 2, bins), np.float32),
                "n_iter": np.zeros(SLOTS, np.int64),
            },
            # synthesise
            "rtisi": rtisi.prepare(n_fft, hop_length, channels, self.look_ahead),
            "made": 0,
            "recent": np.zeros((self.look_ahead + 1, channels, bins), np.float32),  # magnitudes not yet committed
            # from synthesise to deliver or refine
            "hops": {
                "index": ring.indices(),
                "magnitude": np.zeros((SLOTS, channels, bins), np.float32),
                "y": np.zeros((SLOTS, channels, hop_length), np.float32),
            },
            # deliver and refine
            "refine": griffin_lim.prepare(n_fft, hop_length, channels, self.refine) if self.refine else {"none": 0},
            "refined": np.zeros((channels, hop_length), np.float32),
            "skip": self._offset(),
            "back": resample.prepare(model.sample_rate, rate, channels, Fraction(self._offset())),
            "outer": np.zeros((channels, most), np.float32),
        }

    @property
    def works(self) -> tuple[Kernel, ...]:
        return analyse, synthesise, refine if self.refine else deliver

    def bind(self, state: np.void) -> onnx.Session:
        return stream.bind(state["net"], self.model)

    @staticmethod
    @kernel
    def fork(state, params, x):
        offload.send(state.ends, params, x)

    @staticmethod
    @kernel
    def process(state, params, x):
        offload.receive(state.ends, x)


@kernel
def analyse(state):
    """Take the rest of a cell, or what there is of it, to the model's rate, and analyse each hop that it completes."""
    ends = state.ends
    done = ends.up.index[ring.READ]
    count = min(ring.filled(ends.up.index), ends.cell - done % ends.cell)
    if count == 0 or ring.free(state.spectra.index, SLOTS) < SLOTS // 2:  # a cell can complete several hops
        return False
    mask = ends.up.data.shape[1] - 1
    row = (done // ends.cell) % ends.controls.shape[0]
    for c in range(state.cell.shape[0]):
        for n in range(count):
            state.cell[c, n] = ends.up.data[c, (done + n) & mask]
    inner, made = state.cell, count
    if state.resampled:
        _, made = resample.stream(state.there, state.cell, count, state.inner, state.inner.shape[1])
        inner = state.inner
    for n in range(made):
        for c in range(state.hop.shape[0]):
            state.hop[c, state.filled] = inner[c, n]
        state.filled += 1
        if state.filled == state.hop.shape[1]:
            state.filled = 0
            analyse_hop(state, ends.controls[row])
    ring.release(ends.up.index, count)
    return True


@kernel
def analyse_hop(state, controls):
    """Transform the frame that ends with state.hop, let the network texture it, and pass it on."""
    channels, hop_length = state.hop.shape
    n_fft = state.signals.shape[1]
    white_noise(state.seed, state.seen * hop_length, state.noise)
    for s in range(2 * channels):
        newest = state.hop[s] if s < channels else state.noise[s - channels]
        for n in range(n_fft - hop_length):
            state.signals[s, n] = state.signals[s, n + hop_length]
        for n in range(hop_length):
            state.signals[s, n_fft - hop_length + n] = newest[n]
    stft.transform(state.stft, state.signals, state.spectrum)
    state.seen += 1

    net, phase = state.net, state.phase
    for c in range(channels):
        x, noise = state.spectrum[c], state.spectrum[channels + c]
        for k in range(x.shape[1]):
            a = np.sqrt(x[0, k] * x[0, k] + x[1, k] * x[1, k])
            p, q = (x[0, k] / a, x[1, k] / a) if a > TINY else (np.float32(1), np.float32(0))
            net.magnitude[c, k], phase[c, 0, k], phase[c, 1, k] = a, p, q
            net.noise[c, 0, k] = noise[0, k] * p + noise[1, k] * q  # times e^(-j arg X)
            net.noise[c, 1, k] = noise[1, k] * p - noise[0, k] * q
    blend(state.embeddings, controls, net)
    stream.infer(net)

    slot = state.spectra.index[ring.WRITE] % SLOTS
    magnitude, start = state.spectra.magnitude[slot], state.spectra.start[slot]
    for c in range(channels):
        for k in range(magnitude.shape[1]):
            re, im = net.spectrum[c, 0, k], net.spectrum[c, 1, k]
            p, q = phase[c, 0, k], phase[c, 1, k]
            magnitude[c, k] = np.sqrt(re * re + im * im)
            start[c, 0, k] = re * p - im * q
            start[c, 1, k] = re * q + im * p
    state.spectra.n_iter[slot] = state.iterations[np.int64(controls[controls.shape[0] - 1])]
    ring.publish(state.spectra.index, 1)


@kernel
def blend(embeddings, controls, net):
    """Set the network's embedding and strength from the controls: a weight for each texture, strength, quality."""
    count = embeddings.shape[0]
    total = np.float32(0)
    for t in range(count):
        total += controls[t]
    for e in range(embeddings.shape[1]):
        value = np.float32(0)
        for t in range(count):
            value += controls[t] * embeddings[t, e]
        net.embedding[e] = value / max(total, np.float32(1e-3))
    net.strength[0] = controls[count] * min(total, np.float32(1))


@kernel
def synthesise(state):
    """Take one spectrum to the hop of samples that it makes final."""
    if ring.filled(state.spectra.index) == 0 or ring.free(state.hops.index, SLOTS) == 0:
        return False
    source = state.spectra.index[ring.READ] % SLOTS
    target = state.hops.index[ring.WRITE] % SLOTS
    magnitude = state.spectra.magnitude[source]
    rtisi.step(
        state.rtisi, magnitude, state.spectra.start[source], 1, state.spectra.n_iter[source], state.hops.y[target]
    )
    state.recent[state.made % state.recent.shape[0]] = magnitude
    state.made += 1
    state.hops.magnitude[target] = state.recent[state.made % state.recent.shape[0]]  # of the frame that is final now
    ring.release(state.spectra.index, 1)
    ring.publish(state.hops.index, 1)
    return True


@kernel
def deliver(state):
    """Hand one hop back."""
    if not room(state):
        return False
    send_back(state, state.hops.y[state.hops.index[ring.READ] % SLOTS])
    ring.release(state.hops.index, 1)
    return True


@kernel
def refine(state):
    """Improve the phases further by Griffin-Lim, then hand the hop that comes out back."""
    if not room(state):
        return False
    source = state.hops.index[ring.READ] % SLOTS
    griffin_lim.step(state.refine, state.hops.magnitude[source], state.hops.y[source], state.refined)
    send_back(state, state.refined)
    ring.release(state.hops.index, 1)
    return True


@kernel
def room(state):
    """Whether there is a hop to hand back, and room for it."""
    down = state.ends.down
    return ring.filled(state.hops.index) > 0 and ring.free(down.index, down.data.shape[1]) >= state.outer.shape[1]


@kernel
def send_back(state, y):
    """Write a hop to the ring that leads down, at the rate of the device, from the moment of its first sample on."""
    down = state.ends.down
    if state.resampled:
        _, made = resample.stream(state.back, y, y.shape[1], state.outer, state.outer.shape[1])
        source, skip = state.outer, 0
    else:
        skip = min(state.skip, y.shape[1])
        source, made = y, y.shape[1] - skip
        state.skip -= skip
    mask = down.data.shape[1] - 1
    start = down.index[ring.WRITE]
    for c in range(y.shape[0]):
        for n in range(made):
            down.data[c, (start + n) & mask] = source[c, skip + n]
    ring.publish(down.index, made)

"""What a window is fitted to: the statistics and levels of a modulator. Memory: that of fit.py."""

import numpy as np

from rtengine.dsp.elementary import tanh
from rtengine.models import onnx
from rtengine.models.texture import distribution
from rtengine.models.texture.bands import BANDS
from rtengine.models.texture.embedding import columns
from rtengine.models.texture.modulator import FINENESS
from rtengine.native.kernel import kernel

SPECTRUM = columns("spectrum").start  # in an embedding: the mean levels of the bands
FINE = np.float32(FINENESS)
FARTHEST = np.float32(2)  # nepers (17 dB) that a window's long-term spectrum may go from the song's


@kernel
def aim(fit, envelopes, frames, embedding, share):
    """Add a share of what a modulator has, in statistics and in levels, to what is wanted.

    A long one is heard in as many windows as cover it, a short one goes round in one.
    """
    length = fit.order.shape[0]
    windows = max(1, (frames + length - 1) // length)
    for window in range(windows):
        first = np.int64(0)
        if window > 0:
            first = window * (frames - length) // (windows - 1)
        hear(fit, envelopes, frames, first, embedding, share / np.float32(windows))


@kernel
def hear(fit, envelopes, frames, first, embedding, share):
    """The same for the window of a modulator that begins with its frame `first`."""
    heard = fit.heard
    for m in range(fit.order.shape[0]):
        for b in range(BANDS):
            heard.levels[m, b] = embedding[SPECTRUM + b] + np.float32(envelopes[(first + m) % frames, b]) / FINE
    onnx.run(fit.hear)
    distribution.want(fit.distribution, heard.levels, share)
    for i in range(fit.window.wanted.shape[0]):
        fit.window.wanted[i] += share * heard.statistics[i]


@kernel
def limit(wanted, own):
    """Keep a spectrum, (BANDS,) in nepers, within FARTHEST of the song's own, whatever their levels, in place.

    Where all of a song is lifted to where a bell rings, its notes are 30 dB below and nobody hears them.
    """
    common = np.float32(0)
    for b in range(BANDS):
        common += (wanted[b] - own[b]) / np.float32(BANDS)
    for b in range(BANDS):
        wanted[b] = own[b] + common + FARTHEST * tanh((wanted[b] - own[b] - common) / FARTHEST)

"""From the gains of bands to bins, and what bins keep of the song's notes. Memory: that of fit.py."""

import numpy as np

from rtengine.dsp.elementary import exp
from rtengine.models.texture.bands import BANDS, N_FFT, SAMPLE_RATE
from rtengine.native.kernel import kernel

LOW = 96  # bins, to 4.1 kHz, in which tones are told apart
NOTES = np.float32(0.8)  # of a band's power in which the song's notes stand,
FULL, NONE = (
    np.float32(hertz * N_FFT / SAMPLE_RATE) for hertz in (2_000, 5_000)
)  # bins: below, and from which on none
FURTHEST = np.float32(4)  # nepers by which a band of the song is brought to the level of what was made of it
TINY = np.float32(1e-20)  # power of a bin that has no phase


@kernel
def draw(fit, gains, amount, last):
    """The curve of so much of the gains (BANDS,), over the bins below `last`."""
    fit.curve[:] = 0
    for b in range(BANDS):
        gain = amount * gains[b]
        for k in range(fit.synthesised[b, 0], min(fit.synthesised[b, 1], last)):
            fit.curve[k] += gain * fit.synthesis[b, k]


@kernel
def move(fit, gains, levels, low):
    """Put gains (BANDS,) on a frame's levels and low bins."""
    for b in range(BANDS):
        levels[b] += gains[b]
    draw(fit, gains, np.float32(1), LOW)
    for k in range(LOW):
        low[0, k] *= exp(fit.curve[k])
        low[1, k] *= exp(fit.curve[k])


@kernel
def keep_notes(fit, channels, made, song):
    """Let the song's bins shape those of what was made of it, band by band, without a change of a band's power.

    A texture moves bands; which bins of a band are loud says the tune. fit.spectrum (2 channels, 2, bins): what was
    made, changed in place, then the song; made, song (BANDS,): their levels in nepers.
    """
    for b in range(BANDS):
        fit.apart[b] = min(max(made[b] - song[b], -FURTHEST), FURTHEST)
    bins = fit.curve.shape[0]
    draw(fit, fit.apart, np.float32(1), bins)
    for k in range(min(bins, int(NONE))):
        share = NOTES * min((NONE - np.float32(k)) / (NONE - FULL), np.float32(1))
        gain = share * exp(np.float32(2) * fit.curve[k])
        for c in range(channels):
            y, x = fit.spectrum[c], fit.spectrum[channels + c]
            power = y[0, k] * y[0, k] + y[1, k] * y[1, k]
            if power > TINY:
                notes = gain * (x[0, k] * x[0, k] + x[1, k] * x[1, k])
                scale = np.sqrt(np.float32(1) - share + notes / power)
                y[0, k] *= scale
                y[1, k] *= scale

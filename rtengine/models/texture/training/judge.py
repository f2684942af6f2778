"""How good a texture transfer is, measured apart from training: content kept, texture gained, in two families.

Both families look at band spectrograms without their level and equalisation, so that an equaliser gains little.
"Envelopes" is of the kind that the losses contain; "rate-scale" (how fast and how wide the spectrogram's ripples are,
rising and falling apart) is in no loss, so it tells a texture from what merely pleases the losses.
Source of the second: Chi, Ru and Shamma, "Multiresolution spectrotemporal analysis of complex sounds", JASA 118, 2005.
"""

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from rtengine.models.texture.bands import SAMPLE_RATE, band_matrices

Array = NDArray[np.float64]


def spectrogram(x: NDArray[np.float32], n_fft: int, hop_length: int) -> Array:
    """|STFT|^2, (bins, frames)."""
    spectrum = torch.stft(torch.as_tensor(x), n_fft, hop_length, window=torch.hann_window(n_fft), return_complex=True)
    return np.asarray(spectrum.abs().square().numpy(), np.float64)


def content_kept(song: NDArray[np.float32], y: NDArray[np.float32]) -> dict[str, float]:
    """Correlations of chroma, melody (peaks of the spectrum, 200 to 3,500 Hz), onsets and loudness; 1 if unchanged."""
    return alike(content(song), content(y))


def alike(song: dict[str, Array], y: dict[str, Array]) -> dict[str, float]:
    """Compare what `content` found in two sounds of one length."""
    return {name: _correlation(song[name], y[name]) for name in song}


def content(x: NDArray[np.float32]) -> dict[str, Array]:
    """What makes a song itself, by name; (rows, frames) each."""
    fine = np.sqrt(spectrogram(x, 8192, 2048))
    f = np.arange(1, fine.shape[0]) * SAMPLE_RATE / 8192
    heard = (f > 80) & (f < 4000)
    pitch = np.round(12 * np.log2(f[heard] / 440)).astype(int) % 12
    chroma = np.stack([fine[1:][heard][pitch == p].sum(0) for p in range(12)])
    chroma /= np.linalg.norm(chroma, axis=0) + 1e-6
    middle = np.log1p(fine[37:650] / (fine[37:650].max() * 0.02 + 1e-9))
    kernel = np.ones(31) / 31
    around = np.apply_along_axis(np.convolve, 0, middle, kernel, "same")
    p = spectrogram(x, 1024, 512)
    d = 10 * np.log10(p + 1e-6 * p.max() + 1e-9)
    onsets = np.maximum(np.diff(d, axis=1), 0).mean(0)
    level = 10 * np.log10(np.convolve(p.mean(0), np.ones(9) / 9, "same") + 1e-9)
    return {
        "chroma": chroma,
        "melody": np.maximum(middle - around, 0),
        "onsets": np.convolve(onsets, np.ones(3) / 3, "same")[None],
        "loudness": np.maximum(level, level.max() - 40)[None],
    }


def _correlation(a: Array, b: Array) -> float:
    """Pearson's r of each frame, weighted by the frame's size; over time where there is one row."""
    if len(a) == 1:
        a, b = a - a.mean(), b - b.mean()
        return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-12))
    weight = np.linalg.norm(a, axis=0)
    a, b = a - a.mean(0), b - b.mean(0)
    r = (a * b).sum(0) / np.sqrt((a * a).sum(0) * (b * b).sum(0) + 1e-12)
    return float((r * weight).sum() / weight.sum())


def _steady(x: NDArray[np.float32], bands: int, n_fft: int, hop_length: int) -> Array:
    """Band levels in dB, 60 dB deep, less each band's mean and half the broadband level around each frame."""
    d = band_matrices(bands, n_fft, 70, 18000)[0] @ spectrogram(x, n_fft, hop_length)
    level = 10 * np.log10(np.maximum(d, d.max() * 1e-6) + 1e-12)
    frames = int(SAMPLE_RATE / hop_length) | 1
    slow = np.convolve(np.pad(level.mean(0), frames // 2, mode="edge"), np.ones(frames) / frames, "valid")
    level = level - 0.5 * slow
    return np.asarray(level - level.mean(1, keepdims=True))


def envelopes(x: NDArray[np.float32]) -> Array:
    """Moments, neighbours' correlations and modulation powers of 32 band envelopes."""
    e = np.exp(0.0345 * _steady(x, 32, 1024, 256))
    z = (e - e.mean(1, keepdims=True)) / (e.std(1, keepdims=True) + 1e-6)
    moments = [4 * e.std(1) / e.mean(1), (z**3).mean(1), np.log((z**4).mean(1))]
    near = [(z[:-n] * z[n:]).mean(1) for n in (1, 2, 4, 8)]
    power = np.abs(np.fft.rfft(z * np.hanning(z.shape[1]), axis=1)) ** 2
    rate = np.fft.rfftfreq(z.shape[1], 256 / SAMPLE_RATE)
    edges = np.geomspace(1, 80, 9)
    shares = np.stack([power[:, (rate >= a) & (rate < b)].sum(1) for a, b in pairwise(edges)], 1)
    shares = np.sqrt(shares / shares.sum(1, keepdims=True))
    return np.concatenate([*moments, *near, *(3 * shares.T)])


def rate_scale(x: NDArray[np.float32]) -> Array:
    """Log power of spectro-temporal modulation: 2 directions x 7 rates (1 to 86 Hz) x 5 scales; patches of 0.75 s."""
    level = _steady(x, 64, 1024, 256)
    size = 128
    patches = [level[:, m : m + size] for m in range(0, level.shape[1] - size + 1, size // 2)]
    window = np.hanning(64)[:, None] * np.hanning(size)
    power = np.mean([np.abs(np.fft.fft2(p * window)) ** 2 for p in patches], axis=0)
    rate = np.fft.fftfreq(size, 256 / SAMPLE_RATE)
    scale = np.abs(np.fft.fftfreq(64))
    flipped = np.where(np.fft.fftfreq(64)[:, None] < 0, -1, 1) * rate  # (-w, -s) is (w, s)
    rates, scales = np.geomspace(1.3, 86, 8), np.array([0, 0.02, 0.05, 0.1, 0.2, 0.5001])
    cells = [
        power[(sign * flipped >= a) & (sign * flipped < b) & ((scale >= c) & (scale < d))[:, None]].mean()
        for sign in (1, -1)
        for a, b in pairwise(rates)
        for c, d in pairwise(scales)
    ]
    log = np.log(np.array(cells) + 1e-9)
    return np.asarray(log - 0.7 * log.mean())

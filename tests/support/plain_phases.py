"""The algorithms of phase reconstruction as their papers write them, in float64, and sounds to try them on."""

import numpy as np

from rtengine.dsp.phase.coverage import FADE, LEAST, P
from rtengine.dsp.rtisi import MOMENTUM, prepare
from rtengine.dsp.vector.frames import hann

STEP = 0.99 / 1.99


def music_like(channels: int, samples: int) -> np.ndarray:
    """Tones with vibrato, and clicks."""
    n, rng = np.arange(samples), np.random.default_rng(0)
    x = 0.01 * rng.standard_normal((channels, samples))
    x[:, :: samples // 7 + 1] += 1
    for c in range(channels):
        x[c] += np.sin(0.1 * (c + 1) * n + 3 * np.sin(0.002 * n))
    return x


def error_db(x: np.ndarray, reference: np.ndarray) -> float:
    return 20 * np.log10(np.linalg.norm(x - reference) / np.linalg.norm(reference))


def overlap_added(frames: np.ndarray, hop_length: int) -> np.ndarray:
    y = np.zeros(frames.shape[1] + (len(frames) - 1) * hop_length)
    for m, frame in enumerate(frames):
        y[m * hop_length :][: len(frame)] += frame
    return y


def griffin_lim(magnitude: np.ndarray, start: np.ndarray, hop_length: int, n_iter: int) -> np.ndarray:
    """Perraudin's algorithm with spectra and centred frames, as the paper and librosa write it, in float64."""
    bins, frames = magnitude.shape
    n_fft = 2 * (bins - 1)
    window, size = hann(n_fft), n_fft + (frames - 1) * hop_length
    at = np.arange(frames)[:, None] * hop_length + np.arange(n_fft)
    weight = overlap_added(np.tile(window**2, (frames, 1)), hop_length)

    def signal(spectra: np.ndarray) -> np.ndarray:
        y = overlap_added(np.fft.irfft(spectra.T, n_fft) * window, hop_length)
        y /= np.where(weight > 1e-30, weight, 1)
        y[: n_fft // 2] = y[size - n_fft // 2 :] = 0
        return y

    estimate, before = magnitude * start, np.zeros(magnitude.shape)
    for _ in range(n_iter):
        rebuilt = np.fft.rfft(signal(estimate)[at] * window).T
        ahead, before = rebuilt - STEP * before, rebuilt
        estimate = magnitude * ahead / np.maximum(np.abs(ahead), 1e-300)
    return signal(estimate)[n_fft // 2 : size - n_fft // 2]


def griffin_lim_stream(magnitude: np.ndarray, x: np.ndarray, hop_length: int, n_iter: int) -> np.ndarray:
    """The iterations on the whole signal in float64, frame m at sample m * hop_length, nothing before and after."""
    bins, frames = magnitude.shape
    n_fft = 2 * (bins - 1)
    window, at = hann(n_fft), np.arange(frames)[:, None] * hop_length + np.arange(n_fft)
    weight = np.tile(np.sum((window**2).reshape(-1, hop_length), axis=0), frames + n_fft // hop_length - 1)
    now, before = np.pad(x[: frames * hop_length], (0, n_fft - hop_length)), np.zeros(len(weight))
    for _ in range(n_iter):
        spectra = np.fft.rfft((now - STEP * before)[at] * window).T
        spectra *= magnitude / np.maximum(np.abs(spectra), 1e-300)
        before, now = now, overlap_added(np.fft.irfft(spectra.T, n_fft) * window, hop_length) / weight
    return now


def rtisi(target: np.ndarray, hop_length: int, look_ahead: int, n_iter: int) -> np.ndarray:
    """One frame after the other, for magnitudes (hops, bins); returns samples as late as they come."""
    hops, n_fft = len(target), 2 * (target.shape[1] - 1)
    window, overlap = hann(n_fft), n_fft // hop_length
    newest = max(look_ahead, 0) or int(look_ahead < 0)
    size = n_fft + newest * hop_length
    full = np.tile(np.sum((window**2).reshape(-1, hop_length), axis=0), size // hop_length)
    dither = prepare(n_fft, hop_length, 1, look_ahead)["dither"]
    final, known = np.zeros((2, (hops + overlap + newest) * hop_length))  # from `newest` hops before frame 0 on
    frames, last, out = {}, {}, []

    def place(m: int) -> slice:
        return slice((m + newest) * hop_length, (m + newest) * hop_length + n_fft)

    def coverage(j: int) -> np.ndarray:
        total = np.zeros(size + n_fft)
        for m in range(-overlap + 1, j + 1):
            at = np.arange(max(-m * hop_length, 0), n_fft)
            total[at + m * hop_length] += window[at] ** 2
        return total[:size]

    def overlap_add() -> np.ndarray:
        total = final.copy()
        for m, frame in frames.items():
            total[place(m)] += frame
        return total

    for t in range(hops):
        end = (t + newest - look_ahead) * hop_length  # of what is known, if look_ahead is below 0
        level = 2.0 ** np.frexp(target[max(t + 1 - newest - overlap, 0) : t + 1].max())[1]
        before = overlap_add()
        for i in range(n_iter + 1):
            norm, signal = coverage(newest if i else newest - 1), overlap_add()
            there = norm > LEAST * full
            weight = np.where(there, np.where(there, norm, 1) ** -P * full ** (P - 1), 0)
            signal[t * hop_length :][:size] *= weight
            if look_ahead < 0:
                signal[:end] = known[:end]
            found = {}
            for m in range(max(t - newest, 0), t + 1):
                here = signal[place(m)] * window
                new = i == 0 and m == t
                ahead = here + dither * level if new else here - MOMENTUM / (1 + MOMENTUM) * last.get(m, 0)
                last[m] = here
                spectrum = np.fft.rfft(ahead)
                found[m] = np.fft.irfft(target[m] * spectrum / np.maximum(np.abs(spectrum), 1e-300)) * window
            frames = found
        block, rise = slice(end, end + hop_length), np.ones(hop_length)
        if look_ahead < 0:
            fade = hop_length // FADE
            rise[:fade] = (np.arange(fade) + 0.5) / fade
        then, now = (coverage(j)[end - t * hop_length :][:hop_length] for j in (newest - 1, newest))
        known[block] = rise * overlap_add()[block] / now
        if look_ahead < 0 < t:
            known[block] += (1 - rise) * before[block] / then
        out.append(known[block].copy())
        if t >= newest:
            final[place(t - newest)] += frames.pop(t - newest)
    return np.concatenate(out)

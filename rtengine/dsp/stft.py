"""The short-time Fourier transform: of whole signals and back, and of one frame of several signals for blocks.

Conventions of whole signals are librosa's: a periodic Hann window, frame m centred on sample m * hop_length, zeros
before the first sample and after the last one.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rtengine.dsp.vector import fft
from rtengine.dsp.vector.arithmetic import conj
from rtengine.dsp.vector.frames import forward_windowed, hann, normalise
from rtengine.dsp.vector.lanes import LANES, Lanes, lanes_of, width_for, width_of
from rtengine.dsp.vector.pointer import align, complex_vectors, numbers, vectors
from rtengine.dsp.vector.spectra import add_frames, load_spectra
from rtengine.dsp.vector.transpose import from_lanes, store_pairs, to_lanes
from rtengine.native.kernel import kernel


def stft(x: ArrayLike, n_fft: int, hop_length: int, lanes: Lanes = LANES) -> NDArray[np.complex64]:
    """Return the spectra of centred frames.

    x: (..., samples), of any length.  Returns (..., n_fft // 2 + 1, 1 + samples // hop_length).
    Error: at most 1e-6 of the largest bin.
    Raises ValueError if n_fft is not a power of two from 64 to 8192 or hop_length is below 1.
    """
    tables = _tables(n_fft, hop_length)
    x = np.asarray(x, np.float32)
    frames = 1 + x.shape[-1] // hop_length
    padded = np.zeros((*x.shape[:-1], x.shape[-1] + n_fft), np.float32)
    padded[..., n_fft // 2 : n_fft // 2 + x.shape[-1]] = x
    spectra = np.empty((*x.shape[:-1], n_fft // 2 + 1, max(frames, lanes.width)), np.complex64)
    window, z = (hann(n_fft) / 2).astype(np.float32), scratch(n_fft, lanes.width)
    for index in np.ndindex(*x.shape[:-1]):
        _transform_all(lanes, tables, window, z, padded[index], hop_length, frames, spectra[index])
    return spectra if frames >= lanes.width else spectra[..., :frames].copy()


def istft(spectrum: ArrayLike, hop_length: int, length: int | None = None, lanes: Lanes = LANES) -> NDArray[np.float32]:
    """Return the signal whose centred frames come nearest to the spectra (least squares).

    spectrum: (..., n_fft // 2 + 1, frames).  length: samples to return; hop_length * (frames - 1) if None.
    Returns (..., length); after the last frame there are zeros.  Raises ValueError as `stft` does.
    Source: D. Griffin and J. Lim, "Signal estimation from modified short-time Fourier transform", 1984, equation 6.
    """
    spectrum = np.asarray(spectrum, np.complex64)
    bins, frames = spectrum.shape[-2:]
    n_fft, outer = 2 * (bins - 1), [(0, 0)] * (spectrum.ndim - 2)
    tables = _tables(n_fft, hop_length)
    if frames < lanes.width:
        spectrum = np.pad(spectrum, [*outer, (0, 0), (0, lanes.width - frames)])
    spectrum = np.ascontiguousarray(spectrum)
    window, z, frame = hann(n_fft), scratch(n_fft, lanes.width), np.empty((lanes.width, n_fft), np.float32)
    synthesis = (window / n_fft).astype(np.float32)
    y = np.zeros((*spectrum.shape[:-2], n_fft + (frames - 1) * hop_length), np.float32)
    for index in np.ndindex(*spectrum.shape[:-2]):
        _invert_all(lanes, tables, synthesis, z, frame, spectrum[index], hop_length, frames, y[index])
    normalise(y, window, hop_length, frames)
    length = (frames - 1) * hop_length if length is None else length
    y = y[..., n_fft // 2 :][..., :length]
    return np.pad(y, [*outer, (0, length - y.shape[-1])]) if y.shape[-1] < length else y


def _tables(n_fft: int, hop_length: int) -> fft.Plan:
    if hop_length < 1:
        raise ValueError(f"hop_length = {hop_length} is below 1")
    return fft.Plan(**fft.prepare(n_fft))


def scratch(n_fft: int, width: int) -> NDArray[np.float32]:
    """Room for the frames of one vector, wherever it is aligned."""
    return np.zeros((n_fft + 1, width), np.float32)


@kernel
def _transform_all(lanes, tables, window, z, x, hop_length, frames, spectra):
    """Take as many frames at a time as there are lanes; the last ones overlap those before."""
    plan, stride, width = fft.plan(tables), spectra.shape[1], width_of(lanes)
    z = align(complex_vectors(lanes, z))
    spectra = numbers(spectra)
    for first in range(0, frames, width):
        m = max(min(first, frames - width), 0)
        x_m = numbers(x) + m * hop_length
        to_lanes(lanes, x_m, hop_length, min(width, frames), 2 * plan.half, numbers(z), width)
        forward_windowed(vectors(lanes, z), 0, numbers(window), z, plan)
        for i in range(plan.half // 2 + 1):
            k = plan.bin[i]
            p, q = fft.bins(z, plan, i)
            store_pairs(spectra, k * stride + m, p)
            store_pairs(spectra, (plan.half - k) * stride + m, conj(q))


@kernel
def _invert_all(lanes, tables, window, z, frame, spectra, hop_length, frames, y):
    """Overlap-add windowed frames, without the division by the sum of squared windows."""
    plan, width, stride = fft.plan(tables), width_of(lanes), spectra.shape[1]
    z, spectra = align(complex_vectors(lanes, z)), numbers(spectra)
    for first in range(0, frames, width):
        m = max(min(first, frames - width), 0)
        load_spectra(lanes, plan, spectra + m, stride, z)
        fft.inverse(z, plan)
        y_m = numbers(y) + m * hop_length
        add_frames(lanes, plan, z, numbers(frame), numbers(window), hop_length, first - m, min(width, frames), y_m)


def prepare(n_fft: int, signals: int) -> dict[str, Any]:
    """Return the memory of `transform` for up to 16 signals. Raises ValueError for a size it cannot do."""
    if not 1 <= signals <= 16:
        raise ValueError(f"{signals} signals are not 1 to 16")
    width = width_for(signals)
    return {
        "fft": fft.prepare(n_fft),
        "window": (hann(n_fft) / 2).astype(np.float32),
        "z": scratch(n_fft, width),
        "rows": np.zeros((n_fft // 2 + 1, 2, width), np.float32),
    }


@kernel
def transform(state, signals, spectrum):
    """Window and transform one frame of each signal.

    signals: (S, n_fft) float32.  spectrum: (S, 2, n_fft // 2 + 1) float32, the real and the imaginary part.
    """
    lanes = lanes_of(state.z)
    plan, width, count = fft.plan(state.fft), width_of(lanes), signals.shape[0]
    z, rows = align(complex_vectors(lanes, state.z)), complex_vectors(lanes, state.rows)
    n_fft, bins = 2 * plan.half, plan.half + 1
    for s in range(0, count, width):
        here = min(width, count - s)
        to_lanes(lanes, numbers(signals) + s * n_fft, n_fft, here, n_fft, numbers(z), width)
        forward_windowed(vectors(lanes, z), 0, numbers(state.window), z, plan)
        for i in range(plan.half // 2 + 1):
            p, q = fft.bins(z, plan, i)
            rows[plan.bin[i]] = p
            rows[plan.half - plan.bin[i]] = conj(q)
        for part in range(2):
            out = numbers(spectrum) + (2 * s + part) * bins
            from_lanes(lanes, numbers(rows) + part * width, 2 * width, bins, out, 2 * bins, here)

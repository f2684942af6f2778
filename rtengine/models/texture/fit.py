"""What HIFI does for files: each six seconds are fitted to the texture's own statistics.

The signal that phase reconstruction has made, and the song beside it, are cut into windows of FRAMES frames, each of
which shares the last frames of the one before. For each window the gains of 64 bands in each frame are found. They
begin where each band has the texture's own distribution of levels (distribution.py), and go `steps` steps down a
gradient (training/fitting.py says of what; two small networks, run by onnxruntime, compute it): nearer to the
statistics of the texture's envelopes, as its modulator has them, and no farther from the song. Within a band the song's
notes stand (curve.py). Where two windows meet, one's gains fade into the other's. The windows lie where the stream
begins, so a render repeats bit for bit on one machine; onnxruntime's sums may differ in the last bits from one kind of
processor to another.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp import stft
from rtengine.dsp.elementary import exp, log, tanh
from rtengine.dsp.vector.frames import hann
from rtengine.models import onnx
from rtengine.models.texture import distribution
from rtengine.models.texture.aim import aim, limit
from rtengine.models.texture.bands import BANDS, FLOOR, FRAME_RATE, N_FFT, SAMPLE_RATE, loudness_weights
from rtengine.models.texture.curve import LOW, draw, keep_notes, move
from rtengine.models.texture.shape import DEEPEST, shape
from rtengine.models.texture.weights import spans
from rtengine.native.kernel import kernel
from rtengine.native.ring import power_of_two

FRAMES = 1024  # 5.9 s, of which
SHARED = 128  # are the next window's too
NEXT = FRAMES - SHARED
FEWER = 4  # tones of LOW bins are heard at a fourth of the sample rate,
LOWER = SAMPLE_RATE / FEWER  # Hz
LONG, LONG_HOP = 1024, 256  # samples there of the frames in which that is done, 93 ms
TONES = range(70 * LONG // int(LOWER), 3500 * LONG // int(LOWER))  # the bins of these frames from 70 to 3,500 Hz
ROOT = 32  # whose square both FRAMES and LONG are
BEFORE = 1000  # frames before a window that it may borrow
OVERLAP = 3  # hops that a frame needs beyond its first
DELAY = FRAMES - 1 + OVERLAP  # hops, until the last frame of a window is there
LEAST, MORE = np.float32(0.25), np.float32(0.55)  # weight of the texture against the song, and more of it by strength
SILENT = np.float32(1e-6)  # of a window's loudest power: below, the song is silent
NOTHING = np.float32(1e-7)  # power that is silence anywhere, -96 dB
ROOM = np.float32(1)  # nepers (9 dB) by which a frame of usual level may be raised, and nothing where the song is
HIGHER = np.float32(DEEPEST - 0.01)  # nepers that a band above the bass may be moved
QUIETEST = np.float32(2.3)  # nepers (20 dB) below that: pauses stay pauses
FLOOR32, HALF = np.float32(FLOOR), np.float32(0.5)
HEAR, STEP = (Path(__file__).with_name(f"fit_{name}.onnx") for name in ("hear", "step"))
SIZES = {"statistics": (13200,), "peaks": (253, 319), "chroma": (253, 12), "onsets": (1021,), "loudness": (FRAMES,)}
Floats = NDArray[np.float32]
FITTED = {"gains": (FRAMES, BANDS), "first": (FRAMES, BANDS), "second": (FRAMES, BANDS)}


class Sessions(NamedTuple):
    """What must live as long as the memory is run: the two networks, and what else the block is bound to."""

    bound: object
    hear: onnx.Session
    step: onnx.Session


def prepare(channels: int, hop_length: int, steps: int, played: int) -> dict[str, Any]:
    """Memory of the windows; `bind` completes it. played: numbers that are remembered of each frame, see `take`."""
    fixed, size = shape(), power_of_two(FRAMES + BEFORE + OVERLAP + 1)
    bins = N_FFT // 2 + 1
    heard = {name: np.zeros(shape_, np.float32) for name, shape_ in SIZES.items()}
    return {
        "steps": steps,
        "taken": 0,  # hops
        "fitted": 0,  # windows
        "given": 0,  # frames
        "step": -1,  # of the window at hand; -1: none is
        "order": np.zeros(FRAMES, np.int64),  # its frames
        "offset": np.zeros(FRAMES, np.float32),  # nepers that are added to the gains of each
        "known": 0,  # how many of these, the last ones, stand there for the first time
        "analysis": np.ascontiguousarray(fixed.analysis.T[:BANDS]),
        "analysed": spans(fixed.analysis.T[:BANDS]),
        "synthesis": fixed.synthesis,
        "synthesised": spans(fixed.synthesis),
        "signals": np.zeros((2 * channels, N_FFT), np.float32),  # what was made, then the song
        "stft": stft.prepare(N_FFT, 2 * channels),
        "spectrum": np.zeros((2 * channels, 2, bins), np.float32),
        "loudness": loudness_weights() / (bins * channels),
        "farthest": -fixed.least,  # nepers that gains may move the song; of the bass, 8 dB
        "power": np.zeros(bins, np.float32),
        "curve": np.zeros(bins, np.float32),
        "apart": np.zeros(BANDS, np.float32),  # what was made and the song, nepers
        # of the frames that a window may want, going round
        "y": np.zeros((size, channels, hop_length), np.float32),
        "magnitude": np.zeros((size, channels, bins), np.float32),
        "levels": np.zeros((size, 2, BANDS), np.float32),
        "low": np.zeros((size, 2, 2, LOW), np.float32),
        "played": np.zeros((size, played), np.float32),
        "found": np.zeros((size, BANDS), np.float32),  # the gains
        # what the networks get and give
        "heard": {
            "levels": np.zeros((FRAMES, BANDS), np.float32),
            "low": np.zeros((FRAMES, 2, LOW), np.float32),
        }
        | heard,
        "window": {
            "levels": np.zeros((FRAMES, BANDS), np.float32),
            "low": np.zeros((FRAMES, 2, LOW), np.float32),
            "wanted": np.zeros(SIZES["statistics"], np.float32),
            "own": np.zeros(SIZES["statistics"], np.float32),
            "weight": np.zeros(1, np.float32),
            "count": np.zeros(1, np.float32),
        }
        | {name: np.zeros(SIZES[name], np.float32) for name in list(SIZES)[1:]}
        | {name: np.zeros(size_, np.float32) for name, size_ in FITTED.items()},
        "made": {name: np.zeros(size_, np.float32) for name, size_ in FITTED.items()},
        "tables": tables(),
        "distribution": distribution.prepare(FRAMES),
        "hear": onnx.prepare(),
        "descend": onnx.prepare(),
    }  # fmt: skip


def bind(state: np.void, bound: object) -> Sessions:
    """Create the networks on the packed memory; bound: what else lives as long."""
    heard, window, made = state["heard"], state["window"], state["made"]
    given = {name: state["tables"][name] for name in state["tables"].dtype.names}
    hear = onnx.Session(HEAR, {n: heard[n] for n in ("levels", "low")} | given, {n: heard[n] for n in SIZES})
    step = onnx.Session(
        STEP, {n: window[n] for n in window.dtype.names} | given, {f"{n}.next": made[n] for n in FITTED}
    )
    hear.store(state["hear"])
    step.store(state["descend"])
    return Sessions(bound, hear, step)


def tables() -> dict[str, Floats]:
    """Matrices that both networks are given, for they are many numbers and few formulas; in the networks' order.

    rates: weights of 14 ranges of modulation rates, half an octave apart from 0.7 Hz on, for each bin of the DFT of a
    window. frame: from LOW bins, real and imaginary parts, to the samples of a frame at the lower rate. pitches: how
    far each of TONES is each pitch class. hann: the window of both DFTs. columns, rows: their factors, see
    `fitting.transform`.
    """
    rate = np.arange(FRAMES // 2 + 1) * FRAME_RATE / FRAMES
    centre = 0.7 * 2 ** (np.arange(14) * 0.5)  # Hz
    weight = np.maximum(0, 1 - np.abs(np.log2(np.maximum(rate, 1e-3)[:, None] / centre)) / 0.75)
    size = N_FFT // FEWER
    back = np.exp(2j * np.pi * np.arange(LOW)[:, None] * np.arange(size) / size) * hann(size) * (4 / 3 / size)
    back[0] /= 2
    away = (12 * np.log2(np.array(TONES) * (LOWER / LONG) / 440)[:, None] - np.arange(12) + 6) % 12 - 6
    first, bins = np.arange(ROOT), np.arange(LONG // 2 + ROOT).reshape(-1, ROOT).T
    column = np.exp(-2j * np.pi * np.outer(first, first) / ROOT)
    row = np.exp(-2j * np.pi * first[:, None] * bins[:, None] / LONG)  # (first bin, place, bins ROOT apart)
    made = {
        "rates": weight, "frame": np.concatenate([back.real, -back.imag]),
        "pitches": np.maximum(0, 1 - np.abs(away)), "hann": hann(LONG),
        "columns": np.concatenate([column.real, column.imag], 1),
        "rows": np.stack([np.stack([row.real, row.imag], 2), np.stack([-row.imag, row.real], 2)], 2),
    }  # fmt: skip
    return {name: np.ascontiguousarray(table, np.float32) for name, table in made.items()}


@kernel
def take(fit, y, song, played):
    """Take a hop of what was made and of the song, (channels, hop_length), and what the player played then."""
    channels, hop_length = y.shape
    mask = fit.y.shape[0] - 1
    for s in range(2 * channels):
        newest = y[s] if s < channels else song[s - channels]
        for n in range(N_FFT - hop_length):
            fit.signals[s, n] = fit.signals[s, n + hop_length]
        for n in range(hop_length):
            fit.signals[s, N_FFT - hop_length + n] = newest[n]
    slot = fit.taken & mask
    fit.y[slot], fit.played[slot] = y, played
    frame = fit.taken - OVERLAP  # which this hop completes
    fit.taken += 1
    if frame < 0:
        return
    stft.transform(fit.stft, fit.signals, fit.spectrum)
    slot = frame & mask
    fit.found[slot] = 0
    for part in range(2):
        spectrum = fit.spectrum[part * channels : (part + 1) * channels]
        measure(fit, spectrum, fit.levels[slot, part], fit.low[slot, part])
    keep_notes(fit, channels, fit.levels[slot, 0], fit.levels[slot, 1])
    measure(fit, fit.spectrum[:channels], fit.levels[slot, 0], fit.low[slot, 0])
    for c in range(channels):
        for k in range(fit.power.shape[0]):
            re, im = fit.spectrum[c, 0, k], fit.spectrum[c, 1, k]
            fit.magnitude[slot, c, k] = np.sqrt(re * re + im * im)


@kernel
def measure(fit, spectrum, levels, low):
    """Band levels in nepers of spectra (channels, 2, bins), and the low bins of their sum."""
    channels = spectrum.shape[0]
    share = np.float32(1) / np.float32(channels)
    fit.power[:] = 0
    low[:] = 0
    for c in range(channels):
        for k in range(fit.power.shape[0]):
            re, im = spectrum[c, 0, k], spectrum[c, 1, k]
            fit.power[k] += share * (re * re + im * im)
        for part in range(2):
            for k in range(LOW):
                low[part, k] += share * spectrum[c, part, k]
    for b in range(BANDS):
        energy = FLOOR32
        for k in range(fit.analysed[b, 0], fit.analysed[b, 1]):
            energy += fit.power[k] * fit.analysis[b, k]
        levels[b] = HALF * log(energy)


@kernel
def complete(fit):
    """Whether the frames of the next window are there."""
    return fit.step < 0 and fit.taken - OVERLAP >= fit.fitted * NEXT + FRAMES


@kernel
def begin(fit, modulators, embeddings):
    """Prepare the window that is complete: what it is, what the song is, and what is wanted."""
    mask, heard, window = fit.y.shape[0] - 1, fit.heard, fit.window
    fit.step = fit.steps  # if there is nothing to do
    played = fit.played[(fit.fitted * NEXT + FRAMES // 2) & mask]
    shares = played[1:]
    whole = np.float32(0)
    for t in range(shares.shape[0]):
        whole += shares[t]
    if whole <= 0 or played[0] <= 0 or not choose(fit):
        return
    for m in range(FRAMES):
        slot = fit.order[m] & mask
        heard.levels[m], heard.low[m] = fit.levels[slot, 1], fit.low[slot, 1]
        window.levels[m], window.low[m] = fit.levels[slot, 0], fit.low[slot, 0]
        if fit.order[m] < fit.fitted * NEXT:
            move(fit, fit.found[slot], window.levels[m], window.low[m])
    if not onnx.run(fit.hear):
        return
    fit.step = 0
    window.gains[:] = window.first[:] = window.second[:] = window.wanted[:] = 0
    window.own[:], window.peaks[:], window.chroma[:] = heard.statistics, heard.peaks, heard.chroma
    window.onsets[:], window.loudness[:] = heard.onsets, heard.loudness
    window.weight[0] = LEAST + MORE * played[0]
    fit.distribution.wanted[:] = 0
    heard.low[:] = 0
    for t in range(shares.shape[0]):
        if shares[t] > 0:
            aim(fit, modulators.envelopes[t], modulators.frames[t], embeddings[t], shares[t] / whole)
    limit(window.wanted[:BANDS], window.own[:BANDS])  # the first of the statistics is the spectrum
    distribution.begin(fit.distribution, window.levels, window.wanted[:BANDS], window.gains)


@kernel
def choose(fit):
    """Which frames make the window: its own, and for those in which the song is silent, others before or around.

    Statistics of half a window of silence would be nobody's. False if all is silent.
    """
    mask, end = fit.y.shape[0] - 1, fit.fitted * NEXT + FRAMES
    first = max(0, end - FRAMES - BEFORE)
    loudest = np.float32(0)
    for m in range(first, end):
        loudest = max(loudest, broad(fit.levels[m & mask, 1]))
    count, m = 0, end
    while m > first and count < FRAMES:
        m -= 1
        if broad(fit.levels[m & mask, 1]) > max(SILENT * loudest, NOTHING):
            count += 1
            fit.order[FRAMES - count] = m
    if count == 0 or fit.order[FRAMES - 1] < end - FRAMES:
        return False
    for i in range(count, FRAMES):  # too few: there and back again
        place = i % (2 * count)
        fit.order[FRAMES - 1 - i] = fit.order[FRAMES - 1 - (place if place < count else 2 * count - 1 - place)]
    fit.known = count
    return True


@kernel
def broad(levels):
    """Mean power of bands."""
    power = np.float32(0)
    for b in range(BANDS):
        power += exp(np.float32(2) * levels[b])
    return power / np.float32(BANDS)


@kernel
def descend(fit):
    """One step, or after the last one, the end of the window."""
    window, made = fit.window, fit.made
    if fit.step < fit.steps:
        fit.step += 1
        window.count[0] = fit.step
        if onnx.run(fit.descend):
            window.gains[:], window.first[:], window.second[:] = made.gains, made.first, made.second
        return
    finish(fit)


@kernel
def finish(fit):
    """Add the window's gains to those of its frames, and go on to the next one."""
    mask, first = fit.y.shape[0] - 1, fit.fitted * NEXT
    offset(fit)
    keep_bass(fit)
    offset(fit)
    for i in range(FRAMES - fit.known, FRAMES):
        m = fit.order[i] - first
        if m < 0:
            continue
        fade = np.float32(1)
        if m < SHARED and fit.fitted > 0:
            fade = (np.float32(m) + HALF) / np.float32(SHARED)
        elif m >= NEXT:
            fade = np.float32(1) - (np.float32(m - NEXT) + HALF) / np.float32(SHARED)
        for b in range(BANDS):
            fit.found[fit.order[i] & mask, b] += fade * (fit.window.gains[i, b] + fit.offset[i])
    fit.known = 0
    fit.fitted += 1
    fit.step = -1


@kernel
def keep_bass(fit):
    """Move the bass no further than anything may, whatever is done above it: a level that is kept is hardly its own."""
    for i in range(FRAMES):
        for b in range(BANDS):
            most = fit.farthest[b]
            if most < HIGHER:
                gain = fit.window.gains[i, b] + fit.offset[i]
                fit.window.gains[i, b] = most * tanh(gain / most) - fit.offset[i]


@kernel
def offset(fit):
    """What is added to the gains of each frame, so that pauses stay pauses and the window keeps its level.

    A level does not matter within one window, but between two.
    """
    mask, offset = fit.y.shape[0] - 1, fit.offset
    before = after = song = np.float32(0)
    for i in range(FRAMES):
        power, raised = powers(fit, i)
        before, after = before + power, after + raised
        song += broad(fit.levels[fit.order[i] & mask, 1])
    level, usual = HALF * log(after / max(before, FLOOR32)), log(song / np.float32(FRAMES) + FLOOR32)
    after = np.float32(0)
    for i in range(FRAMES):
        power, raised = powers(fit, i)
        below = HALF * (log(broad(fit.levels[fit.order[i] & mask, 1]) + FLOOR32) - usual) / QUIETEST
        room = max(ROOM * (below + 1), np.float32(0))
        offset[i] = min(room + level - HALF * log((raised + FLOOR32) / (power + FLOOR32)), np.float32(0))
        after += raised * exp(np.float32(2) * offset[i])
    level = HALF * log(after / max(before, FLOOR32))
    for i in range(FRAMES):
        offset[i] -= level


@kernel
def powers(fit, i):
    """The power of a frame of the window as it is heard, and what the gains make of it."""
    magnitude = fit.magnitude[fit.order[i] & (fit.y.shape[0] - 1)]
    draw(fit, fit.window.gains[i], np.float32(1), fit.curve.shape[0])
    before = after = np.float32(0)
    for k in range(fit.curve.shape[0]):
        power = np.float32(0)
        for c in range(magnitude.shape[0]):
            power += magnitude[c, k] * magnitude[c, k]
        power *= fit.loudness[k]
        before, after = before + power, after + power * exp(np.float32(2) * fit.curve[k])
    return before, after


@kernel
def give(fit, y, magnitude):
    """The next frame's first hop, and its magnitudes under the gains; False if none is ready."""
    if fit.given >= fit.fitted * NEXT:
        return False
    slot = fit.given & (fit.y.shape[0] - 1)
    amount = min(np.float32(1), np.float32(2.5) * fit.played[slot, 0])
    draw(fit, fit.found[slot], amount, fit.curve.shape[0])
    for c in range(y.shape[0]):
        for k in range(magnitude.shape[1]):
            magnitude[c, k] = fit.magnitude[slot, c, k] * exp(fit.curve[k])
        for n in range(y.shape[1]):
            y[c, n] = fit.y[slot, c, n]
    fit.given += 1
    return True

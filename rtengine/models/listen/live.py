"""Listening while it plays, for a slow part: samples in, and every two seconds what was heard.

A window of 3 s, 125 frames after the one before it, as in a timeline of a file: the same front end, the same network,
the same numbers. Smoothing is over time: tags with a time constant of 6 s, genres over the windows of the last 30 s, as
the head was trained on. The tempo is that at whose period the onsets of the last 12 s are most like themselves; the key
is the one with which their chroma goes best, as offline, where librosa finds both from a whole piece.
"""

from math import ceil
from typing import Any

import numpy as np

from rtengine.dsp import stft
from rtengine.models import onnx
from rtengine.models.listen import front_end
from rtengine.models.listen.front_end import HOP_LENGTH, LINE, MELS, RATE, SLOTS
from rtengine.models.listen.head import CLIP, NEVER, Head
from rtengine.models.listen.model import FRAMES, Model
from rtengine.native.kernel import kernel
from rtengine.native.ring import power_of_two

HOP = 125  # frames, 2.0 s: 28 ms of network every 2 s are 1.4 % of a core
SMOOTHING = 6.0  # seconds
PARTS = 15  # windows to a genre, 30 s
ONSETS = 750  # frames, 12 s
LAGS = 125  # frames, down to 30 beats a minute
FASTEST = 12  # frames, 312 beats a minute
CHANCE = 5.0  # standard deviations of noise's likeness to itself, 1 / sqrt(frames), below which there is no tempo
N_FFT, STEP = 4096, 4096  # of the chroma, at 16 kHz
FORGET = 0.5 ** (STEP / RATE / 12)  # chroma is half forgotten after 12 s
LOWEST, HIGHEST = 55.0, 2000.0  # Hz, of the bins that have a pitch
CLEAR = 0.55  # correlation, as offline


def prepare(sample_rate: float, model: Model, head: Head | None) -> dict[str, Any]:
    """Return the memory; `bind` completes it."""
    tags, genres = len(model.tags), len(head.genres) if head else 1
    return {
        "ear": front_end.prepare(sample_rate),
        "logmel": np.zeros((1, FRAMES, MELS), np.float32),
        "taggram": np.zeros((1, tags), np.float32),
        "embedding": np.zeros((1, model.width), np.float32),
        "session": onnx.prepare(),
        "windows": 0,  # so far
        "failed": 0,
        "tags": np.zeros(tags, np.float32),  # smoothed
        "share": np.float32(-np.expm1(-HOP * HOP_LENGTH / RATE / SMOOTHING)),
        "logits": np.zeros((PARTS, tags), np.float32),
        "weights": (head.weights if head else np.zeros((1, tags))).astype(np.float64),
        "bias": (head.bias if head else np.zeros(1)).astype(np.float64),
        "certain": head.certain.astype(np.int64) if head else np.zeros(1, np.int64),
        "temperature": head.temperature if head else 1.0,
        "threshold": head.threshold if head else NEVER,
        "p": np.zeros(genres),
        "onsets": np.zeros(power_of_two(ONSETS), np.float32),
        "last": np.zeros(MELS, np.float32),
        "seen": 0,  # frames whose onset is known
        "alike": np.zeros(LAGS + 1),
        "signal": np.zeros((1, N_FFT), np.float32),
        "stft": stft.prepare(N_FFT, 1),
        "spectrum": np.zeros((1, 2, N_FFT // 2 + 1), np.float32),
        "pitch": _pitches(),
        "chroma": np.zeros(12),
        "taken": 0,  # samples at 16 kHz that the chroma has seen
        "genre": 0,  # what is shown: 0 unsure, else 1 + the genre
        "sureness": 0.0,
        "tempo": 0.0,
        "key": 0,  # 0 unsure, 1 to 12 C major to B major, 13 to 24 minor
    }


def _pitches() -> np.ndarray[Any, np.dtype[np.int64]]:
    """The pitch class of each bin, C is 0; -1 of those too low or too high to have one."""
    hertz = np.arange(N_FFT // 2 + 1) * RATE / N_FFT
    pitch = np.round(69 + 12 * np.log2(np.maximum(hertz, 1) / 440)).astype(np.int64) % 12
    return np.where((hertz >= LOWEST) & (hertz <= HIGHEST), pitch, -1)


def bind(state: np.void, model: Model) -> onnx.Session:
    """Create the network on the packed memory; the session must live as long as the memory is run."""
    outputs = {"taggram": state["taggram"], "embedding": state["embedding"]}
    session = onnx.Session(model.file, {"logmel": state["logmel"]}, outputs)
    session.store(state["session"])
    return session


def delay(sample_rate: float) -> int:
    """Samples of the sound after a window's end that must have come before it can be heard."""
    return ceil(sample_rate / RATE) + 1 + front_end.half_width(sample_rate)


def end(sample_rate: float, window: int) -> int:
    """The sample with which a window is complete, counted from the start."""
    inner = (window * HOP + FRAMES - 1) * HOP_LENGTH + HOP_LENGTH + 1
    return ceil(inner * sample_rate / RATE) + delay(sample_rate)


@kernel
def hear(state, x, start, count):
    """Take x[:, start : start + count], count up to front_end.BLOCK; whether a window was completed and heard."""
    ear = state.ear
    made = front_end.push(ear, x, start, count)
    heard = False
    for m in range(ear.frames - made, ear.frames):
        _onset(state, ear.logmel[m % SLOTS])
        if m + 1 == state.windows * HOP + FRAMES:
            _window(state, m + 1 - FRAMES)
            heard = True
    while ear.seen >= state.taken + N_FFT:
        _add_chroma(state)
    return heard


@kernel
def _onset(state, row):
    rise = np.float32(0)
    for b in range(MELS):
        if state.seen > 0:
            rise += max(row[b] - state.last[b], np.float32(0))
        state.last[b] = row[b]
    state.onsets[state.seen & (state.onsets.shape[0] - 1)] = rise / np.float32(MELS)
    state.seen += 1


@kernel
def _window(state, first):
    """Tag the window that begins with frame `first`, and bring up to date what is shown."""
    for m in range(FRAMES):
        row = state.ear.logmel[(first + m) % SLOTS]
        for b in range(MELS):
            state.logmel[0, m, b] = row[b]
    good = onnx.run(state.session)
    slot = state.windows % PARTS
    share = state.share if state.windows else np.float32(1)
    for t in range(state.tags.shape[0]):
        value = state.taggram[0, t] if good and np.isfinite(state.taggram[0, t]) else np.float32(0)
        state.taggram[0, t] = value
        state.tags[t] += share * (value - state.tags[t])
        value = min(max(value, np.float32(CLIP)), np.float32(1 - CLIP))
        state.logits[slot, t] = np.log(value / (np.float32(1) - value))
    state.failed += not good
    state.windows += 1
    _judge(state)
    state.tempo = _tempo(state)
    state.key = _key(state)


@kernel
def _judge(state):
    """The genre of the last windows: softmax of the scores of their mean logits."""
    count = min(state.windows, PARTS)
    highest = -np.inf
    for g in range(state.p.shape[0]):
        score = state.bias[g]
        for t in range(state.tags.shape[0]):
            total = 0.0
            for w in range(count):
                total += np.float64(state.logits[w, t])
            score += state.weights[g, t] * total / count
        state.p[g] = score / state.temperature
        highest = max(highest, state.p[g])
    total, best = 0.0, 0
    for g in range(state.p.shape[0]):
        state.p[g] = np.exp(state.p[g] - highest)
        total += state.p[g]
        if state.p[g] > state.p[best]:
            best = g
    state.sureness = state.p[best] / total
    state.genre = best + 1 if state.sureness >= state.threshold and state.certain[best] else 0


@kernel
def _tempo(state):
    """The likeliest period of the onsets, between frames by a parabola; 0 if none is steady."""
    count, mask = min(state.seen, ONSETS), state.onsets.shape[0] - 1
    mean = 0.0
    for n in range(count):
        mean += np.float64(state.onsets[(state.seen - 1 - n) & mask])
    mean /= max(count, 1)
    best, score = 0, 0.0
    for lag in range(LAGS + 1):
        total = 0.0
        for n in range(count - lag):
            a = np.float64(state.onsets[(state.seen - 1 - n) & mask]) - mean
            total += a * (np.float64(state.onsets[(state.seen - 1 - n - lag) & mask]) - mean)
        state.alike[lag] = total / max(count - lag, 1)
    for lag in range(FASTEST, LAGS):
        octaves = np.log2(60.0 * RATE / HOP_LENGTH / lag / 120.0)
        weighted = state.alike[lag] * np.exp(-0.5 * octaves * octaves)
        if weighted > score and state.alike[lag] >= max(state.alike[lag - 1], state.alike[lag + 1]):
            best, score = lag, weighted
    if best == 0 or state.alike[best] < CHANCE / np.sqrt(np.float64(count)) * state.alike[0]:
        return 0.0
    a, b, c = state.alike[best - 1], state.alike[best], state.alike[best + 1]
    curve = a - 2 * b + c
    shift = 0.5 * (a - c) / curve if curve < 0 else 0.0
    return 60.0 * RATE / HOP_LENGTH / (best + shift)


@kernel
def _add_chroma(state):
    for n in range(N_FFT):
        state.signal[0, n] = state.ear.line[(state.taken + n) & (LINE - 1)]
    stft.transform(state.stft, state.signal, state.spectrum)
    for c in range(12):
        state.chroma[c] *= FORGET
    for k in range(state.pitch.shape[0]):
        if state.pitch[k] >= 0:
            re, im = np.float64(state.spectrum[0, 0, k]), np.float64(state.spectrum[0, 1, k])
            state.chroma[state.pitch[k]] += np.sqrt(re * re + im * im)
    state.taken += STEP


MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)  # C. L. Krumhansl, 1990, table 2.1
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


@kernel
def _key(state):
    """1 + the key whose profile goes best with the chroma, or 0."""
    best, highest = 0, CLEAR
    for k in range(24):
        r = _correlation(state.chroma, MAJOR if k < 12 else MINOR, k % 12)
        if r > highest:
            best, highest = k + 1, r
    return best


@kernel
def _correlation(chroma, profile, tonic):
    sx = sy = sxx = syy = sxy = 0.0
    for c in range(12):
        x, y = chroma[c], profile[(c - tonic) % 12]
        sx, sy, sxx, syy, sxy = sx + x, sy + y, sxx + x * x, syy + y * y, sxy + x * y
    spread = (12 * sxx - sx * sx) * (12 * syy - sy * sy)
    return (12 * sxy - sx * sy) / np.sqrt(spread) if spread > 1e-12 else 0.0

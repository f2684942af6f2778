"""The texture network as the host's own code: one frame, no library, no allocation.

The equations are those of training/network.py and training/features.py, in their letters; onnxruntime on the same file
is the reference. What depends on the embedding and the strength alone is computed again only when they have moved, from
the values themselves, so that live and offline agree bit for bit. Sums have a fixed order on every processor.
Error: within 1e-5 of the frame's peak, see tests; 2e-4 for a file whose weights have more than 16 bits.
"""

from typing import Any

import numpy as np
from numba import carray

from rtengine.dsp.elementary import exp, log, tanh
from rtengine.dsp.vector import arithmetic  # noqa: F401  # lets vectors be multiplied
from rtengine.dsp.vector.lanes import Lanes
from rtengine.dsp.vector.pointer import load, load_high, load_low, numbers, store, vectors
from rtengine.models.texture import fingerprint, weights
from rtengine.models.texture.bands import BANDS, BINS, FLOOR
from rtengine.models.texture.embedding import CONDITION, CURVES, LEARNT, columns
from rtengine.models.texture.shape import FAST, FULL, HELD, LEAST_ROOM, LOUDNESS, MEANS, QUIET, ROOM, SLOW, WIDTH, shape
from rtengine.models.texture.shape import decay as decay_of
from rtengine.models.texture.weights import ENTER, KNOW, PANEL, Weights
from rtengine.native.intrinsics import floats
from rtengine.native.kernel import kernel

F = np.float32
WIDE = Lanes(16)  # a panel is four such vectors, whatever registers there are
EIGHT = 8
HALF = Lanes(EIGHT)
ROW = -(-BINS // 16) * 16 + 16  # room for bins, and for the vector that goes beyond the last one
PARTS = len(CURVES)
GAIN, HISS, SONG, RING, SHARPNESS, HEARD = 0, 1, 2, 3, 4, 5  # rows over bins; the last is the music's own bands
SPECTRUM, BEGIN = columns("spectrum").start, columns("curves").start
MAKEUP, TONE, CLOSER = (columns(part).start for part in ("makeup", "tone", "closer"))
KEEP_SLOW, KEEP_FAST = F(decay_of(SLOW)), F(decay_of(FAST))
KEEP_LOUDNESS, KEEP_HELD = F(decay_of(LOUDNESS)), F(decay_of(HELD))
SLOPE = F((ROOM - LEAST_ROOM) / QUIET)
LEAK, SMALL = F(0.1), F(1e-9)
MOST_TONE, MOST_MATCH, MOST_TONALITY, LEAST_TONALITY = F(1.5), F(3), F(2), F(-3)
LOWEST_GAIN, HIGHEST_GAIN, MOST_LEVELLING = F(-7), F(3), F(4.6)
QUIETEST, THINNEST, SILENCE = F(1e-4), F(1e-6), F(1e-20)
TWO_ROOM, TWO_LEAST_ROOM, STRONGEST, FLOOR32 = F(2 * ROOM), F(2 * LEAST_ROOM), F(FULL), F(FLOOR)


def prepare(net: Weights) -> dict[str, Any]:
    """Memory of what a frame leaves for its own later lines, and for frames of the same embedding; `bind` fills in."""
    fixed = shape()
    return {
        "address": 0,  # of the weights
        "places": net.places,
        "analysis": weights.spans(fixed.analysis.T[:BANDS]),
        "synthesis": weights.spans(fixed.synthesis),
        "condition": np.full(KNOW + CONDITION, np.nan, np.float32),  # what was known when the next four were computed
        "known": np.zeros(CONDITION, np.float32),
        "film": np.zeros((2, net.layers, net.width), np.float32),  # shifts, then scales
        "uneven": np.zeros((2, BANDS), np.float32),
        "depth": np.zeros((2, BANDS), np.float32),
        "x": np.zeros(ENTER, np.float32),
        "z": np.zeros(net.width, np.float32),
        "h": np.zeros(net.width, np.float32),
        "power": np.zeros(BINS, np.float32),
        "bands": np.zeros(BANDS, np.float32),
        "usual": np.zeros(BANDS, np.float32),
        "curves": np.zeros((PARTS + 1, BANDS), np.float32),
        "rows": np.zeros((PARTS + 1, ROW), np.float32),
        "gain": np.zeros(BINS, np.float32),
        "added": np.zeros(BINS, np.float32),
    }


@kernel
def forward(net):
    """Give the next frame to the network: net.magnitude, noise ... and past make net.spectrum and net.present."""
    n = net.native
    layers, width = n.film.shape[1], n.film.shape[2]
    end = layers * width
    now, means = net.present[:end], net.present[end : end + MEANS]
    powers = net.present[end + MEANS :]
    before = net.past[2 * end : 2 * end + MEANS]
    if moved(n.condition, net.embedding, net.strength[0]):
        know(n)
    level, amplitude, loudness = hear(n, net.magnitude, before, means)
    gather(n, net.envelopes, net.partials)
    enter(n)
    run_layers(n, net.past, now)
    draw_curves(n, net.embedding, net.envelopes, level)
    amount = net.strength[0] / STRONGEST
    apply_curves(n, net.magnitude, net.noise, net.partials, amount, amplitude, net.spectrum)
    match(n, net.spectrum, loudness, net.embedding[MAKEUP] * amount, net.past[2 * end + MEANS :], powers)


@kernel
def part(n, place, size):
    """Numbers of the weights from a place on."""
    return carray(floats(n.address + 4 * place), size)


@kernel
def product(matrix, steps, a, inputs, y, outputs):
    """Y += (a W) steps, W of pairs of 16-bit numbers in panels. All are pointers; outputs a multiple of PANEL."""
    unit, sums = vectors(WIDE, steps), vectors(WIDE, y)
    place, nothing = 0, unit[0] * F(0)
    for p in range(outputs // PANEL):
        y0 = y1 = y2 = y3 = nothing
        for i in range(inputs):
            v = a[i]
            y0, y1 = y0 + load_low(WIDE, matrix, place) * v, y1 + load_high(WIDE, matrix, place) * v
            y2, y3 = y2 + load_low(WIDE, matrix, place + 16) * v, y3 + load_high(WIDE, matrix, place + 16) * v
            place += PANEL // 2
        y4, s4 = sums + 4 * p, unit + 4 * p
        y4[0], y4[1] = y4[0] + y0 * s4[0], y4[1] + y1 * s4[1]
        y4[2], y4[3] = y4[2] + y2 * s4[2], y4[3] + y3 * s4[3]


@kernel
def linear(n, matrix, steps, a, inputs, y, outputs):
    """Y += a W of the matrix that begins there, and its steps there; a and y are pointers."""
    w, unit = part(n, matrix, inputs * outputs // 2), part(n, steps, outputs)
    product(numbers(w), numbers(unit), a, inputs, y, outputs)


@kernel
def begin(n, bias, y, outputs):
    """Set y, a pointer, to the bias that begins there."""
    b = part(n, bias, outputs)
    for j in range(outputs):
        y[j] = b[j]


@kernel
def leak(x):
    """The leaky relu."""
    for j in range(x.shape[0]):
        x[j] = max(x[j], LEAK * x[j])


@kernel
def moved(condition, embedding, strength):
    """Whether what `know` reads of the embedding, or the strength, are others; they are remembered."""
    others = False
    for i in range(KNOW + CONDITION):
        value = embedding[i] if i < KNOW - 1 else strength if i == KNOW - 1 else embedding[CLOSER + i - KNOW]
        others |= condition[i] != value
        condition[i] = value
    return others


@kernel
def know(n):
    """From what a texture is to the layers' shifts and scales, and to how deep its envelopes go."""
    places = n.places
    centre, scale = part(n, places.centre, fingerprint.WIDTH), part(n, places.scale, fingerprint.WIDTH)
    a = n.x[:KNOW]
    for i in range(KNOW):
        a[i] = n.condition[i]
    for i in range(fingerprint.WIDTH):
        a[LEARNT + i] = min(max((a[LEARNT + i] - centre[i]) * scale[i], F(-3)), F(3))
    known, film, uneven = numbers(n.known), numbers(n.film), numbers(n.uneven)
    begin(n, places.know_bias, known, CONDITION)
    linear(n, places.know, places.know_step, numbers(a), KNOW, known, CONDITION)
    for i in range(CONDITION):
        n.known[i] += n.condition[KNOW + i]
    leak(n.known)
    begin(n, places.film_bias, film, n.film.size)
    linear(n, places.film, places.film_step, known, CONDITION, film, n.film.size)
    begin(n, places.depth_bias, uneven, n.uneven.size)
    linear(n, places.depth, places.depth_step, known, CONDITION, uneven, n.uneven.size)
    evening, deepest = part(n, places.evening, BANDS * BANDS), part(n, places.deepest, 2 * BANDS)
    for r in range(2):
        for b in range(BANDS):
            n.depth[r, b] = 0
        for i in range(BANDS):
            for b in range(BANDS):
                n.depth[r, b] += n.uneven[r, i] * evening[i * BANDS + b]
        for b in range(BANDS):
            n.depth[r, b] *= deepest[r * BANDS + b]


@kernel
def hear(n, magnitude, before, means):
    """What the network hears, the first of n.x; returns the slow level, the fast amplitude and the loudness."""
    channels = magnitude.shape[0]
    share = F(1) / F(channels)
    power, bands = n.power, n.bands
    for k in range(BINS):
        power[k] = magnitude[0, k] * magnitude[0, k] * share
    for c in range(1, channels):
        for k in range(BINS):
            power[k] += magnitude[c, k] * magnitude[c, k] * share
    analysis, weight = part(n, n.places.analysis, BANDS * BINS), part(n, n.places.loudness, BINS)
    for b in range(BANDS):
        energy = F(0)
        for k in range(n.analysis[b, 0], n.analysis[b, 1]):
            energy += power[k] * analysis[b * BINS + k]
        bands[b] = energy + FLOOR32
    for b in range(BANDS):
        bands[b] = F(0.5) * log(bands[b])
    mean_power = loudness = F(0)
    for k in range(BINS):
        mean_power += power[k]
        loudness += power[k] * weight[k]
    mean_power /= F(BINS)
    for half in range(2):
        keep = KEEP_FAST if half else KEEP_SLOW
        old, new = before[half * (BANDS + 2) :], means[half * (BANDS + 2) :]
        for b in range(BANDS):
            new[b] = keep * old[b] + (F(1) - keep) * bands[b]
        new[BANDS] = keep * old[BANDS] + (F(1) - keep) * mean_power
        new[BANDS + 1] = keep * old[BANDS + 1] + (F(1) - keep)
    slow, fast = means, means[BANDS + 2 :]
    slow_weight, fast_weight = F(1) / slow[BANDS + 1], F(1) / fast[BANDS + 1]
    fast_power = fast[BANDS] * fast_weight
    level = F(0.5) * log(slow[BANDS] * slow_weight + FLOOR32)
    x, rush = n.x, F(0)
    for b in range(BANDS):
        usual, attack = slow[b] * slow_weight, bands[b] - fast[b] * fast_weight
        x[b], x[BANDS + b], x[2 * BANDS + b] = bands[b] - level, bands[b] - usual, attack
        n.usual[b] = usual - level
        rush += min(max(attack, F(0)), F(3))
    x[3 * BANDS] = F(0.5) * log(fast_power + FLOOR32) - level
    x[3 * BANDS + 1] = rush / F(BANDS)
    for i in range(WIDTH):
        x[i] = min(max(x[i], F(-4)), F(4))
    return level, np.sqrt(fast_power), loudness


@kernel
def gather(n, envelopes, partials):
    """The texture's envelopes and partials, the rest of n.x."""
    gathering = part(n, n.places.gathering, BANDS * BINS)
    for b in range(BANDS):
        total = F(0)
        for k in range(n.synthesis[b, 0], n.synthesis[b, 1]):
            total += partials[k] * gathering[b * BINS + k]
        n.x[WIDTH + b], n.x[WIDTH + BANDS + b] = envelopes[b], total


@kernel
def enter(n):
    """From what is heard to the layers' width: n.z."""
    z, width = numbers(n.z), n.z.shape[0]
    begin(n, n.places.enter_bias, z, width)
    linear(n, n.places.enter, n.places.enter_step, numbers(n.x), ENTER, z, width)
    leak(n.z)


@kernel
def run_layers(n, past, now):
    """The residual layers, from n.z to n.z; their inputs are kept in `now`."""
    layers, width = n.film.shape[1], n.film.shape[2]
    size = width * width // 2  # of a matrix, in float32
    places, z, h, before = n.places, numbers(n.z), numbers(n.h), numbers(past)
    for i in range(layers):
        for j in range(width):
            now[i * width + j] = n.z[j]
            n.h[j] = n.film[0, i, j]
        steps = i * width
        linear(n, places.past + 2 * i * size, places.past_step + steps, before + 2 * steps, 2 * width, h, width)
        linear(n, places.present + i * size, places.present_step + steps, z, width, h, width)
        for j in range(width):
            n.h[j] *= n.film[1, i, j]
        leak(n.h)
        linear(n, places.mix + i * size, places.mix_step + steps, h, width, z, width)


@kernel
def draw_curves(n, embedding, envelopes, level):
    """The curves over bands, moved by the texture's envelopes, then over bins: n.rows."""
    all_ = PARTS * BANDS
    curves = numbers(n.curves)
    begin(n, n.places.leave_bias, curves, all_)
    linear(n, n.places.leave, n.places.leave_step, numbers(n.z), n.z.shape[0], curves, all_)
    reach, least = part(n, n.places.reach, all_), part(n, n.places.least, BANDS)
    for i in range(all_):
        curves[i] = tanh(curves[i]) * reach[i] + embedding[BEGIN + i]
    for b in range(BANDS):
        wanted = min(embedding[SPECTRUM + b] - n.usual[b], MOST_MATCH)
        n.curves[GAIN, b] += envelopes[b] * n.depth[0, b] + embedding[TONE] * max(wanted, least[b])
        n.curves[HISS, b] += envelopes[b] * n.depth[1, b]
        n.curves[HEARD, b] = n.bands[b]
    synthesis = part(n, n.places.synthesis, BANDS * BINS)
    shares, rows = numbers(synthesis), numbers(n.rows)
    for k in range(n.rows.size):
        rows[k] = F(0)
    for b in range(BANDS):  # whole vectors at fixed places: a band's share is 0 beyond its edges
        for k in range(n.synthesis[b, 0] // EIGHT * EIGHT, n.synthesis[b, 1], EIGHT):
            share = load(HALF, shares, b * BINS + k)
            for r in range(PARTS + 1):
                place = r * ROW + k
                store(rows, place, load(HALF, rows, place) + share * n.curves[r, b])


@kernel
def apply_curves(n, magnitude, noise, partials, amount, amplitude, y):
    """The music under the curves, with hiss and song."""
    rows, channels = n.rows, magnitude.shape[0]
    for k in range(BINS):
        rows[HISS, k] = exp(rows[HISS, k])
        rows[SONG, k] = exp(rows[SONG, k]) * partials[k]
        rows[GAIN, k] += rows[RING, k] * min(partials[k], MOST_TONE)
    whole = mean_square(magnitude, 0)
    for c in range(1, channels):
        whole += mean_square(magnitude, c)
    whole = whole / F(channels) + SILENCE
    for c in range(channels):
        level = np.sqrt(mean_square(magnitude, c) / whole) * (amount * amplitude)
        m, re, im, gain, added = magnitude[c], noise[c, 0], noise[c, 1], n.gain, n.added
        for k in range(BINS):  # loop by loop, for one with all of it would not be done several bins at once
            gain[k] = min(max(log(m[k] + QUIETEST) - rows[HEARD, k], LEAST_TONALITY), MOST_TONALITY)
        for k in range(BINS):
            gain[k] = amount * (rows[GAIN, k] + rows[SHARPNESS, k] * gain[k])
        for k in range(BINS):
            gain[k] = exp(min(max(gain[k], LOWEST_GAIN), HIGHEST_GAIN))
        for k in range(BINS):
            added[k] = np.sqrt(re[k] * re[k] + im[k] * im[k] + THINNEST)
        for k in range(BINS):
            added[k] = level * (rows[HISS, k] + rows[SONG, k] / added[k])
        for k in range(BINS):
            y[c, 0, k] = added[k] * re[k] + m[k] * gain[k]
            y[c, 1, k] = added[k] * im[k]


@kernel
def mean_square(magnitude, c):
    """Of a channel's bins."""
    total = F(0)
    for k in range(BINS):
        total += magnitude[c, k] * magnitude[c, k]
    return total / F(BINS)


@kernel
def match(n, y, loudness, makeup, before, after):
    """Keep the moment within its room, and scale it so that its loudness's running mean is the input's."""
    weight = part(n, n.places.loudness, BINS)
    channels, total = y.shape[0], F(0)
    for c in range(channels):
        for k in range(BINS):
            total += (y[c, 0, k] * y[c, 0, k] + y[c, 1, k] * y[c, 1, k]) * weight[k]
    power = total / F(channels)  # twice the mean over channels and parts
    after[0] = KEEP_LOUDNESS * before[0] + (F(1) - KEEP_LOUDNESS) * loudness
    after[1] = KEEP_LOUDNESS * before[1] + (F(1) - KEEP_LOUDNESS) * power
    after[2] = KEEP_HELD * before[2] + (F(1) - KEEP_HELD) * loudness
    now, made = log(loudness + SMALL), log(power + SMALL)  # logarithms of powers, that is twice nepers
    wanted, raw, held = log(after[0] + SMALL), log(after[1] + SMALL), log(after[2] + SMALL)
    above = max(now, held) - wanted
    room = min(max(SLOPE * above + TWO_ROOM, TWO_LEAST_ROOM), TWO_ROOM)
    over = min(room + above + (raw - made), F(0))
    after[3] = KEEP_LOUDNESS * before[3] + (F(1) - KEEP_LOUDNESS) * (power * exp(over))
    levelling = min(max(wanted - log(after[3] + SMALL), -MOST_LEVELLING), MOST_LEVELLING)
    gain = exp(F(0.5) * (over + levelling) + makeup)
    for c in range(channels):
        for part_ in range(2):
            for k in range(BINS):
                y[c, part_, k] *= gain

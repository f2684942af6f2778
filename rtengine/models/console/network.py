"""The controller on the host: native, once a hop, a piece of it at each 64 samples, so that no block carries it all.

    remember   a hop of a strip in which it played goes into its running means
    think      what is known of a strip: its layers, and what it asks of and tells the others
    answer     what is said of a strip, after all have thought
    judge      what is said of the mix

Everything is float32, in a fixed order; nothing is allocated. Sums over inputs are made for all outputs at once, and an
input that is 0, as half of them are behind a relu, costs nothing.
Error: within 1e-4 of onnxruntime on the same file, see tests.
"""

from typing import Any

import numpy as np

from rtengine.models.console import ear, layout
from rtengine.models.console.layout import HEADS, KNOWN, MIX, MODEL, STRIP, WEIGHTS, WIDTH, WISH, Weights
from rtengine.native.kernel import kernel

COUNT, ROLES = ear.COUNT, len(layout.ROLES)
SIZE = MODEL // HEADS
EQ, BALANCE, TAKEN, UNSURE = layout.EQ_RANGE, layout.BALANCE_RANGE, layout.TAKEN_RANGE, layout.UNSURE
SIDES, SIDE, CREST_CENTRE, CREST = layout.SIDE_CENTRES, layout.SIDE_RANGE, layout.CREST_CENTRE, layout.CREST_RANGE
LOWEST = 1e-12
WIDEST = -6.0  # dB of side over mid: the few songs that it knows are wider than most
FALL = 0.2  # dB a second by which the highest peak of a desk that plays is forgotten
LOUDEST_OF_NONE = -120.0  # dB
LATE = 20.0  # seconds: the memory of a desk that plays; of a whole song it is the song


def prepare(weights: Weights, strips: int) -> dict[str, Any]:
    """Return the memory for so many strips; ValueError if the weights are no controller's."""
    layout.check(weights)
    return {
        "net": {n.replace(".", "_"): weights[n] for layer in WEIGHTS for n in (layer, f"{layer}.bias")},
        "hops": np.zeros(strips, np.int64),  # in which it played
        "power": np.zeros((strips, COUNT)),  # means over those
        "level": np.zeros((strips, COUNT)),
        "square": np.zeros((strips, COUNT)),
        "peak": np.zeros(strips),
        "top": np.full(strips, LOUDEST_OF_NONE),  # dB: the highest peak of late
        "mean": np.zeros((strips, WIDTH), np.float32),
        "wish": np.zeros(WISH, np.float32),
        "frame": np.zeros(layout.FRAME, np.float32),
        "one": np.zeros(256, np.float32),  # rooms for what layers make
        "two": np.zeros(256, np.float32),
        "known": np.zeros(KNOWN, np.float32),
        "z": np.zeros((strips, MODEL), np.float32),
        "query": np.zeros((strips, MODEL), np.float32),
        "key": np.zeros((strips, MODEL), np.float32),
        "value": np.zeros((strips, MODEL), np.float32),
        "score": np.zeros(strips, np.float32),
        "said": np.zeros((strips, STRIP), np.float32),
        "together": np.zeros(MODEL, np.float32),
        "mix": np.zeros(MIX, np.float32),
    }


@kernel
def layer(x, w, bias, y):
    """Y = x W + b. x (I,), w (I, J), y at least (J,), float32."""
    for j in range(w.shape[1]):
        y[j] = bias[j]
    for i in range(w.shape[0]):
        v, row = x[i], w[i]
        if v != 0:
            for j in range(w.shape[1]):
                y[j] += v * row[j]


@kernel
def relu(x, w, bias, y):
    """The same, at least 0."""
    layer(x, w, bias, y)
    for j in range(w.shape[1]):
        y[j] = max(y[j], np.float32(0))


@kernel
def norm(z, y):
    """Y = z with mean 0 and deviation 1."""
    mean, square = 0.0, 0.0
    for i in range(MODEL):
        mean += z[i]
    mean /= MODEL
    for i in range(MODEL):
        square += (z[i] - mean) ** 2
    scale = 1 / np.sqrt(square / MODEL + 1e-5)
    for i in range(MODEL):
        y[i] = (z[i] - mean) * scale


@kernel
def bounded(value, most):
    return min(max(value, -most), most)


@kernel
def own(state, s):
    """The level of a strip in dB, mean over the hops in which it played."""
    total = 0.0
    for b in range(COUNT):
        total += state.power[s, b]
    return 10 * np.log10(total + LOWEST)


@kernel
def remember(state, s, power, peak, longest):
    """A hop in which strip s played: power (COUNT,), peak. longest: hops over which the means forget."""
    state.hops[s] += 1
    share = 1 / min(state.hops[s], longest)
    total = 0.0
    for b in range(COUNT):
        total += power[b]
        level = 10 * np.log10(power[b] + LOWEST)
        state.power[s, b] += share * (power[b] - state.power[s, b])
        state.level[s, b] += share * (level - state.level[s, b])
        state.square[s, b] += share * (level * level - state.square[s, b])
    total, high = 10 * np.log10(total + LOWEST), 20 * np.log10(peak + 1e-6)
    state.peak[s] += share * (high - state.peak[s])
    state.top[s] = max(high, state.top[s] - FALL * LATE / longest)
    now, frame, net = own(state, s), state.frame, state.net
    for b in range(COUNT):
        frame[b] = bounded((10 * np.log10(power[b] + LOWEST) - now) / 20 + 1, 2)
    frame[COUNT] = bounded((total - now) / 10, 3)
    frame[COUNT + 1] = bounded((high - total - 10) / 10, 3)
    relu(frame, net.frame1, net.frame1_bias, state.one)
    relu(state.one, net.frame2, net.frame2_bias, state.two)
    for i in range(WIDTH):
        state.mean[s, i] += np.float32(share) * (state.two[i] - state.mean[s, i])


@kernel
def known(state, s, role, seconds):
    """Write all that is known of strip s to state.known."""
    x, now = state.known, own(state, s)
    for i in range(WIDTH):
        x[i] = state.mean[s, i]
    for b in range(COUNT):
        x[WIDTH + b] = bounded((10 * np.log10(state.power[s, b] + LOWEST) - now) / 20 + 1, 2)
        x[WIDTH + COUNT + b] = bounded((state.level[s, b] - now) / 20 + 1, 2)
        stray = max(state.square[s, b] - state.level[s, b] ** 2, 0.0)
        x[WIDTH + 2 * COUNT + b] = np.sqrt(stray) / 10 - 0.5
    k = WIDTH + 3 * COUNT
    x[k] = (state.peak[s] - now - 10) / 10
    x[k + 1] = bounded((state.top[s] - now - 15) / 10, 3)
    x[k + 2] = np.log(max(state.hops[s], 1) * seconds + 0.1) / 3
    for r in range(ROLES):
        x[k + 3 + r] = np.float32(r == role)
    for i in range(WISH):
        x[k + 3 + ROLES + i] = state.wish[i]


@kernel
def think(state, s, role, seconds):
    """What strip s is, asks and tells."""
    net = state.net
    known(state, s, role, seconds)
    relu(state.known, net.strip1, net.strip1_bias, state.one)
    relu(state.one, net.strip2, net.strip2_bias, state.z[s])
    norm(state.z[s], state.one)
    layer(state.one, net.query, net.query_bias, state.query[s])
    layer(state.one, net.key, net.key_bias, state.key[s])
    layer(state.one, net.value, net.value_bias, state.value[s])


@kernel
def attend(state, s, y):
    """What the strips that were heard tell strip s, to y (MODEL,)."""
    strips, score = state.hops.shape[0], state.score
    for h in range(HEADS):
        first = h * SIZE
        highest = -1e30
        for t in range(strips):
            score[t] = 0
            for i in range(first, first + SIZE):
                score[t] += state.query[s, i] * state.key[t, i]
            score[t] /= np.float32(np.sqrt(SIZE))
            if state.hops[t] == 0:
                score[t] -= np.float32(1e4)
            highest = max(highest, score[t])
        total = 0.0
        for t in range(strips):
            score[t] = np.exp(score[t] - highest)
            total += score[t]
        for i in range(first, first + SIZE):
            y[i] = 0
        for t in range(strips):
            share = np.float32(score[t] / total)
            for i in range(first, first + SIZE):
                y[i] += share * state.value[t, i]


@kernel
def answer(state, s):
    """What is said of strip s, to state.said[s], as it leaves the last layer."""
    net, z = state.net, state.z[s]
    attend(state, s, state.one)
    layer(state.one, net.join, net.join_bias, state.two)
    for i in range(MODEL):
        z[i] += state.two[i]
    norm(z, state.one)
    relu(state.one, net.beside1, net.beside1_bias, state.two)
    layer(state.two, net.beside2, net.beside2_bias, state.one)
    for i in range(MODEL):
        z[i] += state.one[i]
    norm(z, state.one)
    if s == 0:
        for i in range(MODEL):
            state.together[i] = 0
    if state.hops[s] > 0:
        for i in range(MODEL):
            state.together[i] += state.one[i]
    relu(state.one, net.out1, net.out1_bias, state.two)
    layer(state.two, net.out2, net.out2_bias, state.said[s])


@kernel
def judge(state):
    """What is said of the mix, to state.mix, after all strips have been answered, from the first one on."""
    net, heard = state.net, 0
    for s in range(state.hops.shape[0]):
        heard += state.hops[s] > 0
    for i in range(MODEL):
        state.two[i] = state.together[i] / np.float32(max(heard, 1))
    relu(state.two, net.mix1, net.mix1_bias, state.one)
    layer(state.one, net.mix2, net.mix2_bias, state.mix)


@kernel
def band(state, s, b):
    """Gain of a band that is wanted, dB."""
    return EQ * np.tanh(np.float64(state.said[s, b]))


@kernel
def balance(state, s):
    """By how many dB a strip is to lie over the loudness of its role."""
    return BALANCE * np.tanh(np.float64(state.said[s, 6]))


@kernel
def taken(state, s):
    """By how many dB the compressor is to turn down the loud peaks."""
    return TAKEN / (1 + np.exp(3 - np.float64(state.said[s, 7])))


@kernel
def sure(state, s):
    """How sure of the bands, 0 (knows nothing) to 1; 0 of a strip that was not heard."""
    if state.hops[s] == 0:
        return 0.0
    return max(1 - np.exp(min(np.float64(state.said[s, 8]) + 1.3, 2.5)) / UNSURE, 0.0)


@kernel
def side(state, k):
    """Side over mid that the mix is to have in band k, dB."""
    return min(SIDES[k] + SIDE * np.tanh(np.float64(state.mix[k])), WIDEST)


@kernel
def crest(state):
    """The crest that the mix is to have, dB."""
    return CREST_CENTRE + CREST * np.tanh(np.float64(state.mix[3]))

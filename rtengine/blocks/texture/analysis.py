"""The first slow part of Texture: from samples to textured spectra."""

import numpy as np
from numba import carray

from rtengine.blocks.texture.drift import spread, wander
from rtengine.dsp import resample, stft
from rtengine.dsp.noise import white_noise
from rtengine.models.texture import stream
from rtengine.models.texture.modulator import follow
from rtengine.native import ring
from rtengine.native.intrinsics import fields
from rtengine.native.kernel import kernel

SLOTS = 16  # frames between two slow parts, so that two threads can run side by side
BRIGHTEST = 20_000  # Hz: no limit
SEED_APART = 509  # frames from one seed's place in a modulator to the next one's
MIDDLE = np.float32(0.7)  # the player's strength that means as much with each texture, see model.py
TINY, HUGE = np.float32(1e-20), np.float32(1e18)  # magnitudes between which a bin has a phase: squares are floats


@kernel
def analyse(state):
    """Take the rest of a cell, or what there is of it, to the model's rate, and analyse each hop that it completes."""
    ends = state.ends
    done = ends.up.index[ring.READ]
    count = min(ring.filled(ends.up.index), ends.cell - done % ends.cell)
    state.waits = missing(state) if count == 0 else 0
    if count == 0 or ring.free(state.spectra.index, SLOTS) < SLOTS // 2:  # a cell can complete several hops
        return False
    mask = ends.up.data.shape[1] - 1
    hear_controls(state, ends.controls[(done // ends.cell) % ends.controls.shape[0]])
    for c in range(state.cell.shape[0]):
        for n in range(count):
            state.cell[c, n] = ends.up.data[c, (done + n) & mask]
    if state.resampled:
        _, made = resample.stream(state.there, state.cell, count, state.inner, state.inner.shape[1])
        gather(state, state.inner[:, :made])
    else:
        gather(state, state.cell[:, :count])
    ring.release(ends.up.index, count)
    return True


@kernel
def missing(state):
    """How many samples must come until a hop is whole."""
    n = state.hop.shape[1] - state.filled
    return resample.missing(state.there, n) if state.resampled else n


@kernel
def hear_controls(state, row):
    """The parameters of a cell, float after float as the graph has them, by their names; the shares are the last."""
    plain = row.shape[0] - state.shares.shape[0]
    values = carray(fields(state.controls), plain)
    for p in range(plain):
        values[p] = row[p]
    for t in range(state.shares.shape[0]):
        state.shares[t] = row[plain + t]


@kernel
def gather(state, x):
    """Add x (channels, n) to the hop, and analyse each hop that is full."""
    for n in range(x.shape[1]):
        for c in range(state.hop.shape[0]):
            state.hop[c, state.filled] = x[c, n]
        state.filled += 1
        if state.filled == state.hop.shape[1]:
            state.filled = 0
            analyse_hop(state)


@kernel
def analyse_hop(state):
    """Transform the frame that ends with state.hop, let the network texture it, and pass it on."""
    channels, hop_length = state.hop.shape
    n_fft = state.signals.shape[1]
    controls = state.controls
    white_noise(state.seed + np.int64(controls.seed), state.seen * hop_length, state.noise)
    for s in range(2 * channels):
        newest = state.hop[s] if s < channels else state.noise[s - channels]
        for n in range(n_fft - hop_length):
            state.signals[s, n] = state.signals[s, n + hop_length]
        for n in range(hop_length):
            state.signals[s, n_fft - hop_length + n] = newest[n]
    stft.transform(state.stft, state.signals, state.spectrum)
    state.seen += 1

    net, phase = state.net, state.phase
    frozen = controls.freeze > 0 and net.frames > 0
    for c in range(channels):
        x, noise = state.spectrum[c], state.spectrum[channels + c]
        for k in range(x.shape[1]):
            a = np.sqrt(x[0, k] * x[0, k] + x[1, k] * x[1, k])
            p, q = (x[0, k] / a, x[1, k] / a) if TINY < a < HUGE else (np.float32(1), np.float32(0))
            net.magnitude[c, k] = a if a < HUGE else np.float32(0)
            phase[c, 0, k], phase[c, 1, k] = p, q
            if not frozen:
                p, q = p * state.audible[k], q * state.audible[k]  # above, noise would only raise peaks
                net.noise[c, 0, k] = noise[0, k] * p + noise[1, k] * q  # times e^(-j arg X)
                net.noise[c, 1, k] = noise[1, k] * p - noise[0, k] * q
    whole = blend(state.embeddings, state.middles, state.columns, controls, state.shares, net)
    if not frozen:
        state.place += 1
    place = state.place + SEED_APART * np.int64(controls.seed)
    modulate(state.modulators, place, state.shares, whole, net)
    darken(controls.brightness, state.bin_width, state.roll)
    stream.infer(net)
    if state.drifting:
        if not frozen:
            wander(state.drift, state.seed + np.int64(controls.seed), state.seen)
        spread(state.drift, net.strength[0])

    slot = state.spectra.index[ring.WRITE] % SLOTS
    magnitude, start = state.spectra.magnitude[slot], state.spectra.start[slot]
    for c in range(channels):
        for k in range(magnitude.shape[1]):
            re, im = state.roll[k] * net.spectrum[c, 0, k], state.roll[k] * net.spectrum[c, 1, k]
            p, q = phase[c, 0, k], phase[c, 1, k]
            if state.drifting:
                turn = state.drift.bins
                p, q = p * turn[0, k] - q * turn[1, k], p * turn[1, k] + q * turn[0, k]
            magnitude[c, k] = np.sqrt(re * re + im * im)
            start[c, 0, k] = re * p - im * q
            start[c, 1, k] = re * q + im * p
    state.spectra.n_iter[slot] = state.iterations[np.int64(controls.quality)]
    remember(state, state.spectra.song[slot], state.spectra.played[slot])
    ring.publish(state.spectra.index, 1)


@kernel
def remember(state, song, played):
    """For `fit`: the frame's first hop, and what is played in it, strength and shares; without it there is no room."""
    for c in range(song.shape[0]):
        for n in range(song.shape[1]):
            song[c, n] = state.signals[c, n]
    for t in range(played.shape[0]):
        played[t] = state.net.strength[0] if t == 0 else state.shares[t - 1]


@kernel
def blend(embeddings, middles, columns, controls, shares, net):
    """Set the network's embedding and strength from the controls; returns what a share is a part of."""
    total = np.float32(0)
    for t in range(embeddings.shape[0]):
        total += shares[t]
    whole = max(total, np.float32(1e-3))
    for e in range(embeddings.shape[1]):
        net.embedding[e] = 0
    for t in range(embeddings.shape[0]):
        if shares[t] > 0:
            for e in range(embeddings.shape[1]):
                net.embedding[e] += shares[t] * embeddings[t, e]
    for e in range(embeddings.shape[1]):
        net.embedding[e] /= whole
    for e in range(columns[0], columns[1]):
        net.embedding[e] *= np.float32(2) * controls.tone
    for e in range(columns[2], columns[3]):
        net.embedding[e] += np.log(max(controls.noise, np.float32(1e-4)))
    middle = np.float32(0)
    for t in range(middles.shape[0]):
        middle += shares[t] / whole * middles[t]
    net.strength[0] = meant(controls.strength, middle if total > 0 else MIDDLE) * min(total, np.float32(1))
    return whole


@kernel
def meant(strength, middle):
    """The network's strength for a player's: where that stands at MIDDLE it is `middle`, and the ends stay the ends."""
    if strength <= MIDDLE:
        return strength * (middle / MIDDLE)
    return middle + (strength - MIDDLE) * ((np.float32(1) - middle) / (np.float32(1) - MIDDLE))


@kernel
def modulate(modulators, place, shares, whole, net):
    """Set the network's envelopes and partials: what the modulators hold at this place, each going round."""
    for b in range(net.envelopes.shape[0]):
        net.envelopes[b] = 0
    for k in range(net.partials.shape[0]):
        net.partials[k] = 0
    for t in range(modulators.frames.shape[0]):
        if shares[t] > 0:
            envelopes, partials = modulators.envelopes[t], modulators.partials[t]
            follow(envelopes, partials, place % modulators.frames[t], shares[t] / whole, net.envelopes, net.partials)


@kernel
def darken(brightness, bin_width, roll):
    """What is left of each bin above the brightness (Hz): a Butterworth low-pass of second order."""
    for k in range(roll.shape[0]):
        ratio = np.float32(k) * bin_width / brightness
        roll[k] = np.float32(1) / np.sqrt(np.float32(1) + ratio**4) if brightness < BRIGHTEST else np.float32(1)

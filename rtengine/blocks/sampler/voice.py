"""One voice of the sampler: a sample read at any speed, an envelope, a filter that an envelope can move.

Interpolation is by the cubic through four points with their central differences for slopes (Catmull-Rom, E. Catmull,
R. Rom, 1974). The filter is the trapezoidal state-variable one, stable while its cutoff moves (A. Simper, "Solving the
continuous SVF equations using trapezoidal integration", 2013):

    v1 = a1 z1 + a2 (x - z2),  v2 = z2 + a2 z1 + a3 (x - z2),  z1 = 2 v1 - z1,  z2 = 2 v2 - z2,  low-pass = v2
    g = tan(pi f / rate),  a1 = 1 / (1 + g (g + k)),  a2 = g a1,  a3 = g a2,  k = 1 / Q

Envelopes rise linearly and fall exponentially, 100 dB in the time that decay and release name, as in SoundFont 2.04.
"""

import numpy as np

from rtengine.native.kernel import kernel

FREE, PLAYING, RELEASED, CUT = 0, 1, 2, 3  # stages of a voice's life
DELAY, ATTACK, HOLD, DECAY, RELEASE = range(5)  # and of its envelope
SILENT = np.float32(1e-5)  # -100 dB
FADE = 0.004  # seconds in which a voice that must go does so
STEP = 32  # samples between two settings of the filter, counted from the voice's own start
HIGHEST = 0.45  # of the sample rate, of a cutoff


@kernel
def render(v, k, data, sound, n, sample_rate):
    """Add voice k to sound[0], sound[1] and sound[2] (left, right, sent), n samples; the rows behind are scratch."""
    level, y = sound[3], sound[4]
    first, last = envelope(v, k, level, n)
    last = read(v, k, data, y, first, last)
    if v.filtered[k]:
        darken(v, k, y, first, last, sample_rate)
    left, right, send = v.left[k], v.right[k], v.send[k]
    for i in range(first, last):
        z = level[i] * y[i]
        sound[0, i] += left * z
        sound[1, i] += right * z
        sound[2, i] += send * z
    v.age[k] += last - first
    if last < n:
        v.life[k] = FREE


@kernel
def envelope(v, k, level, n):
    """Write the envelope; returns where the voice begins to sound and where it has ended, n if it goes on."""
    value, stage, first = v.value[k], v.stage[k], 0
    i = 0
    while i < n and stage < DECAY:
        if v.wait[k] <= 0:
            stage, value = after(v, k, stage, value)
            continue
        many = min(v.wait[k], n - i)
        rise = v.rise[k] if stage == ATTACK else np.float32(0)
        for j in range(i, i + many):
            value += rise
            level[j] = value
        first += many if stage == DELAY else 0
        v.wait[k] -= many
        i += many
    least = v.sustain[k] if stage == DECAY else np.float32(0)
    factor = v.fall[k] if stage == DECAY else v.release[k]
    while i < n and value >= SILENT:
        value = max(value * factor, least)
        level[i] = value
        i += 1
    v.value[k], v.stage[k] = value, stage
    return first, i


@kernel
def read(v, k, data, y, first, last):
    """Read the sample into y[first:last]; returns where it ended."""
    position, step = v.position[k], v.step[k]
    end, loop_end = v.end[k], v.loop_end[k]
    length = loop_end - v.loop_start[k]
    if v.loop[k] == 0 or (v.loop[k] == 2 and v.life[k] != PLAYING):
        last = min(last, first + max(np.int64(np.ceil((end - position) / step)), 0))
        for n in range(first, last):
            i = np.int64(position)
            y[n] = cubic(data[i - 1], data[i], data[i + 1], data[i + 2], np.float32(position - i))
            position += step
    else:
        for n in range(first, last):
            i = np.int64(position)
            b, c, d = wrapped(i, loop_end, length), wrapped(i + 1, loop_end, length), wrapped(i + 2, loop_end, length)
            y[n] = cubic(data[i - 1], data[b], data[c], data[d], np.float32(position - i))
            position += step
            while position >= loop_end:
                position -= length
    v.position[k] = position
    return last


@kernel
def darken(v, k, y, first, last, sample_rate):
    """The low-pass, set anew every STEP samples of the voice's life."""
    a1, a2, a3, z1, z2 = v.a1[k], v.a2[k], v.a3[k], v.z1[k], v.z2[k]
    age = v.age[k]
    for n in range(first, last):
        if age % STEP == 0:
            a1, a2, a3 = tune(v, k, age, sample_rate)
        rest = y[n] - z2
        v1 = a1 * z1 + a2 * rest
        v2 = z2 + a2 * z1 + a3 * rest
        z1, z2 = v1 + v1 - z1, v2 + v2 - z2
        y[n] = v2
        age += 1
    v.a1[k], v.a2[k], v.a3[k], v.z1[k], v.z2[k] = a1, a2, a3, z1, z2


@kernel
def cubic(a, b, c, d, f):
    """The value at f (0 to 1) between b and c."""
    half = np.float32(0.5)
    slope = half * (c - a)
    bend = a - np.float32(2.5) * b + np.float32(2) * c - half * d
    turn = half * (d - a) + np.float32(1.5) * (b - c)
    return b + f * (slope + f * (bend + f * turn))


@kernel
def wrapped(i, loop_end, length):
    """A position beyond the loop's end, brought back into it."""
    return i - length if i >= loop_end else i


@kernel
def after(v, k, stage, value):
    """The envelope's next stage, when the one before has lasted its time."""
    while stage < DECAY and v.wait[k] <= 0:
        stage += 1
        if stage == ATTACK:
            v.wait[k] = v.attack[k]
        elif stage == HOLD:
            value = np.float32(1)
            v.wait[k] = v.hold[k]
    return stage, value


@kernel
def tune(v, k, age, sample_rate):
    """The filter's a1, a2, a3 for where its envelope has moved it `age` samples after the start."""
    time = age / sample_rate
    if time < v.sweep_attack[k]:
        at = time / v.sweep_attack[k]
    else:
        rest = np.exp(-(time - v.sweep_attack[k]) / max(v.sweep_decay[k], np.float32(1e-3)) * np.float32(3))
        at = v.sweep_sustain[k] + (np.float32(1) - v.sweep_sustain[k]) * rest
    cutoff = min(v.cutoff[k] * 2 ** (v.sweep[k] * at), HIGHEST * sample_rate)
    g = np.tan(np.pi * cutoff / sample_rate)
    a1 = 1 / (1 + g * (g + v.damping[k]))
    return np.float32(a1), np.float32(g * a1), np.float32(g * g * a1)

"""Two clocks: what one device hears, at the speed of another that plays it.

    input device -> capture -> ring ----------> pull: varispeed -> the host -> output device
                            -> its time -> error -> speed

Both callbacks filter the times at which they come (delay_locked_loop). So at each buffer of the output it is known
which sample of the input is just due, to some microseconds, whatever the sizes of the buffers; and how far behind it
the reading is. That is held at `lag` samples by a loop of second order, damping 1 and bandwidth B:

    speed = ratio (1 + (2 w e + w^2 integral of e) / rate_in),   w = 2 pi B,   within LIMIT of the ratio

When too little has come, or a device has lost time, the sound fades out over what is left, waits for the lag that it
should have, and fades in: one xrun, counted as an underflow or an overflow of the input. Each time that too little had
come the lag grows; and it is never less than what the buffers' own jitter asks for. While it plays the lag moves at a
speed of SLIDE, which the loop is told, so that it does not take it for a drift.
Sources: F. Adriaensen, "Using a DLL to filter time", LAC 2005, and "Controlling adaptive resampling", LAC 2012.
"""

from functools import cache
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
from numba import carray

from rtengine.dsp import delay_locked_loop, varispeed
from rtengine.native import clock
from rtengine.native.cache import kernel_directory
from rtengine.native.callback import compile_callback
from rtengine.native.denormals import FLUSH, float_mode, set_float_mode
from rtengine.native.intrinsics import call
from rtengine.native.kernel import kernel
from rtengine.native.record import Memory, record
from rtengine.native.ring import WRITE, filled, load_acquire, store_release
from rtengine.native.slew import slew

ROOM = 2**15  # samples of the ring
MOST_AT_ONCE = 2048  # samples that the host is given at once
NOTES = 64  # times of buffers that capture leaves for pull
FADE = 64  # samples from the sound to silence; as many are kept in hand for it
LIMIT = 1e-3  # of the speed: 1.7 cents, less than is heard; no sound card is farther off
SPARE, MOST_SPARE = 0.002, 0.1  # seconds that a buffer may come late: at least, and when it had to grow
SLIDE = 3e-4  # of the speed: half a cent
SMOOTH = 10  # times the loop's bandwidth: of the low-pass before it
SETTLE = 0.5  # seconds of both clocks before anything is heard
UNDERFLOW, OVERFLOW = 0, 1  # bits of PortAudio's flags for the input


def prepare(inputs: int, outputs: int, rates: tuple[float, float], host: tuple[int, int], timer: Any = None) -> Memory:
    """The record. inputs, outputs: channels. rates: of both devices in Hz. host: addresses of its callback and record.

    timer: see clock.prepare.
    """
    timer = clock.prepare() if timer is None else timer
    rate_in, rate_out = rates
    return record(
        {
            "epoch": clock.now(timer),
            "host": np.array(host, np.int64),
            "outputs": outputs,
            "rate_in": float(rate_in),
            "ratio": rate_in / rate_out,
            "sound": varispeed.prepare(round(rate_in), round(rate_out), inputs, ROOM),
            # of capture
            "source": {
                "timer": timer.copy(),
                "loop": delay_locked_loop.prepare(rate_in),
                "buffers": 0,
                "largest": 0,
                "lost": np.zeros(2, np.int64),  # buffers, by UNDERFLOW and OVERFLOW
                "noted": np.zeros(1, np.int64),
                "count": np.zeros(NOTES, np.int64),  # samples that were in the ring since the start
                "time": np.zeros(NOTES),  # at this moment, in seconds
                "period": np.zeros(NOTES),  # seconds a sample
                "restarts": np.zeros(NOTES, np.int64),
            },
            # of pull
            "sink": {"timer": timer.copy(), "loop": delay_locked_loop.prepare(rate_out), "largest": 0},
            "x": np.zeros((MOST_AT_ONCE, inputs), np.float32),
            "playing": False,
            "leaving": False,
            "restarts": 0,  # of both clocks, when it began to play
            "gain": np.float32(0),
            "age": 0.0,  # seconds that it has played
            "spare": SPARE,
            "lag": 0.0,  # samples of the input, from the moment that is due to the one that is read
            "error": np.zeros(3),  # of the lag: as it is, after one low-pass, after two
            "drift": 0.0,  # the integral: how much faster the input's clock is than the output's
            "speed": rate_in / rate_out,
            "lost": np.zeros(2, np.int64),  # times that it faded out, by UNDERFLOW and OVERFLOW
            "told": np.zeros(2, np.int64),  # of all that was lost, in the host's flags
        }
    )


def latency(memory: Memory) -> float:
    """Seconds that it adds to what the devices themselves say: the lag but for one buffer of the input's."""
    bridge = memory[0]
    return float((bridge["lag"] - bridge["source"]["largest"]) / bridge["rate_in"]) if bridge["lag"] else 0.0


@cache
def compile_bridge(layout: np.dtype[np.void]) -> tuple[Any, Any]:
    """The callbacks of the input and of the output, each a PaStreamCallback, for a record of this layout."""
    directory = kernel_directory(Path(__file__))
    return compile_callback(capture, layout, directory), compile_callback(pull, layout, directory)


def capture(indata, outdata, size, time_info, flags, userdata):
    bridge = carray(userdata, 1)[0]
    keep(bridge, carray(indata, (np.int64(size), bridge.x.shape[1])), np.int64(flags))
    return 0


def pull(indata, outdata, size, time_info, flags, userdata):
    bridge = carray(userdata, 1)[0]
    mode = float_mode()
    set_float_mode(mode | FLUSH)
    size, done = np.int64(size), 0  # unsigned in C
    sink = carray(outdata, (size, bridge.outputs))
    steer(bridge, size)
    while done < size:
        n = min(MOST_AT_ONCE, size - done)
        fill(bridge, n)
        place = sink.ctypes.data + 4 * done * bridge.outputs
        lost = np.int64(flags) | xruns(bridge)
        call(bridge.host[0], (bridge.x.ctypes.data, place, n, 0, lost, bridge.host[1]))
        done += n
    set_float_mode(mode)
    return 0


@kernel
def keep(bridge, x, flags):
    """Append x (samples, channels) to the ring, and note when how many had come."""
    source, n = bridge.source, x.shape[0]
    if n == 0:
        return
    delay_locked_loop.update(source.loop, seconds(source.timer, bridge.epoch), n)
    source.buffers += 1
    source.largest = max(source.largest, n)
    for kind in range(2):
        source.lost[kind] += (flags >> kind) & 1
    if varispeed.write(bridge.sound, x) == 0:
        source.lost[OVERFLOW] += 1
    slot = source.noted[0] & (NOTES - 1)
    source.count[slot] = bridge.sound.index[WRITE]
    source.time[slot], source.period[slot] = source.loop.time, source.loop.period
    source.restarts[slot] = source.loop.restarts
    store_release(source.noted, 0, source.noted[0] + 1)


@kernel
def steer(bridge, n):
    """Choose the speed of the next n samples of the output, and whether there is something to hear."""
    source, loop = bridge.source, bridge.sink.loop
    delay_locked_loop.update(loop, seconds(bridge.sink.timer, bridge.epoch), n)
    bridge.sink.largest = max(bridge.sink.largest, n)
    noted = load_acquire(source.noted, 0)
    if noted == 0:
        return
    slot = (noted - 1) & (NOTES - 1)
    due = source.count[slot] + (loop.time - source.time[slot]) / source.period[slot]
    restarts = source.restarts[slot] + loop.restarts
    taps = bridge.sound.filter.shape[0]
    spare = max(bridge.spare, source.loop.late + loop.early)
    lag = source.largest + (bridge.sink.largest + FADE) * bridge.ratio + taps // 2 + spare * bridge.rate_in
    if bridge.playing:
        step = SLIDE * n * bridge.ratio
        before, bridge.lag = bridge.lag, slew(bridge.lag, lag, step, step)
        slide = bridge.lag - before
        error = due - varispeed.time(bridge.sound) - bridge.lag
        follow(bridge, error, slide / (n * bridge.ratio), n * loop.period)
        lost = abs(bridge.error[0]) > max(source.largest, bridge.sink.largest * bridge.ratio, SPARE * bridge.rate_in)
        if (lost or restarts != bridge.restarts) and not bridge.leaving:
            bridge.leaving = True
            bridge.lost[OVERFLOW] += 1
    elif min(source.loop.age, loop.age) > SETTLE:
        bridge.lag = lag
        begin(bridge, due, restarts, n)


@kernel
def begin(bridge, due, restarts, n):
    """Start to play, if what is wanted for it is there."""
    if not varispeed.seek(bridge.sound, due - bridge.lag):
        return
    missing = varispeed.needed(bridge.sound, n + FADE, bridge.speed) - filled(bridge.sound.index)
    if missing > 0:
        bridge.spare = min(bridge.spare + missing / bridge.rate_in, MOST_SPARE)
        return
    bridge.playing, bridge.leaving, bridge.restarts = True, False, restarts
    bridge.gain = np.float32(0)
    bridge.error[:] = 0


@kernel
def follow(bridge, error, slide, length):
    """One step of the loop, for a buffer of so many seconds in which the lag grows by the share `slide` of it."""
    omega = 2 * np.pi * delay_locked_loop.bandwidth(min(bridge.age, bridge.sink.loop.age, bridge.source.loop.age))
    bridge.age += length
    smooth = 1 - exp(-SMOOTH * omega * length)
    bridge.error[0] = error
    bridge.error[1] += smooth * (error - bridge.error[1])
    bridge.error[2] += smooth * (bridge.error[1] - bridge.error[2])
    e = bridge.error[2] / bridge.rate_in
    bridge.drift = min(max(bridge.drift + omega * omega * e * length, -LIMIT), LIMIT)
    bridge.speed = bridge.ratio * (1 + min(max(2 * omega * e + bridge.drift - slide, -LIMIT), LIMIT))


@kernel
def fill(bridge, n):
    """The next n samples of the input to bridge.x, or silence."""
    sound = bridge.sound
    if bridge.playing and not bridge.leaving:
        missing = varispeed.needed(sound, n + FADE, bridge.speed) - filled(sound.index)
        if missing > 0:
            bridge.leaving = True
            bridge.lost[UNDERFLOW] += 1
            bridge.spare = min(bridge.spare + missing / bridge.rate_in, MOST_SPARE)
    there = 0
    if bridge.playing:
        there = min(n, FADE) if bridge.leaving else n
        varispeed.read(sound, bridge.x, 0, there, bridge.speed)
    bridge.x[there:n] = 0
    if bridge.leaving or bridge.gain < 1:
        target = np.float32(not bridge.leaving)
        step = np.float32(1 / FADE)
        for i in range(there):
            bridge.gain = slew(bridge.gain, target, step, step)
            for c in range(bridge.x.shape[1]):
                bridge.x[i, c] *= bridge.gain
    if bridge.leaving and bridge.gain == 0:
        bridge.playing = bridge.leaving = False


@kernel
def xruns(bridge):
    """PortAudio's flags of what was lost and not yet told."""
    flags = 0
    for kind in range(2):
        lost = bridge.source.lost[kind] + bridge.lost[kind]
        if lost > bridge.told[kind] and bridge.age > 0:  # before, nothing was heard
            flags |= 1 << kind
        bridge.told[kind] = lost
    return flags


@kernel
def seconds(timer, epoch):
    """The time since the start of the bridge."""
    return (clock.now(timer) - epoch) / clock.SECOND

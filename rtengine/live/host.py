"""The C function that a device calls: around the graph, all that keeps a performance alive.

    in, or a song -+-> graph ----------+-> blend -> record -> level -> clip -> out
                   +-> next graph -----+
                   +-> line (dry) -----'

It runs one graph, or two while one takes over from the other; fades to the dry signal of the same moment (bypass), and
then lets the graph rest; ramps the level (soft start, panic, leaving); meters what comes in and what is heard, whatever
plays; and counts: buffers, xruns, load. It is native and in one record, as a graph is. Requests are plain stores from
Python, looked at on the grid of the parameters.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numba import carray

from rtengine import events
from rtengine.blocks.meter import Meter
from rtengine.graph import Graph
from rtengine.listing import GRID
from rtengine.live import meters, song
from rtengine.live.routing import PLACES, connect
from rtengine.native import clock, ring
from rtengine.native.cache import kernel_directory
from rtengine.native.callback import compile_callback
from rtengine.native.denormals import FLUSH, float_mode, set_float_mode
from rtengine.native.intrinsics import call, integers
from rtengine.native.kernel import kernel
from rtengine.native.record import Memory, record, touch
from rtengine.native.slew import slew
from rtengine.native.worker import CAME, SIZE, TOOK

ROOM = 2**17  # samples of the dry line: more than any graph's latency
HEARD = 2**16  # samples of the output that are kept for those who look at it
RECORDING = 2**18  # samples between the audio thread and the disk: 5 s
BLEND = 0.05  # seconds from one graph to the next, and between wet and dry
SOFT_START = 0.25  # seconds from silence to full level
MUTE = 0.02  # seconds from full level to silence
RUNAWAY = 4.0  # 12 dB above full scale: no limiter lets this through, so something is broken
BINS = 41  # of the load: 5 % each, the last for all from 200 %
BYPASS, SWAP, HOLD = range(3)  # what happens, as rtengine.take.automation names it
measure = Meter.process
XRUNS = ("input_underflow", "input_overflow", "output_underflow", "output_overflow")  # PortAudio's flags from bit 0 on


def prepare(graph: Graph) -> Memory:
    """The record, with the graph in its first place."""
    inputs, outputs, sample_rate = graph.inputs, graph.outputs, graph.sample_rate
    memory = record(
        {
            "sample_rate": float(sample_rate),
            "clock": 0,  # samples since the start
            "timer": clock.prepare(),
            "pulse": np.zeros(3, np.int64),  # of the last buffer, for the graphs' threads, see rtengine.native.worker
            "inputs": inputs,  # of the device
            "outputs": outputs,
            "source": np.zeros(
                inputs, np.int64
            ),  # the device's channel that each input hears, see rtengine.live.routing
            "feeds": np.zeros(PLACES, np.int64),  # the output that each channel of the device plays
            # graphs
            "graphs": {  # of each place
                "callback": np.zeros(2, np.int64),  # addresses
                "memory": np.zeros(2, np.int64),
                "clock": np.zeros(2, np.int64),
                "bad_out": np.zeros(2, np.int64),
                "latency": np.zeros(2, np.int64),  # samples
            },
            "current": 0,
            "swap": False,  # request: the other graph takes over
            "swapping": False,
            "swaps": 0,  # done
            "warm": 0,  # samples that the next graph runs unheard
            "fade": np.float32(0),  # share of the next graph
            "bypass": False,  # request
            "bypassed": False,
            "asleep": False,
            "rest": 0,  # samples that the graph runs unheard after a sleep
            "wet": np.float32(1),
            "blend": np.float32(1 / (BLEND * sample_rate)),
            # level
            "open": False,  # request: be heard
            "quiet": graph.latency,  # samples until the graph has more than the zeros that it begins with
            "level": np.float32(0),
            "up": np.float32(1 / (SOFT_START * sample_rate)),
            "down": np.float32(1 / (MUTE * sample_rate)),
            "alarm": False,  # raised here: muted until Python has put things right
            "alarms": 0,
            "hold": False,  # request: leave the graph alone
            "held": False,
            # what was done and when, for a log
            "noting": False,
            "happened": {"taken": events.room(), "lost": 0},
            # sound
            "song": song.prepare(sample_rate),  # in place of the device's input
            "x": np.zeros((GRID, inputs), np.float32),
            "y": np.zeros((2, GRID, outputs), np.float32),
            "take": np.zeros((inputs + outputs, GRID), np.float32),  # dry and wet, for the recording
            "line": np.zeros((ROOM, inputs), np.float32),
            "dry": graph.dry,  # gains (outputs, inputs) from the line to what is heard in place of a graph
            "heard": np.zeros((HEARD, outputs), np.float32),  # of the output, as the line is of the input
            "written": ring.indices(),  # both are, up to this clock
            "recording": False,
            "taping": False,
            "tape_begin": 0,  # the clock of the first sample since `recording` was set
            "unrecorded": 0,
            "tape": ring.samples(inputs + outputs, RECORDING),
            # counters
            "callbacks": 0,
            "smallest": 0,
            "largest": 0,
            "xruns": np.zeros(len(XRUNS), np.int64),
            "bad_in": 0,
            "busy": 0,  # nanoseconds
            "played": 0,  # samples
            "worst": 0.0,  # load of a buffer
            "histogram": np.zeros(BINS, np.int64),
            "meters": meters.prepare(sample_rate, inputs, outputs),
            "ear": np.zeros((max(inputs, outputs), GRID), np.float32),  # what they hear, channel by channel
        }
    )
    place(memory, 0, graph)
    connect(memory, (inputs, outputs))
    touch(memory)
    return memory


def place(memory: Memory, slot: int, graph: Graph) -> None:
    """Tell the host where a graph is. It must live for as long as it is in its place."""
    if graph.latency + GRID > ROOM:
        raise ValueError(f"a latency of {graph.latency} samples is more than {ROOM - GRID}")
    graphs = memory["graphs"][0]
    graphs["callback"][slot], graphs["memory"][slot] = graph.callback.address, graph.memory.ctypes.data
    for name in ("clock", "bad_out"):
        graphs[name][slot] = graph.field(name)
    graphs["latency"][slot] = graph.latency


@cache
def compile_host(layout: np.dtype[np.void]) -> Any:
    """The callback for a record of this layout, a PaStreamCallback."""
    return compile_callback(callback, layout, kernel_directory(Path(__file__)))


def callback(indata, outdata, size, time_info, flags, userdata):
    mode = float_mode()
    set_float_mode(mode | FLUSH)
    host = carray(userdata, 1)[0]
    began = clock.now(host.timer)
    size = np.int64(size)  # unsigned in C, and -size would wrap
    source, sink = carray(indata, (size, host.inputs)), carray(outdata, (size, host.outputs))
    done = 0
    while done < size:
        n = min(GRID - host.clock % GRID, size - done)
        if host.clock % GRID == 0:
            take_requests(host)
        take(host, source, done, n)
        play(host, n)
        if host.recording and not host.taping:
            host.tape_begin = host.clock
        host.taping = host.recording
        if host.taping:
            tape(host, n)
        give(host, sink, done, n)
        host.clock += n
        ring.store_release(host.written, ring.WRITE, host.clock)
        done += n
    took = clock.now(host.timer) - began
    count(host, size, np.int64(flags), took)
    host.pulse[SIZE], host.pulse[TOOK] = size, took
    ring.store_release(host.pulse, CAME, began)
    set_float_mode(mode)
    return 0


@kernel
def take_requests(host):
    """Look at the requests. Only here, on the grid, does a graph begin or cease to run."""
    held = host.hold and host.level == 0 and not host.swapping
    if held != host.held:
        host.held = held
        host.quiet = host.graphs.latency[host.current]
        note(host, HOLD, held)
    if host.swap and not host.swapping and not host.held:
        host.swapping, host.swap = True, False
        host.fade, host.warm = np.float32(0), host.graphs.latency[1 - host.current]
        note(host, SWAP, True)
    if host.bypass != host.bypassed:
        host.bypassed = host.bypass
        note(host, BYPASS, host.bypassed)
    if not host.bypassed and host.asleep:
        host.rest = host.graphs.latency[host.current]  # what is in the graph's delays is old
    host.asleep = host.bypassed and host.wet == 0
    song.take_request(host.song)


@kernel
def note(host, kind, on):
    """Tell the log, if there is one."""
    if host.noting:
        host.happened.lost += 1 - events.append(
            host.happened.taken, host.clock, kind, 0, 0, np.float32(on), np.float32(0)
        )


@kernel
def take(host, source, start, n):
    """The input's next n samples, to the graphs and to the dry line; what is not finite is 0."""
    channels = host.x.shape[1]
    for i in range(n):
        for c in range(channels):
            place = host.source[c]
            v = source[start + i, place] if 0 <= place < source.shape[1] else np.float32(0)
            if not np.isfinite(v):
                v = np.float32(0)
                host.bad_in += 1
            host.x[i, c] = v
    song.play(host.song, host.x[:n])
    for i in range(n):
        for c in range(channels):
            v = host.x[i, c]
            host.line[(host.clock + i) & (ROOM - 1), c] = v
            host.ear[c, i] = v
    measure(host.meters.input, host.meters.input, host.ear[:channels, :n])


@kernel
def run(host, slot, n):
    """Run one graph; mute if what it makes is broken."""
    graphs = host.graphs
    carray(integers(graphs.clock[slot]), 1)[0] = host.clock
    bad = carray(integers(graphs.bad_out[slot]), 1)
    before = bad[0]
    x, y = host.x.ctypes.data, host.y.ctypes.data + slot * GRID * host.y.shape[2] * 4
    call(graphs.callback[slot], (x, y, n, 0, 0, graphs.memory[slot]))
    broken = bad[0] != before
    for i in range(n):
        for c in range(host.y.shape[2]):
            broken = broken or abs(host.y[slot, i, c]) > RUNAWAY
    if broken and not host.alarm:
        host.alarm = True
        host.alarms += 1


@kernel
def play(host, n):
    """Run what is to be heard, and blend it into host.y[host.current]."""
    here, there = host.current, 1 - host.current
    if not (host.asleep or host.held):
        run(host, here, n)
    if host.swapping:
        run(host, there, n)
    for i in range(n):
        target = np.float32(not host.bypassed and host.rest <= i)
        host.wet = slew(host.wet, target, host.blend, host.blend)
        if host.swapping and host.warm <= i:
            host.fade = min(host.fade + host.blend, np.float32(1))
        for c in range(host.y.shape[2]):
            y = np.float32(0) if host.held else mixed(host, here, i, c)
            if host.fade > 0:
                y += host.fade * (mixed(host, there, i, c) - y)
            host.y[here, i, c] = y
    host.rest = max(host.rest - n, 0)
    host.warm = max(host.warm - n, 0)
    if host.fade == 1:  # the next one starts with the next buffer: until then host.y[here] is its sound
        host.swapping, host.fade = False, np.float32(0)
        for i in range(n):
            for c in range(host.y.shape[2]):
                host.y[there, i, c] = host.y[here, i, c]
        host.current = there
        host.swaps += 1


@kernel
def mixed(host, slot, i, c):
    """A graph's sample, or its dry signal of the same moment, or something between."""
    if host.wet == 1:
        return host.y[slot, i, c]
    dry, place = np.float32(0), (host.clock + i - host.graphs.latency[slot]) & (ROOM - 1)
    for k in range(host.dry.shape[1]):
        if host.dry[c, k] != 0:
            dry += host.dry[c, k] * host.line[place, k]
    return dry if host.wet == 0 else dry + host.wet * (host.y[slot, i, c] - dry)


@kernel
def tape(host, n):
    """Dry and wet to the recording: before the level, so that a file does not fade in."""
    inputs, outputs = host.x.shape[1], host.y.shape[2]
    for i in range(n):
        for c in range(inputs):
            host.take[c, i] = host.x[i, c]
        for c in range(outputs):
            host.take[inputs + c, i] = host.y[host.current, i, c]
    if ring.write(host.tape, host.take[:, :n]) == 0:
        host.unrecorded += n


@kernel
def give(host, sink, start, n):
    """The level, and full scale at most, to the output."""
    channels, outputs = host.y.shape[2], sink.shape[1]
    audible = host.open and not host.alarm and not host.hold
    for i in range(n):
        target = np.float32(audible and host.quiet <= i)
        host.level = slew(host.level, target, host.down, host.up)
        for c in range(channels):
            y = host.y[host.current, i, c] * host.level
            y = min(max(y, np.float32(-1)), np.float32(1))
            host.y[host.current, i, c] = y
            host.heard[(host.clock + i) & (HEARD - 1), c] = y
            host.ear[c, i] = y
        for d in range(outputs):
            c = host.feeds[min(d, PLACES - 1)]
            sink[start + i, d] = host.y[host.current, i, c] if c >= 0 else np.float32(0)
        if outputs == 1 < channels:  # a speaker alone hears both
            sink[start + i, 0] = np.float32(0)
            for c in range(channels):
                sink[start + i, 0] += host.y[host.current, i, c] / np.float32(channels)
    measure(host.meters.output, host.meters.output, host.ear[:channels, :n])
    host.quiet = max(host.quiet - n, 0)


@kernel
def count(host, size, flags, elapsed):
    """One more buffer."""
    host.callbacks += 1
    host.smallest = size if host.smallest == 0 else min(size, host.smallest)
    host.largest = max(size, host.largest)
    for k in range(host.xruns.shape[0]):
        host.xruns[k] += (flags >> k) & 1
    if size > 0:
        load = elapsed * host.sample_rate / (clock.SECOND * size)
        host.busy += elapsed
        host.played += size
        host.worst = max(host.worst, load)
        host.histogram[min(np.int64(load * 20), BINS - 1)] += 1

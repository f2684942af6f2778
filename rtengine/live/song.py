"""A song in place of the device's input: a native reading position that jumps without a click.

There are two voices. One is heard; the other is what was heard before the last jump, and is faded out. To seek, to go
round a loop, to change the song and to go back to the device are all the same: the other voice begins at the new place,
and the two change roles. Pausing, and waiting for a song that is still being decoded, is a level of the voice.
"""

from typing import Any

import numpy as np
from numba import carray

from rtengine.native.intrinsics import floats, integers
from rtengine.native.kernel import kernel
from rtengine.native.ring import load_acquire, store_release
from rtengine.native.slew import slew

FADE = 0.01  # seconds from one place to the next, and from play to pause
DEVICE = 0  # in place of the address of samples
STAY = -1  # in place of a position


def prepare(sample_rate: float) -> dict[str, Any]:
    """Memory, with the device as the input."""
    return {
        "voices": {
            "data": np.zeros(2, np.int64),  # address of float32 (length, channels), or DEVICE
            "length": np.zeros(2, np.int64),  # samples
            "ready": np.zeros(2, np.int64),  # address of how many of them are there
            "position": np.zeros(2, np.int64),
            "begin": np.zeros(2, np.int64),  # of the loop
            "end": np.zeros(2, np.int64),
        },
        "level": np.ones(2, np.float32),
        "current": 0,
        "fade": np.float32(1),  # share of the current voice
        "step": np.float32(1 / (FADE * sample_rate)),
        "reserve": int(FADE * sample_rate) + 1,  # samples that must be there to play on
        "play": True,  # request
        "next": {"data": 0, "length": 0, "ready": 0, "position": 0, "begin": 0, "end": 0},  # request: a voice
        "change": np.zeros(1, np.int64),  # set when it is complete
    }


@kernel
def ask(song, data, length, ready, position, begin, end):
    """Request a voice from another thread; position STAY goes on and changes the loop. Returns False if one waits."""
    if load_acquire(song.change, 0):
        return False
    wanted = song.next
    wanted.data, wanted.length, wanted.ready = data, length, ready
    wanted.position, wanted.begin, wanted.end = position, begin, end
    store_release(song.change, 0, 1)
    return True


@kernel
def take_request(song):
    """Take the request, once the last jump is over. For the audio thread."""
    if song.fade < 1 or load_acquire(song.change, 0) == 0:
        return
    voices, wanted = song.voices, song.next
    if wanted.position == STAY:
        voices.begin[song.current], voices.end[song.current] = wanted.begin, wanted.end
    else:
        other = 1 - song.current
        voices.data[other], voices.length[other], voices.ready[other] = wanted.data, wanted.length, wanted.ready
        voices.begin[other], voices.end[other] = wanted.begin, wanted.end
        turn_to(song, other, wanted.position)
    store_release(song.change, 0, 0)


@kernel
def turn_to(song, v, position):
    """Begin to fade to a position of the other voice."""
    song.current = v
    song.voices.position[v] = position
    song.level[v] = np.float32(song.play or song.voices.data[v] == DEVICE)
    song.fade = np.float32(0)


@kernel
def play(song, x):
    """Put the song in the place of x, the device's input, float32 (n, channels)."""
    if song.fade == 1 and song.voices.data[song.current] == DEVICE:
        return
    for i in range(x.shape[0]):
        now, before = song.current, 1 - song.current
        for c in range(x.shape[1]):
            y = heard(song, now, x, i, c)
            if song.fade < 1:
                old = heard(song, before, x, i, c)
                y = old + song.fade * (y - old)
            x[i, c] = y
        advance(song, now)
        if song.fade < 1:
            advance(song, before)
            song.fade = min(song.fade + song.step, np.float32(1))
            if song.fade == 1:
                song.voices.data[before] = DEVICE  # its samples are let go
        else:
            go_round(song, now)


@kernel
def go_round(song, v):
    """At the end of the loop jump to its beginning; a jump that was late, as another was not over, keeps the time."""
    voices = song.voices
    past = voices.position[v] - voices.end[v]
    if voices.data[v] != DEVICE and past >= 0:
        other = 1 - v
        voices.data[other], voices.length[other], voices.ready[other] = (
            voices.data[v],
            voices.length[v],
            voices.ready[v],
        )
        voices.begin[other], voices.end[other] = voices.begin[v], voices.end[v]
        turn_to(song, other, voices.begin[v] + (past if past <= song.reserve else 0))


@kernel
def heard(song, v, x, i, c):
    """A voice's sample for channel c; its last one for ever if it has come to its end while it is faded out."""
    voices = song.voices
    if voices.data[v] == DEVICE:
        return x[i, c]
    length = voices.length[v]
    samples = carray(floats(voices.data[v]), (length, x.shape[1]))
    return song.level[v] * samples[min(voices.position[v], length - 1), c]


@kernel
def advance(song, v):
    """The next sample; none while the voice is silent."""
    voices = song.voices
    if voices.data[v] == DEVICE:
        return
    ready = load_acquire(carray(integers(voices.ready[v]), 1), 0)
    goes = song.play and (ready == voices.length[v] or voices.position[v] + song.reserve < ready)
    song.level[v] = slew(song.level[v], np.float32(goes), song.step, song.step)
    if song.level[v] > 0:
        voices.position[v] += 1

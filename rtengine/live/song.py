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

FADE = 0.01  # seconds from one place to the next, and from play to pause
DATA, LENGTH, READY, POSITION, BEGIN, END = range(6)  # of a voice
DEVICE = 0  # in place of the address of samples
STAY = -1  # in place of a position


def prepare(sample_rate: float) -> dict[str, Any]:
    """Memory, with the device as the input.

    A voice is the address of float32 (length, channels), its length in samples, the address of how many of them are
    there, the position, and the loop.
    """
    return {
        "voices": np.zeros((2, 6), np.int64),
        "level": np.ones(2, np.float32),
        "current": 0,
        "fade": np.float32(1),  # share of the current voice
        "step": np.float32(1 / (FADE * sample_rate)),
        "reserve": int(FADE * sample_rate) + 1,  # samples that must be there to play on
        "play": True,  # request
        "next": np.zeros(6, np.int64),  # request: a voice
        "change": np.zeros(1, np.int64),  # set when it is complete
    }


@kernel
def ask(song, voice):
    """Request a voice from another thread; position STAY goes on and changes the loop. Returns False if one waits."""
    if load_acquire(song.change, 0):
        return False
    song.next[:] = voice
    store_release(song.change, 0, 1)
    return True


@kernel
def obey(song):
    """Take the request, once the last jump is over. For the audio thread."""
    if song.fade < 1 or load_acquire(song.change, 0) == 0:
        return
    if song.next[POSITION] == STAY:
        for k in (BEGIN, END):
            song.voices[song.current, k] = song.next[k]
    else:
        jump(song, song.next, song.next[POSITION])
    store_release(song.change, 0, 0)


@kernel
def jump(song, voice, position):
    """Begin to fade to a position of a voice, which may be the current one."""
    song.current = 1 - song.current
    for k in range(6):
        song.voices[song.current, k] = voice[k]
    song.voices[song.current, POSITION] = position
    song.level[song.current] = np.float32(song.play or voice[DATA] == DEVICE)
    song.fade = np.float32(0)


@kernel
def play(song, x):
    """Put the song in the place of x, the device's input, float32 (n, channels)."""
    if song.fade == 1 and song.voices[song.current, DATA] == DEVICE:
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
                song.voices[before, DATA] = DEVICE  # its samples are let go
        else:
            go_round(song, song.voices[now])


@kernel
def go_round(song, voice):
    """At the end of the loop jump to its beginning; a jump that was late, as another was not over, keeps the time."""
    past = voice[POSITION] - voice[END]
    if voice[DATA] != DEVICE and past >= 0:
        jump(song, voice, voice[BEGIN] + (past if past <= song.reserve else 0))


@kernel
def heard(song, v, x, i, c):
    """A voice's sample for channel c; its last one for ever if it has come to its end while it is faded out."""
    voice = song.voices[v]
    if voice[DATA] == DEVICE:
        return x[i, c]
    samples = carray(floats(voice[DATA]), (voice[LENGTH], x.shape[1]))
    return song.level[v] * samples[min(voice[POSITION], voice[LENGTH] - 1), c]


@kernel
def advance(song, v):
    """The next sample; none while the voice is silent."""
    voice = song.voices[v]
    if voice[DATA] == DEVICE:
        return
    ready = load_acquire(carray(integers(voice[READY]), 1), 0)
    goes = song.play and (ready == voice[LENGTH] or voice[POSITION] + song.reserve < ready)
    wish = np.float32(goes)
    song.level[v] = min(max(wish, song.level[v] - song.step), song.level[v] + song.step)
    if song.level[v] > 0:
        voice[POSITION] += 1

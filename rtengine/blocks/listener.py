"""It says what it hears: tags, a genre or that it is unsure, tempo, key, loudness. The sound passes bit for bit.

    x -> loudness ------------------------------------------------------> readings
    '--> ring -> (slow part) frames, network, tempo, key -> ring -------------^   DELAY after the window's last sample

What the slow part finds is shown a fixed time after the sound it was found in, so that it belongs to the samples: live,
offline and replayed it is the same. If the slow part is late it is shown when it comes, and counted.
"""

from dataclasses import dataclass, field
from math import ceil
from typing import Any

import numpy as np

from rtengine.block import Block, Reading, Work
from rtengine.dsp import loudness
from rtengine.models import onnx
from rtengine.models.listen import live
from rtengine.models.listen.front_end import BLOCK, HOP_LENGTH, RATE
from rtengine.models.listen.head import UNSURE, Head, load_head
from rtengine.models.listen.model import Model, load_model
from rtengine.native import ring
from rtengine.native.kernel import kernel

DELAY = 0.5  # seconds in which the slow part has to be done
ROOM = 4.0  # seconds of sound that may wait for it
SLOTS = 8  # of what was heard
GENRE, SURENESS, TEMPO, KEY, TAGS = range(5)  # columns of what comes back; tags to the end
NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
KEYS = (UNSURE, *(f"{note} {mode}" for mode in ("major", "minor") for note in NOTES))
WINDOW = 0.05  # seconds of the network for a window, on a slow core
QUIETEST = -100.0  # LUFS, shown of silence


@dataclass(frozen=True, eq=False)
class Listener(Block):
    """Listen in passing, with a model of rtengine.models.listen and, for genres, the head that was trained on it."""

    model: Model = field(default_factory=load_model)

    tempo = Reading(0, 320, "beats a minute", "0 if there is no steady beat")
    key = Reading(0, 24, "", "of the last half minute or so", choices=KEYS)
    loudness = Reading(QUIETEST, 0, "LUFS", "of the last 3 s, EBU R 128 short-term")

    @property
    def head(self) -> Head | None:
        """The shipped head, if it was trained on this model."""
        head = load_head()
        return head if head.model == self.model.digest else None

    @property
    def readings(self) -> dict[str, Reading]:
        """Those of the class, and those that depend on the model."""
        tags, genres = self.model.tags, self.head.genres if self.head else ()
        return {
            "tags": Reading(0, 1, "", f"how much each tag holds: {', '.join(tags)}", count=len(tags)),
            "tag": Reading(0, max(len(tags) - 1, 1), "", "the tag that holds most", choices=tags),
            "genre": Reading(0, max(len(genres), 1), "", "or that it is unsure", choices=(UNSURE, *genres)),
            "sureness": Reading(0, 1, "", "probability of the likeliest genre, for music like that of the training"),
        } | super().readings

    @property
    def works(self) -> tuple[Work, ...]:
        return (Work(listen, WINDOW),)

    def prepare(self, sample_rate: float, block_size: int, channels: int) -> dict[str, Any]:
        hop = live.HOP * HOP_LENGTH / RATE * sample_rate
        return {
            "up": ring.samples(channels, ceil(ROOM * sample_rate)),
            "x": np.zeros((channels, BLOCK), np.float32),
            "live": live.prepare(sample_rate, self.model, self.head),
            "heard": {"index": ring.indices(), "rows": np.zeros((SLOTS, TAGS + len(self.model.tags)), np.float32)},
            "time": 0,  # samples so far
            "shown": 0,  # windows
            "first": live.end(sample_rate, 0) + ceil(DELAY * sample_rate),  # when the first is shown, in samples,
            "hop": hop,  # and from one to the next
            "late": 0,  # samples for which a window was due and not there
            "lost": 0,  # samples that found no room
            "loudness": loudness.prepare(sample_rate, channels),
        }

    def bind(self, state: np.void) -> onnx.Session:
        return live.bind(state["live"], self.model)

    def late(self, state: np.void) -> int:
        return int(state["late"] + state["lost"])

    @staticmethod
    @kernel
    def fork(state, params, x):
        if ring.write(state.up, x) == 0:
            state.lost += x.shape[1]

    @staticmethod
    @kernel
    def process(state, params, x):
        state.time += x.shape[1]
        due = np.int64(np.ceil(state.first + state.shown * state.hop))
        if state.time >= due:
            if ring.filled(state.heard.index) > 0:
                show(state)
            else:
                state.late += min(state.time - due, x.shape[1])
        loudness.update(state.loudness, x)
        energy = state.loudness.short_term
        level = loudness.OFFSET + 10 * np.log10(energy) if energy > 0 else QUIETEST
        state.readings.loudness = np.float32(max(level, QUIETEST))


@kernel
def show(state):
    """Take what was heard next to the readings."""
    row = state.heard.rows[state.heard.index[ring.READ] % SLOTS]
    shown = state.readings
    shown.genre, shown.sureness, shown.tempo, shown.key = row[GENRE], row[SURENESS], row[TEMPO], row[KEY]
    best = 0
    for t in range(shown.tags.shape[0]):
        shown.tags[t] = row[TAGS + t]
        if row[TAGS + t] > row[TAGS + best]:
            best = t
    shown.tag = np.float32(best)
    ring.release(state.heard.index, 1)
    state.shown += 1


@kernel
def listen(state):
    """Hear up to BLOCK samples."""
    count = min(ring.filled(state.up.index), BLOCK)
    if count == 0 or ring.free(state.heard.index, SLOTS) == 0:
        return False
    mask, start = state.up.data.shape[1] - 1, state.up.index[ring.READ]
    for c in range(state.x.shape[0]):
        for n in range(count):
            state.x[c, n] = state.up.data[c, (start + n) & mask]
    ring.release(state.up.index, count)
    if live.hear(state.live, state.x, 0, count):
        row = state.heard.rows[state.heard.index[ring.WRITE] % SLOTS]
        row[GENRE], row[SURENESS] = state.live.genre, state.live.sureness
        row[TEMPO], row[KEY] = state.live.tempo, state.live.key
        for t in range(state.live.tags.shape[0]):
            row[TAGS + t] = state.live.tags[t]
        ring.publish(state.heard.index, 1)
    return True

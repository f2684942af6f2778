"""Listen to a file once, from its beginning to its end: tags, onsets, key, loudness, in memory that hardly grows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rtengine.dsp import loudness
from rtengine.files.source import Source
from rtengine.library.tempo_and_key import Key, key, tempo
from rtengine.models.listen.front_end import HOP_LENGTH, RATE, Ear
from rtengine.models.listen.head import mean_logit
from rtengine.models.listen.model import FRAMES, Model, Rows, windows
from rtengine.native.record import record

Samples = NDArray[np.float32]

LIVE_HOP = 125  # frames, 2 s: from one window to the next in a timeline
KEY_SECONDS = 300  # the beginning of a piece, of which the key is told


@dataclass(frozen=True, eq=False)
class Heard:
    """What was heard.

    taggram: (windows, tags), a window of 3 s every `hop` frames.  embedding: (width,), their mean.  tempo: beats a
    minute, 0 if none is steady.  loudness: integrated, LUFS, -inf of silence.  course: (seconds,), the momentary
    loudness in LUFS at the end of each second.
    """

    seconds: float
    hop: int
    taggram: Rows
    embedding: Rows
    tempo: float
    key: Key
    loudness: float
    course: NDArray[np.float32]
    damage: str

    @property
    def features(self) -> Rows:
        """What a genre head and a comparison take."""
        return mean_logit(self.taggram)

    def times(self) -> NDArray[np.float64]:
        """When each window ends, in seconds."""
        return (np.arange(len(self.taggram)) * self.hop + FRAMES - 1) * HOP_LENGTH / RATE


def hear(source: Source, model: Model, hop: int = FRAMES) -> Heard:
    """Listen to all of a file; ValueError or OSError in a sentence if it holds no sound that can be read."""
    ears = Ears(source.sample_rate, source.channels, model, hop)
    for x in seconds_of(source.blocks(), source.sample_rate):
        ears.hear(x)
    return ears.finish(source.damage)


def seconds_of(blocks: Iterable[Samples], sample_rate: int) -> Iterator[Samples]:
    """The same samples in pieces of a second: some decoders give 20 ms at a time, and each call has its price."""
    held: list[Samples] = []
    count = 0
    for x in blocks:
        held.append(x)
        count += x.shape[1]
        if count >= sample_rate:
            whole = np.concatenate(held, axis=1)
            used = count - count % sample_rate
            for start in range(0, used, sample_rate):
                yield np.ascontiguousarray(whole[:, start : start + sample_rate])
            held, count = [whole[:, used:]], count - used
    if count:
        yield np.concatenate(held, axis=1)


class Ears:
    """Listens to blocks (channels, n) of one sound."""

    def __init__(self, sample_rate: int, channels: int, model: Model, hop: int = FRAMES) -> None:
        self._model, self._hop, self._rate = model, hop, sample_rate
        self._ear = Ear(sample_rate)
        self._frames: Rows = np.zeros((0, 96), np.float32)  # those that windows to come begin with
        self._last: Rows = np.zeros((0, 96), np.float32)  # the one before the newest
        self._skip = 0  # frames until the next window begins, where windows do not overlap
        self._tags: list[Rows] = []
        self._embeddings: list[Rows] = []
        self._onsets: list[Samples] = []
        self._beginning: list[Samples] = []  # at 16 kHz
        self._kept = self._samples = 0
        self._loudness = record(loudness.prepare(sample_rate, channels))
        self._course: list[float] = []

    def hear(self, x: Samples) -> None:
        """Take the next block, float32, C order."""
        start = 0
        while start < x.shape[1]:
            stop = min(x.shape[1], start + self._rate - self._samples % self._rate)
            self._measure(x[:, start:stop])
            start = stop

    def _measure(self, x: Samples) -> None:
        """Up to a second that lies within one."""
        x = np.ascontiguousarray(x)
        before = self._ear.seen
        self._take(self._ear.hear(x))
        if self._kept < KEY_SECONDS * RATE:
            self._beginning.append(self._ear.samples(before))
            self._kept += self._ear.seen - before
        loudness.update(self._loudness[0], x)
        self._samples += x.shape[1]
        if self._samples % self._rate == 0:
            self._course.append(loudness.lufs(float(self._loudness[0]["momentary"])))

    def _take(self, frames: Rows) -> None:
        """Note the onsets of new frames, and tag the windows that they complete."""
        if not len(frames):
            return
        both = np.concatenate([self._last, frames])
        self._onsets.append(np.maximum(np.diff(both, axis=0), 0).mean(axis=1))
        self._last = frames[-1:].copy()
        skipped = min(self._skip, len(frames))
        self._skip -= skipped
        self._frames = np.concatenate([self._frames, frames[skipped:]])
        if len(self._frames) >= FRAMES:
            found = windows(self._frames, self._hop)
            self._tag(found)
            used = len(found) * self._hop
            self._skip = max(used - len(self._frames), 0)
            self._frames = self._frames[used:].copy()

    def _tag(self, found: Iterable[Rows]) -> None:
        tags, embeddings = self._model.tag(found)
        self._tags.append(tags)
        self._embeddings.append(embeddings)

    def finish(self, damage: str = "") -> Heard:
        """End the sound. What is shorter than a window is heard as if it were repeated."""
        self._take(self._ear.finish())
        if not self._tags:
            self._tag(windows(self._frames))
        onsets = np.concatenate([np.zeros(1, np.float32), *self._onsets])
        return Heard(
            seconds=self._samples / self._rate,
            hop=self._hop,
            taggram=np.concatenate(self._tags),
            embedding=np.concatenate(self._embeddings).mean(axis=0),
            tempo=tempo(onsets),
            key=key(np.concatenate([np.zeros(0, np.float32), *self._beginning])),
            loudness=loudness.integrated(self._loudness[0]),
            course=np.array(self._course, np.float32),
            damage=damage,
        )


def tagged(source: Source, model: Model) -> Rows:
    """The taggram of a file alone, without all else that `hear` finds."""
    ear, frames, tags = Ear(source.sample_rate), np.zeros((0, 96), np.float32), []
    for x in seconds_of(source.blocks(), source.sample_rate):
        frames = np.concatenate([frames, ear.hear(x)])
        if len(frames) >= FRAMES:
            found = windows(frames)
            tags.append(model.tag(found)[0])
            frames = frames[len(found) * FRAMES :]
    frames = np.concatenate([frames, ear.finish()])
    if not tags or len(frames) >= FRAMES:
        tags.append(model.tag(windows(frames))[0])
    return np.concatenate(tags)

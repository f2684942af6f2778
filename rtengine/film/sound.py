"""A film's own sound on the film's own clock: what begins late is preceded by silence, gaps stay gaps."""

from collections.abc import Iterator

import av
import numpy as np
from numpy.typing import NDArray

from rtengine.film.reader import Film

SLACK = 0.02  # seconds by which a time stamp may be off before it is believed: containers round them
BLOCK = 1 << 14  # samples of silence at once
Samples = NDArray[np.float32]


def sound(film: Film, sample_rate: int, channels: int) -> Iterator[Samples]:
    """The first sound stream, float32 (channels, n) blocks from film time 0; nothing if there is none.

    A damaged packet leaves a gap. The stream ends where the sound does, not where the picture does.
    """
    layout = "mono" if channels == 1 else "stereo"
    resampler = av.AudioResampler("fltp", layout, sample_rate)
    done = 0
    for frame in _frames(film):
        if frame.time is not None:
            wanted = round((frame.time - film.start) * sample_rate)
            if wanted > done + SLACK * sample_rate:
                for first in range(done, wanted, BLOCK):
                    yield np.zeros((channels, min(BLOCK, wanted - first)), np.float32)
                done = wanted
        frame.pts = None
        for part in resampler.resample(frame):
            x = np.nan_to_num(part.to_ndarray().astype(np.float32, copy=False))
            done += x.shape[1]
            yield x
    for part in resampler.resample(None):
        yield part.to_ndarray().astype(np.float32, copy=False)


def _frames(film: Film) -> Iterator[av.AudioFrame]:
    with av.open(str(film.path)) as container:
        if not container.streams.audio:
            return
        packets = container.demux(container.streams.audio[0])
        while True:
            try:
                packet = next(packets)
                frames = packet.decode()
            except StopIteration:
                return
            except av.FFmpegError as error:
                film.damage = film.damage or f"the sound of {film.path} is damaged ({error.strerror})"
                continue
            yield from frames

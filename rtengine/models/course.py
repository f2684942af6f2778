"""What a sound's bands and tones do, moment by moment: the course that the network leads the music along.

Band envelopes alone, against their means, and the tones that glide through the sound: no spectrum and no phase, so that
nothing of the sound itself can be heard. A course goes round without a seam.
Source of leading bands by a sound's envelopes: the channel vocoder, Dudley, "Remaking speech", JASA 11, 1939.
"""

import base64
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtengine.block import kernel
from rtengine.models import tracks
from rtengine.models.bands import BANDS, FLOOR, HOP_LENGTH, N_FFT, band_matrices
from rtengine.models.fingerprint import spectrogram

FRAMES = 2048  # at most, 11.9 s
JOIN = 32  # frames in which the end passes into the beginning
TONES = 12
MOST = 5.0  # nepers that a band moves from its mean
FINENESS = 25.0  # steps of a neper that are kept
NATURAL = 16.0  # a lone tone's magnitude against the RMS of all bins, so that tones' levels are about 1
LOUDEST = 3.0  # level of a tone
WIDEST = 0.77  # sharpness of a tone that stands, 1 / bins
EDGE = 3.0  # where a lobe is as good as 0, exp(-9)
UNITS = np.array([32.0, 32767.0, 8192.0], np.float32)[:, None]  # steps a bin, of sharpness, of level that are kept


class Course(NamedTuple):
    """In steps, as files and the host's memory hold them.

    moves: (frames, BANDS) int8, FINENESS steps a neper. tones: (frames, 3, TONES) int16, each tone's bin, sharpness of
    its lobe and level, UNITS steps each; level 0 where there is none.
    """

    moves: NDArray[np.int8]
    tones: NDArray[np.int16]

    def packed(self) -> str:
        """As one line of text, for a model file."""
        return base64.b64encode(zlib.compress(self.moves.tobytes() + self.tones.tobytes(), 9)).decode()


def unpacked(text: str) -> Course:
    """What `packed` wrote; ValueError if it is damaged or too long."""
    frame = BANDS + 3 * TONES * 2
    opener = zlib.decompressobj()
    try:
        raw = opener.decompress(base64.b64decode(text, validate=True), FRAMES * frame + 1)
    except zlib.error as error:
        raise ValueError("a course is damaged") from error
    frames = len(raw) // frame
    if not 1 <= frames <= FRAMES or frames * frame != len(raw):
        raise ValueError(f"a course of {len(raw)} bytes is not 1 to {FRAMES} frames of {frame}")
    moves = np.frombuffer(raw, np.int8, frames * BANDS).reshape(frames, BANDS)
    return Course(moves, np.frombuffer(raw, np.int16, offset=frames * BANDS).reshape(frames, 3, TONES))


def course(x: NDArray[np.float32], found: list[tracks.Track]) -> Course:
    """The course of (samples,) float32 at 44.1 kHz, at least half a second of it, and of its tones."""
    power = spectrogram(x, N_FFT, HOP_LENGTH)[:, : FRAMES + JOIN]
    levels = 0.5 * np.log(band_matrices()[0] @ power + FLOOR).T
    moves = np.clip(levels - levels.mean(0), -MOST, MOST)
    join = min(JOIN, len(moves) // 4)
    frames = len(moves) - join
    fade = np.linspace(0, 1, join + 2)[1:-1, None]
    moves[:join] = fade * moves[:join] + (1 - fade) * moves[frames:]
    tones = _placed(found, frames, NATURAL * np.sqrt(power.mean()))
    tones[:join, 2] *= fade
    tones[frames - join :, 2] *= 1 - fade
    return Course(np.round(moves[:frames] * FINENESS).astype(np.int8), np.round(tones * UNITS).astype(np.int16))


def _placed(found: list[tracks.Track], frames: int, natural: float) -> NDArray[np.float32]:
    """Each track in a row of its own while it lasts, the strong ones first; (frames, 3, TONES)."""
    tones = np.zeros((frames, 3, TONES), np.float32)
    for track in sorted(found, key=lambda track: -sum(track.powers)):
        begin, end = track.first, min(track.first + len(track.bins), frames)
        free = np.flatnonzero((tones[begin:end, 2] == 0).all(0))
        if end <= begin or not len(free):
            continue
        scale = N_FFT / track.n_fft
        bins = np.array(track.bins)[: end - begin] * scale
        level = np.sqrt(np.array(track.powers)[: end - begin] / 1.5) * scale / natural
        slope = np.abs(np.gradient(bins)) if len(bins) > 1 else np.zeros(1)
        sharpness = 1 / (1 / WIDEST + 0.9 * slope.clip(max=18))
        level *= np.sqrt(sharpness / WIDEST)  # what glides has its power in more bins
        row = [np.clip(bins, 0, N_FFT // 2), sharpness, level.clip(1e-3, LOUDEST)]
        tones[begin:end, :, free[0]] = np.stack(row, 1)
    return tones


@kernel
def draw(tones, share, spectrum):
    """Add a frame's tones (3, TONES), in steps, times share, to a spectrum (bins,)."""
    for v in range(tones.shape[1]):
        if tones[2, v] == 0:
            continue
        k = np.float32(tones[0, v]) / np.float32(32)
        sharpness = np.float32(tones[1, v]) / np.float32(32767)
        level = share * np.float32(tones[2, v]) / np.float32(8192)
        reach = np.float32(EDGE) / sharpness
        for j in range(max(0, int(k - reach)), min(spectrum.shape[0], int(k + reach) + 2)):
            u = (np.float32(j) - k) * sharpness
            spectrum[j] += level * np.exp(-u * u)


@kernel
def follow(moves, tones, place, share, now, spectrum):
    """Add frame `place` of a course, times share, to the bands' moves `now` (BANDS,) and to the tones' spectrum."""
    for b in range(moves.shape[1]):
        now[b] += share * np.float32(moves[place, b]) / np.float32(FINENESS)
    draw(tones[place], share, spectrum)

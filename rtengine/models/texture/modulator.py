"""What a sound's bands and partials do, moment by moment: the modulator whose carrier the music is.

Band envelopes alone, against their means, and the paths of the partials that glide through the sound: no spectrum and
no phase, so that nothing of the sound itself can be heard. A modulator goes round without a seam.
Source: the channel vocoder, Dudley, "Remaking speech", JASA 11, 1939.
"""

import base64
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rtengine.models.texture import tracks
from rtengine.models.texture.bands import BANDS, FLOOR, N_FFT, band_matrices
from rtengine.native.kernel import kernel

FRAMES = 2048  # at most, 11.9 s
JOIN = 32  # frames in which the end passes into the beginning
PARTIALS = 12
HIGHEST_ENVELOPE = 5.0  # nepers between an envelope and its mean
FINENESS = 25.0  # steps of a neper that are kept
STEEPEST = 25  # steps that an envelope may rise from one frame to the next: a neper in 6 ms
NATURAL = 16.0  # a lone partial's magnitude against the RMS of all bins, so that levels are about 1
LOUDEST = 3.0  # level of a partial
WIDEST = 0.77  # sharpness of the lobe of a partial that stands, 1 / bins
EDGE = 3.0  # where a lobe is as good as 0, exp(-9)
UNITS = np.array([32.0, 32767.0, 8192.0], np.float32)[:, None]  # steps a bin, of sharpness, of level that are kept


class Modulator(NamedTuple):
    """In steps, as files and the host's memory hold them.

    envelopes: (frames, BANDS) int8, FINENESS steps a neper, against each band's mean. partials: (frames, 3, PARTIALS)
    int16, each one's bin, sharpness of its lobe and level, UNITS steps each; level 0 where there is none.
    """

    envelopes: NDArray[np.int8]
    partials: NDArray[np.int16]

    def packed(self) -> str:
        """As one line of text, for a model file."""
        return base64.b64encode(zlib.compress(self.envelopes.tobytes() + self.partials.tobytes(), 9)).decode()


def unpacked(text: str) -> Modulator:
    """What `packed` wrote; ValueError if it is damaged or too long."""
    frame = BANDS + 3 * PARTIALS * 2
    opener = zlib.decompressobj()
    try:
        raw = opener.decompress(base64.b64decode(text, validate=True), FRAMES * frame + 1)
    except zlib.error as error:
        raise ValueError("a modulator is damaged") from error
    frames = len(raw) // frame
    if not 1 <= frames <= FRAMES or frames * frame != len(raw):
        raise ValueError(f"a modulator of {len(raw)} bytes is not 1 to {FRAMES} frames of {frame}")
    envelopes = np.frombuffer(raw, np.int8, frames * BANDS).reshape(frames, BANDS)
    return Modulator(envelopes, np.frombuffer(raw, np.int16, offset=frames * BANDS).reshape(frames, 3, PARTIALS))


def modulator(power: NDArray[np.float64], found: list[tracks.Track]) -> Modulator:
    """Make one of a spectrogram (BINS, frames) of half a second or more, and of the tracks of its partials."""
    power = power[:, : FRAMES + JOIN]
    levels = 0.5 * np.log(band_matrices()[0] @ power + FLOOR).T
    envelopes = np.clip(levels - levels.mean(0), -HIGHEST_ENVELOPE, HIGHEST_ENVELOPE)
    join = min(JOIN, len(envelopes) // 4)
    frames = len(envelopes) - join
    fade = np.linspace(0, 1, join + 2)[1:-1, None]
    envelopes[:join] = fade * envelopes[:join] + (1 - fade) * envelopes[frames:]
    partials = _placed(found, frames, NATURAL * np.sqrt(power.mean()))
    partials[:join, 2] *= fade
    partials[frames - join :, 2] *= 1 - fade
    kept = np.round(envelopes[:frames] * FINENESS), np.round(partials * UNITS)
    made = Modulator(kept[0].astype(np.int8), kept[1].astype(np.int16))
    ease(made.envelopes)
    return made


def _placed(found: list[tracks.Track], frames: int, natural: float) -> NDArray[np.float32]:
    """Each track in a row of its own while it lasts, the strong ones first; (frames, 3, PARTIALS)."""
    partials = np.zeros((frames, 3, PARTIALS), np.float32)
    for track in sorted(found, key=lambda track: -sum(track.powers)):
        begin, end = track.first, min(track.first + len(track.bins), frames)
        free = np.flatnonzero((partials[begin:end, 2] == 0).all(0))
        if end <= begin or not len(free):
            continue
        scale = N_FFT / track.n_fft
        bins = np.array(track.bins)[: end - begin] * scale
        level = np.sqrt(np.array(track.powers)[: end - begin] / 1.5) * scale / natural
        slope = np.abs(np.gradient(bins)) if len(bins) > 1 else np.zeros(1)
        sharpness = 1 / (1 / WIDEST + 0.9 * slope.clip(max=18))
        level *= np.sqrt(sharpness / WIDEST)  # what glides has its power in more bins
        row = [np.clip(bins, 0, N_FFT // 2), sharpness, level.clip(1e-3, LOUDEST)]
        partials[begin:end, :, free[0]] = np.stack(row, 1)
    return partials


@kernel
def ease(envelopes):
    """Let what rises steeply begin earlier, round the end too, in place: a step in a band's gain is a click."""
    frames = envelopes.shape[0]
    for m in range(2 * frames - 1, 0, -1):
        for b in range(envelopes.shape[1]):
            least = np.int64(envelopes[m % frames, b]) - STEEPEST
            envelopes[(m - 1) % frames, b] = max(envelopes[(m - 1) % frames, b], least)


@kernel
def draw(partials, share, spectrum):
    """Add a frame's partials (3, PARTIALS), in steps, times share, to a spectrum (bins,)."""
    for v in range(partials.shape[1]):
        if partials[2, v] == 0:
            continue
        k = np.float32(partials[0, v]) / UNITS[0, 0]
        sharpness = np.float32(partials[1, v]) / UNITS[1, 0]
        level = share * np.float32(partials[2, v]) / UNITS[2, 0]
        reach = np.float32(EDGE) / sharpness
        for j in range(max(0, int(k - reach)), min(spectrum.shape[0], int(k + reach) + 2)):
            u = (np.float32(j) - k) * sharpness
            spectrum[j] += level * np.exp(-u * u)


@kernel
def follow(envelopes, partials, place, share, now, spectrum):
    """Add frame `place`, times share, to envelopes `now` (BANDS,) in nepers and to the partials' spectrum (bins,)."""
    for b in range(envelopes.shape[1]):
        now[b] += share * np.float32(envelopes[place, b]) / np.float32(FINENESS)
    draw(partials[place], share, spectrum)

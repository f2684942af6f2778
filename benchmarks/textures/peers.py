"""What the host is compared with: transfers that need no training, and cheats that must score nothing.

All map a song and a sound, (samples,) float32 each, to (samples,).
"""

import numpy as np
import torch
from numpy.typing import NDArray

from rtengine.models.texture.bands import BANDS, FLOOR, SAMPLE_RATE, band_matrices
from rtengine.models.texture.training.songs import istft, settle, stft

Samples = NDArray[np.float32]


def unchanged(song: Samples, sound: Samples) -> Samples:
    """The song as it is."""
    return song


def loop(song: Samples, sound: Samples) -> Samples:
    """The sound over and over, at the song's level."""
    y = np.resize(sound, len(song))
    return np.asarray(y * np.sqrt(np.mean(song * song) / np.mean(y * y)), np.float32)


def overlay(song: Samples, sound: Samples, level: float = 0.0) -> Samples:
    """The song and the sound at once, the sound at `level` dB against the song."""
    return np.asarray(song + 10 ** (level / 20) * loop(song, sound), np.float32)


def splices(song: Samples, sound: Samples, seconds: float = 0.5) -> Samples:
    """Pieces of the song and pieces of the sound in turn."""
    piece = np.arange(len(song)) // int(seconds * SAMPLE_RATE)
    return np.where(piece % 2, song, loop(song, sound))


def equalised(song: Samples, sound: Samples) -> Samples:
    """Give the song the sound's long-term spectrum."""
    analysis, synthesis = (torch.as_tensor(m) for m in band_matrices())
    spectrum, target = (stft(torch.as_tensor(x[None])) for x in (song, sound))
    usual = [0.5 * torch.log(s.abs().square().mean(1) @ analysis.T + FLOOR) for s in (target, spectrum)]
    return np.asarray(istft(spectrum * torch.exp((usual[0] - usual[1]) @ synthesis)[:, None], len(song))[0].numpy())


def imprint(song: Samples, sound: Samples) -> Samples:
    """Multiply the song's bands by a Gaussian surrogate of the sound's band envelopes.

    The surrogate has the envelopes' spectra, their relations between bands and their distributions, but random phases,
    so that nothing is copied.  Source: Prichard and Theiler, Phys. Rev. Lett. 73, 1994, with ranks remapped.
    """
    analysis, synthesis = (torch.as_tensor(m) for m in band_matrices())
    spectrum = stft(torch.as_tensor(song[None]))[0]
    target, content = (
        0.5 * torch.log(s.abs().square() @ analysis.T + FLOOR).numpy()
        for s in (stft(torch.as_tensor(sound[None]))[0], spectrum)
    )
    frames = len(content)
    moves = np.resize(target - target.mean(0), (frames, BANDS))
    deviation = content - content.mean(0)
    f = np.fft.rfft(moves, axis=0)
    turn = np.exp(2j * np.pi * np.random.default_rng(0).random((len(f), 1)))  # one for all bands keeps their relations
    ranks = np.fft.irfft(f * turn, frames, axis=0).argsort(0).argsort(0)
    surrogate = np.take_along_axis(np.sort(moves, 0), ranks, 0)
    gain = surrogate + 0.6 * (target.mean(0) - content.mean(0)) - 0.3 * np.clip(deviation, -4, 4)
    y = spectrum * torch.exp(torch.as_tensor(np.clip(gain, -6, 5).astype(np.float32)) @ synthesis)
    return np.asarray(settle(y[None], len(song))[0].numpy())


CHEATS = {
    "unchanged": unchanged,
    "equalised": equalised,
    "loop": loop,
    "overlay": overlay,
    "splices": splices,
}
PEERS = CHEATS | {"imprint": imprint}

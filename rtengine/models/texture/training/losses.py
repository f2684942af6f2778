"""How far a sound is from a texture, and how much of a song it has kept. Differentiable, for training only.

A texture is its time-averaged statistics, of several unlike families, so that a network cannot please one of them with
artefacts that another would not notice: Gram matrices of random convolutions of the log spectrogram; moments and
correlations of band envelopes; modulation powers; the strength and sparsity of second-order wavelet coefficients;
tonality; a little of the long-term spectrum.

Sources: Ulyanov and Lebedev, "Audio texture synthesis and style transfer", 2016 (random convolutions); McDermott and
Simoncelli, Neuron 71, 2011 (moments, correlations, modulation); Anden and Mallat, IEEE TSP 2014 (scattering).
"""

import torch
from torch import Tensor
from torch.nn import functional

from rtengine.models.texture.bands import BANDS, HOP_LENGTH, N_FFT, SAMPLE_RATE, band_matrices
from rtengine.models.texture.training.power import power_spectrogram

WEIGHTS = {
    "spectrum": 0.15, "gram": 0.35, "moments": 0.25, "correlation": 0.15, "modulation": 0.2, "wavelets": 0.2,
    "tonality": 0.25,
}  # fmt: skip
KERNELS = ((24, 5, 9, 2), (24, 3, 25, 2), (24, 11, 5, 2), (16, 7, 41, 4))  # channels, bands, frames, stride in frames
REDRAW = 40  # steps that one set of random convolutions serves


class Sound:
    """Signals (batch, samples), and their spectra, each of which several losses want."""

    def __init__(self, samples: Tensor) -> None:
        self.samples = samples
        self.found: dict[int, Tensor] = {}

    def power(self, n_fft: int) -> Tensor:
        """|STFT|^2 with hops of a quarter, as (batch, bins, frames)."""
        if n_fft not in self.found:
            self.found[n_fft] = power_spectrogram(self.samples, n_fft)
        return self.found[n_fft]


class TextureStatistics:
    """Statistics of a batch of sounds by family: {family: (batch, numbers)}."""

    def __init__(self) -> None:
        self.fine = torch.as_tensor(band_matrices(72, 2048, 60)[0])
        self.coarse = torch.as_tensor(band_matrices(40, 1024, 80)[0])
        third = torch.as_tensor(band_matrices(18, 2048, 100)[0])
        self.third = third / third.sum(1, keepdim=True)
        self.redraw(0)

    def redraw(self, seed: int) -> None:
        """Take other random convolutions, so that none can be learnt by heart."""
        generator = torch.Generator().manual_seed(77000 + seed)
        self.kernels = []
        for channels, bands, frames, stride in KERNELS:
            w = torch.randn(channels, 1, bands, frames, generator=generator)
            if frames > 9:  # long kernels are for slow things
                w = functional.avg_pool2d(functional.pad(w, (2, 2, 0, 0)), (1, 5), 1)
            w = w - w.mean((2, 3), keepdim=True)
            self.kernels.append((w / w.square().sum((2, 3), keepdim=True).sqrt(), stride))

    def __call__(self, x: Sound) -> dict[str, Tensor]:
        """Take the statistics of signals at 44.1 kHz."""
        p = x.power(2048)
        level = steady_decibels(self.fine @ p, 512)
        envelope = torch.exp(0.0345 * steady_decibels(self.coarse @ x.power(N_FFT), HOP_LENGTH))
        envelope = envelope[..., : envelope.shape[2] // 32 * 32]  # a length that the FFT likes
        return {
            "spectrum": level.mean(2) / 10,
            "gram": self._gram((level - level.mean(2, keepdim=True)) / 10),
            **_envelope_statistics(envelope),
            "wavelets": _wavelets(envelope[:, ::2]),
            "tonality": self._tonality(p),
        }

    def _gram(self, z: Tensor) -> Tensor:
        out = []
        for w, stride in self.kernels:
            q = z if stride == 2 else functional.avg_pool2d(z, (1, 2))
            a = functional.relu(functional.conv2d(q[:, None], w, stride=(2, 2)))
            for part in a.split(-(-a.shape[2] // 4), 2):  # four ranges of frequency
                u = part.flatten(2)
                g = (u @ u.transpose(1, 2) / u.shape[2]).flatten(1)
                size = g.norm(dim=1, keepdim=True) + 1e-6
                out += [g / size, 0.15 * torch.log(size)]
        return torch.cat(out, 1)

    def _tonality(self, p: Tensor) -> Tensor:
        """How far single bins stand out of their third of an octave: mean and spread over time, 0 for none."""
        p = p + 1e-6 * p.detach().amax((1, 2), keepdim=True)
        flatness = torch.log(self.third @ p) - self.third @ torch.log(p)
        return torch.cat([flatness.mean(2), flatness.std(2)], 1)


def steady_decibels(bands: Tensor, hop_length: int) -> Tensor:
    """Decibels of (batch, bands, frames), 60 dB deep, less the broadband level of the second around each frame."""
    d = 10 * torch.log10(bands + 1e-7)
    d = torch.maximum(d, d.detach().amax((1, 2), keepdim=True) - 60)
    level = 10 * torch.log10(bands.mean(1, keepdim=True) + 1e-7)
    frames = int(SAMPLE_RATE / hop_length) | 1
    return d - functional.avg_pool1d(functional.pad(level, (frames // 2, frames // 2), mode="replicate"), frames, 1)


def _envelope_statistics(envelope: Tensor) -> dict[str, Tensor]:
    mean, spread = envelope.mean(2, keepdim=True), envelope.std(2, keepdim=True) + 1e-4
    z = (envelope - mean) / spread
    square = z * z
    skew = (square * z).mean(2)
    skew = torch.sign(skew) * (skew.abs() + 1e-3).pow(1 / 3)
    moments = torch.cat([4 * (spread / mean)[..., 0], skew, torch.log((square * square).mean(2) / 3)], 1)
    frames = z.shape[2]
    spectrum = torch.fft.rfft(z * torch.hann_window(frames), dim=2).abs().square()
    rate = torch.arange(spectrum.shape[2]) * (SAMPLE_RATE / HOP_LENGTH) / frames
    centre = 0.7 * 2 ** (torch.arange(14) * 0.5)  # Hz
    weight = (1 - (torch.log2(rate.clamp(min=1e-3)[:, None] / centre).abs() / 0.75)).clamp(min=0)
    modulation = spectrum @ weight
    modulation = torch.sqrt(modulation / (modulation.sum(2, keepdim=True) + 1e-9) + 1e-6)
    return {
        "moments": moments,
        "correlation": (z @ z.transpose(1, 2) / frames).flatten(1),
        "modulation": modulation.flatten(1),
    }


def _wavelets(envelope: Tensor) -> Tensor:
    """Second-order coefficients of (batch, bands, frames): log mean and sparsity of six wavelets an octave apart."""
    frames = envelope.shape[2]
    spectrum = torch.fft.fft(envelope / envelope.mean(2, keepdim=True) - 1, dim=2)
    rate = torch.fft.fftfreq(frames, HOP_LENGTH / SAMPLE_RATE)
    centre = 2.0 ** torch.arange(1, 7)[:, None]  # 2 to 64 Hz
    filters = torch.exp(-4 * torch.log2(rate.clamp(min=1e-3) / centre).square()) * (rate > 0)
    u = torch.fft.ifft(spectrum[:, :, None] * filters, dim=3).abs() + 1e-4
    mean = u.mean(3)
    return torch.cat([0.5 * torch.log(mean).flatten(1), torch.log(u.square().mean(3).sqrt() / mean).flatten(1)], 1)


def correlation(a: Tensor, b: Tensor, dim: int = -1) -> Tensor:
    """Pearson's r along one dimension."""
    a = a - a.mean(dim, keepdim=True)
    b = b - b.mean(dim, keepdim=True)
    return (a * b).sum(dim) / (a.square().sum(dim) * b.square().sum(dim) + 1e-8).sqrt()


class ContentKept:
    """How alike a song and its textured form are: melody, chroma, onsets, loudness, each a correlation."""

    def __init__(self) -> None:
        self.bands = torch.as_tensor(band_matrices(48, 1024, 80, 12000)[0])
        self.low, self.high = (int(f * 4096 / SAMPLE_RATE) for f in (70, 3500))
        self.pitches = pitch_classes(self.low, self.high)

    def features(self, x: Sound) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Features of signals: peaks (batch, bins, frames), chroma, onsets and loudness (batch, frames)."""
        m = x.power(4096)[:, self.low : self.high].add(1e-10).sqrt()
        chroma = self.pitches @ m
        m = torch.log1p(m / (m.detach().amax((1, 2), keepdim=True) * 0.02 + 1e-6))
        around = functional.avg_pool1d(functional.pad(m.transpose(1, 2), (15, 15), mode="replicate"), 31, 1)
        peaks = functional.relu(m - around.transpose(1, 2))
        p = x.power(N_FFT)
        bands = self.bands @ p
        d = 10 * torch.log10(bands + bands.detach().amax((1, 2), keepdim=True) * 1e-5 + 1e-8)
        onsets = functional.avg_pool1d(functional.relu(d[..., 3:] - d[..., :-3]).mean(1)[:, None], 5, 1)[:, 0]
        level = 10 * torch.log10(functional.avg_pool1d(p.mean(1)[:, None], 17, 4)[:, 0] + 1e-6)
        return peaks, chroma, onsets, torch.maximum(level, level.detach().amax(1, keepdim=True) - 40)

    def __call__(self, song: tuple[Tensor, ...], y: Sound) -> tuple[Tensor, ...]:
        """Correlations (batch,) of melody, chroma, onsets and loudness; song: features of the original."""
        found = []
        for a, b in zip(song, self.features(y), strict=True):
            if a.dim() == 2:  # over time
                found.append(correlation(a, b))
                continue
            weight = a.square().sum(1).sqrt()  # of the spectra, loud frames more
            found.append((correlation(a, b, 1) * weight).sum(1) / (weight.sum(1) + 1e-6))
        return tuple(found)


def pitch_classes(low: int, high: int) -> Tensor:
    """How much of each bin from low to high (of 4,096 points) belongs to each pitch class, (12, bins)."""
    pitch = 12 * torch.log2(torch.arange(low, high) * (SAMPLE_RATE / 4096) / 440)
    away = (pitch - torch.arange(12)[:, None] + 6) % 12 - 6
    return (1 - away.abs()).clamp(min=0)


def leakage(song: Sound, y: Sound) -> Tensor:
    """How much louder than the song the quietest fifth of its moments has become, (batch,): 1 for 8 dB."""
    before, after = (10 * torch.log10(x.power(N_FFT).mean(1) + 1e-9) for x in (song, y))
    quiet = (before <= torch.quantile(before, 0.2, 1, keepdim=True)) & (before > -70)
    louder = functional.relu(after - before - 1) * quiet
    return louder.sum(1) / (8 * quiet.sum(1).clamp(min=1))


def roughness(curves: Tensor) -> Tensor:
    """Mean square bend of the network's curves (..., 5 BANDS) from band to band: a comb is no texture."""
    return torch.diff(curves.unflatten(-1, (-1, BANDS)), n=2, dim=-1).square().mean()

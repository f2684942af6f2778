"""The gradient that the host has as an ONNX file, against torch's own."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import onnxruntime  # noqa: E402
from support.sounds import music  # noqa: E402

from rtengine.models.exemplars import exemplar  # noqa: E402
from rtengine.models.texture.bands import FLOOR, HOP_LENGTH, N_FFT, band_centres, band_matrices  # noqa: E402
from rtengine.models.texture.curve import LOW  # noqa: E402
from rtengine.models.texture.fit import FITTED, FRAMES, HEAR, SIZES, STEP, keep_bass, offset, prepare, tables  # noqa: E402
from rtengine.models.texture.shape import BASS, BASS_REACH  # noqa: E402
from rtengine.models.texture.training import fitting  # noqa: E402
from rtengine.native.record import record  # noqa: E402

LENGTH = N_FFT + HOP_LENGTH * (FRAMES - 1)
CONSTANTS = fitting.Constants(fitting.random_kernels())


def heard(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Band levels and low bins of (samples,)."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
    spectra = np.fft.rfft(np.lib.stride_tricks.sliding_window_view(x, N_FFT)[::HOP_LENGTH] * window)
    levels = 0.5 * np.log(np.abs(spectra) ** 2 @ band_matrices()[0].T + FLOOR)
    low = np.stack([spectra.real, spectra.imag], 1)[..., :LOW]
    return levels.astype(np.float32), low.astype(np.float32)


@pytest.fixture(scope="module")
def window() -> dict[str, np.ndarray]:
    """All that a step is given, for music that is to become water."""
    levels, low = heard(music(LENGTH, 1, 44_100)[0])
    aim, _ = heard(exemplar("water", LENGTH / 44_100 + 0.1)[:LENGTH])
    own, *features = fitting.hear(torch.as_tensor(levels), torch.as_tensor(low), CONSTANTS)
    wanted = fitting.hear(torch.as_tensor(aim), torch.as_tensor(0 * low), CONSTANTS)[0]
    given = {name: np.zeros(size, np.float32) for name, size in FITTED.items()}
    given |= {"count": np.ones(1, np.float32), "levels": levels, "low": low}
    given |= {"wanted": wanted.numpy(), "own": own.numpy(), "weight": np.full(1, 0.7, np.float32)}
    return given | {n: f.numpy() for n, f in zip(list(SIZES)[1:], features, strict=True)}


def test_the_files_give_what_torch_gives(window: dict[str, np.ndarray]) -> None:
    hear, step = (
        onnxruntime.InferenceSession(f.read_bytes(), providers=["CPUExecutionProvider"]) for f in (HEAR, STEP)
    )
    found = hear.run(None, {n: window[n] for n in ("levels", "low")} | tables())
    expected = fitting.hear(*(torch.as_tensor(window[n]) for n in ("levels", "low")), CONSTANTS)
    for name, a, b in zip(SIZES, found, expected, strict=True):
        assert a.shape == SIZES[name]
        assert np.abs(a - b.numpy()).max() < 1e-3 * np.abs(b.numpy()).max(), name
    gains, first, second = step.run(None, window | tables())
    inputs = [torch.as_tensor(v) for v in window.values()]
    _, wanted, _ = fitting.step(inputs[0].requires_grad_(), *inputs[1:], CONSTANTS)
    assert np.linalg.norm(first - wanted.numpy()) < 1e-3 * np.linalg.norm(first)
    assert np.abs(gains).max() == pytest.approx(fitting.RATE, rel=1e-2)
    assert (second >= 0).all()


def test_steps_lead_nearer_and_the_song_is_kept(window: dict[str, np.ndarray]) -> None:
    inputs = [torch.as_tensor(v) for v in window.values()]
    gains, first, second = inputs[:3]
    far = [float(fitting.distance(gains, *inputs[4:9], tuple(inputs[9:]), CONSTANTS))]
    for i in range(1, 9):
        gains, first, second = fitting.step(
            gains.requires_grad_(), first, second, torch.tensor([float(i)]), *inputs[4:], CONSTANTS
        )
        far.append(float(fitting.distance(gains, *inputs[4:9], tuple(inputs[9:]), CONSTANTS)))
    assert far[-1] < 0.8 * far[0]
    levels, low = inputs[4] + gains @ CONSTANTS.spread, inputs[5] * torch.exp(gains @ CONSTANTS.low)[:, None]
    melody, chroma, onsets, loudness = fitting.kept(tuple(inputs[9:]), fitting.content(levels, low, CONSTANTS))
    assert min(melody, chroma, onsets, loudness) > 0.5


def test_pauses_stay_pauses_and_the_window_keeps_its_level() -> None:
    """Gains that lift the quiet half of a window by 9 dB lift it no longer against the loud half."""
    fit = record(prepare(1, HOP_LENGTH, 1, 2))[0]
    quiet = np.arange(FRAMES) >= FRAMES // 2
    fit["order"][:] = np.arange(FRAMES)
    fit["window"]["levels"][:] = fit["levels"][:FRAMES, 1] = np.where(quiet, -3.0, 0.0)[:, None]
    fit["magnitude"][:FRAMES] = np.where(quiet, np.exp(-3.0), 1.0)[:, None, None]
    fit["window"]["gains"][quiet] = 1
    offset(fit)
    gains = (fit["window"]["gains"] + fit["offset"][:, None]).mean(1)
    assert np.abs(gains[quiet] - gains[~quiet].mean()).max() < 0.02
    power = np.exp(2 * fit["window"]["levels"].mean(1))
    assert 0.5 * np.log((power * np.exp(2 * gains)).sum() / power.sum()) == pytest.approx(0, abs=1e-3)


def test_the_bass_stays_within_eight_decibels_whatever_is_lifted_above_it() -> None:
    """Chirps that are lifted by 17 dB, and a bass that is taken away, whose level is kept together."""
    fit = record(prepare(1, HOP_LENGTH, 1, 2))[0]
    fit["order"][:] = np.arange(FRAMES)
    fit["magnitude"][:FRAMES] = 1
    bass = band_centres() < BASS
    fit["window"]["gains"][:] = np.where(bass, -3, np.where(band_centres() > 2_000, 2, 0))
    before = fit["window"]["gains"].copy()
    offset(fit)
    assert (fit["window"]["gains"] + fit["offset"][:, None])[:, bass].max() < -4
    keep_bass(fit)
    offset(fit)
    gains = fit["window"]["gains"] + fit["offset"][:, None]
    assert gains[:, bass].min() > -BASS_REACH - 0.02
    above = band_centres() > 500
    shifts = (gains - before)[:, above]
    assert np.ptp(shifts) < 1e-5
    assert shifts.mean() < -1, "above the bass nothing has changed but the level"

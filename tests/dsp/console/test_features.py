import dataclasses
from pathlib import Path

import numpy as np
import pytest

from rtengine.dsp import loudness
from rtengine.dsp.console import bands, features, normalise, roles

RATE = 44_100


def song(seconds: float = 6.0, seed: int = 0) -> np.ndarray:
    """Coloured noise with a beat, stereo."""
    n = np.arange(round(seconds * RATE))
    f = np.maximum(np.fft.rfftfreq(n.size, 1 / RATE), 40)
    x = np.fft.irfft(np.fft.rfft(np.random.default_rng(seed).standard_normal((2, n.size))) / np.sqrt(f), n.size)
    x *= np.exp(-(n % 22_050) / 3000)
    return (0.5 * x / np.abs(x).max()).astype(np.float32)


def test_features_do_not_depend_on_the_level() -> None:
    x = song()
    one, other = features.measure(x, RATE), features.measure(x * np.float32(0.25), RATE)
    assert abs(one.loudness - other.loudness - 12.04) < 0.1
    assert abs(one.peak - other.peak) < 0.01
    assert abs(one.crest - other.crest) < 0.01
    assert np.abs(np.subtract(one.spectrum, other.spectrum)).max() < 0.05
    assert abs(one.density - 2) < 0.5


def test_silence_has_features_and_no_share_in_the_mean() -> None:
    silent, heard = features.measure(np.zeros((2, RATE), np.float32), RATE), features.measure(song(), RATE)
    assert silent.loudness == -np.inf
    assert features.mean([silent, heard]).loudness == round(heard.loudness, 3)
    with pytest.raises(ValueError, match="no sound"):
        features.mean([silent])


def test_powers_by_third_octave_are_those_of_numpy() -> None:
    x, share = song(1.0), bands.weights(RATE).astype(np.float32)
    starts = range(bands.HOP - bands.N_FFT // 2, x.shape[1] - bands.N_FFT, bands.HOP)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(bands.N_FFT) / bands.N_FFT)
    frames = np.stack([x[:, n : n + bands.N_FFT] for n in starts], axis=1) * window
    left, right = np.fft.rfft(frames) * np.sqrt(16 / 3) / bands.N_FFT
    wanted = [share @ p.T for p in (abs(left) ** 2, abs(right) ** 2, (left * right.conj()).real)]
    found = bands.powers(x, share)[:, :, : len(starts)]
    assert np.abs(found - wanted).max() < 1e-6 * np.abs(wanted).max()


def test_references_survive_the_disk(tmp_path: Path) -> None:
    kept = {"drums": features.mean([features.measure(song(), RATE)])}
    features.write(tmp_path / "f.json", kept)
    assert features.read(tmp_path / "f.json") == kept
    (tmp_path / "f.json").write_text('{"drums": 3}')
    with pytest.raises(ValueError, match=r"f\.json holds no references"):
        features.read(tmp_path / "f.json")


def test_the_shipped_references_know_all_roles() -> None:
    shipped = features.read()
    assert set(shipped) == {*features.ROLES, features.MIX}
    assert shipped["bass"].spectrum[2] > shipped["vocals"].spectrum[2] + 10


@pytest.mark.parametrize(
    ("name", "role"),
    [("Lead Vox 2", "vocals"), ("01_Kick", "drums"), ("BassDI", "bass"), ("leadguitar", "other"), ("unity_sum", "mix")],
)
def test_roles_by_name(name: str, role: str) -> None:
    assert roles.by_name(name) == role
    assert roles.by_name("track 7") is None


def test_roles_by_sound() -> None:
    shipped = features.read()
    for role in features.ROLES:
        assert roles.by_sound(shipped[role], shipped) == role


def test_a_normalised_stem_is_nearer_to_its_role() -> None:
    x, reference = song(), features.read()["drums"]
    own = features.measure(x, RATE)
    y = normalise.normalised(x, RATE, "drums", own, reference)
    after = features.measure(y, RATE)
    heard = slice(5, 24)  # 80 Hz to 5 kHz
    far = [np.abs(np.subtract(f.spectrum, reference.spectrum)[heard]).mean() for f in (own, after)]
    assert far[1] < 0.5 * far[0]
    assert abs(loudness.loudness(y, RATE) - features.MUSDB18["drums"][0]) < 0.1
    assert y.shape == x.shape


def test_compression_reaches_the_peaks_of_the_role() -> None:
    x = song()
    assert features.measure(x, RATE).peak > -12
    y = normalise.compressed(x, RATE, "drums", -15.0, 0.0)
    top = 20 * np.log10(np.abs(x).max())
    kept = features.measure(y, RATE)
    loud = kept.peak + 20 * np.log10(np.abs(y).max()) - top
    assert loud < features.measure(x, RATE).peak - 0.5  # attack lets the first milliseconds through
    assert np.array_equal(normalise.compressed(x, RATE, "drums", 0.0, 0.0), x)


def test_the_mean_knows_how_songs_differ() -> None:
    one = features.measure(song(), RATE)
    two = dataclasses.replace(one, peak=one.peak + 2)
    assert features.mean([one, two]).peak_deviation == 1

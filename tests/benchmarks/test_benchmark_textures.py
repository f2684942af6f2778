import json
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from benchmarks.textures import bench, defects, listener, peers  # noqa: E402
from benchmarks.textures.explained import explained  # noqa: E402
from benchmarks.textures.gate import gate, unexplained  # noqa: E402
from benchmarks.textures.host import Host  # noqa: E402
from benchmarks.textures.morph import Path as Morph  # noqa: E402
from benchmarks.textures.morph import paths  # noqa: E402
from benchmarks.textures.report import HOST, Report  # noqa: E402
from benchmarks.textures.score import level, score, shipped  # noqa: E402
from rtengine.models.exemplars.music import music  # noqa: E402

RATE = 44100
NAMES = ("water", "fire")
listener.STEPS = 60  # enough to tell two sounds apart


@pytest.fixture(scope="module")
def song():
    return level(music(RATE)[:, 4 * RATE : 11 * RATE].mean(0))


@pytest.fixture(scope="module")
def targets():
    return shipped(NAMES)


@pytest.fixture(scope="module")
def host():
    return Host()


CHEATS = {
    "unchanged": peers.unchanged,
    "equalised": peers.equalised,
    "loop": peers.loop,
    **{f"overlay {d} dB": lambda x, e, d=d: peers.overlay(x, e, d) for d in (-12, 0, 12)},
    **{f"splices of {s} s": lambda x, e, s=s: peers.splices(x, e, s) for s in (0.25, 2.0)},
    "equalised, and the sound over it": lambda x, e: peers.overlay(peers.equalised(x, e), e),
    "delayed": lambda x, e: np.roll(x, 40),
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_cheats_score_nothing(song, targets, cheat):
    for target in targets:
        y = level(CHEATS[cheat](song, target.sound))
        assert score(song, y, target, targets)["score"] == 0, target.name


def test_a_cheat_with_another_take_of_the_sound_scores_nothing(song, targets):
    for target, other in zip(targets, shipped(NAMES), strict=True):
        y = level(peers.overlay(song, np.roll(other.sound, 2 * RATE)[::-1].copy()))
        assert gate(song, y, target.sound) == 0


@pytest.mark.parametrize("name", NAMES)
def test_transfers_pass_the_gate(song, targets, host, name):
    target = targets[NAMES.index(name)]
    assert gate(song, host.system(name)(song, target.sound), target.sound) > 0.9
    assert gate(song, peers.imprint(song, target.sound), target.sound) > 0.9


def test_the_imprint_is_named_and_scored(song, targets):
    figures = score(song, level(peers.imprint(song, targets[0].sound)), targets[0], targets)
    assert figures["named"] == figures["heard"] == 1
    assert figures["minus"] > 0.1
    assert 0.2 < figures["score"] < 0.8


def test_reach_is_what_the_given_take_itself_has_gained(song, targets):
    """So no score is asked for where a recording's halves have nothing in common."""
    target = targets[0]
    figures = score(song, level(target.sound[: len(song)]), target, targets)
    assert figures["reach"] == pytest.approx(figures["texture"], abs=0.1)
    far = {k: 2 * v - target.given[k] for k, v in target.features.items()}  # of a sound that lies elsewhere
    stranger = replace(target, given={k: target.features[k] + 10 * (far[k] - target.features[k]) for k in far})
    assert score(song, song, stranger, [stranger])["reach"] < 0


def test_what_a_filter_of_the_song_explains(song, targets):
    sound = targets[0].sound
    loop = level(peers.loop(song, sound))
    envelope = np.sqrt(np.convolve(song**2, np.hanning(4410) / 2205, "same"))
    for seconds in (0.0, 1.5):
        assert explained(song, song, seconds) == pytest.approx(1, abs=1e-3)
        assert explained(song, level(peers.equalised(song, sound)), seconds) > 0.95
        assert explained(song, loop, seconds) < 0.05
        assert explained(song, (loop * envelope).astype(np.float32), seconds) < 0.08
        assert explained(song, song + loop, seconds) == pytest.approx(0.5, abs=0.08)


def test_a_mix_without_its_song_is_its_sound(song, targets):
    sound = peers.loop(song, targets[0].sound)
    rest = unexplained(song, song + sound)
    assert np.corrcoef(rest, sound)[0, 1] > 0.95
    assert abs(np.corrcoef(rest, song)[0, 1]) < 0.02


def test_defects_are_found_and_cleanness_too(song, targets):
    sound = targets[0].sound
    clean = defects.defects(song, song, sound)
    assert clean == {"clicks": 0, "comb": 0, "seams": 0, "quiet": 0, "level": 0}
    clicked = song.copy()
    clicked[6 * RATE // 10 :: RATE // 2] += 0.4  # off the beat, where drums would hide it
    assert defects.defects(song, clicked, song)["clicks"] == pytest.approx(2, abs=0.3)
    zapped = song.copy()
    for start in range(6 * RATE // 10, len(song) - 400, RATE // 2):
        zapped[start : start + 400] += 0.2 * np.hanning(400) * np.sin(1.7 * np.arange(400))  # 9 ms of 12 kHz
    assert defects.defects(song, zapped, song)["clicks"] < 0.2
    spectrum = np.fft.rfft(song)
    f = np.fft.rfftfreq(len(song), 1 / RATE)
    teeth = np.where((f > 12000) & (np.cos(2 * np.pi * f / 400) > 0), 0.1, 1)
    assert defects.comb(np.fft.irfft(spectrum * teeth).astype(np.float32)) > defects.comb(song) + 2
    stepped = song + 0.02 * (np.arange(len(song)) // 256 % 2).astype(np.float32)
    assert defects.defects(song, stepped, sound)["seams"] > 3
    assert defects.defects(song, 2 * song, sound)["level"] == pytest.approx(6.02, abs=0.01)


def test_leakage_is_what_fills_pauses():
    song = np.random.default_rng(0).standard_normal(RATE).astype(np.float32) * 0.1
    song[: RATE // 10] *= 0.01
    noise = np.random.default_rng(1).standard_normal(RATE).astype(np.float32) * 0.001
    assert defects.leakage(song, song) == 0
    assert defects.leakage(song, song + noise) == pytest.approx(3, abs=0.3)


def test_true_peak_lies_between_the_samples():
    x = np.sin(np.pi / 4 + np.pi / 2 * np.arange(RATE)).astype(np.float32)
    assert np.abs(x).max() < 0.708
    assert defects.true_peak(x) == pytest.approx(0, abs=0.2)


def test_a_path_that_goes_back_is_not_monotone():
    assert Morph(("a", "b"), (0, 0.3, 0.32, 0.31, 1)).monotone
    assert not Morph(("a", "b"), (0, 0.3, 0.6, 0.5, 1)).monotone


def test_a_blend_is_between_its_ends(song, targets, host):
    path = paths(host, [song[: 3 * RATE]], targets[:2])[0]
    assert path.names == ("water", "fire")
    assert path.places[0] == 0
    assert path.places[-1] == pytest.approx(1)
    assert 0 < path.places[2] < 1


def test_all_that_was_measured_is_written(tmp_path, song, targets):
    results = bench.measure(HOST, lambda _: peers.loop, {"a song": song[: 2 * RATE]}, targets)
    report = Report("textures", {"strength": 0.7}, results, {"water": -1.5}, [Morph(("a", "b"), (0, 0.5, 1))])
    report.write(tmp_path / "it.json")
    found = json.loads((tmp_path / "it.json").read_text())
    assert found["textures"]["water"]["score"] == results[0].figures["score"]
    assert found["systems"][HOST]["worst song"] == min(r.figures["score"] for r in results)
    page = report.page(["water.png"])
    assert "<td>water<td>" in page
    assert "-1.50 dBTP (water)" in page
    assert all(t.row_count for t in report.tables())

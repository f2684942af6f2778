"""A song as the input, through the callback pointer: what is heard is the song, to the sample, and nothing steps."""

import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.card import SAMPLE_RATE, Card, scale, steepest

from rtengine.live import song
from rtengine.live.engine import Engine

FADE = round(song.FADE * SAMPLE_RATE)
SLOPE = 2 * np.pi * 40 / SAMPLE_RATE * 0.4  # of the steepest tone below
JUMP = SLOPE + 0.8 / FADE + 1e-4  # from anywhere to anywhere within a fade, as well


def write(folder: Path, name: str = "a.wav", seconds: float = 3.0, hertz: float = 39.87) -> np.ndarray:
    n = np.arange(round(seconds * SAMPLE_RATE))
    x = 0.4 * np.stack([np.cos(2 * np.pi * f * n / SAMPLE_RATE) for f in (hertz, hertz / 1.7)], axis=1)
    soundfile.write(folder / name, x, SAMPLE_RATE, "FLOAT")
    return x.T.astype(np.float32)


@pytest.fixture
def card(tmp_path: Path) -> Card:
    card = Card(Engine(scale(), songs=tmp_path), (64, 100, 1, 480))
    card.play(np.zeros((2, SAMPLE_RATE)))
    return card


def heard(card: Card, seconds: float) -> np.ndarray:
    """What the graph is given while the device's input is silent, as the graph plays it a sample later."""
    while any(song.ready[0] < len(song.x) for song in card.engine.song._kept):
        time.sleep(0.001)  # decoding is fast, but this clock is faster
    return card.play(np.zeros((2, round(seconds * SAMPLE_RATE))))


def place(y: np.ndarray, x: np.ndarray) -> int:
    """Where in x the samples y are, exactly."""
    found = [k for k in np.flatnonzero(x[0] == y[0, 0]) if np.array_equal(x[:, k : k + y.shape[1]], y)]
    assert found, "these samples are nowhere in the song"
    return int(found[0])


def test_a_song_takes_the_devices_place_and_gives_it_back(card: Card, tmp_path: Path) -> None:
    x = write(tmp_path)
    card.engine.song.file("a.wav")
    y = heard(card, 1)
    begun = int(np.flatnonzero(np.any(y != 0, axis=0))[0])
    whole = y[:, begun + FADE + 10 :]
    at = place(whole[:, :100], x)
    assert FADE + 9 <= at <= FADE + 11, "from its beginning"
    assert np.array_equal(whole, x[:, at : at + whole.shape[1]])
    status = card.engine.song.status()
    assert status["position"] == pytest.approx(1, abs=0.03)
    assert (status["file"], status["length"], status["loop"], status["play"]) == ("a.wav", 3, (0, 3), True)
    card.engine.song.file("")
    z = heard(card, 0.1)
    assert not np.any(z[:, -1000:])
    assert steepest(np.concatenate((y, z), axis=1)) < JUMP
    assert card.engine.song.status()["file"] == ""
    assert card.engine.song._kept == [], "and the memory is given back"


def test_it_goes_round_in_the_time_of_the_loop_without_a_click(card: Card, tmp_path: Path) -> None:
    x = write(tmp_path)
    card.engine.song.file("a.wav")
    card.engine.song.loop(0.5, 0.8)
    card.engine.song.seek(0.6)
    y = heard(card, 2)
    assert steepest(y) < JUMP
    period = round(0.3 * SAMPLE_RATE)
    first = int(np.flatnonzero(np.any(y != 0, axis=0))[0])
    at = place(y[:, first + 1000 : first + 1100], x)
    to_end = round(0.8 * SAMPLE_RATE) - at
    rounds = first + 1000 + to_end + np.arange(5) * period  # where the loop begins anew
    for start in rounds:
        begin = round(0.5 * SAMPLE_RATE)
        assert np.array_equal(y[:, start + FADE + 2 : start + period], x[:, begin + FADE + 2 : begin + period])


def test_the_end_of_a_song_goes_over_into_its_beginning(card: Card, tmp_path: Path) -> None:
    write(tmp_path, seconds=0.51)  # ends in the middle of a swing
    card.engine.song.file("a.wav")
    y = heard(card, 3)
    assert steepest(y) < JUMP
    assert np.abs(y[:, -SAMPLE_RATE:]).max() > 0.3


def test_seek_and_pause_have_no_click_and_stop_time(card: Card, tmp_path: Path) -> None:
    x = write(tmp_path)
    card.engine.song.file("a.wav")
    y = [heard(card, 0.2)]
    for seconds in (2.0, 0.1, 1.3):
        card.engine.song.seek(seconds)
        y.append(heard(card, 0.2))
        assert place(y[-1][:, -100:], x) == pytest.approx((seconds + 0.2) * SAMPLE_RATE - 100, abs=700)
    card.engine.song.play(False)
    y.append(heard(card, 0.2))
    assert not np.any(y[-1][:, -1000:]), "a pause is silent"
    held = card.engine.song.status()["position"]
    y.append(heard(card, 0.2))
    assert card.engine.song.status()["position"] == held
    card.engine.song.play(True)
    y.append(heard(card, 0.2))
    assert place(y[-1][:, -100:], x) / SAMPLE_RATE == pytest.approx(held + 0.2, abs=0.02)
    assert steepest(np.concatenate(y, axis=1)) < JUMP


def test_a_flood_of_jumps_makes_no_click_and_keeps_nothing(card: Card, tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav"):
        write(tmp_path, name, 1.0, 30 if name == "a.wav" else 40)
    random, y = np.random.default_rng(0), []
    for _ in range(300):
        match random.integers(4):
            case 0:
                card.engine.song.file(str(random.choice(["a.wav", "b.wav"])))
            case 1:
                card.engine.song.seek(random.uniform(0, 1))
            case 2:
                begin = random.uniform(0, 0.8)
                card.engine.song.loop(begin, begin + 0.15)
            case 3:
                card.engine.song.play(bool(random.integers(2)))
        y.append(heard(card, float(random.uniform(0.001, 0.02))))
        if not card.engine.song.status()["file"]:
            card.engine.song.file("a.wav")
    heard(card, 0.1)
    assert steepest(np.concatenate(y, axis=1)) < 2 * JUMP, "a pause within a jump adds its own ramp"
    assert len(card.engine.song._kept) == 1


def test_a_song_of_another_rate_and_of_one_channel_is_brought_to_ours(card: Card, tmp_path: Path) -> None:
    n = np.arange(2 * 44_100)
    tone = 0.4 * np.sin(2 * np.pi * 440 * n / 44_100)
    soundfile.write(tmp_path / "mono.flac", tone, 44_100)
    card.engine.song.file("mono.flac")
    y = heard(card, 1.5)[:, SAMPLE_RATE:]
    assert np.array_equal(y[0], y[1])
    spectrum = np.abs(np.fft.rfft(y[0] * np.hanning(y.shape[1])))
    assert spectrum.argmax() * SAMPLE_RATE / y.shape[1] == pytest.approx(440, abs=3)
    assert np.abs(y).max() == pytest.approx(0.4, abs=0.01)
    assert card.engine.song.status()["length"] == pytest.approx(2, abs=1e-4)


def test_what_cannot_be_played_is_one_sentence(card: Card, tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "text.wav").write_text("no sound")
    (tmp_path / "link.wav").symlink_to(tmp_path / "a.wav")
    (tmp_path / "folder.wav").mkdir()
    soundfile.write(tmp_path / "empty.wav", np.zeros((0, 2)), SAMPLE_RATE)
    ask = card.engine.song
    with pytest.raises(ValueError, match="no song is played"):
        ask.seek(0)
    for name in ("../a.wav", "/etc/a.wav", "a.txt", ".a.wav"):
        with pytest.raises(ValueError, match="is no file name that ends in"):
            ask.file(name)
    for name in ("x" * 200 + ".wav", "a\0.wav", "c:a.wav"):
        with pytest.raises(ValueError, match=r"has more than 128 letters, or one of .*: give the file another name"):
            ask.file(name)
    for name in ("gone.wav", "link.wav", "folder.wav"):
        with pytest.raises(OSError, match=f"there is no file {name}"):
            ask.file(name)
    with pytest.raises(ValueError, match=r"text\.wav is no sound file that can be read"):
        ask.file("text.wav")
    with pytest.raises(ValueError, match=r"empty\.wav holds no samples"):
        ask.file("empty.wav")
    ask.file("a.wav")
    for wrong in (-0.1, 3.1, float("nan")):
        with pytest.raises(ValueError, match="outside the song's 0 to 3 s"):
            ask.seek(wrong)
    for begin, end in ((-1, 1), (1, 1.05), (2, 1), (float("nan"), 1), (0, float("nan")), (5, 6)):
        with pytest.raises(ValueError, match=r"is not 0\.1 s within 0 to 3 s"):
            ask.loop(begin, end)
    assert ask.songs() == ["a.wav", "empty.wav", "text.wav"]

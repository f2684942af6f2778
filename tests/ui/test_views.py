import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import time

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot
from support.pixels import pixels, rgb, share

from ui.look import theme
from ui.views.colours import colours
from ui.views.frames import FRAME
from ui.views.history import SIZE, History
from ui.views.load import PERIOD, Load, folded, heights
from ui.views.meters import HOLD, OVER, Meters, held
from ui.views.scroll import Scroll
from ui.views.spectrogram import BANDS, HIGH, LOW, Spectrograms
from ui.views.waveform import Waveform

# Colours


def test_equal_steps_of_level_are_equal_steps_of_lightness() -> None:
    linear = (np.stack([colours() >> 16 & 255, colours() >> 8 & 255, colours() & 255], axis=1) / 255.0) ** 2.2
    lightness = (linear @ [0.2126, 0.7152, 0.0722]) ** (1 / 3)  # CIE's, but for a constant
    steps = np.diff(lightness)
    assert (steps > -1e-3).all(), "never darker"
    assert lightness[0] < 0.2
    assert lightness[-1] > 0.9
    assert np.std(np.diff(lightness[::16])) < 0.35 * np.mean(np.diff(lightness[::16]))


def test_the_darkest_colour_is_nearly_the_ground() -> None:
    darkest = [int(colours()[0]) >> shift & 255 for shift in (16, 8, 0)]
    assert np.abs(np.subtract(darkest, rgb(theme.GROUND))).max() <= 8


# Rings


def test_a_scroll_is_the_latest_columns_in_order() -> None:
    scroll = Scroll("#000000")
    scroll.resize(10, 2, 1.0)
    memory = scroll.pixels
    columns = np.arange(37, dtype=np.uint32)[:, None] * np.ones((1, 2), np.uint32)
    for first, last in ((0, 4), (4, 13), (13, 14), (14, 37)):
        scroll.push(columns[first:last])
    at = scroll._next
    assert np.array_equal(np.roll(scroll.pixels, -at, axis=1)[0], np.arange(27, 37))
    assert scroll.pixels is memory, "not a pixel was allocated"


def test_a_history_keeps_the_latest() -> None:
    history = History(1, np.uint8)
    history.add(np.zeros((0, 1), np.uint8))
    assert len(history.latest(5)) == 0
    for n in range(SIZE + 3):
        history.add(np.array([[n % 251]], np.uint8))
    assert history.latest(3).ravel().tolist() == [n % 251 for n in range(SIZE, SIZE + 3)]
    assert len(history.latest(10 * SIZE)) == SIZE


# Spectrograms


@pytest.fixture
def spectrograms(qtbot: QtBot) -> Spectrograms:
    view = Spectrograms()
    qtbot.addWidget(view)
    view.resize(620, 340)
    view.show()
    return view


def test_a_line_is_drawn_at_its_frequency_in_its_picture(spectrograms: Spectrograms) -> None:
    column = np.zeros(BANDS, np.uint8)
    column[96] = 255
    for _ in range(50):
        spectrograms.feed_output(0, column.tobytes())
        spectrograms.feed_input(0, bytes(BANDS))
    area = spectrograms.after.area
    after = pixels(spectrograms, area).sum(axis=2)
    assert after[:, -40:].mean(axis=1).argmax() == pytest.approx((1 - 96 / (BANDS - 1)) * area.height(), abs=2)
    assert (after[int(0.5 * area.height()) :, :-51] < 120).all(), "nothing yet"
    before = pixels(spectrograms, spectrograms.before.area)
    assert before[30:, -40:].max() < 40


def test_time_goes_to_the_left_a_pixel_a_column(spectrograms: Spectrograms) -> None:
    spectrograms.feed_input(0, bytes([255] * BANDS))
    for _ in range(99):
        spectrograms.feed_input(0, bytes(BANDS))
    shown = pixels(spectrograms, spectrograms.before.area).sum(axis=2)
    assert np.flatnonzero(shown[100] > 600).tolist() == [shown.shape[1] - 100]


def test_a_new_size_shows_the_same_sound(spectrograms: Spectrograms) -> None:
    for _ in range(30):
        spectrograms.feed_input(0, bytes([255] * BANDS))
    spectrograms.resize(500, 300)
    shown = pixels(spectrograms, spectrograms.before.area).sum(axis=2)
    assert (shown[40, -30:] > 600).all()
    assert (shown[40, 80:-31] < 120).all()


def test_the_texture_stands_beside_its_frequencies(spectrograms: Spectrograms) -> None:
    picture = QImage(320, 200, QImage.Format.Format_RGB32)
    picture.fill(QColor("#000000"))
    for x in range(320):
        for y in range(4):
            picture.setPixelColor(x, y, QColor("#ffffff"))  # 14 kHz
    spectrograms.show_texture("water", picture)
    area = spectrograms.after.area
    shown = pixels(spectrograms)[int(area.top()) : int(area.bottom()), int(area.right()) + 70 :].sum(axis=2).max(axis=1)
    expected = area.height() * (1 - np.log(14_000 / LOW) / np.log(HIGH / LOW))
    assert shown.argmax() == pytest.approx(expected, abs=2)


@pytest.mark.parametrize("spectrum", [b"", b"x", bytes(BANDS - 1), bytes(BANDS + 1)])
def test_a_broken_picture_is_left_out(spectrograms: Spectrograms, spectrum: bytes) -> None:
    before = pixels(spectrograms)
    spectrograms.feed_input(0, spectrum)
    assert np.array_equal(pixels(spectrograms), before)


# Waveform


@pytest.fixture
def waveform(qtbot: QtBot) -> Waveform:
    view = Waveform()
    qtbot.addWidget(view)
    view.resize(620, 206)
    view.show()
    return view


def test_a_wave_is_as_high_as_its_samples(waveform: Waveform) -> None:
    wave = np.array([[-32, 64], [-64, 0]], np.int8).tobytes()  # of two channels
    for _ in range(20):
        waveform.feed_output(0, bytes(BANDS), wave)
    shown = pixels(waveform, waveform.lanes[1].area)[:, -10]
    rows = np.flatnonzero(np.abs(shown - rgb(theme.LIGHT)).max(axis=1) <= 2)
    height = waveform.lanes[1].scroll.height - 1
    assert rows[0] == pytest.approx(height / 2 * (1 - 64 / 127), abs=1)
    assert rows[-1] == pytest.approx(height / 2 * (1 + 64 / 127), abs=1)
    assert share(pixels(waveform, waveform.lanes[0].area), theme.QUIET) < 0.02


def test_full_scale_is_red(waveform: Waveform) -> None:
    waveform.feed_input(0, bytes(BANDS), np.array([[-127, 127]], np.int8).tobytes())
    shown = pixels(waveform, waveform.lanes[0].area)
    assert (shown[:, -1] == rgb(theme.STOP)).all(axis=1).mean() > 0.9


@pytest.mark.parametrize(
    ("spectrum", "wave"), [(b"", b""), (bytes(BANDS), b"x"), (bytes(BANDS), b""), (b"x", bytes(4))]
)
def test_a_broken_wave_is_left_out(waveform: Waveform, spectrum: bytes, wave: bytes) -> None:
    before = pixels(waveform)
    waveform.feed_input(0, spectrum, wave)
    assert np.array_equal(pixels(waveform), before)


# Meters


class Clock:
    time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def meters(qtbot: QtBot, clock: Clock) -> Meters:
    view = Meters(clock)
    qtbot.addWidget(view)
    view.resize(226, 400)
    view.show()
    return view


def levels(peak: float, rms: float, true_peak: float = -120.0) -> tuple[float, ...]:
    return (-23.0, -23.0, peak, rms, true_peak, peak, rms, true_peak)


def test_bars_end_at_their_levels(meters: Meters) -> None:
    meters.feed_output(0, b"", b"", *levels(-6, -30))
    strip = pixels(meters)[:, int(meters.output.area.left()) + 10]
    green = np.flatnonzero(np.abs(strip - rgb(theme.GOOD)).max(axis=1) <= 2)
    assert green[0] == pytest.approx(meters.height_of(-30), abs=1)
    assert green[-1] == pytest.approx(meters.height_of(-60), abs=1)
    line = np.flatnonzero(np.abs(strip - rgb(theme.TEXT)).max(axis=1) <= 2)
    assert line.mean() == pytest.approx(meters.height_of(-6), abs=1)
    assert share(pixels(meters, meters.input.area), theme.GOOD) == 0


def test_colours_change_where_music_is_loud(meters: Meters) -> None:
    meters.feed_input(0, b"", b"", *levels(0, 0))
    strip = pixels(meters)[:, int(meters.input.area.left()) + 10]
    for level, colour in ((-30, theme.GOOD), (-19, theme.WARM), (-5, theme.WARM), (-3, theme.STOP)):
        assert strip[round(meters.height_of(level))].tolist() == rgb(colour)


def test_the_lamp_stays_until_it_is_clicked(meters: Meters, clock: Clock) -> None:
    meters.feed_output(0, b"", b"", *levels(-3, -10, OVER - 0.1))
    assert share(pixels(meters, meters.output.lamp), theme.STOP) == 0
    meters.feed_output(0, b"", b"", *levels(-3, -10, OVER + 0.1))
    clock.time += 60
    meters.feed_output(0, b"", b"", *levels(-60, -60))
    assert share(pixels(meters, meters.output.lamp), theme.STOP) > 0.5
    assert share(pixels(meters, meters.input.lamp), theme.STOP) == 0
    meters.reset()
    assert share(pixels(meters, meters.output.lamp), theme.STOP) == 0


def test_the_highest_peak_stands_and_falls() -> None:
    assert held(-20, 0, -10, 1) == (-10, 1)
    assert held(-10, 1, -50, 1 + HOLD - 0.1) == (-10, 1)
    level, since = held(-10, 1, -50, 1 + HOLD)
    assert -11 < level < -10
    assert since == 1
    assert held(-49.99, 1, -50, 9) == (-50, 1)


@pytest.mark.parametrize("told", [(), (1.0,), (1.0, 2.0), (1.0, 2.0, 3.0, 4.0), (1.0,) * 9])
def test_broken_levels_are_left_out(meters: Meters, told: tuple[float, ...]) -> None:
    meters.feed_input(0, b"", b"", *told)
    assert not meters.input.channels


# Load


def test_bars_are_as_high_as_they_are_often_and_red_when_late(qtbot: QtBot) -> None:
    view = Load()
    qtbot.addWidget(view)
    view.resize(250, 100)
    view.show()
    counts = [0] * 41
    counts[3] = 10
    view.feed(*counts)
    counts[3], counts[4], counts[22] = 1000, 30, 1
    view.feed(*counts)
    view.refresh()
    shown = pixels(view.plot)
    columns = [(np.abs(shown[:, 10 * n + 5] - rgb(theme.LIGHT)).max(axis=1) <= 2).sum() for n in (2, 3, 4)]
    assert columns[0] == 0
    assert columns[2] / columns[1] == pytest.approx(np.log10(31) / np.log10(991), abs=0.05)
    assert share(shown[:, 220:229], theme.STOP) > 0.03
    assert share(shown[:40, 200:201], theme.STOP) > 0.9, "the line at 100 %"


def test_the_load_is_drawn_ten_times_a_second(qtbot: QtBot) -> None:
    view = Load()
    qtbot.addWidget(view)
    view.show()
    drawn, original = [], view.refresh
    view.refresh = lambda: (drawn.append(time.monotonic()), original())  # type: ignore[method-assign]
    began = time.monotonic()
    for n in range(100):
        view.feed_xruns(n)
        qtbot.wait(5)
    assert 2 <= len(drawn) <= 1000 * (time.monotonic() - began) / PERIOD + 2


def test_no_buffer_is_left_out() -> None:
    assert folded(np.ones(41)).sum() == 41
    assert folded(np.ones(3)).sum() == 3
    assert heights(np.zeros(25)).max() == 0


# The frames


def test_however_much_comes_it_paints_once_a_frame(qtbot: QtBot, spectrograms: Spectrograms) -> None:
    painted = []
    original = spectrograms.paintEvent
    spectrograms.paintEvent = lambda event: (painted.append(1), original(event))  # type: ignore[method-assign]
    began = time.monotonic()
    for _ in range(40):
        for _ in range(50):
            spectrograms.feed_input(0, bytes(BANDS))
        qtbot.wait(5)
    frames = 1000 * (time.monotonic() - began) / FRAME
    assert 2 <= len(painted) <= frames + 2

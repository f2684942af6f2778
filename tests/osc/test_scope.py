import socket
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest
from support.card import SAMPLE_RATE, Card, scale, tone
from support.controls import Controls
from support.osc_peer import Clock, Peer

from rtengine.blocks.meter import LOWEST as SILENCE
from rtengine.live.engine import Engine
from rtengine.osc.packet import decode, encode
from rtengine.osc.scope.pictures import BANDS, MOST_COLUMNS, RATE, Picture, Scope, frequencies
from rtengine.osc.scope.reader import HEARD, Reader, copy
from rtengine.osc.server import Server
from rtengine.osc.stream import LEASE, PEERS, Stream, message

HOP = SAMPLE_RATE // RATE


def look(x: np.ndarray, sample_rate: float = SAMPLE_RATE) -> list[Picture]:
    scope = Scope(sample_rate, 1, len(x))
    pieces = range(0, x.shape[1] - MOST_COLUMNS * scope.hop + 1, MOST_COLUMNS * scope.hop)
    return [scope.look(x[None, :, n : n + MOST_COLUMNS * scope.hop], n + MOST_COLUMNS * scope.hop)[0] for n in pieces]


def decibels(pixels: np.ndarray) -> np.ndarray:
    return pixels / 255 * 100 - 100


# The picture


@pytest.mark.parametrize("sample_rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("b", [20, 50, 64, 75, 90, 110, 125])
def test_a_sine_lights_its_band_with_its_level(b: int, sample_rate: int) -> None:
    n = np.arange(sample_rate // 2)
    x = 0.1 * np.sin(2 * np.pi * frequencies()[b] * n / sample_rate, dtype=np.float64)
    levels = decibels(look(np.stack([x, x]).astype(np.float32), sample_rate)[-1].spectrum)
    assert np.abs(np.argmax(levels, axis=1) - b).max() <= (1 if b < 50 else 0), "a bin is wider than a band of the bass"
    assert np.abs(levels.max(axis=1) + 20).max() < 1.5, "dB: between two bins a Hann window loses up to 1.42"
    assert levels[:, (np.abs(np.arange(BANDS) - b) > 40)].max() < -80, "dB, elsewhere"


def test_one_channel_alone_is_3_db_less_and_none_is_dark() -> None:
    x = tone(0.5, 1000)
    both = decibels(look(x)[-1].spectrum).max()
    x[1] = 0
    assert both - decibels(look(x)[-1].spectrum).max() == pytest.approx(3.01, abs=0.5)
    assert not look(0 * x)[-1].spectrum.any()


def test_a_click_is_a_line_in_the_column_of_its_time() -> None:
    x = np.zeros((2, 40 * HOP), np.float32)
    at = 12
    x[:, at * HOP + HOP // 2] = [0.5, -0.25]
    pictures = look(x)
    delay = 2048 / HOP  # columns: half the long window
    treble = np.concatenate([p.spectrum for p in pictures])[:, 100:].max(axis=1)
    waves = np.concatenate([p.waveform for p in pictures])
    assert abs(np.average(np.arange(len(treble)), weights=treble.astype(float)) - at - delay) < 1, "columns"
    drawn = np.flatnonzero(waves.any(axis=(1, 2)))
    assert abs(drawn[0] - at - delay) <= 1
    assert np.array_equal(waves[drawn[0]], [[0, 64], [-32, 0]])


# The reader


@pytest.fixture
def card() -> Card:
    return Card(Engine(scale(), sink="null"))


def test_input_and_output_are_seen_whole_at_their_clock(card: Card) -> None:
    card.engine["/tone/scale"] = 0.5
    reader, pictures = Reader(card.engine.memory[0], SAMPLE_RATE), []
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (2, 2 * SAMPLE_RATE)).astype(np.float32)
    card.play(noise, each=lambda: pictures.extend(reader.pictures()))
    assert reader.lost == 0
    for name, x in (("input", noise), ("output", None)):
        seen = [picture for n, picture in pictures if n == name]
        columns = [len(picture.spectrum) for picture in seen]
        assert np.array_equal([picture.clock for picture in seen], np.cumsum(columns) * HOP)
        assert sum(columns) == pytest.approx(2 * RATE, abs=MOST_COLUMNS), "columns, in 2 s"
        if x is not None:
            waves = np.concatenate([picture.waveform for picture in seen])
            shown = waves[round(2048 / HOP) + 2 :]
            assert np.abs(shown[:, :, 1].max() - 127 * x.max()) < 1
        else:
            late = np.concatenate([picture.waveform for picture in seen])[RATE:]
            assert np.abs(late[:, :, 1].max() - 127 * 0.25) < 1, "after the soft start, half of it"


def test_a_late_reader_loses_columns_and_goes_on(card: Card) -> None:
    reader = Reader(card.engine.memory[0], SAMPLE_RATE)
    card.play(tone(0.1))
    assert reader.pictures()
    card.play(tone(1.5 * HEARD / SAMPLE_RATE))
    assert not reader.pictures()
    assert reader.lost > HEARD
    card.play(tone(0.1))
    (_, picture), *_ = reader.pictures()
    assert picture.clock % HOP == 0
    assert card.engine.clock - picture.clock < 0.1 * SAMPLE_RATE


def test_what_was_overwritten_meanwhile_is_noticed(card: Card) -> None:
    card.play(tone(0.5))
    host, x = card.engine.memory[0], np.zeros((2, 2, HOP), np.float32)
    lines = host["line"], host["heard"], host["written"], host["dry"]
    assert copy(*lines, card.engine.clock - HOP, x)
    assert not copy(*lines, card.engine.clock - HEARD, x)


def test_pictures_cost_the_audio_thread_nothing_it_would_notice(card: Card) -> None:
    """The sound is the same whether somebody looks or not, bit for bit."""
    x = np.random.default_rng(1).uniform(-0.5, 0.5, (2, SAMPLE_RATE // 4)).astype(np.float32)
    reader = Reader(card.engine.memory[0], SAMPLE_RATE)
    looked = card.play(x, each=reader.pictures)
    assert np.array_equal(looked, Card(Engine(scale(), sink="null")).play(x))


def test_levels_are_those_of_the_input_and_of_what_is_heard(card: Card) -> None:
    card.engine["/tone/scale"] = 0.5
    reader, x = Reader(card.engine.memory[0], SAMPLE_RATE), tone(4, 997)
    assert reader.levels("output") == [SILENCE, SILENCE, *3 * [SILENCE], *3 * [SILENCE]]
    x[1] *= 0.5
    card.play(x)
    momentary, short_term, *channels = reader.levels("input")
    power = (0.5**2 + 0.25**2) / 2
    assert short_term == pytest.approx(-0.691 + 10 * np.log10(power) + 0.69, abs=0.1)
    assert momentary == pytest.approx(short_term, abs=0.01)
    assert channels == pytest.approx([-6.02, -9.03, -6.02, -12.04, -15.05, -12.04], abs=0.1)
    heard = [*channels[:2], channels[2]]
    assert reader.levels("output")[2:5] == pytest.approx(np.array(heard) - 6.02, abs=0.1)


def test_the_meters_go_on_when_the_graph_rests(card: Card) -> None:
    """Bypassed, the graph is not run: what is heard is shown all the same, and falls when it ends."""
    reader = Reader(card.engine.memory[0], SAMPLE_RATE)
    card.engine["/tone/scale"] = 0.5
    card.play(tone(1, 997))
    card.engine.bypass(True)
    card.play(tone(1, 997))
    assert reader.levels("output")[2] == pytest.approx(-6.02, abs=0.1), "the input, at its own level"
    assert card.engine.reading("/meter/peak")[0] == pytest.approx(-6.02, abs=0.1)
    card.play(np.zeros((2, 2 * SAMPLE_RATE), np.float32))
    assert card.engine.reading("/meter/peak")[0] < -26


# The stream


def test_subscriptions_begin_end_and_run_out(card: Card) -> None:
    clock, peer = Clock(), Peer()
    server = Server(card.engine)
    server.scope = Stream(card.engine, now=clock)
    server.dispatch(encode("/scope", 1), peer)

    def played() -> bool:
        card.play(tone(0.1))
        return len(peer.packets) > 1

    until(played)
    addresses = {address for address, *_ in peer.heard()}
    assert addresses == {"/scope/input", "/scope/output", "/scope/load"}
    server.dispatch(encode("/scope", False), peer)
    until(lambda: not threads())
    server.dispatch(encode("/scope", True), peer)
    assert threads()
    clock.time += LEASE + 1
    until(lambda: not threads())
    assert server.counts["refused"] == 0
    server.close()


def test_a_message_has_all_and_is_small(card: Card) -> None:
    picture = look(tone(0.5))[-1]
    told = Reader(card.engine.memory[0], SAMPLE_RATE).levels("input")
    packet = message("input", picture, told)
    ((_, clock, spectrum, waveform, *levels),) = [(m.address, *m.arguments) for m in decode(packet)]
    assert clock == picture.clock
    assert spectrum == picture.spectrum.tobytes()
    assert waveform == picture.waveform.tobytes()
    assert levels == told
    assert len(packet) < 1400, "one datagram in any network"


@pytest.mark.parametrize("arguments", [(), (2,), (0.5,), ("yes",), (1, 1), (b"1",), (None,)])
def test_who_asks_wrongly_changes_nothing(card: Card, arguments: tuple[object, ...]) -> None:
    server, peer = Server(card.engine), Peer()
    server.dispatch(encode("/scope", *arguments), peer)  # type: ignore[arg-type]
    assert server.counts["refused"] == 1
    assert not threads()
    ((address, about, _),) = peer.heard()
    assert (address, about) == ("/error", "/scope")


def test_there_is_room_for_so_many_and_none_without_sound(card: Card) -> None:
    stream = Stream(card.engine)
    for _ in range(PEERS):
        stream.subscribe(Peer())
    with pytest.raises(ValueError, match="16 look at the sound already"):
        stream.subscribe(Peer())
    stream.close()
    with pytest.raises(ValueError, match="no sound to look at"):
        Stream(Controls()).subscribe(Peer())


def test_from_the_sound_to_its_level_at_a_surface_are_at_most_50_ms() -> None:
    """A burst in the null clock's loop; from the moment it is played to the packet that shows it."""
    loop = np.zeros((SAMPLE_RATE, 2), np.float32)
    loop[: SAMPLE_RATE // 20] = 0.5
    engine = Engine(scale(), sink="null", loop=loop)
    with engine, Server(engine, port=0) as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as surface:
        surface.connect(("127.0.0.1", server.port))
        surface.settimeout(20)
        surface.send(encode("/scope", 1))
        delays: list[float] = []
        before, end = SILENCE, time.monotonic() + 20
        while len(delays) < 7 and time.monotonic() < end:
            ((address, arguments, _),) = decode(surface.recv(65_536))
            if address == "/scope/input":
                peak = arguments[5]
                if peak > before + 3:
                    played = engine.clock % len(loop)  # samples since the burst began
                    delays.append(played / SAMPLE_RATE)
                before = peak
    assert min(delays[1:]) < 0.035, f"seconds: {delays}; what is above is other programs' doing"


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "rtengine scope"]


def until(done: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)

"""The sampler: exact onsets, exact pitch, seamless loops, envelopes by formula, and no click when voices run out."""

import numpy as np
import pytest
from support.samples import PERIOD, RATE, ROOT, sine_bank

from rtengine.blocks.sampler.bank import Bank
from rtengine.blocks.sampler.sampler import PAN, SUSTAIN, VOICES, Sampler
from rtengine.events import CONTROL, NOTE_OFF, NOTE_ON, PANIC
from rtengine.graph import Graph

BOX = "/synth"


def synth(bank: Bank | None = None) -> Graph:
    g = Graph(RATE, 2, synth=Sampler(bank or sine_bank(), ("sine",)))
    g["/synth/hall"] = 0
    g.settle()
    return g


def silence(samples: int) -> np.ndarray:
    return np.zeros((2, samples), np.float32)


@pytest.mark.parametrize("at", [0, 1, 63, 64, 1001, 4799])
def test_a_note_begins_at_its_very_sample(at: int) -> None:
    g = synth(sine_bank(start=29))  # a quarter into the sine: the first sample is its peak
    g.send(BOX, NOTE_ON, 0, ROOT, 1.0, time=at)
    y = np.concatenate([g.process(silence(n)) for n in (37, 480, 5000)], axis=1)
    assert np.flatnonzero(y[0])[0] == at


def test_pitch_and_interpolation_are_a_sine_to_minus_70_db() -> None:
    for semitones in (0.0, 7.0, -5.0, 12.0):
        g = synth()
        g.send(BOX, NOTE_ON, 0, ROOT + semitones, 1.0)
        y = g.process(silence(RATE))[0] * np.sqrt(2)
        step = 2 ** (semitones / 12)
        t = step * np.arange(RATE) / PERIOD
        assert 20 * np.log10(np.std(y[10:] - np.sin(2 * np.pi * t)[10:])) < -70, semitones


def test_the_loop_has_no_seam() -> None:
    g = synth()
    g.send(BOX, NOTE_ON, 0, ROOT, 1.0)
    y = g.process(silence(RATE))[0].astype(np.float64)
    steady = y[5000:]
    bend = np.abs(np.diff(steady, 2))
    assert bend.max() < 1.01 * (2 * np.pi / PERIOD) ** 2 * np.abs(steady).max()


def test_release_falls_100_db_in_its_time() -> None:
    g = synth()
    g.send(BOX, NOTE_ON, 0, ROOT, 1.0)
    g.send(BOX, NOTE_OFF, 0, ROOT, time=4800)
    y = np.abs(g.process(silence(12_000))[0])
    level = [20 * np.log10(y[n : n + PERIOD].max()) for n in (4700, 4800 + 1200)]  # 1200: half of 50 ms
    assert abs(level[0] - level[1] - 50) < 2.5
    assert not y[4800 + 2500 :].any()


def test_attack_rises_on_a_line() -> None:
    g = synth(sine_bank(attack=0.1))
    g.send(BOX, NOTE_ON, 0, ROOT, 1.0)
    y = np.abs(g.process(silence(9600))[0]) * np.sqrt(2)
    for share in (0.25, 0.5, 0.75):
        n = int(share * 4800)
        assert abs(y[n - PERIOD // 2 : n + PERIOD // 2].max() - share) < 0.02


def test_velocity_and_pan_move_loudness() -> None:
    g = synth()
    g.send(BOX, CONTROL, 0, PAN, 1.0)
    g.send(BOX, NOTE_ON, 0, ROOT, 0.5)
    y = np.abs(g.process(silence(4800)))
    assert y[0].max() < 1e-6
    assert abs(y[1].max() - 0.25) < 1e-3


def test_the_pedal_keeps_notes() -> None:
    g = synth()
    g.send(BOX, CONTROL, 0, SUSTAIN, 1.0)
    g.send(BOX, NOTE_ON, 0, ROOT, 1.0)
    g.send(BOX, NOTE_OFF, 0, ROOT, time=4800)
    g.send(BOX, CONTROL, 0, SUSTAIN, 0.0, time=48_000)
    y = np.abs(g.process(silence(60_000))[0])
    assert y[40_000:48_000].max() > 0.5
    assert not y[52_000:].any()


def test_voices_run_out_without_a_click_and_never_exceed_64() -> None:
    g = synth(sine_bank(gain=0.02))
    for i in range(300):
        g.send(BOX, NOTE_ON, 0, 40 + i % 40, 1.0, time=i * 480)
    parts = []
    for _ in range(300):
        parts.append(g.process(silence(480)))
        assert g.reading("/synth/voices")[0] <= VOICES
    y = np.concatenate(parts, axis=1)[0].astype(np.float64)
    highest = 480 * 2 ** ((79 - ROOT) / 12)
    usual = VOICES * 0.02 * (2 * np.pi * highest / RATE) ** 2
    begun = np.ones(len(y) - 2, bool)
    begun[np.add.outer(480 * np.arange(300), np.arange(-2, 2)).ravel().clip(0, len(y) - 3)] = False  # sines set in
    assert np.abs(np.diff(y, 2))[begun].max() < usual


def test_a_group_cuts_itself_off() -> None:
    g = synth(sine_bank(group=1))
    g.send(BOX, NOTE_ON, 0, ROOT, 1.0)
    g.send(BOX, NOTE_ON, 0, ROOT + 7, 1.0, time=9600)
    g.process(silence(9600))
    assert g.reading("/synth/voices") == (1,)
    g.process(silence(1000))
    assert g.reading("/synth/voices") == (1,)


def test_panic_is_silence_within_5_ms() -> None:
    g = synth()
    for i in range(20):
        g.send(BOX, NOTE_ON, 0, 50 + i, 1.0)
    g.send(BOX, PANIC, 0, time=4800)
    y = g.process(silence(9600))
    assert y[:, 4000:4800].any()
    assert not y[:, 4800 + 240 :].any()


def test_block_sizes_do_not_change_a_bit_with_notes_in_it() -> None:
    bank = sine_bank(send=0.5, cutoff=3000.0, sweep=1.0, attack=0.01)

    def played(sizes: tuple[int, ...]) -> np.ndarray:
        g = Graph(RATE, 2, synth=Sampler(bank, ("sine",)))
        for i in range(40):
            g.send(BOX, NOTE_ON, 0, 45 + i, 0.3, time=101 * i)
            g.send(BOX, NOTE_OFF, 0, 45 + i, time=101 * i + 3333)
        out, i = [], 0
        while sum(y.shape[1] for y in out) < 20_000:
            out.append(g.process(silence(sizes[i % len(sizes)])))
            i += 1
        return np.concatenate(out, axis=1)[:, :20_000]

    once = played((20_000,))
    assert np.any(once)
    for sizes in ((64,), (1, 17, 480, 3), (8193,)):
        assert np.array_equal(played(sizes), once), sizes


def test_errors_name_what_is_there() -> None:
    with pytest.raises(KeyError, match="no instrument organ: sine"):
        Graph(RATE, 2, synth=Sampler(sine_bank(), ("organ",)))
    with pytest.raises(ValueError, match="17 instruments are more than the 16 channels"):
        Graph(RATE, 2, synth=Sampler(sine_bank(), ("sine",) * 17))

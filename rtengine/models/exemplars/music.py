"""A short piece of music to try textures on: electric piano, bass, a melody and drums, all made here by formulas.

Eight bars and a last chord in A minor: the piano begins alone with the melody, the bass and the drums come in after two
bars, so that textures are heard on single notes, on chords and on a full band.
"""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]

TEMPO = 120.0  # beats a minute
BARS = 8
ENDING = 2.5  # seconds for the last chord
PEAK = 0.8  # of full scale

# MIDI note numbers; one chord a bar: the bass note, then the piano's voices
CHORDS = (
    (45, (57, 60, 64, 67)),  # A minor 7
    (41, (57, 60, 64, 65)),  # F major 7
    (48, (55, 60, 64, 67)),  # C
    (43, (55, 59, 62, 67)),  # G
    (45, (57, 60, 64, 67)),  # A minor 7
    (41, (57, 60, 64, 69)),  # F major 7
    (38, (57, 60, 65, 69)),  # D minor 7
    (40, (56, 59, 62, 68)),  # E 7
    (33, (57, 60, 64, 71)),  # A minor 9, held
)
MELODY = (  # beat, note, length in beats
    (0, 76, 1.5), (1.5, 74, 0.5), (2, 72, 1), (3, 69, 1),
    (4, 72, 1.5), (5.5, 69, 0.5), (6, 76, 2),
    (8, 79, 1.5), (9.5, 76, 0.5), (10, 74, 1), (11, 72, 1),
    (12, 74, 2.5), (14.5, 71, 0.5), (15, 74, 1),
    (16, 76, 1.5), (17.5, 74, 0.5), (18, 72, 1), (19, 76, 1),
    (20, 81, 1.5), (21.5, 79, 0.5), (22, 76, 2),
    (24, 77, 1), (25, 76, 0.5), (25.5, 74, 1.5), (27, 77, 1),
    (28, 76, 1), (29, 80, 1), (30, 83, 1.5), (31.5, 80, 0.5),
    (32, 81, 4),
)  # fmt: skip
PIANO_BEATS = ((0, 1.4), (1.5, 0.9), (3, 0.8))  # in each bar: beat, length
BASS_BEATS = ((0, 0, 0.9), (1.5, 0, 0.4), (2, 12, 0.4), (2.5, 0, 0.9), (3.5, 7, 0.4))  # beat, above the root, length
BAND = 8  # beat at which bass and drums come in


def music(sample_rate: int = 44_100, seed: int = 0) -> NDArray[np.float32]:
    """Render the piece: (2, samples) float32, about 18.5 s, its peak at PEAK. The seed is that of the drums' noise."""
    random = np.random.default_rng(seed)
    tracks = _Tracks(sample_rate)
    for bar, (root, voices) in enumerate(CHORDS):
        _play_chord(tracks, bar, root, voices)
    for beat, note, length in MELODY:
        tracks.add(lead(note, length * 60 / TEMPO, sample_rate), beat, 0.135, pan=-0.15, room=0.35, echo=1)
    _play_drums(tracks, random)
    return tracks.mixed(random)


def _play_chord(tracks: "_Tracks", bar: int, root: int, voices: tuple[int, ...]) -> None:
    last = bar == BARS
    for beat, length in ((0, 5.0),) if last else PIANO_BEATS:
        for i, note in enumerate(voices):
            strum = 0.012 * i  # beats
            sound = piano(note, length * 60 / TEMPO, 0.9 - 0.15 * (beat > 0), tracks.sample_rate)
            tracks.add(sound, 4 * bar + beat + strum, 0.13, pan=0.5 * (i / 1.5 - 1), room=0.2)
    if 4 * bar >= BAND:
        for beat, above, length in ((0, 0, 4.0),) if last else BASS_BEATS:
            tracks.add(bass(root + above, length * 60 / TEMPO, tracks.sample_rate), 4 * bar + beat, 0.28)


def _play_drums(tracks: "_Tracks", random: np.random.Generator) -> None:
    rate = tracks.sample_rate
    for bar in range(BAND // 4 - 1, BARS):
        start, full, fill = 4 * bar, 4 * bar >= BAND, bar == BARS - 1
        for eighth in range(8):
            loud = 0.075 if eighth % 2 else 0.13
            tracks.add(hat(random, 0.09 if eighth == 7 else 0.03, rate), start + eighth / 2, loud, pan=0.3, room=0.05)
        for beat in (0, 1.75, 2.5) if full else ():
            tracks.add(kick(rate), start + beat, 0.75)
        for beat in (1, 3, 3.25, 3.5, 3.75) if full and fill else (1, 3) if full else ():
            tracks.add(snare(random, rate), start + beat, 0.34 + 0.06 * (beat % 1), pan=-0.05, room=0.25)
    tracks.add(kick(rate), 4 * BARS, 0.75)
    tracks.add(hat(random, 0.9, rate), 4 * BARS, 0.16, pan=0.2, room=0.2)  # open, as a cymbal


def piano(note: int, seconds: float, touch: float, sample_rate: int) -> Samples:
    """Electric piano: a sine bent by a second one at its pitch, and by a short bright one, the tine."""
    t = _time(seconds + 0.25, sample_rate)
    w = 2 * np.pi * frequency(note)
    tine = 0.35 * touch * np.exp(-t / 0.06) * np.sin(14 * w * t)
    body = 1.4 * touch * np.exp(-t / 0.5) * np.sin(w * t)
    tone = np.sin(w * t + body) + 0.4 * np.sin(1.003 * w * t + tine)
    return touch * tone * np.exp(-t / (0.9 + 40 / frequency(note))) * _gate(t, 0.003, seconds, 0.12)


def lead(note: int, seconds: float, sample_rate: int) -> Samples:
    """The melody's voice: odd harmonics, softer above, with a vibrato that comes late."""
    t = _time(seconds + 0.15, sample_rate)
    depth = 0.006 * np.clip((t - 0.25) / 0.4, 0, 1)
    phase = 2 * np.pi * frequency(note) * (t + np.cumsum(depth * np.sin(2 * np.pi * 5.3 * t)) / sample_rate)
    harmonics = [k for k in range(1, 16) if k * frequency(note) < 0.45 * sample_rate]
    tone = sum(np.sin(k * phase) * (1.0 if k % 2 else 0.35) / k**1.3 * np.exp(-t * k / 4) for k in harmonics)
    return np.asarray(tone) * _gate(t, 0.015, 0.92 * seconds, 0.1)


def bass(note: int, seconds: float, sample_rate: int) -> Samples:
    """A plucked bass: harmonics that die the sooner the higher they are, driven a little."""
    t = _time(seconds + 0.08, sample_rate)
    w = 2 * np.pi * frequency(note)
    tone = sum(np.sin(k * w * t) / k * np.exp(-t * (0.8 + 1.6 * (k - 1))) for k in range(1, 9))
    return np.tanh(1.3 * np.asarray(tone)) * _gate(t, 0.004, seconds, 0.05)


def kick(sample_rate: int) -> Samples:
    """A sine that falls from 180 to 47 Hz."""
    t = _time(0.4, sample_rate)
    fall = 47 * t - 133 * 0.035 * np.expm1(-t / 0.035)  # cycles: the integral of 47 + 133 e^(-t / 0.035)
    return np.sin(2 * np.pi * fall) * np.exp(-t / 0.12) * _gate(t, 0.001, 0.3, 0.09)


def snare(random: np.random.Generator, sample_rate: int) -> Samples:
    """Two tones of the skin, and noise for the wires."""
    t = _time(0.3, sample_rate)
    skin = (np.sin(2 * np.pi * 185 * t) + 0.6 * np.sin(2 * np.pi * 331 * t)) * np.exp(-t / 0.05)
    wires = _bright(random.standard_normal(t.size), 1500, sample_rate) * np.exp(-t / 0.085)
    return (0.5 * skin + 0.55 * wires) * _gate(t, 0.001, 0.22, 0.07)


def hat(random: np.random.Generator, decay: float, sample_rate: int) -> Samples:
    """Noise above 7 kHz."""
    t = _time(6 * decay, sample_rate)
    noise = _bright(random.standard_normal(t.size), 7000, sample_rate)
    return noise * np.exp(-t / decay) * _gate(t, 0.001, 5 * decay, decay)


class _Tracks:
    """The dry mix, what goes to the echo, and what goes to the room."""

    def __init__(self, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self.dry, self.echo, self.room = np.zeros((3, 2, round((BARS * 4 * 60 / TEMPO + ENDING) * sample_rate)))

    def add(self, sound: Samples, beat: float, gain: float, pan: float = 0, room: float = 0, echo: float = 0) -> None:
        """Let a sound begin at a beat; pan from -1 (left) to 1, with equal power."""
        start = round(beat * 60 / TEMPO * self.sample_rate)
        sound = sound[: self.dry.shape[1] - start]
        angle = (pan + 1) * np.pi / 4
        stereo = gain * np.sqrt(2) * np.outer((np.cos(angle), np.sin(angle)), sound)
        self.dry[:, start : start + sound.size] += stereo
        self.room[:, start : start + sound.size] += room * stereo
        self.echo[:, start : start + sound.size] += echo * stereo

    def mixed(self, random: np.random.Generator) -> NDArray[np.float32]:
        """All together, with a soft end."""
        beat = 60 / TEMPO
        for i, gain in enumerate((0.3, 0.14, 0.06), start=1):  # dotted eighths, from side to side
            delay = round(0.75 * i * beat * self.sample_rate)
            self.dry[:, delay:] += gain * self.echo[:: 1 - 2 * (i % 2), :-delay]
        wet = self.dry + reverb(self.room, random, self.sample_rate)
        t = np.arange(wet.shape[1]) / self.sample_rate
        wet *= _gate(t, 0.001, t[-1] - 0.6, 0.55)
        driven = np.tanh(0.9 * wet / np.abs(wet).max())
        return (PEAK * driven / np.abs(driven).max()).astype(np.float32)


def reverb(x: Samples, random: np.random.Generator, sample_rate: int, seconds: float = 1.4) -> Samples:
    """A room: noise that dies by 60 dB in so many seconds, the treble sooner, another for each ear."""
    t = _time(seconds, sample_rate)
    noise = random.standard_normal((2, t.size))
    dark = noise - _bright(noise, 3000, sample_rate)
    response = (dark + 0.4 * np.exp(-t / 0.15) * (noise - dark)) * 10 ** (-3 * t / seconds) * np.clip(t / 0.02, 0, 1)
    response *= 0.9 / np.sqrt((response**2).sum(axis=1, keepdims=True))
    size = 1 << (x.shape[1] + t.size).bit_length()
    return np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(response, size), size)[:, : x.shape[1]]


def frequency(note: int) -> float:
    """Hz of a MIDI note number."""
    return float(440 * 2 ** ((note - 69) / 12))


def _time(seconds: float, sample_rate: int) -> Samples:
    return np.arange(round(seconds * sample_rate)) / sample_rate


def _gate(t: Samples, attack: float, seconds: float, release: float) -> Samples:
    """Up within attack, down from `seconds` within release: half cosines, so that nothing clicks."""
    up, down = np.clip(t / attack, 0, 1), np.clip((t - seconds) / release, 0, 1)
    return (1 - np.cos(np.pi * up)) / 2 * (1 + np.cos(np.pi * down)) / 2


def _bright(x: Samples, cutoff: float, sample_rate: int) -> Samples:
    """What is above a frequency, by a filter in the spectrum with a slope of two octaves."""
    f = np.fft.rfftfreq(x.shape[-1], 1 / sample_rate)
    slope = np.clip(np.log2(np.maximum(f, 1) / cutoff) / 2 + 0.5, 0, 1)
    return np.fft.irfft(np.fft.rfft(x) * np.sin(np.pi / 2 * slope), x.shape[-1])

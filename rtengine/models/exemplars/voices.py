"""Exemplars of what sings: birds, insects, a choir."""

import numpy as np

from rtengine.models.exemplars.parts import Samples, add, periodic, poisson, room, rush, shaped, slow, time

VOWELS = {  # formants in Hz, of sung vowels: Peterson and Barney, JASA 24, 1952, and the singer's formant
    "a": (730, 1090, 2440, 3000, 3700),
    "o": (450, 800, 2600, 3000, 3700),
    "e": (530, 1840, 2480, 3100, 3800),
}
WIDTHS = np.array([80, 90, 120, 140, 200.0])  # Hz
FORMANTS = np.array([1.0, 0.6, 0.3, 0.3, 0.15])  # levels
CHORUS = (  # Hz, four chords in four parts
    (164.8, 220.0, 277.2, 329.6, 440.0),
    (138.6, 185.0, 277.2, 370.0, 440.0),
    (146.8, 220.0, 293.7, 370.0, 587.3),
    (123.5, 246.9, 329.6, 415.3, 493.9),
)


def birds(generator: np.random.Generator, samples: int, sample_rate: float) -> Samples:
    """Birds at dawn: chirps, trills and whistles with steep glides at 2 to 9 kHz, phrase after phrase.

    A bird's song is phrases of a syllable or two repeated, and each syllable is nearly one gliding tone (Catchpole and
    Slater, "Bird song", Cambridge 2008, ch. 1; Greenewalt, "Bird song: acoustics and physiology", 1968).
    """
    x = 0.012 * rush(generator, samples, sample_rate, low=300, high=9000, flutter=1.0, depth=0.2)
    for n in range(9):
        centre = 2200 * 2 ** (1.6 * (n + generator.random()) / 9)  # Hz, of this bird
        far = generator.uniform(0.25, 1.0)
        start = -int(generator.uniform(0, 2.5) * sample_rate)
        while start < samples:
            syllables = [_syllable(generator, centre, sample_rate) for _ in range(generator.integers(1, 4))]
            gap = generator.uniform(0.008, 0.07)
            for n in range(generator.integers(3, 13)):
                chirp = syllables[n % len(syllables)]
                add(x, start, far * generator.uniform(0.7, 1.0) * chirp)
                start += len(chirp) + int(gap * sample_rate)
            start += int(generator.uniform(0.2, 1.4) * sample_rate)
    return room(generator, x, sample_rate, 0.7, 0.12)


def _syllable(generator: np.random.Generator, centre: float, sample_rate: float) -> Samples:
    """One gliding tone, with a little of its octave, and sometimes a warble."""
    length = 0.03 * 2 ** generator.uniform(0, 2.7)
    t = time(length, sample_rate)
    u = t / length
    bow, tilt = generator.normal(0, 0.25), generator.normal(0, 0.35)  # octaves
    warble = generator.uniform(0.0, 0.07) * (generator.random() < 0.4)
    rate = generator.uniform(22, 70)
    octaves = tilt * (u - 0.5) + bow * np.sin(np.pi * u) + warble * np.sin(2 * np.pi * rate * t)
    f = np.minimum(centre * 2 ** (octaves + generator.normal(0, 0.12)), 0.22 * sample_rate)
    phase = 2 * np.pi * np.cumsum(f) / sample_rate
    shape = np.sin(np.pi * u ** generator.uniform(0.5, 1.2)) ** generator.uniform(0.6, 1.5)
    return shape * (np.sin(phase) + generator.uniform(0.03, 0.15) * np.sin(2 * phase))


def insects(generator: np.random.Generator, samples: int, sample_rate: float) -> Samples:
    """A summer night: crickets that chirp in threes and fours, cicadas that buzz, katydids that rasp.

    A cricket's chirp is a few pulses of nearly one frequency, 3 to 6 kHz, at 25 to 35 a second; a cicada's song is a
    resonance struck some hundred times a second (Bennet-Clark, "Size and scale effects as constraints in insect sound
    communication", Phil. Trans. R. Soc. B 353, 1998).
    """
    x = 0.02 * rush(generator, samples, sample_rate, low=500, high=12000, flutter=1.0, depth=0.1)
    t = np.arange(samples) / sample_rate
    for n in range(6):
        f = 3000 * 2 ** ((n + generator.random()) / 6)
        pulses, pace = int(generator.integers(3, 5)), generator.uniform(25, 35)
        far = generator.uniform(0.3, 1.0)
        u = time(0.8 / pace, sample_rate)
        pulse = np.sin(2 * np.pi * f * u * (1 - 0.04 * u * pace)) * np.sin(np.pi * np.minimum(1, u * pace / 0.8))
        start = -generator.uniform(0, 0.5)
        while start < t[-1]:
            for k in range(pulses):
                add(x, int((start + k / pace) * sample_rate), far * (0.6 + 0.4 * k / pulses) * pulse)
            start += pulses / pace + generator.normal(0.22, 0.03)
    for centre in (5200, 7800, 11500):
        f = min(centre * generator.uniform(0.93, 1.07), 0.4 * sample_rate)
        width = 0.03 * f
        tymbal = slow(generator, samples, sample_rate, width) * np.cos(2 * np.pi * f * t)
        tymbal += slow(generator, samples, sample_rate, width) * np.sin(2 * np.pi * f * t)
        blows = generator.uniform(60, 130) * (1 + 0.04 * slow(generator, samples, sample_rate, 2.0))
        beat = np.cumsum(blows) / sample_rate
        swell = np.exp(0.6 * slow(generator, samples, sample_rate, 0.8))
        x += 0.14 * swell * tymbal * np.maximum(0, np.sin(2 * np.pi * beat)) ** 2
    for start in poisson(generator, samples, sample_rate, rate=5, before=0.4):
        far = generator.uniform(0.1, 0.5)
        for _ in range(generator.integers(6, 14)):
            tick = generator.standard_normal(int(0.004 * sample_rate))
            add(x, start, far * np.diff(tick, append=0) * np.exp(-np.linspace(0, 5, len(tick))))
            start += int(0.016 * sample_rate)
    return x


def choir(generator: np.random.Generator, samples: int, sample_rate: float) -> Samples:
    """A choir that holds chords on open vowels: each voice with its own vibrato, and a breath of air above.

    Source and filter: harmonics that fall by 9 dB an octave, under the formants of the vowel. Vibrato of 5 to 6.5 Hz
    and half a semitone: Sundberg, "The science of the singing voice", 1987; partials that tremble apart make a chorus.
    """
    x = np.zeros(samples)
    length = 2.1  # s, a chord
    first = int(generator.integers(len(CHORUS)))
    offset = generator.uniform(0, length)
    for voice in range(20):
        reach = generator.uniform(0.94, 1.1)  # of this throat
        for m in range(int(samples / sample_rate / length) + 3):
            note = CHORUS[(first + m) % len(CHORUS)][voice % 5] * 2 ** generator.normal(0, 0.006)
            start = (m * length - offset + generator.normal(0, 0.04)) * sample_rate
            if -length * 1.2 * sample_rate < start < samples:
                add(x, int(start), _sung(generator, note, length + 0.15, reach, sample_rate))
    t = np.abs(x) + 1e-6
    air = shaped(
        generator, samples, sample_rate, lambda f: (f / 4000) ** 2 / (1 + (f / 4000) ** 2) / (1 + (f / 12000) ** 2)
    )
    x += 0.025 * air * np.sqrt(np.mean(t * t)) * np.exp(0.4 * slow(generator, samples, sample_rate, 3.0))
    return room(generator, x, sample_rate, 1.2, 0.25)


def _sung(generator: np.random.Generator, note: float, length: float, reach: float, sample_rate: float) -> Samples:
    """One note of one voice, Hz and s; reach scales the formants."""
    t = time(length, sample_rate)
    vibrato = 0.5 / 12 * np.sin(2 * np.pi * generator.uniform(5.0, 6.5) * t + generator.uniform(0, 6.28))
    vibrato *= np.minimum(1, t / 0.5)
    drift = 0.1 / 12 * slow(generator, len(t), sample_rate, 4.0)
    phase = np.cumsum(note * 2 ** (vibrato + drift)) / sample_rate + generator.uniform(0, 1)
    f = note * np.arange(1, int(min(14000, 0.43 * sample_rate) / note))
    vowel = np.array(VOWELS[str(generator.choice(list(VOWELS)))]) * reach
    lobes = FORMANTS / (1 + ((f[:, None] - vowel) / WIDTHS) ** 2)
    levels = (lobes.sum(1) + 0.015) * (note / f) ** 0.75
    waves = levels * (0.5 + generator.random(len(f))) * np.exp(2j * np.pi * generator.random(len(f)))
    shape = np.minimum(1, np.minimum(t / 0.15, (length - t) / 0.25))
    swell = 1 + 0.25 * slow(generator, len(t), sample_rate, 5.0)
    return shape * swell * periodic(waves, phase)

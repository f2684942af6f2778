"""automix practice MATERIAL: make up a data set of songs to learn from, for want of multitracks that are free.

MATERIAL has folders of recordings by role (vocals, drums, bass, other) and of MIDI files (midi). A song is an excerpt
of a MIDI file, its parts on instruments, with a drummer's performance and now and then a recording beside or in place
of a part. Its balance is that of the roles, and strays as people do.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from offline.automix.mix import say
from offline.compiling import compiling
from offline.progress import progress
from rtengine.files.sink import Sink, beside

if TYPE_CHECKING:
    from offline.automix.band import Samples
    from rtengine.blocks.sampler.bank import Bank
    from rtengine.score.midi import Tone

STRAY = 2.5  # dB: deviation of the balance about that of the roles
SUNG, RECORDED = 0.75, 0.4  # of the songs have a voice, of the parts are recordings
MOST = 3  # parts that are neither bass nor drums
ENDINGS = (".wav", ".flac", ".opus", ".ogg", ".mp3")


def run(options: argparse.Namespace) -> None:
    """Write as many songs as there are --times; ValueError or OSError if there is nothing to make them of."""
    if len(options.stems) != 2:
        raise ValueError("practice takes one folder, which has the folders midi, vocals, drums, bass and other")
    root, output = Path(options.stems[1]), options.output or Path("practice")
    material = {
        role: sorted(p for p in (root / role).glob("*") if p.suffix in ENDINGS)
        for role in ("vocals", "drums", "bass", "other")
    }
    scores = sorted((root / "midi").rglob("*.mid"))
    if not scores:
        raise ValueError(f"{root} has no MIDI files in a folder midi")
    if output.is_file():
        raise ValueError(f"{output} is a file: name a folder")
    output.mkdir(parents=True, exist_ok=True)
    with compiling(say):
        from rtengine.blocks.sampler.instruments.own import own_bank

        bank = own_bank()
    with progress("songs", options.progress) as tell:
        for number in range(options.times):
            folder = output / f"practice-{options.seed + number:04d}"
            if not (folder / "mix.flac").exists():  # go on where it was stopped
                write(folder, song(np.random.default_rng(options.seed + number), material, scores, bank))
            tell(number + 1, options.times)
    print(f"{output}: {options.times} songs")


def song(
    random: np.random.Generator, material: dict[str, list[Path]], scores: list[Path], bank: "Bank"
) -> "dict[str, Samples]":
    """The stems of one song by name, in balance; the name begins with the role."""
    from offline.automix import band
    from rtengine.dsp import loudness
    from rtengine.dsp.console.features import MUSDB18

    found: dict[str, Samples] = {}
    melodic, drums = _drawn(random, scores, drums=False), _drawn(random, scores, drums=True)
    lowest = min(range(len(melodic)), key=lambda i: np.mean([n.pitch for n in melodic[i]])) if melodic else None
    for i in random.permutation(len(melodic)):
        low = i == lowest and random.random() < 0.8
        role = "bass" if low else "other"
        if sum(name.startswith(role) for name in found) >= (1 if low else MOST):
            continue
        name = role if low else f"other{len(found) + 1}"
        if material[role] and random.random() < (RECORDED / 2 if low else RECORDED):
            found[name] = band.recorded(material[role][random.integers(len(material[role]))], random)
            continue
        middle = np.mean([n.pitch for n in melodic[i]])
        shift = 12 * round((band.LOW - middle) / 12) if low else int(12 * random.integers(-1, 2))
        found[name] = band.played(melodic[i], bank, str(random.choice(band.BASSES if low else band.OTHERS)), shift)
    if drums and not (material["drums"] and random.random() < RECORDED):
        found["drums"] = band.played(drums[0], bank, "kit", 0)
    elif material["drums"]:
        found["drums"] = band.recorded(material["drums"][random.integers(len(material["drums"]))], random)
    if material["vocals"] and random.random() < SUNG:
        found["vocals"] = band.recorded(material["vocals"][random.integers(len(material["vocals"]))], random)
    for name, x in found.items():
        found[name] = band.coloured(x, random)
    roles = {name: "other" if name.startswith("other") else name for name in found}
    for name, x in found.items():
        now = loudness.loudness(x, band.SAMPLE_RATE)
        alike = 10 * np.log10(list(roles.values()).count(roles[name]))
        wanted = MUSDB18[roles[name]][0] - alike + random.normal(0, STRAY)
        found[name] = x * np.float32(10 ** ((wanted - now) / 20)) if np.isfinite(now) else x
    return {name: x for name, x in found.items() if x.any()}


def _drawn(random: np.random.Generator, scores: list[Path], drums: bool) -> list[list["Tone"]]:
    """The parts of an excerpt in which much is played, of a file drawn at random: drums, or all else."""
    from offline.automix import band
    from rtengine.score.midi import read_tracks

    for _ in range(40):
        tracks = [n for c, n in read_tracks(scores[random.integers(len(scores))]) if (c == band.DRUMS) == drums]
        if not tracks:
            continue
        last = max(n.end for t in tracks for n in t)
        start = random.uniform(0, max(last - band.SECONDS, 0.0))
        heard = [e for e in (band.excerpt(t, start) for t in tracks) if len(e) > 3]
        if heard:
            return heard
    return []


def write(folder: Path, stems: "dict[str, Samples]") -> None:
    """The stems and their sum as FLAC, the sum's peak at -1 dBFS; the sum last, for it says that all is there."""
    from offline.automix.band import SAMPLE_RATE

    folder.mkdir(exist_ok=True)
    mix = np.sum(list(stems.values()), axis=0, dtype=np.float32)
    gain = np.float32(0.89 / max(float(np.abs(mix).max()), 1e-6))
    for name, x in [*stems.items(), ("mix", mix)]:
        file = folder / f"{name}.flac"
        with beside(file, True) as whole, Sink(whole, ".flac", SAMPLE_RATE, 2, "16", name=file) as sink:
            sink.write(np.ascontiguousarray(x * gain))

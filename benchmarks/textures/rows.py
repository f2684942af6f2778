"""The benchmark as a whole: measure, write the files, sum up."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import soundfile
import torch
from rich.console import Console

from benchmarks.table import Row
from benchmarks.textures import bench, morph, pictures
from benchmarks.textures.host import Host
from benchmarks.textures.peers import PEERS
from benchmarks.textures.report import HOST, Report
from benchmarks.textures.score import Target, clips, recorded, shipped
from rtengine.models.texture.bands import SAMPLE_RATE
from rtengine.models.texture.model import SHIPPED
from rtengine.models.texture.training.songs import HELD_OUT_SOUNDS, content_folder, sounds_folder

FOLDER = Path("benchmarks.textures")
MORPHED = 2  # songs


SHIPPED_BOUNDS = {
    "score": "at least .65", "worst texture": "at least .58", "worst song": "at least .35",
    "content": "at least .70", "minus": "at least .45", "named": "at least .85", "way": "at least .75",
    "filter": "at most .15",
    "clicks": "at most 0", "comb": "at most 0", "quiet": "at most 3", "level": "at most 1",
}  # fmt: skip
ANY_BOUNDS = {"score": "at least .58"}
UNITS = {"clicks": "/s", "comb": "dB", "quiet": "dB", "level": "dB"}


@dataclass(frozen=True)
class Settings:
    """What is measured, and how: strength 0 to 1, seed of the host's noise, songs at most, and where it is written."""

    model: Path = SHIPPED
    strength: float = 0.7
    seed: int = 0
    songs: int = 100
    peers: bool = True
    quality: str = "hifi"
    folder: Path = FOLDER
    say: Callable[[str], object] = lambda _: None


def rows() -> list[Row]:
    """Measure the shipped model; print the tables, write FOLDER with a page, its pictures and JSON."""
    found = []
    console = Console()
    settings = Settings(say=lambda s: console.print(f"[dim]{s} ..."))
    for measure, bounds in ((measure_own, SHIPPED_BOUNDS), (measure_any, ANY_BOUNDS)):
        report = measure(settings)
        if report:
            show(report, console)
            found += _rows(report, bounds)
    return found


def show(report: Report, console: Console) -> None:
    """Print the tables and what stands beside them."""
    for part in (*report.tables(), *report.sentences()):
        console.print(part)


def _rows(report: Report, bounds: dict[str, str]) -> list[Row]:
    systems = report.systems()
    ours, peer = systems[HOST], systems["imprint"]
    named = f"{report.title}: "
    return [
        Row(named + k, ours[k], UNITS.get(k, ""), "imprint", peer[k], note, more="least" in note)
        for k, note in bounds.items()
    ]


def measure_own(settings: Settings) -> Report:
    """The model's own textures, by exemplars of other seeds than it was trained on."""
    torch.set_num_threads(1)
    songs = clips(content_folder(), settings.songs)
    host = Host(settings.model, settings.strength, settings.seed, quality=settings.quality)
    targets = shipped(host.names)
    report = _measured("shipped textures", host, songs, targets, settings)
    settings.say("peaks and morphs")
    report.peaks.update(bench.hot_peaks(host.system, next(iter(songs.values())), targets))
    report.morphs.extend(morph.paths(host, list(songs.values())[-MORPHED:], targets))
    _write(report, host, songs, targets, settings.folder)
    return report


def measure_any(settings: Settings) -> Report | None:
    """Recordings that the model was never trained on; None if there are none."""
    torch.set_num_threads(1)
    targets = recorded(sounds_folder(), HELD_OUT_SOUNDS)
    if not targets:
        return None
    songs = clips(content_folder(), settings.songs)
    with TemporaryDirectory() as temporary:
        files = {t.name: Path(temporary) / f"{t.name}.wav" for t in targets}
        for target, file in zip(targets, files.values(), strict=True):
            soundfile.write(file, target.sound, SAMPLE_RATE, "FLOAT")
        host = Host(settings.model, settings.strength, settings.seed, files, settings.quality)
    report = _measured("any sound", host, songs, targets, settings)
    _write(report, host, songs, targets, settings.folder / "any")
    return report


def _measured(title: str, host: Host, songs: bench.Songs, targets: list[Target], settings: Settings) -> Report:
    results = []
    systems: dict[str, Callable[[str], bench.System]] = {HOST: host.system}
    if settings.peers:
        systems |= {name: partial(_peer, name) for name in PEERS}
    for name, system in systems.items():
        settings.say(f"{title}: {name}")
        results += bench.measure(name, system, songs, targets)
    facts: dict[str, str | float] = {
        "model": str(settings.model),
        "strength": settings.strength,
        "quality": settings.quality,
        "seed": settings.seed,
        "songs": len(songs),
    }
    return Report(title, facts, results)


def _peer(name: str, texture: str) -> bench.System:
    """Peers are told the sound, not the texture's name."""
    return PEERS[name]


def _write(report: Report, host: Host, songs: bench.Songs, targets: list[Target], folder: Path) -> None:
    """The page: of each texture its sound, the first song, and the song that comes out worst."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for target in targets:
        mine = [r for r in report.results if r.system == HOST and r.texture == target.name]
        sounds = {f"{target.name}: its own sound": target.sound[: 10 * SAMPLE_RATE]}
        for r in (mine[0], min(mine, key=lambda r: r.figures["score"])):
            sounds[f"{r.song}, before"] = songs[r.song]
            sounds[f"{r.song} as {target.name}: score {r.figures['score']:.2f}"] = host.system(target.name)(
                songs[r.song], target.sound
            )
        files.append(f"{target.name}.png")
        pictures.draw(folder / files[-1], sounds)
    report.write(folder / "textures.json")
    (folder / "index.html").write_text(report.page(files))

"""The benchmark as a whole: measure, write the files, sum up."""

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import soundfile
import torch

from benchmarks.table import Row
from benchmarks.textures import bench, morph, pictures
from benchmarks.textures.host import Host
from benchmarks.textures.peers import PEERS
from benchmarks.textures.report import HOST, Report
from benchmarks.textures.score import Target, clips, recorded, shipped
from rtengine.models.bands import SAMPLE_RATE
from rtengine.models.model import SHIPPED
from rtengine.models.songs import content_folder

FOLDER = Path("benchmarks.textures")
HELD_OUT = (
    "rain", "fire", "wind", "glass_beads", "metal_swirl", "bells_tinkle", "chime_balls", "radio_static", "birds",
    "sea_waves", "water_bubbles", "laser_zaps", "synth_arp", "scifi_computer", "crowd", "theremin_orchestra",
)  # recordings for the table of sounds that nobody trained on  # fmt: skip
MORPHED = 2  # songs


def rows() -> list[Row]:
    """Measure the shipped model; write FOLDER/index.html, its pictures and JSON."""
    found = []
    for report, bounds in ((measure(), SHIPPED_BOUNDS), (measure_any(), ANY_BOUNDS)):
        if report:
            found += _rows(report, bounds)
    return found


SHIPPED_BOUNDS = {
    "score": "at least .65", "worst texture": "at least .58", "worst song": "at least .35",
    "content": "at least .70", "minus": "at least .45", "named": "at least .85",
    "clicks": "0", "comb": "0", "quiet": "at most 3", "level": "within 1",
}  # fmt: skip
ANY_BOUNDS = {"score": "at least .58"}
UNITS = {"clicks": "/s", "comb": "dB", "quiet": "dB", "level": "dB"}


def _rows(report: Report, bounds: dict[str, str]) -> list[Row]:
    systems = report.systems()
    ours, peer = systems[HOST], systems["imprint"]
    named = f"{report.title}: "
    return [Row(named + k, ours[k], UNITS.get(k, ""), "imprint", peer[k], note) for k, note in bounds.items()]


def measure(
    model: Path = SHIPPED,
    strength: float = 0.7,
    folder: Path = FOLDER,
    *,
    peers: bool = True,
    seed: int = 0,
    say: Callable[[str], object] = lambda _: None,
) -> Report:
    """The model's own textures. Raises OSError if there are no songs to measure with."""
    torch.set_num_threads(1)
    songs, host = clips(content_folder()), Host(model, strength, seed)
    targets = shipped(host.names)
    report = _measured("shipped textures", host, dict(songs), targets, peers, say)
    say("morphs and peaks")
    report.peaks.update(bench.hot_peaks(host.system, next(iter(songs.values())), targets))
    report.morphs.extend(morph.paths(host, list(songs.values())[1 : 1 + MORPHED], targets))
    report.facts.update(model=str(model), strength=strength, seed=seed)
    _write(report, host, songs, targets, folder)
    return report


def measure_any(
    model: Path = SHIPPED,
    strength: float = 0.7,
    folder: Path = FOLDER / "any",
    *,
    peers: bool = True,
    seed: int = 0,
    say: Callable[[str], object] = lambda _: None,
) -> Report | None:
    """Recordings that the model was never trained on; None if there are none, or the model knows only its own."""
    torch.set_num_threads(1)
    recordings = Path(os.environ.get("RTENGINE_DATA", "../shared/data")) / "textures"
    targets = recorded(recordings, HELD_OUT)
    if not targets:
        return None
    songs = clips(content_folder())
    with TemporaryDirectory() as temporary:
        files = {t.name: Path(temporary) / f"{t.name}.wav" for t in targets}
        for target, file in zip(targets, files.values(), strict=True):
            soundfile.write(file, target.sound, SAMPLE_RATE, "FLOAT")
        host = Host(model, strength, seed, files)
    report = _measured("any sound", host, dict(songs), targets, peers, say)
    report.facts.update(model=str(model), strength=strength, seed=seed)
    _write(report, host, songs, targets, folder)
    return report


def _measured(
    title: str, host: Host, songs: bench.Songs, targets: list[Target], peers: bool, say: Callable[[str], object]
) -> Report:
    results = []
    systems: dict[str, Callable[[str], bench.System]] = {HOST: host.system}
    if peers:
        systems |= {name: lambda _, system=system: system for name, system in PEERS.items()}  # type: ignore[misc]
    for name, system in systems.items():
        say(f"{title}: {name}")
        results += bench.measure(name, system, songs, targets)
    return Report(title, {}, results)


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

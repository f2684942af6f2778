"""automix features FOLDER: what the stems of a data set are like, by role."""

import argparse
import sys
from collections import defaultdict
from pathlib import Path

from offline.automix.stems import files, folders, load
from offline.progress import progress
from rtengine.files.sink import beside


def run(options: argparse.Namespace) -> None:
    """Measure all songs, write the references as JSON and show them."""
    if len(options.stems) != 2:
        raise ValueError("features takes one folder, which has a folder with stems for each song")
    root = Path(options.stems[1])
    songs = folders(root)
    output = options.output or Path("features.json")
    if output.suffix.lower() != ".json":
        raise ValueError(f"{output} does not end in .json")
    from rtengine.dsp.console import features, roles

    found: dict[str, list[features.Features]] = defaultdict(list)
    unknown = 0
    with beside(output, options.force) as whole:
        with progress("songs", options.progress) as tell:
            for i, song in enumerate(songs):
                for path in files(song):
                    role = roles.by_name(path.stem)
                    if role is None:
                        unknown += 1
                        continue
                    track = load([path])
                    found[role].append(features.measure(track.stems[0], track.sample_rate))
                tell(i + 1, len(songs))
        if not found:
            raise ValueError(f"no file in {root} is named after what it plays: vocals, drums, bass ...")
        references = {role: features.mean(measured) for role, measured in sorted(found.items())}
        features.write(whole, references)
    if unknown:
        print(f"offline automix: {unknown} files are not named after what they play, and are left out", file=sys.stderr)
    print(f"{'role':8} {'songs':>5} {'LUFS':>7} {'peak':>7} {'+-':>5} {'crest':>6} {'onsets/s':>9} {'active':>7}")
    for role, f in references.items():
        numbers = f"{f.loudness:7.2f} {f.peak:7.2f} {f.peak_deviation:5.2f} {f.crest:6.1f} {f.density:9.2f}"
        print(f"{role:8} {len(found[role]):5d} {numbers} {f.active:7.2f}")
    print(f"{output}: the same with spectra and widths, for automix --references")

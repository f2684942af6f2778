"""score judge: pages on which people compare scored films, blind, and what they said in figures.

FOLDER has a folder for each film with its versions, one a system: holiday/ours.mp4, holiday/other.mp4. The pages show
every pair of versions of a film under names that tell nothing, in an order and on sides that are drawn for each rater.
Two views, as in the seed: creators rate each version on six scales, the audience on three; then which one is better.
"""

import argparse
import csv
import hashlib
import json
import os
import secrets
import shutil
from itertools import combinations
from pathlib import Path

from offline.score import votes
from offline.score.judge_page import page
from rtengine.files.sink import beside

FILMS = (".mp4", ".m4v", ".webm", ".mov", ".mkv")
PAGES, MEDIA, KEY = "judge", "media", "key.json"
VIEWS = {
    "creators": ("richness", "correctness", "structure", "rhythm match", "emotion match", "satisfaction"),
    "audience": ("rhythm match", "emotion match", "overall"),
}
ROLES = ("lay", "amateur", "professional")


def run(options: argparse.Namespace) -> None:
    """Write the pages, or with votes the figures; ValueError or OSError in a sentence."""
    if options.votes:
        report(options.folder, options.votes, options.out, options.force)
    else:
        pages(options.folder, options.force)


def versions(folder: Path) -> dict[str, dict[str, Path]]:
    """Files by film and system; ValueError if there is nothing to compare."""
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder")
    films = {f.name: {v.stem: v for v in sorted(f.iterdir()) if v.suffix.lower() in FILMS}
             for f in sorted(folder.iterdir()) if f.is_dir() and f.name != PAGES}  # fmt: skip
    found = {name: some for name, some in films.items() if len(some) >= 2}
    if not found:
        raise ValueError(f"{folder} has no folder with two versions of a film ({', '.join(FILMS)})")
    return found


def pages(folder: Path, force: bool) -> None:
    """Write FOLDER/judge: a page for each view, the films under blind names, and key.json, which tells them apart."""
    out = folder / PAGES
    known = versions(folder)
    if out.exists() and not force:
        raise FileExistsError(f"{out} exists, with its key: --force makes new ones, and old votes lose their meaning")
    part = folder / f".{PAGES}-{secrets.token_hex(4)}"
    try:
        (part / MEDIA).mkdir(parents=True)
        key, pairs = blind(known, part / MEDIA)
        (part / KEY).write_text(json.dumps(key, indent=1), encoding="utf-8")
        for view, scales in VIEWS.items():
            (part / f"{view}.html").write_text(page(view, scales, ROLES, pairs), encoding="utf-8")
        if out.exists():
            shutil.rmtree(out)
        part.rename(out)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    print(f"{out}: {len(pairs)} pairs of {len(known)} films; open {' or '.join(f'{v}.html' for v in VIEWS)}. "
          f"Do not give {KEY} to raters. Then: python -m offline score judge {folder} --votes *.csv")  # fmt: skip


def blind(known: dict[str, dict[str, Path]], media: Path) -> tuple[dict[str, dict[str, str]], list[list[str]]]:
    """Films linked or copied under random names. Returns {code: film and system} and the pairs of codes."""
    key: dict[str, dict[str, str]] = {}
    pairs: list[list[str]] = []
    for film, systems in known.items():
        codes = {}
        for system, path in systems.items():
            code = hashlib.sha256(secrets.token_bytes(16)).hexdigest()[:12] + path.suffix.lower()
            try:
                os.link(path, media / code)
            except OSError:  # another disk
                shutil.copyfile(path, media / code)
            key[code], codes[system] = {"film": film, "system": system}, code
        pairs += [[codes[a], codes[b]] for a, b in combinations(systems, 2)]
    return key, pairs


def report(folder: Path, files: list[Path], out: Path | None, force: bool) -> None:
    """Print means with intervals and preferences, and write them as CSV if asked for."""
    path = folder / PAGES / KEY
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist: these votes are of no pages of this folder")
    rows = votes.table(votes.read(files, json.loads(path.read_text(encoding="utf-8")), VIEWS, ROLES))
    for row in rows:
        print("  ".join(f"{value:<14}" if isinstance(value, str) else f"{value:7.2f}" for value in row))
    if out:
        with beside(out, force) as whole, whole.open("w", newline="", encoding="utf-8") as opened:
            csv.writer(opened).writerows([votes.COLUMNS, *rows])

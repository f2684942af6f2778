"""The graphs of a logged performance once more, from the files that were played."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rtengine.files import folders
from rtengine.graph import Graph
from rtengine.live.instrument import signed
from rtengine.patches import chain
from rtengine.patches.patch import Files, Setup
from rtengine.take.automation import Performance

BY_HAND: dict[str, Any] = {
    "patches": ["texture"],
    "settings": {},
    "files": {},
}  # of a graph that says no more of itself


def rebuild(
    performance: Performance,
    *,
    files: Mapping[str, Path] | None = None,
    folders_of: Mapping[str, Path] | None = None,
    threads: int = 0,
    seed: int = 0,
) -> Callable[[int], Graph]:
    """Builds the graphs on which a logged performance was played, by their numbers, for rtengine.live.replay.

    files: by kind, in place of those that are named in the log. folders_of: by kind, where the others are found.
    threads, seed: see Setup. The graphs raise ValueError or OSError if the files are not what was played.
    """

    def build(number: int) -> Graph:
        played = performance.graphs[number]
        about = {**BY_HAND, **played.about}
        patches = tuple(chain.find(name) for name in about["patches"])
        kinds = {kind: files_of for patch in patches for kind, files_of in patch.files.items()}
        chosen = {kind: {file.stem: file} for kind, file in (files or {}).items()}
        for kind, signatures in about["files"].items():
            folder = (folders_of or {}).get(kind) or folders.default(f"{kind}s")
            there = {name: found(signature, folder, kinds[kind]) for name, signature in signatures.items()}
            chosen.setdefault(kind, there)
        setup = Setup(
            performance.sample_rate, inputs=performance.inputs, seed=seed,
            settings=about["settings"], files=chosen,
        )  # fmt: skip
        with chain.build(patches, replace(setup, headroom=0)) as bare:
            headroom = played.latency - bare.latency
        if headroom < 0:
            raise ValueError(f"the performance has a latency of {played.latency}, this instrument {-headroom} more")
        return chain.build(patches, replace(setup, headroom=headroom, threads=threads))

    return build


def found(signature: Sequence[str], folder: Path, about: Files) -> Path:
    """The file of a log, the default one or one of the folder; ValueError or OSError if it is not the same."""
    name = str(signature[0])
    file = about.default if about.default and name == about.default.name else folder / Path(name).name
    if not file.is_file():
        raise OSError(f"there is no file {name} in {folder}")
    if signed(file) != list(signature):
        raise ValueError(f"{file} is not the {name} that was played: the files differ")
    return file

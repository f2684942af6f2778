"""What the graph that is played is built from: patches, their settings, and files of the player's own."""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from rtengine.files import folders
from rtengine.graph import Graph
from rtengine.patches import chain
from rtengine.patches.patch import Closer, Files, Patch, Setup, Sounds

LONGEST = 32  # characters of the name that a file gives
NAMELESS = "sound"  # how a file is played that is called in letters which no address may have


@dataclass(frozen=True)
class Instrument:
    """Patches in a chain, and what they are built for; folders: where other files of a kind are found by name."""

    patches: tuple[Patch, ...]
    setup: Setup
    folders: Mapping[str, Path] = field(default_factory=dict)

    def graph(self) -> Graph:
        """Build it: seconds where its code is to be compiled first."""
        return chain.build(self.patches, self.setup)

    def started(
        self, weights: Mapping[str, float] | None, turn: chain.Turn, kind: type[Graph] = Graph
    ) -> tuple[Graph, "Instrument"]:
        """Its graph with these weights of shares and files, see `blended`, and then turned; and what it was built from.

        None leaves the shares as they are. ValueError, KeyError or OSError in one sentence.
        """
        instrument, found = self.blended(weights or {}, [n for p in self.patches for n in p.shares(self.setup)])

        def both(graph: chain.Controls) -> None:
            if weights is not None:
                chain.blend(graph, found)
            turn(graph)

        return chain.build(instrument.patches, instrument.setup, both, kind), instrument

    @property
    def name(self) -> str:
        """The names of its patches."""
        return ",".join(patch.name for patch in self.patches)

    @property
    def kinds(self) -> dict[str, Files]:
        """The kinds of files that it plays from."""
        return {kind: files for patch in self.patches for kind, files in patch.files.items()}

    def folder(self, kind: str) -> Path:
        """Where the files of a kind are."""
        return self.folders.get(kind) or folders.default(f"{kind}s")

    def listed(self, kind: str) -> list[str]:
        """The files of a kind that could be played from."""
        return folders.listed(self.folder(kind), self.kinds[kind].endings)

    def chosen(self, kind: str) -> Sounds:
        """The files of a kind that it is built from, by the names under which they are played."""
        default = self.kinds[kind].default
        return self.setup.files.get(kind) or ({default.stem: default} if default else {})

    def with_file(self, kind: str, file: str, taken: Collection[str] = ()) -> "Instrument":
        """With a file of the folder, in place of one of the same name; ValueError or OSError in a sentence.

        Its ending need not be given where there is one alone. taken: names that the instrument has without the files;
        a file of such a name, or of one that becomes that of another file, is played as another, "water-2".
        """
        about = self.kinds[kind]
        if len(about.endings) == 1 and not file.lower().endswith(about.endings):
            file += about.endings[0]
        path = folders.find(self.folder(kind), file, about.endings, about.largest)
        here = self.chosen(kind)
        again = next((name for name, other in here.items() if path.stem in (other.stem, heard_in(other, about))), None)
        name = again or self._free(played_as(path), {*taken, *here} if about.many else {*taken} - {*here})
        return replace(self, setup=self.setup.with_file(kind, name, path, about.many))

    def without_file(self, kind: str, name: str) -> "Instrument":
        """Without one of the files, by the name under which it is played; ValueError if there is none."""
        there = self.setup.files.get(kind, {})
        if name not in there:
            raise ValueError(f"there is no {kind} {name[:80]!r}: {', '.join(there) or 'none was added'}")
        return replace(self, setup=self.setup.without_file(kind, name))

    def blended(self, weights: Mapping[str, float], known: Sequence[str]) -> tuple["Instrument", dict[str, float]]:
        """With the files among the keys, and the weights by the names of shares; known: those it has without files.

        ValueError if a key is neither known nor a file.
        """
        kind = next((patch.blends for patch in self.patches if patch.blends), "")
        instrument, found = self, dict[str, float]()
        for key, weight in weights.items():
            if key in known:
                found[key] = weight
                continue
            if not kind or not Path(key).is_file():
                raise ValueError(f"there is no texture {key}, nor a file: choose from {', '.join(known)}")
            name = self._free(played_as(Path(key)), {*known, *found})
            found[name] = weight
            instrument = replace(instrument, setup=instrument.setup.with_file(kind, name, Path(key), True))
        return instrument, found

    @staticmethod
    def _free(name: str, taken: Collection[str]) -> str:
        """The name, or the next one that is not taken: water, water-2, water-3."""
        return name if name not in taken else next(n for i in count(2) if (n := f"{name}-{i}") not in taken)

    def about(self) -> dict[str, Any]:
        """What it is, for a log: the files' names and the beginnings of their SHA-256."""
        files = {k: {name: signed(path) for name, path in self.chosen(k).items()} for k in self.kinds}
        return {"patches": [p.name for p in self.patches], "settings": dict(self.setup.settings), "files": files}


def played_as(file: Path) -> str:
    """The name under which a file is played: its own, in the letters that an address may have; else NAMELESS."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", file.stem).strip("_")[:LONGEST] or NAMELESS


def closer_name(file: Path, number: int, closer: Closer) -> str:
    """What the file is called that is made of one by listening to it closely; number: from 1 on, if that is taken."""
    return f"{file.stem}-closer{f'-{number}' if number > 1 else ''}{closer.ending}"


def heard_in(file: Path, about: Files) -> str:
    """The name, without its ending, of the sound of which a file was made by listening, "" if it is none of these."""
    found = re.fullmatch(r"(.+)-closer(-\d+)?", file.stem)
    return found[1] if found and about.closer and file.suffix.lower() == about.closer.ending else ""


def signed(file: Path) -> list[str]:
    """A file's name, and the beginning of its SHA-256."""
    return [file.name, hashlib.sha256(file.read_bytes()).hexdigest()[:16]]


def known_names(graph: Graph, instrument: Instrument) -> set[str]:
    """The names of parameters that a graph has without the files that were added."""
    kind = next((patch.blends for patch in instrument.patches if patch.blends), "")
    names = {address.rpartition("/")[2] for address in graph.parameters}
    return names - {*(instrument.setup.files.get(kind, {}) if kind else ())}

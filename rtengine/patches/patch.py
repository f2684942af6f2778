"""A patch is a value: what an instrument is called, what it is built from and by, and which files it plays from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Self

from rtengine.block import Block, Parameter

Sounds = Mapping[str, Path]  # files by the names under which they are played
NO_WIRES: Mapping[str, str] = MappingProxyType({})


class Closer(NamedTuple):
    """How a file becomes one that was listened to closely: by a module, see rtengine.live.closer; and its ending."""

    module: str
    ending: str


class Files(NamedTuple):
    """A kind of file that a patch plays from: what for, their endings, and the most bytes of one.

    many: any number at once, each by its name; else one in place of another. default: the one that comes with it.
    closer: how one of them becomes a better one while it is played, if there is a way.
    """

    doc: str
    endings: tuple[str, ...]
    largest: int
    many: bool = False
    default: Path | None = None
    closer: Closer | None = None


@dataclass(frozen=True)
class Setup:
    """What a graph is built for, and out of.

    sample_rate in Hz; block_size: the largest buffer that comes, in samples; inputs: channels. live: for an Engine,
    whose threads are given latency and never waited for; else `threads` native threads, 0 to run the slow parts within
    `process`. headroom: the threads' share of the latency in samples, if not what these say. seed: of all noise.
    settings: values by name, as the patch declares them; those that are not named have their defaults. files: by kind
    and name.
    """

    sample_rate: float
    block_size: int = 512
    inputs: int = 2
    live: bool = False
    threads: int = 0
    headroom: int | None = None
    seed: int = 0
    settings: Mapping[str, float] = field(default_factory=dict)
    files: Mapping[str, Sounds] = field(default_factory=dict)

    def with_file(self, kind: str, name: str, path: Path, many: bool) -> Self:
        """With another file of a kind, beside those that are there or in their place."""
        there = self.files.get(kind, {}) if many else {}
        return replace(self, files={**self.files, kind: {**there, name: path}})

    def without_file(self, kind: str, name: str) -> Self:
        """Without one of the files."""
        left = {n: path for n, path in self.files.get(kind, {}).items() if n != name}
        return replace(self, files={**self.files, kind: left})


class Part(NamedTuple):
    """What a patch puts into a graph: its blocks in order, what is wired to what, and where parameters start."""

    blocks: Mapping[str, Block]
    wires: Mapping[str, str] = NO_WIRES
    start: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, eq=False)  # one of a name is itself
class Patch:
    """An instrument: name and doc for people, settings (declared like parameters) and files for `build`.

    build: ValueError or OSError in one sentence if it cannot be. inputs: how few and how many channels it takes.
    controls: addresses by the short names that a command line has for them. blends: the kind of files of which each
    becomes a share to be blended, or ""; shares: the names of those that there are without such files.
    """

    name: str
    doc: str
    build: Callable[[Setup], Part]
    settings: Mapping[str, Parameter] = field(default_factory=dict)
    files: Mapping[str, Files] = field(default_factory=dict)
    inputs: tuple[int, int] = (1, 2)
    controls: Mapping[str, str] = field(default_factory=dict)
    blends: str = ""
    shares: Callable[[Setup], Sequence[str]] = lambda setup: ()

    def setting(self, setup: Setup, name: str) -> float:
        """A setting's value; ValueError with the value and the bound."""
        return self.settings[name].check(name, setup.settings.get(name, self.settings[name].default))

    def file(self, setup: Setup, kind: str) -> Path:
        """The file of a kind of which there is one: the one that was chosen, or the default."""
        chosen = list(setup.files.get(kind, {}).values())
        default = self.files[kind].default
        if not chosen and default is None:
            raise ValueError(f"{self.name} needs a file: {self.files[kind].doc}")
        return chosen[0] if chosen else default  # type: ignore[return-value]  # one of them there is

"""What is to be exported, and the graphs that it means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rtengine.graph import Graph
from rtengine.listing import Native
from rtengine.live.instrument import Instrument
from rtengine.patches.chain import assign, chained, parsed
from rtengine.patches.patch import Setup

RATES = (44_100, 48_000, 88_200, 96_000)  # Hz
USUAL = (1, 2)  # channels


class Nowhere:
    """Stands for code that is not run in this process."""

    address = 0


class Unrun(Graph):
    """A graph that is laid out, and not compiled."""

    compiled = staticmethod(lambda source: Native(Nowhere, Nowhere))  # type: ignore[assignment]


@dataclass(frozen=True)
class Order:
    """An instrument, as the command lines of a host and of renders say it: all that is not said has its default.

    presets: targets of parameters by address, by names.
    """

    name: str
    patch: str = "texture"
    blend: Mapping[str, float] | None = None
    settings: tuple[tuple[str, str], ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    mix: float | None = None
    model: Path | None = None
    rates: tuple[int, ...] = RATES
    channels: tuple[int, ...] = ()
    presets: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        """The name in small letters, digits and -."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-") or "instrument"

    @property
    def counts(self) -> tuple[int, ...]:
        """The numbers of channels for which there is to be a plug-in; ValueError if the patch cannot take one."""
        low, high = chained(self.patch)[0].inputs
        for count in self.channels:
            if not low <= count <= high:
                raise ValueError(f"{count} channels are not {low} to {high}, which {self.patch} takes")
        return self.channels or tuple(c for c in USUAL if low <= c <= high) or (low,)

    def graph(self, sample_rate: int, channels: int, **setup: Any) -> Graph:
        """It for one rate (Hz), not compiled; setup: more of rtengine.patches.patch.Setup. Errors in a sentence."""
        patches = chained(self.patch)
        files = {"model": {self.model.stem: self.model}} if self.model else {}
        settings = parsed(patches, self.settings)
        about = Setup(sample_rate, inputs=channels, settings=settings, files=files, **setup)
        mixes = [p.controls["mix"] for p in patches if "mix" in p.controls and self.mix is not None]
        values = [*((address, str(self.mix)) for address in mixes), *self.values]
        return Instrument(patches, about).started(self.blend, lambda graph: assign(graph, values), Unrun)[0]

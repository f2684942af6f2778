"""What was measured, as a table for a terminal, as JSON and as a page of pictures."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path

from rich.table import Table

from benchmarks.textures.bench import Result, means
from benchmarks.textures.morph import Path as Morph

HOST = "this host"
COLUMNS = {  # heading: figure
    "score": "score", "worst": "worst song", "content": "content", "texture": "texture", "reach": "reach",
    "minus": "minus", "named": "named", "near": "near", "gate": "gate", "way": "way", "heard": "heard",
    "filter": "filter", "filters": "filters", "envelopes": "envelopes", "rate-scale": "rate-scale",
    "chroma": "chroma", "melody": "melody", "onsets": "onsets", "loudness": "loudness",
    "clicks/s": "clicks", "comb dB": "comb", "seams dB": "seams", "quiet dB": "quiet", "level dB": "level",
}  # fmt: skip


@dataclass(frozen=True)
class Report:
    """All results, and where it applies the true peaks (dBTP) by texture, and the morphs."""

    title: str
    facts: dict[str, str | float]
    results: list[Result]
    peaks: dict[str, float] = field(default_factory=dict)
    morphs: list[Morph] = field(default_factory=list)

    def systems(self) -> dict[str, dict[str, float]]:
        """Mean figures by system."""
        return _grouped(self.results, "system")

    def textures(self, system: str = HOST) -> dict[str, dict[str, float]]:
        """Mean figures of one system by texture."""
        return _grouped([r for r in self.results if r.system == system], "texture")

    def songs(self, system: str = HOST) -> dict[str, dict[str, float]]:
        """Mean figures of one system by song."""
        return _grouped([r for r in self.results if r.system == system], "song")

    def write(self, file: Path) -> None:
        """Write everything as JSON."""
        tables = {"systems": self.systems(), "textures": self.textures(), "songs": self.songs()}
        rest = {"results": [asdict(r) for r in self.results], "peaks": self.peaks}
        paths = [{"pair": m.names, "places": m.places, "back": m.back} for m in self.morphs]
        file.write_text(json.dumps({"title": self.title} | self.facts | tables | rest | {"morphs": paths}, indent=1))

    def tables(self) -> list[Table]:
        """For a terminal: the systems, then the host by texture and by song."""
        parts = {self.title: self.systems(), "by texture": self.textures(), "by song": self.songs()}
        return [_table(title, rows) for title, rows in parts.items() if rows]

    def sentences(self) -> list[str]:
        """What no table holds: morphs and peaks."""
        found = []
        if self.morphs:
            good = sum(m.monotone for m in self.morphs)
            worst = max(self.morphs, key=lambda m: m.back)
            found.append(
                f"{good} of {len(self.morphs)} morphs are monotone; the farthest step back is {worst.back:.2f} of the "
                f"way, from {worst.names[0]} to {worst.names[1]}"
            )
        if self.peaks:
            name = max(self.peaks, key=lambda n: self.peaks[n])
            found.append(f"highest true peak of a song at full scale: {self.peaks[name]:.2f} dBTP ({name})")
        return found

    def page(self, pictures: Sequence[str]) -> str:
        """As HTML."""
        parts = {self.title: self.systems(), "By texture": self.textures(), "By song": self.songs()}
        body = "".join(f"<h2>{escape(title)}</h2>{_html(rows)}" for title, rows in parts.items() if rows)
        body += "".join(f"<p>{escape(s)}.</p>" for s in self.sentences())
        body += "".join(f'<p><img src="{escape(p)}" alt="{escape(p)}"></p>' for p in pictures)
        style = "body{font:14px sans-serif}td,th{padding:1px 6px;text-align:right}img{max-width:100%}"
        return f"<!doctype html><meta charset=utf-8><title>Textures</title><style>{style}</style>{body}"


def _grouped(results: list[Result], by: str) -> dict[str, dict[str, float]]:
    groups: dict[str, list[Result]] = {}
    for r in results:
        groups.setdefault(getattr(r, by), []).append(r)
    return {name: means(group) for name, group in groups.items()}


def _table(title: str, rows: Mapping[str, Mapping[str, float]]) -> Table:
    drawn = Table(title=title, title_justify="left", padding=(0, 0))
    drawn.add_column("")
    for heading in COLUMNS:
        drawn.add_column(heading, justify="right")
    for name, figures in rows.items():
        drawn.add_row(name, *(f"{figures[key]:.2f}" for key in COLUMNS.values()))
    return drawn


def _html(rows: Mapping[str, Mapping[str, float]]) -> str:
    head = "".join(f"<th>{escape(h)}" for h in ("", *COLUMNS))
    lines = "".join(
        f"<tr><td>{escape(name)}" + "".join(f"<td>{figures[key]:.2f}" for key in COLUMNS.values())
        for name, figures in rows.items()
    )
    return f"<table><tr>{head}{lines}</table>"

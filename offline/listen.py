"""listen: say what a file sounds like."""

import argparse
import json
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from rtengine.library.hear import Heard
    from rtengine.models.listen.head import Head

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 60  # columns of a course
QUIETEST, LOUDEST = -40.0, -5.0  # LUFS, of the lowest and the highest bar
PART = 30.0  # seconds of music for a genre, as the head was trained on


def run(options: argparse.Namespace) -> None:
    """Listen to each file; ValueError or OSError in one sentence if one cannot be heard."""
    from rtengine.files.source import open_source

    sources = [open_source(file) for file in options.files]  # bad ones are found before any work
    from rtengine.library.hear import LIVE_HOP, hear
    from rtengine.models.listen.head import SHIPPED as HEAD
    from rtengine.models.listen.head import load_head
    from rtengine.models.listen.model import SHIPPED, load_model

    model = load_model(options.model or SHIPPED)
    head = load_head(options.head or HEAD)
    if options.head and head.model != model.digest:
        raise ValueError(f"{options.head} was trained on another model than {model.file}")
    known = head if head.model == model.digest else None
    for source in sources:
        heard = hear(source, model, LIVE_HOP)
        found = told(str(source.path), heard, model.tags, known, options.top)
        print(json.dumps(found) if options.json else text(found))


def told(name: str, heard: "Heard", tags: tuple[str, ...], head: "Head | None", top: int) -> dict[str, object]:
    """What was heard as plain values."""
    mean = heard.taggram.mean(axis=0)
    best = np.argsort(-mean, kind="stable")[:top]
    found: dict[str, object] = {
        "file": name,
        "seconds": round(heard.seconds, 3),
        "tags": {tags[i]: round(float(mean[i]), 4) for i in best},
        "genre": genre(heard, head) if head else None,
        "tempo": round(heard.tempo, 1) or None,
        "key": heard.key.name or None,
        "loudness": finite(heard.loudness),
        "loudness_each_second": [finite(v) for v in heard.course.tolist()],
        "tags_over_time": [
            {"until": round(float(t), 2), "tags": {tags[i]: round(float(row[i]), 3) for i in np.argsort(-row)[:3]}}
            for t, row in zip(heard.times(), heard.taggram, strict=True)
        ],
    }
    return found | ({"damage": heard.damage} if heard.damage else {})


def genre(heard: "Heard", head: "Head") -> dict[str, object]:
    """The verdict over all parts of 30 s, and the probabilities of the three likeliest."""
    p = head.course(heard.taggram, round(PART * len(heard.taggram) / max(heard.seconds, PART)) or 1).mean(axis=0)
    likely = {head.genres[i]: round(float(p[i]), 3) for i in np.argsort(-p)[:3]}
    return {"name": head.verdict(p), "probabilities": likely}


def finite(value: float) -> float | None:
    """A level for JSON, which has no infinity: None of silence."""
    return round(value, 2) if np.isfinite(value) else None


def text(found: dict[str, object]) -> str:
    """The same for people."""
    tags, verdict, level = found["tags"], found["genre"], found["loudness"]
    assert isinstance(tags, dict)
    lines = [f"{found['file']}  {clock(float(str(found['seconds'])))}"]
    lines.append("  tags      " + ", ".join(f"{name} {value:.2f}" for name, value in tags.items()))
    if isinstance(verdict, dict):
        name, chances = verdict["name"], verdict["probabilities"]
        lines.append(f"  genre     {name}" + (f" {chances[name]:.2f}" if name in chances else ""))
    tempo = f"{found['tempo']} beats a minute" if found["tempo"] else "no steady beat"
    lines.append(f"  tempo     {tempo}")
    lines.append(f"  key       {found['key'] or 'unsure'}")
    lines.append(f"  loudness  {'silence' if level is None else f'{level} LUFS'}")
    lines.append("            " + bars(found["loudness_each_second"]))
    return "\n".join([*lines, *([f"  {found['damage']}"] if "damage" in found else [])])


def bars(levels: object) -> str:
    """The course of loudness in up to 60 columns."""
    assert isinstance(levels, list)
    x = np.array([QUIETEST if v is None else v for v in levels] or [QUIETEST], float)
    columns = [part.max() for part in np.array_split(x, min(WIDTH, len(x)))]
    height = (np.clip(columns, QUIETEST, LOUDEST) - QUIETEST) / (LOUDEST - QUIETEST)
    return "".join(BARS[round(h * (len(BARS) - 1))] for h in height)


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02}"

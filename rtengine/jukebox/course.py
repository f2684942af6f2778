"""How a piece goes: its waveform, its tags every two seconds, its genre every 30 s, its loudness every second."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from rtengine.files.beside import beside
from rtengine.files.source import open_source
from rtengine.library.analysis import fitting
from rtengine.library.decoding import speakable
from rtengine.library.hear import LIVE_HOP, Ears, seconds_of
from rtengine.models.listen.front_end import HOP_LENGTH, RATE
from rtengine.models.listen.model import load_model

COLUMNS = 1200  # of the waveform
LANES = 6  # tags
PART = round(30 * RATE / HOP_LENGTH / LIVE_HOP)  # windows to a genre


def kept(file: Path, folder: Path, digest: str) -> str:
    """The course as JSON, heard once and kept; a sentence in {"trouble": ...} if it cannot be heard."""
    model = load_model()
    known = folder / f"{digest[:32]}-{model.digest[:16]}.json"
    if known.exists():
        return known.read_text("utf-8")
    try:
        with speakable(file) as path:
            text = json.dumps(course(path))
        folder.mkdir(exist_ok=True)
        with beside(known, True) as whole:
            whole.write_text(text, "utf-8")
    except (OSError, ValueError) as error:
        return json.dumps({"trouble": " ".join(str(error).split())})
    return text


def course(file: Path) -> dict[str, Any]:
    """Heard from the beginning to the end."""
    source, model = open_source(file), load_model()
    head = fitting(model)
    ears = Ears(source.sample_rate, source.channels, model, LIVE_HOP)
    low, high = [], []
    grain = max(source.samples // (4 * COLUMNS), 64)  # finer than the columns, for the length is a hint
    for x in seconds_of(source.blocks(), source.sample_rate):
        ears.hear(x)
        mono = x.mean(axis=0)
        edges = np.arange(0, len(mono), grain)
        low.append(np.minimum.reduceat(mono, edges))
        high.append(np.maximum.reduceat(mono, edges))
    heard = ears.finish(source.damage)
    best = np.argsort(-heard.taggram.mean(axis=0), kind="stable")[:LANES]
    genres = []
    if head:
        for n, p in enumerate(head.course(heard.taggram, PART)):
            likely = np.argsort(-p)[:2]
            at = n * PART * LIVE_HOP * HOP_LENGTH / RATE
            genres.append({"from": round(at, 1), "name": head.verdict(p),
                           "likely": {head.genres[i]: round(float(p[i]), 2) for i in likely}})  # fmt: skip
    return {
        "seconds": heard.seconds,
        "low": _columns(np.concatenate(low), np.minimum),
        "high": _columns(np.concatenate(high), np.maximum),
        "hop": LIVE_HOP * HOP_LENGTH / RATE,
        "tags": {model.tags[i]: [round(float(v), 3) for v in heard.taggram[:, i]] for i in best},
        "genres": genres,
        "loudness": [round(float(v), 1) if np.isfinite(v) else None for v in heard.course],
    }


def _columns(x: Any, extreme: np.ufunc) -> list[float]:
    edges = np.unique(np.linspace(0, len(x), min(COLUMNS, len(x)) + 1).astype(int)[:-1])
    return [round(float(v), 3) for v in extreme.reduceat(x, edges)]

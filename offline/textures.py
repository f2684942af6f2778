"""textures: list them, and write the sounds that they are made after."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from rtengine.files.sink import Sink, beside, check_path

SAMPLE_RATE = 44_100  # Hz


def run(options: argparse.Namespace) -> None:
    """List the textures; write their exemplars if a folder is named, all or none."""
    from rtengine.models.exemplars import EXEMPLARS
    from rtengine.patches.texture import textures

    known = textures()
    about = {name: _first_sentence(EXEMPLARS[name]) if name in EXEMPLARS else "" for name in known}
    files = export([n for n in known if n in EXEMPLARS], options) if options.export else {}
    if options.json:
        print(json.dumps([_entry(name, about[name], files.get(name)) for name in known], indent=2))
        return
    for name in known:
        print(f"{name:<12}{files.get(name, about[name])}")


def export(names: Sequence[str], options: argparse.Namespace) -> dict[str, Path]:
    """Write one mono WAV for each name; returns where. Nothing is written if one of them exists, unless forced."""
    from rtengine.models.exemplars import exemplar

    options.export.mkdir(exist_ok=True)
    files = {name: options.export / f"{name}.wav" for name in names}
    for file in files.values():
        check_path(file, options.force)
    for name, file in files.items():
        x = exemplar(name, options.seconds, SAMPLE_RATE)[None]
        with beside(file, options.force) as whole, Sink(whole, ".wav", SAMPLE_RATE, 1, name=file) as sink:
            sink.write(x)
    return files


def _entry(name: str, about: str, file: Path | None) -> dict[str, str]:
    entry = {"name": name, "description": about, "address": f"/texture/{name}"}
    return entry | {"file": str(file)} if file else entry


def _first_sentence(function: object) -> str:
    return (function.__doc__ or "").strip().split("\n")[0]

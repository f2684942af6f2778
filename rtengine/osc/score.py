"""What can be asked of a score on the stage: markers, stretches, parts, and what there is to show of it.

Answers are JSON, cut to what a packet holds: `until` says up to which second of the film the answer goes.
"""

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rtengine.osc.arguments import scene_name, text
from rtengine.osc.packet import LARGEST, Argument, encode

if TYPE_CHECKING:
    from rtengine.live.engine import Engine
    from rtengine.score.session import Session
    from rtengine.score.stage import Stage

ROOM = LARGEST // 2  # bytes of an answer's text
CURVES = ("motion", "valence", "arousal", "brightness")
Arguments = Sequence[Argument]


class Action(NamedTuple):
    """As rtengine.osc.commands.Command, which is made of it: types, doc, run, slow."""

    types: str
    doc: str
    run: Any
    slow: bool = False


def stage(controls: "Engine") -> "Stage":
    """The stage; ValueError if no score is played."""
    if controls.score is None:
        raise ValueError("no score is played: start with --patch score --film FILE")
    return controls.score


def session(controls: "Engine") -> "Session":
    """The film's session; ValueError if there is none."""
    found = stage(controls).session
    if found is None:
        raise ValueError("there is no film to edit: a camera's music cannot be changed afterwards")
    return found


def seconds(arguments: Arguments, count: int) -> list[float]:
    """So many numbers, of which those behind the first `count` may be missing."""
    found = [a for a in arguments if isinstance(a, int | float) and np.isfinite(a)]
    if len(found) != len(arguments) or len(found) < count:
        raise ValueError(f"this takes {count} time{'s' if count > 1 else ''} in seconds")
    return [float(a) for a in found]


def play(controls: "Engine", arguments: Arguments) -> None:
    if len(arguments) != 1 or arguments[0] not in (0, 1):
        raise ValueError("on or off is T, F, 1 or 0")
    stage(controls).play(bool(arguments[0]))


def seek(controls: "Engine", arguments: Arguments) -> None:
    stage(controls).seek(seconds(arguments, 1)[0])


def add(controls: "Engine", arguments: Arguments) -> None:
    time, *snap = seconds(arguments, 1)
    session(controls).add(time, not snap or snap[0] != 0)
    stage(controls).changed()


def move(controls: "Engine", arguments: Arguments) -> None:
    time, to, *snap = seconds(arguments, 2)
    session(controls).move(time, to, not snap or snap[0] != 0)
    stage(controls).changed()


def remove(controls: "Engine", arguments: Arguments) -> None:
    session(controls).remove(seconds(arguments, 1)[0])
    stage(controls).changed()


def regenerate(controls: "Engine", arguments: Arguments) -> None:
    start, end, *_ = seconds(arguments, 2)
    session(controls).regenerate(start, end)
    stage(controls).changed()


def lock(controls: "Engine", arguments: Arguments) -> None:
    if len(arguments) != 2 or not isinstance(arguments[0], str) or arguments[1] not in (0, 1):
        raise ValueError("this takes the name of a part, and T or F")
    session(controls).lock(arguments[0], bool(arguments[1]))
    stage(controls).changed()


def instrument(controls: "Engine", arguments: Arguments) -> None:
    from rtengine.patches.score import CHANNELS
    from rtengine.score.notes import PARTS

    match arguments:
        case (str(part), str(name)) if part in PARTS and name in {*CHANNELS, "off"}:
            wishes = session(controls).wishes
            session(controls).wish(instruments={**wishes.instruments, part: name})
            stage(controls).changed()
        case _:
            raise ValueError(f"this takes a part ({', '.join(PARTS)}) and an instrument "
                             f"({', '.join(sorted({*CHANNELS}))}) or off")  # fmt: skip


def seed(controls: "Engine", arguments: Arguments) -> None:
    if len(arguments) != 1 or not isinstance(arguments[0], int) or not 0 <= arguments[0] < 2**31:
        raise ValueError("a seed is a whole number from 0 to 2147483647")
    session(controls).wish(seed=int(arguments[0]))
    stage(controls).changed()


def export(controls: "Engine", arguments: Arguments) -> None:
    from rtengine.blocks.sampler.fonts import load_bank
    from rtengine.blocks.sampler.instruments.own import own_bank
    from rtengine.patches.score import PROGRAMS
    from rtengine.score.export import ending, export

    name, here = scene_name(text(arguments)), session(controls)
    fonts = list(controls.instrument.setup.files.get("soundfont", {}).values()) if controls.instrument else []
    path = controls.takes.folder / f"{name}{ending(here)}"
    for there in (path, path.with_suffix(".mid")):
        if there.exists():
            raise ValueError(f"{there.name} exists among the takes: choose another name")
    export(here, load_bank(fonts[0], PROGRAMS) if fonts else own_bank(), path, stage(controls).parts())
    controls.say(f"exported as {path.name}")


def about(controls: "Engine", arguments: Arguments) -> bytes:
    """The film, the piece, the markers that fit."""
    here, now = session(controls), stage(controls)
    film, piece, wishes = here.film, here.piece, here.wishes
    facts = {
        "film": str(film.film.path), "end": film.end, "version": now.version, "mood": piece.mood,
        "tempo": round(piece.grid.tempo, 1), "instruments": piece.instruments, "seed": wishes.seed,
        "locked": sorted(wishes.locked), "composer": "network" if here.model else "rules",
    }  # fmt: skip
    return encode("/score/about.reply", json.dumps(facts)[:ROOM])


def markers(controls: "Engine", arguments: Arguments) -> bytes:
    first, *_ = seconds(arguments, 1)
    here = session(controls)
    by_hand = {h.time for h in here.wishes.added}
    rows = [[round(m.time, 3), round(m.strength, 2), int(m.cut), int(m.time in by_hand)] for m in here.markers]
    return _reply("/score/markers.reply", rows, first, here.film.end)


def notes(controls: "Engine", arguments: Arguments) -> bytes:
    from rtengine.score.notes import PARTS

    first, *_ = seconds(arguments, 1)
    here = session(controls)
    rows = [[round(n.start, 3), round(n.end, 3), n.pitch, round(n.velocity, 2), PARTS.index(n.part)]
            for n in here.piece.notes]  # fmt: skip
    return _reply("/score/notes.reply", rows, first, here.film.end)


def bars(controls: "Engine", arguments: Arguments) -> bytes:
    first, *_ = seconds(arguments, 1)
    here = session(controls)
    rows = [[round(float(here.piece.grid.time(b)), 3), b] for b in range(0, here.piece.grid.last + 1, 4)]
    return _reply("/score/bars.reply", rows, first, here.film.end)


def curves(controls: "Engine", arguments: Arguments) -> bytes:
    from rtengine.film.mood import RATE

    first, *_ = seconds(arguments, 1)
    here = session(controls)
    parts = [getattr(here.film.mood, name) for name in CURVES]
    rows = [[i / RATE, *(round(float(v), 2) for v in row)] for i, row in enumerate(zip(*parts, strict=True))]
    return _reply("/score/curves.reply", rows, first, here.film.end)


def _reply(address: str, rows: Iterable[list[float]], first: float, end: float) -> bytes:
    """Rows from a time on, as many as fit; then the time from which to ask again, or the film's end."""
    found: list[str] = []
    size, until = 0, end
    for row in rows:
        if row[0] < first:
            continue
        text = json.dumps(row, separators=(",", ":"))
        size += len(text) + 1
        if size > ROOM:
            until = row[0]
            break
        found.append(text)
    return encode(address, first, float(until), f"[{','.join(found)}]")


ACTIONS = {
    "/score/play": Action("T", "go on with the film, or pause it", play),
    "/score/seek": Action("f", "go to this second of the film", seek),
    "/score/marker/add": Action("ff", "set a marker at this second; 0 behind it: exactly there, not at what is near",
                                add, slow=True),
    "/score/marker/move": Action("fff", "move the marker at this second to that one; 0 behind it: exactly there",
                                 move, slow=True),
    "/score/marker/remove": Action("f", "take the marker at this second away", remove, slow=True),
    "/score/regenerate": Action("ff", "write other notes from this second to that one", regenerate, slow=True),
    "/score/lock": Action("sT", "keep a part's notes as they are, or let it follow again", lock, slow=True),
    "/score/instrument": Action("ss", "let a part be played by an instrument, or by none: off", instrument, slow=True),
    "/score/seed": Action("i", "write another piece: of all choices", seed, slow=True),
    "/score/export": Action("s", "write the film with what is heard, and its notes, under this name among the takes",
                            export, slow=True),
    "/score/about": Action("I", "answered by /score/about.reply: film, tempo, mood, instruments as JSON", about),
    "/score/markers": Action("f", "answered by /score/markers.reply: from, until, [[second, strength, cut, by hand]]",
                             markers),
    "/score/notes": Action("f", "answered by /score/notes.reply: from, until, [[start, end, pitch, loudness, part]]",
                           notes),
    "/score/bars": Action("f", "answered by /score/bars.reply: from, until, [[second, beat]]", bars),
    "/score/curves": Action("f", f"answered by /score/curves.reply: from, until, [[second, {', '.join(CURVES)}]]",
                            curves),
}  # fmt: skip

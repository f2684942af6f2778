"""library: listen to folders of music; what is like a piece, a way between two, a radio, a search."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from rtengine.files.disk import written
from rtengine.files.folders import default
from rtengine.files.names import printable, shown
from rtengine.files.sink import beside, check_path

if TYPE_CHECKING:
    from rtengine.library.choose import Choice, Chooser
    from rtengine.library.scan import Progress
    from rtengine.library.store import Library


EMPTY = "the library is empty: python -m offline library add FOLDER"


def run(options: argparse.Namespace) -> None:
    """Do what the options say; ValueError, KeyError or OSError in one sentence if it cannot be done."""
    if getattr(options, "m3u8", None):
        if options.m3u8.suffix.lower() not in (".m3u8", ".m3u"):
            raise ValueError(f"the playlist {options.m3u8} does not end in .m3u8")
        check_path(options.m3u8, options.force)
    from rtengine.library.store import Library

    library = Library(options.library or default("library"))
    try:
        actions = {"add": add, "list": listed, "library": listed, "rate": rate}
        actions.get(options.action, chosen)(library, options)
    finally:
        library.close()


def add(library: "Library", options: argparse.Namespace) -> None:
    """Scan the folders, with the time that is left."""
    from rtengine.library.scan import scan

    with telling(options.json) as tell:
        done = scan(library, options.folders, options.threads, options.again, tell)
    errors = library.errors()
    if options.json:
        found = {"found": done.found, "known": done.known, "moved": done.moved, "heard": done.heard,
                 "failed": done.failed, "gone": done.gone, "errors": [[str(p), why] for p, why in errors]}  # fmt: skip
        print(json.dumps(found))
        return
    parts = {"heard": done.heard, "known before": done.known, "moved": done.moved, "gone": done.gone}
    print(
        f"{done.found} {'file' if done.found == 1 else 'files'}: "
        + ", ".join(f"{n} {what}" for what, n in parts.items() if n or what == "heard")
    )
    if done.failed:
        print(f"{done.failed} could not be read: python -m offline library list --errors")


@contextmanager
def telling(as_json: bool) -> Iterator[Callable[["Progress"], None]]:
    """A bar with the time left for people, lines on stderr for programs, nothing where no one watches."""
    if as_json:
        yield lambda p: print(json.dumps(vars(p)), file=sys.stderr, flush=True)
    elif not sys.stderr.isatty():
        yield lambda p: None
    else:
        yield lambda p: print(line(p), end="\r", file=sys.stderr, flush=True)
        print(" " * 79, end="\r", file=sys.stderr)


def line(p: "Progress") -> str:
    """How far a scan is, on one line of a terminal."""
    left = "" if p.left is None else f", {round(p.left / 60)} min left" if p.left > 90 else f", {round(p.left)} s left"
    share = p.bytes / p.total if p.total else 1.0
    return printable(f"{share:4.0%}  {p.heard} heard, {p.failed} failed{left}  {p.now}")[:79].ljust(79)


def listed(library: "Library", options: argparse.Namespace) -> None:
    """Search."""
    if getattr(options, "errors", False):
        errors = library.errors()
        lines = [printable(why if shown(path) in why else f"{path}: {why}") for path, why in errors]
        print(json.dumps([{"file": str(p), "why": why} for p, why in errors]) if options.json else "\n".join(lines))
        return
    rows = library.search(" ".join(getattr(options, "words", [])), getattr(options, "count", 100))
    if getattr(options, "liked", False):
        rows = [row for row in rows if row["rating"] > 0]
    if options.json:
        print(json.dumps([plain(row) for row in rows]))
        return
    none = "nothing fits" if library.db.execute("SELECT 1 FROM tracks WHERE gone = 0").fetchone() else EMPTY
    print("\n".join(described(row) for row in rows) if rows else none)


def rate(library: "Library", options: argparse.Namespace) -> None:
    """Like, dislike, skip."""
    from rtengine.library.find import find, name

    tracks = [find(library, text) for text in options.seeds]
    for track in tracks:
        library.rate(track, options.verdict)
    if options.json:
        print(json.dumps({"verdict": options.verdict, "pieces": tracks}))
        return
    for row in map(library.row, tracks):
        assert row is not None  # rows are never deleted
        print(f"{options.verdict}: {printable(name(row['artist'], row['title']))}")


def chosen(library: "Library", options: argparse.Namespace) -> None:
    """Similar, path or radio."""
    from rtengine.library.choose import Chooser
    from rtengine.library.find import find
    from rtengine.library.near import load
    from rtengine.library.playlist import m3u8
    from rtengine.library.vectors import index
    from rtengine.models.listen.model import load_model

    if not library.db.execute("SELECT 1 FROM tracks WHERE gone = 0").fetchone():
        raise ValueError(f"the library in {library.folder} is empty: python -m offline library add FOLDER")
    chooser = Chooser(library, index(library, load_model()), load(library.folder, load_model().digest))
    names = [options.start, options.end] if options.action == "path" else options.seeds
    found = choose(chooser, options, [find(library, text) for text in names])
    if options.m3u8:
        with beside(options.m3u8, options.force) as whole, written(options.m3u8):
            whole.write_bytes(m3u8([c.row for c in found], options.m3u8.parent))
    if options.json:
        rows = [plain(c.row) | {"similarity": round(c.similarity, 4), "why": list(c.why)} for c in found]
        print(json.dumps(rows))
        return
    lines = [described(c.row) + (f"  [{', '.join(c.why)}]" if c.why else "") for c in found]
    print("\n".join(lines) if found else "nothing else fits")


def choose(chooser: "Chooser", options: argparse.Namespace, seeds: list[int]) -> "list[Choice]":
    """The answer to the question."""
    if options.action == "path":
        return chooser.path(seeds[0], seeds[1], max(options.count, 2))
    if options.action == "radio":
        return list(islice(chooser.radio(seeds, options.seed, options.discover), options.count))
    return chooser.similar(seeds, options.count, options.farther, options.genre or "", options.mood or "")


def plain(row: Any) -> dict[str, object]:
    """A piece as plain values."""
    from rtengine.library.find import file_of

    names = ("id", "title", "artist", "album", "genre", "heard_genre", "seconds", "tempo", "key", "loudness", "rating")
    return {"file": str(file_of(row)), **{n: row[n] for n in names}, "tags": json.loads(row["tags"])}


def described(row: Any) -> str:
    """A piece on a line."""
    from rtengine.library.find import name

    tags = ", ".join(list(json.loads(row["tags"]))[:3])
    seconds = round(row["seconds"])
    tempo = f"  {row['tempo']:.0f}" if row["tempo"] else ""
    title = printable(name(row["artist"], row["title"]))
    return f"{row['id']:6}  {title}  {seconds // 60}:{seconds % 60:02}{tempo}  {tags}"

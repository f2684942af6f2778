"""library teach: words of one's own, from folders, playlists and likes, in a second."""

import argparse
import json

from offline.listen_evaluate import share
from rtengine.files.folders import default


def run(options: argparse.Namespace) -> None:
    """Learn, say how well, and judge all pieces; ValueError or OSError in one sentence if it cannot."""
    examples = dict(options.examples)
    if len(examples) < max(len(options.examples), 2):
        raise ValueError("teach at least two words, each once: what is one without another?")
    from rtengine.library.store import Library
    from rtengine.library.teach import FILE, teach
    from rtengine.models.listen.model import load_model

    library = Library(options.library or default("library"))
    try:
        lesson = teach(library, load_model(), examples)
    finally:
        library.close()
    out = library.folder / FILE
    if options.json:
        print(json.dumps({"shown": lesson.shown, "named": lesson.named, "measured": lesson.measured, "head": str(out)}))
        return
    for name, count in lesson.shown.items():
        print(f"{name}: shown {count} pieces, and now said of {lesson.named[name]}")
    measured = lesson.measured
    print(f"  by artists that it was not shown  {share(measured['artists_apart'])}")  # type: ignore[arg-type]
    print(f"  at random (often too high)        {share(measured['at_random'])}")  # type: ignore[arg-type]
    print(f"for files: python -m offline listen FILE --head {out}")

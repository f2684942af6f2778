"""Keep a result: `python -m ui.views.save FROM.wav TO` writes it anew, in the format that the ending says."""

import sys
from pathlib import Path

from offline.__main__ import sentence

BAD_INPUT = 2


def convert(file: Path, to: Path) -> None:
    """Write a sound file over what is there; ValueError or OSError in a sentence if it cannot be."""
    from offline.progress import progress
    from rtengine.files.sink import Sink, beside, check_format
    from rtengine.files.source import open_source

    source = open_source(file)
    check_format(to.suffix, source.sample_rate)
    with (
        beside(to, force=True) as whole,
        Sink(whole, to.suffix, source.sample_rate, source.channels, name=to) as sink,
        progress(to.name, "json") as tell,
    ):
        done = 0
        for x in source.blocks():
            sink.write(x)
            done += x.shape[1]
            tell(done, source.samples)


def main(arguments: list[str]) -> int:
    """Write one file; 2 after a sentence if it cannot be."""
    try:
        convert(*map(Path, arguments))
    except (ValueError, OSError) as error:
        print(sentence(error), file=sys.stderr)  # noqa: T201
        return BAD_INPUT
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

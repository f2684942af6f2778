"""python -m ui: surfaces to play the host with, made from its parameters."""

import sys

from ui import export

BAD_INPUT = 2


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0, or 2 for bad input, after one sentence."""
    try:
        export.run(export.parse(sys.argv[1:] if argv is None else argv))
    except (ValueError, OSError) as error:
        text = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.strerror else str(error)
        print(f"ui: {text}", file=sys.stderr)
        return BAD_INPUT
    return 0


if __name__ == "__main__":
    sys.exit(main())

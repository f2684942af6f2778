"""python -m ui: the window to play the host with; python -m ui export: layouts for other programs."""

import os
import sys

BAD_INPUT = 2


def main(argv: list[str] | None = None) -> int:
    """Run what is asked for and return its exit status: 0, or 2 for bad input, after one sentence."""
    argv = sys.argv[1:] if argv is None else argv
    try:
        if argv[:1] == ["export"]:
            from ui.export import export

            export.run(export.parse(argv))
            return 0
        from ui.arguments import parse
        from ui.needs import SCREENS, check

        options = parse(argv)
        check(offscreen=bool(options.screenshot) and not any(map(os.environ.get, SCREENS)))
        from ui import app

        return app.run(options)
    except (ValueError, OSError) as error:
        text = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.strerror else str(error)
        print(f"ui: {text}", file=sys.stderr)
        return BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())

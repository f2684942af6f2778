"""python -m offline: render files, list the textures, make the demo."""

import importlib
import signal
import sys
from io import TextIOWrapper

from offline.arguments import parse
from offline.stopping import WORD, Stopped, listen
from rtengine.native.collector import leave_the_end
from rtengine.native.openmp import wait_asleep

BAD_INPUT = 2


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 2 (bad input), 128 + signal (stopped)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a name that the terminal cannot show is escaped, and no error
            stream.reconfigure(errors="backslashreplace")
    options = parse(sys.argv[1:] if argv is None else argv)
    try:
        importlib.import_module(f"offline.{options.command}").run(options)
    except (ValueError, KeyError, OSError) as error:
        print(f"offline {spoken(options.command)}: {sentence(error)}", file=sys.stderr)
        return BAD_INPUT
    except (KeyboardInterrupt, Stopped) as stop:
        number = stop.args[0] if stop.args else signal.SIGINT
        print(f"offline {spoken(options.command)}: {WORD}", file=sys.stderr)
        return 128 + int(number)
    return 0


def spoken(module: str) -> str:
    """A command as one types it, of its module's name."""
    return module.replace("_", " ").replace(".", " ")


def sentence(error: Exception) -> str:
    """What went wrong, on one line."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error.args[0] if error.args else error).split())


if __name__ == "__main__":
    listen()
    leave_the_end()
    wait_asleep()
    sys.exit(main())

"""The process that MIDI's libraries live in, for they may die of a JACK server that does.

`list` prints the names of all inputs as JSON. `play NAME` prints each message as three numbers (kind, channel from 1 on
and what it carries), a name when an input is there whose name has NAME in it, and an empty list now and then while it
is; it ends when that input is gone. `look API NAME` prints a line now and then while this very input is there. It is a
process of its own again, for to look is to become another client of JACK, with the interpreter's lock held, and the
messages that come meanwhile would be lost.
"""

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any

try:
    import mido
    import rtmidi
except ImportError:  # whoever started this knows
    mido = rtmidi = None

from rtengine.native.process import command, environment

PROCESS = "rtengine.midi.process"
APIS = {"linux": ("LINUX_ALSA", "UNIX_JACK"), "darwin": ("MACOSX_CORE", "UNIX_JACK"), "win32": ("WINDOWS_MM",)}
LOOK = 1.0  # seconds between two looks whether it is still there
CONTROL, PROGRAM = 0, 1  # kinds


def main(arguments: list[str]) -> None:
    """Do what is asked; the process ends with it."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):  # libjack and ALSA print where there is no server and no sequencer
        os.dup2(nowhere, descriptor)
    if arguments == ["list"]:
        print(json.dumps([name for api in apis() for name in names(api)]), file=answers)
        os._exit(0)
    threading.Thread(target=leave_with_the_host, daemon=True).start()
    with suppress(Exception):  # whatever it is, it ends this process, and another one looks again
        look(arguments[1], arguments[2], answers) if arguments[0] == "look" else play(arguments[1], answers)
    os._exit(0)


def look(api: str, name: str, answers: Any) -> None:
    """A line as often as it is seen that this input is there."""
    while name in names(api):
        print(file=answers)
        time.sleep(LOOK)


def play(wanted: str, answers: Any) -> None:
    """Pass on what comes from the first input with this in its name, as long as there is one."""

    def tell(*fields: object) -> None:
        print(json.dumps(fields), file=answers)

    def receive(message: Any) -> None:  # mido.Message has no types
        if message.type == "control_change":
            tell(CONTROL, message.channel + 1, message.control, message.value)
        elif message.type == "program_change":
            tell(PROGRAM, message.channel + 1, message.program)

    found = [(api, name) for api in apis() for name in names(api) if wanted.casefold() in name.casefold()]
    if not found:
        return
    api, name = found[0]
    with backend(api).open_input(name, callback=receive):
        tell(name)
        pipe = subprocess.PIPE
        with subprocess.Popen(command(PROCESS, "look", api, name), env=environment(), stdin=pipe, stdout=pipe) as looks:
            assert looks.stdout
            for _ in looks.stdout:
                tell()
            os._exit(0)  # to close what is gone may take for ever


def leave_with_the_host() -> None:
    """When it has gone, its end of our input has gone as well."""
    sys.stdin.read()
    os._exit(0)


def apis() -> list[str]:
    """Those of this system that python-rtmidi was built with."""
    if rtmidi is None:
        return []
    return [api for api in APIS.get(sys.platform, ()) if getattr(rtmidi, f"API_{api}") in rtmidi.get_compiled_api()]


def backend(api: str) -> Any:
    """Mido's, for one of them."""
    return mido.Backend(f"mido.backends.rtmidi/{api}")


def names(api: str) -> list[str]:
    """The inputs of one of them."""
    with suppress(Exception):  # RtMidi's errors are unrelated to one another; none of them is a port
        return list(backend(api).get_input_names())
    return []


if __name__ == "__main__":
    main(sys.argv[1:])

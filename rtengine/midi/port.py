"""MIDI inputs, through mido and python-rtmidi: one receiving thread, RtMidi's own."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Self

try:
    import mido
    import rtmidi
except ImportError as error:
    mido, rtmidi, missing = None, None, str(error)

APIS = {"linux": ("LINUX_ALSA", "UNIX_JACK"), "darwin": ("MACOSX_CORE", "UNIX_JACK"), "win32": ("WINDOWS_MM",)}


def inputs() -> list[str]:
    """The names of all inputs."""
    return [name for api in _apis() for name in _names(api)]


class Midi:
    """An open input whose name has `port` in it. Its messages go to controllers, its program changes to recall."""

    def __init__(self, port: str, turn: Callable[[int, int, int], object], program: Callable[[int], object]) -> None:
        """turn(channel from 1, controller, value); program(number from 0). OSError in a sentence if there is none."""
        if mido is None:
            raise OSError(f"there is no MIDI ({missing}): pip install mido python-rtmidi")
        self._turn, self._program, self.refused = turn, program, 0
        found = [(api, name) for api in _apis() for name in _names(api) if port.casefold() in name.casefold()]
        if not found:
            raise OSError(f"there is no MIDI input {port}: choose from {', '.join(inputs()) or 'none'}")
        api, self.name = found[0]
        try:
            with _silence():
                self._port = _backend(api).open_input(self.name, callback=self.receive)
        except (OSError, RuntimeError) as error:
            raise OSError(f"the MIDI input {self.name} cannot be opened: {str(error).splitlines()[0]}") from None

    def receive(self, message: Any) -> None:  # mido.Message has no types
        """Do what a message asks for; nothing that comes may end the thread."""
        try:
            if message.type == "control_change":
                self._turn(message.channel + 1, message.control, message.value)
            elif message.type == "program_change":
                self._program(message.program)
        except Exception:  # as for OSC: whatever it leads to, the next one must be heard
            self.refused += 1

    def close(self) -> None:
        """Hear no more."""
        self._port.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _apis() -> list[str]:
    """Those of this system that python-rtmidi was built with."""
    if rtmidi is None:
        return []
    return [api for api in APIS.get(sys.platform, ()) if getattr(rtmidi, f"API_{api}") in rtmidi.get_compiled_api()]


def _backend(api: str) -> Any:
    return mido.Backend(f"mido.backends.rtmidi/{api}")


def _names(api: str) -> list[str]:
    with _silence(), suppress(Exception):  # RtMidi's errors are unrelated to one another; none of them is a port
        return list(_backend(api).get_input_names())
    return []


@contextmanager
def _silence() -> Iterator[None]:
    """Keep what libjack and ALSA print, where there is no server and no sequencer, from the player's terminal."""
    before = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(nowhere)

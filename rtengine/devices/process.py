"""The process that PortAudio lives in: `list` says which devices there are, `play` plays one until its input ends.

Its answers are JSON, one a line, on the standard output that it was given; what libraries print goes nowhere.
"""

import json
import mmap
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from rtengine.devices.portaudio import Device


def main(arguments: list[str]) -> None:
    """Do what is asked; the process ends with it."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    from rtengine.devices import stream  # which prints, and may die

    if arguments == ["list"]:
        found, trouble = [], ""
        try:
            found = stream.listed()
        except OSError as error:
            trouble = str(error)
        print(json.dumps({"devices": [asdict(d) for d in found], "trouble": trouble}), file=answers)
        os._exit(0)  # Pa_Terminate aborts where a JACK server has died meanwhile

    def answer(**fields: object) -> None:
        print(json.dumps(fields), file=answers)

    try:
        playing = Playing(json.loads(sys.stdin.readline()))
        answer(latency=playing.stream.latency)
        if sys.stdin.readline():
            playing.stream.start()
            answer()
            sys.stdin.read()
            playing.stream.close()
    except Exception as error:  # all of them are the host's to tell
        answer(error=str(error) or repr(error))
    os._exit(0)


class Playing:
    """A stream whose callback asks the host through shared memory."""

    def __init__(self, wanted: Mapping[str, Any]) -> None:
        """wanted: as rtengine.devices.remote writes it; OSError if the device does not want to."""
        from rtengine.devices import exchange, stream

        layout = exchange.shared().dtype
        self.memory = np.frombuffer(mmap.mmap(wanted["memory"], layout.itemsize), layout, 1)
        self.memory["device"] = exchange.ends(wanted["listen"], wanted["tell"])[0]
        source, sink = (Device(**fields) if fields else None for fields in (wanted["source"], wanted["sink"]))
        there = stream.listed()
        self.stream = stream.Stream(
            exchange.compile_relay(layout).address,
            self.memory.ctypes.data,
            source and present(source, there),
            sink and present(sink, there),
            wanted["channels"],
            wanted["sample_rate"],
            wanted["block_size"],
        )


def present(device: Device, there: list[Device]) -> Device:
    """The same device among those of now, whose numbers may be others; OSError if it has gone."""
    same = [d for d in there if (d.name, d.host) == (device.name, device.host)]
    if not same:
        raise OSError(f"{device.name} has gone")
    return min(same, key=lambda d: abs(d.index - device.index))


if __name__ == "__main__":
    main(sys.argv[1:])

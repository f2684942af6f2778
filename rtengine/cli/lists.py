"""What can be played, and on what, line by line."""

from collections.abc import Iterator


def patches() -> Iterator[str]:
    """The name of each patch, and what it is."""
    from rtengine.patches import chain

    for name in chain.names():
        yield f"{name:12}{chain.find(name).doc}"


def devices() -> Iterator[str]:
    """A table of all devices, and the MIDI inputs."""
    from rtengine.devices import portaudio, round_trips
    from rtengine.midi import port

    rows = list(portaudio.table(round_trips.newest))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    if len(rows) == 1:
        yield "none; --device null plays without one"
    yield f"MIDI inputs: {', '.join(port.inputs()) or 'none'}"

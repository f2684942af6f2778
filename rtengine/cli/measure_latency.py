"""python -m rtengine latency: play a sound through a cable, and tell how late it comes back."""

import argparse
import time
from collections.abc import Callable, Sequence

from rtengine.cli.options import Parser, number, whole

DESCRIPTION = """\
Measure how long sound takes out of a device and back in, and keep it for that device.
Connect its output to its input by a cable, or in JACK; it plays soft noise until it hears it."""
EXAMPLES = """\
examples:
  python -m rtengine latency --device "USB Audio" --block-size 64
  python -m rtengine latency --device JACK        (and: jack_connect rtengine:out_0 rtengine:in_0)"""
PAUSE = 0.1  # seconds between two looks


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the arguments; leaves with status 0 (help) or 2 and one sentence where they are wrong."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = Parser(
        prog="python -m rtengine latency", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=formatter
    )
    add = parser.add_argument
    add("--device", metavar="NAME", help="input and output: a part of the name or the number of a device")
    add("--input", metavar="NAME", help="input only")
    add("--output", metavar="NAME", help="output only")
    add("--channels", type=int, choices=(1, 2), default=2, help="mono or stereo (2)")
    add("--sample-rate", type=number(8_000, 384_000), metavar="HZ", help="8000 to 384000 (the device's own)")
    add("--block-size", type=whole(32, 2048), default=128, metavar="SAMPLES", help="of a buffer, 32 to 2048 (128)")
    add("--seconds", type=number(1, 3600), default=15.0, metavar="SECONDS", help="give up after so long (15)")
    options = parser.parse_args(argv)
    options.input = options.device if options.input is None else options.input
    options.output = options.device if options.output is None else options.output
    return options


def run(argv: Sequence[str], say: Callable[[str], object] = print) -> str:
    """Measure as the arguments say, keep it, and return what to say; OSError in a sentence if nothing comes back."""
    options = parse(argv)
    from rtengine.devices import loopback, portaudio, round_trips
    from rtengine.devices.pair import joined
    from rtengine.take.writing import reason

    source, sink = portaudio.find(options.input, "input"), portaudio.find(options.output, "output")
    rate, size = options.sample_rate or sink.sample_rate, options.block_size
    memory = loopback.prepare(min(source.inputs, options.channels), min(sink.outputs, options.channels), rate)
    callback = loopback.compile_loopback(memory.dtype).address
    stream = joined(callback, memory, source, sink, (options.channels, options.channels), rate, size)
    stream.start()
    try:
        samples = listen(lambda: loopback.round_trip(memory), options.seconds)
        declared = sum(stream.latency)
    finally:
        stream.close()
    if samples is None:
        raise OSError(f"{stream.name}: nothing came back in {options.seconds:g} s; connect its output to its input")
    try:
        round_trips.keep(round_trips.Setting(source, sink, rate, size), samples)
    except OSError as error:
        return sentences(stream.name, samples, rate, size, declared, f"not kept: {reason(error)}")
    return sentences(stream.name, samples, rate, size, declared)


def listen(look: Callable[[], tuple[int, int | None]], seconds: float) -> int | None:
    """The answer on which two rounds agree; None if there is none for so long. look: see loopback.round_trip."""
    end = time.monotonic() + seconds
    before: tuple[int, int | None] = (0, None)
    while time.monotonic() < end:
        now = look()
        if now[0] > before[0]:
            if now[1] is not None and now[1] == before[1]:
                return now[1]
            before = now
        time.sleep(PAUSE)
    return None


def sentences(
    name: str,
    samples: int,
    rate: float,
    size: int,
    declared: float,
    kept: str = "kept for this device, and what the host shows from now on",
) -> str:
    """What was found, for a reader."""
    more = samples / rate - declared
    if abs(more) * rate < 1:
        verdict = "That is what it declares"
    else:
        verdict = f"That is {1000 * abs(more):.1f} ms {'more' if more > 0 else 'less'} than it declares"
    found = f"out and back in takes {samples} samples, {1000 * samples / rate:.1f} ms"
    return f"{name}, {rate:g} Hz, blocks of {size}: {found}.\n{verdict}; {kept}."

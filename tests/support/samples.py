"""Small banks and SoundFont files for tests."""

import io
import struct
from pathlib import Path

import numpy as np
import soundfile

from rtengine.blocks.sampler.bank import HELD, Bank, Maker, Zone

RATE, PERIOD = 48_000, 100  # of the sine: 480 Hz exactly
ROOT = 69 + 12 * np.log2(480 / 440)


def sine(periods: int = 40) -> np.ndarray:
    return np.sin(2 * np.pi * np.arange(periods * PERIOD) / PERIOD).astype(np.float32)


def sine_bank(**changes: float) -> Bank:
    """A sine of 480 Hz, held in a loop of ten periods, no filter, no hall, an envelope that is up in one sample."""
    make = Maker()
    x = sine()
    start, end = make.sample(np.concatenate([x[-4:], x]))
    start += 4
    zone = Zone(
        start=start, end=end, loop=HELD, loop_start=start + 10 * PERIOD, loop_end=start + 20 * PERIOD,
        root=float(ROOT), rate=RATE, attack=0.0, release=0.05, send=0.0, pan=0.0,
    )._replace(**changes)  # fmt: skip
    make.preset("sine", [zone])
    return make.bank()


def write_font(path: Path, compressed: bool = False, **amounts: int) -> Path:
    """A font of one preset (0:0) with one instrument, one zone and the sine; amounts: generators by "g" and number."""
    x = sine()
    pcm = (np.concatenate([x * 32_000, np.zeros(46)])).astype("<i2")
    if compressed:
        ogg = io.BytesIO()
        soundfile.write(ogg, x, RATE, format="OGG", subtype="VORBIS")
        smpl, first, last, base, kind = ogg.getvalue(), 0, len(ogg.getvalue()), 0, 0x11
    else:
        smpl, first, last, base, kind = pcm.tobytes(), 0, len(x), 0, 1
    loop = base + 10 * PERIOD, base + 20 * PERIOD
    generators = [(int(k[1:]), v) for k, v in amounts.items()]
    inner = [(43, 127 << 8), *generators, (54, 1), (53, 0)]
    pack = lambda form, *rows: b"".join(struct.pack(form, *row) for row in rows)  # noqa: E731
    lists = {
        b"phdr": pack("<20s3H3I", (b"Sine", 0, 0, 0, 0, 0, 0), (b"EOP", 0, 0, 1, 0, 0, 0)),
        b"pbag": pack("<2H", (0, 0), (1, 0)),
        b"pmod": bytes(10),
        b"pgen": pack("<2h", (41, 0), (0, 0)),
        b"inst": pack("<20sH", (b"Sine", 0), (b"EOI", 1)),
        b"ibag": pack("<2H", (0, 0), (len(inner), 0)),
        b"imod": bytes(10),
        b"igen": pack("<2h", *inner, (0, 0)),
        b"shdr": pack("<20s5IBb2H", (b"sine", first, last, *loop, RATE, 71, 49, 0, kind), (b"EOS", *[0] * 9)),
    }
    chunk = lambda name, data: name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)  # noqa: E731
    body = b"sfbk" + chunk(b"LIST", b"INFO" + chunk(b"ifil", struct.pack("<2H", 2, 4)))
    body += chunk(b"LIST", b"sdta" + chunk(b"smpl", smpl))
    body += chunk(b"LIST", b"pdta" + b"".join(chunk(n, d) for n, d in lists.items()))
    path.write_bytes(chunk(b"RIFF", body))
    return path

"""A SoundFont's presets as a bank of the sampler.

Attenuations count for 0.4 of what they say, as on the hardware that fonts are made for.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from rtengine.blocks.sampler.bank import OPEN, Bank, Maker, Zone
from rtengine.files.soundfont import COMPRESSED, DEFAULTS, KEYS, VELOCITIES, Font, Generators, Header

ATTENUATION = 0.4


def load_bank(path: Path, wanted: Mapping[str, tuple[int, int]]) -> Bank:
    """A bank of these presets, name to (bank, program); what a font lacks falls back to program 0 of that bank."""
    font, make, places = Font(path), Maker(), {}
    for name, (bank, program) in wanted.items():
        if (bank, program) not in font.presets:
            program = min((p for b, p in font.presets if b == bank), key=lambda p: abs(p - program), default=program)
        zones = []
        for generators, header, number in font.zones(bank, program):
            if number not in places:
                places[number] = make.sample(font.sample(header))
            if zone := _zone(generators, header, *places[number]):
                zones.append(zone)
        make.preset(name, zones)
    return make.bank()


def _zone(g: Generators, header: Header, start: int, end: int) -> Zone | None:
    """A zone of the sampler, or None if nothing can be heard of it."""
    value = lambda number: g.get(number, DEFAULTS.get(number, 0))  # noqa: E731
    base = 0 if header.kind & COMPRESSED else header.start
    offset = lambda fine, coarse: value(fine) + 32_768 * value(coarse)  # noqa: E731
    first, last = start + max(offset(0, 4), 0), end + min(offset(1, 12), 0)
    loop_start = start + header.loop_start - base + offset(2, 45)
    loop_end = start + header.loop_end - base + offset(3, 50)
    loop = {1: 1, 3: 2}.get(value(54) & 3, 0)
    if loop and not start <= loop_start < loop_end - 3 <= end:
        loop = 0
    root = value(58) if value(58) >= 0 else header.key if header.key <= 127 else 60
    keys, velocities = g.get(KEYS, 127 << 8), g.get(VELOCITIES, 127 << 8)
    cutoff = 8.176 * 2 ** (value(8) / 1200)
    if first >= last or keys & 0xFF > keys >> 8 & 0xFF:
        return None
    return Zone(
        keys & 0xFF, keys >> 8 & 0xFF, velocities & 0xFF, velocities >> 8 & 0xFF, first, last,
        loop_start if loop else 0, min(loop_end, end) if loop else 0, loop, value(57),
        root=root - value(51) - (value(52) + header.correction) / 100,
        rate=header.rate or 44_100,
        gain=10 ** (-ATTENUATION * max(value(48), 0) / 200),
        pan=float(np.clip(value(17) / 500, -1, 1)),
        tracking=value(56) / 100,
        delay=_seconds(value(33)), attack=_seconds(value(34)), hold=_seconds(value(35)), decay=_seconds(value(36)),
        sustain=10 ** (-float(np.clip(value(37), 0, 1440)) / 200), release=_seconds(value(38)),
        cutoff=cutoff if cutoff < 19_000 else OPEN, resonance=value(9) / 10,
        sweep=value(11) / 1200, sweep_attack=_seconds(value(26)), sweep_decay=_seconds(value(28)),
        sweep_sustain=1 - float(np.clip(value(29), 0, 1000)) / 1000,
        brightness=0.0, send=float(np.clip(value(16) / 1000 + 0.2, 0, 1)),
    )  # fmt: skip


def _seconds(timecents: int) -> float:
    return float(min(2 ** (timecents / 1200), 100.0)) if timecents > -12_000 else 0.001

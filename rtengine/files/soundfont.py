"""SoundFont files, SF2 and SF3, as banks of the sampler: parsed once, only what the wanted presets use is decoded.

SoundFont 2.04 (E-mu, 1995-2006), sections 4 to 9. In an SF3 each sample is an Ogg Vorbis file of its own, and its loop
counts from the sample's beginning. Attenuations count for 0.4 of what they say, as on the hardware that fonts are made
for. Modulators are not read: velocity moves loudness and, a little, the filter.
"""

import io
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from rtengine.blocks.sampler.bank import OPEN, Bank, Maker, Zone

PLACES = ("/usr/share/sounds/sf3", "/usr/share/sounds/sf2", "/usr/share/soundfonts", "/usr/local/share/soundfonts")
ENDINGS = (".sf2", ".sf3")
RECORDS = {  # name of the list: format of an entry, fields
    b"phdr": ("<20s3H3I", 7), b"pbag": ("<2H", 2), b"pgen": ("<2h", 2),
    b"inst": ("<20sH", 2), b"ibag": ("<2H", 2), b"igen": ("<2h", 2), b"shdr": ("<20s5IBb2H", 10),
}  # fmt: skip
COMPRESSED, ROM = 0x10, 0x8000  # of a sample's type
KEYS, VELOCITIES, INSTRUMENT, SAMPLE = 43, 44, 41, 53
ABSOLUTE = {KEYS, VELOCITIES, 46, 47, 54, 57, 58}  # generators that a preset does not add to
ATTENUATION = 0.4
LARGEST = 2 << 30  # bytes of a file

Generators = dict[int, int]


class Header(NamedTuple):
    """One sample's."""

    start: int
    end: int
    loop_start: int
    loop_end: int
    rate: int
    key: int
    correction: int
    kind: int


class Font:
    """A parsed SoundFont; ValueError in a sentence if the file is none or is damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise FileNotFoundError(f"{path} does not exist" if not path.exists() else f"{path} is not a file")
        if path.stat().st_size > LARGEST:
            raise ValueError(f"{path} has {path.stat().st_size} bytes, which is more than {LARGEST}")
        self._samples = (0, 0)
        lists: dict[bytes, bytes] = {}
        try:
            with path.open("rb") as file:
                for name, at, size in _chunks(file):
                    if name == b"smpl":
                        self._samples = at, size
                    elif name in RECORDS:
                        file.seek(at)
                        lists[name] = file.read(size)
            tables = {n: list(struct.iter_unpack(RECORDS[n][0], lists[n])) for n in RECORDS}
        except (struct.error, KeyError):
            raise ValueError(f"{path} is no SoundFont, or is damaged") from None
        self._tables = tables
        self._headers = [Header._make((*h[1:8], h[9])) for h in tables[b"shdr"]]
        self.presets = {(h[2], h[1]): i for i, h in enumerate(tables[b"phdr"][:-1])}  # (bank, program)

    def zones(self, bank: int, program: int) -> Iterator[tuple[Generators, Header, int]]:
        """Generators, sample and its number for each zone of a preset; KeyError if there is none."""
        if (bank, program) not in self.presets:
            raise KeyError(f"{self.path.name} has no preset {bank}:{program}")
        for outer, instrument in self._split(b"phdr", b"pbag", b"pgen", self.presets[bank, program], INSTRUMENT):
            for inner, sample in self._split(b"inst", b"ibag", b"igen", instrument, SAMPLE):
                merged = dict(inner)
                for generator, amount in outer.items():
                    if generator in (KEYS, VELOCITIES):
                        merged[generator] = _both(inner.get(generator), amount)
                    elif generator not in ABSOLUTE:
                        merged[generator] = merged.get(generator, DEFAULTS.get(generator, 0)) + amount
                if not self._headers[sample].kind & ROM:
                    yield merged, self._headers[sample], sample

    def _split(self, heads: bytes, bags: bytes, generators: bytes, index: int, target: int
               ) -> Iterator[tuple[Generators, int]]:  # fmt: skip
        """The zones of a preset or an instrument, with what they play; the first may be global."""
        head, bag, table = self._tables[heads], self._tables[bags], self._tables[generators]
        column = 3 if heads == b"phdr" else 1
        shared: Generators = {}
        for b in range(head[index][column], head[index + 1][column]):
            own = dict(table[bag[b][0] : bag[b + 1][0]])
            if target in own:
                yield {**shared, **own}, own[target] & 0xFFFF
            elif b == head[index][column]:
                shared = own

    def sample(self, header: Header) -> NDArray[np.float32]:
        """One sample's sound, mono, full scale 1."""
        at, size = self._samples
        width = 1 if header.kind & COMPRESSED else 2
        first, last = header.start * width, header.end * width
        if not 0 <= first < last <= size:
            raise ValueError(f"{self.path} is damaged: a sample lies outside its {size} bytes")
        with self.path.open("rb") as file:
            file.seek(at + first)
            data = file.read(last - first)
        if header.kind & COMPRESSED:
            try:
                return soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)[0][:, 0]
            except soundfile.LibsndfileError as error:
                raise ValueError(f"{self.path} is damaged: a sample does not decode ({error})") from None
        return np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768)


DEFAULTS = {8: 13_500, 56: 100, 58: -1} | dict.fromkeys((25, 26, 27, 28, 30, 33, 34, 35, 36, 38), -12_000)


def load_bank(path: Path, wanted: Mapping[str, tuple[int, int]]) -> Bank:
    """A bank of these presets, name to (bank, program); what a font lacks falls back to program 0 of that bank."""
    font, make, places = Font(path), Maker(), {}
    for name, (bank, program) in wanted.items():
        if (bank, program) not in font.presets:
            program = min((p for b, p in font.presets if b == bank), key=lambda p: abs(p - program), default=-1)
        zones = []
        for generators, header, number in font.zones(bank, program):
            if number not in places:
                places[number] = make.sample(font.sample(header))
            if zone := _zone(generators, header, *places[number]):
                zones.append(zone)
        make.preset(name, zones)
    return make.bank()


def find_font() -> Path | None:
    """A General MIDI font where systems keep them, the largest of the first folder that has one."""
    for place in map(Path, PLACES):
        if fonts := [f for f in place.glob("*") if f.suffix.lower() in ENDINGS] if place.is_dir() else []:
            return max(fonts, key=lambda f: f.stat().st_size)
    return None


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """The leaves of a RIFF tree: name, position and size."""
    if file.read(4) != b"RIFF" or not file.read(4) or file.read(4) != b"sfbk":
        raise struct.error
    while len(head := file.read(8)) == 8:
        name, size = struct.unpack("<4sI", head)
        at = file.tell()
        if name == b"LIST":
            file.read(4)
            continue
        yield name, at, size
        file.seek(at + size + size % 2)


def _both(a: int | None, b: int) -> int:
    """What two ranges have in common; low in the first byte, high in the second."""
    if a is None:
        return b
    return max(a & 0xFF, b & 0xFF) | min(a >> 8 & 0xFF, b >> 8 & 0xFF) << 8


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

"""SoundFont files, SF2 and SF3: their presets, zones and samples, of which only what is asked for is decoded.

SoundFont 2.04 (E-mu, 1995-2006), sections 4 to 9. In an SF3 each sample is an Ogg Vorbis file of its own, and its loop
counts from the sample's beginning. Modulators are not read.
"""

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

PLACES = ("/usr/share/sounds/sf3", "/usr/share/sounds/sf2", "/usr/share/soundfonts", "/usr/local/share/soundfonts")
ENDINGS = (".sf2", ".sf3")
RECORDS = {  # name of the list: format of an entry, fields
    b"phdr": ("<20s3H3I", 7), b"pbag": ("<2H", 2), b"pgen": ("<2h", 2),
    b"inst": ("<20sH", 2), b"ibag": ("<2H", 2), b"igen": ("<2h", 2), b"shdr": ("<20s5IBb2H", 10),
}  # fmt: skip
COMPRESSED, ROM = 0x10, 0x8000  # of a sample's type
KEYS, VELOCITIES, INSTRUMENT, SAMPLE = 43, 44, 41, 53
ABSOLUTE = {KEYS, VELOCITIES, 46, 47, 54, 57, 58}  # generators that a preset does not add to
DEFAULTS = {8: 13_500, 56: 100, 58: -1} | dict.fromkeys((25, 26, 27, 28, 30, 33, 34, 35, 36, 38), -12_000)
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


def find_font() -> Path | None:
    """A General MIDI font where systems keep them, the largest of the first folder that has one."""
    for place in map(Path, PLACES):
        fonts = [f for f in place.glob("*") if f.suffix.lower() in ENDINGS and f.is_file()]
        if fonts:
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
        file.seek(at + size)
        if size % 2 and file.read(1) != b"\0":  # some writers of SF3 leave the padding out
            file.seek(at + size)


def _both(a: int | None, b: int) -> int:
    """What two ranges have in common; low in the first byte, high in the second."""
    if a is None:
        return b
    return max(a & 0xFF, b & 0xFF) | min(a >> 8 & 0xFF, b >> 8 & 0xFF) << 8

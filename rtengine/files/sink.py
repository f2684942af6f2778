"""Sound files written as streams of blocks: beside their final name first, so that no half file ever stands there."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import soundfile
from numpy.typing import NDArray

Samples = NDArray[np.float32]

WAV_LIMIT = 4_000_000_000  # bytes; a plain WAV counts them in 32 bits


@dataclass(frozen=True)
class Format:
    """What an ending stands for; subtypes by bit depth, the first is the default; level is libsndfile's compression."""

    container: str
    subtypes: dict[str, str]
    rates: range | tuple[int, ...] = range(1, 1 << 31)  # Hz
    level: float | None = None


FORMATS = {  # the levels give about 250 kbit/s for stereo music
    ".wav": Format("WAV", {"24": "PCM_24", "16": "PCM_16", "float": "FLOAT"}),
    ".flac": Format("FLAC", {"24": "PCM_24", "16": "PCM_16"}, range(1, 655_351)),
    ".ogg": Format("OGG", {"": "VORBIS"}, range(1_000, 200_001), 0.2),
    ".mp3": Format("MP3", {"": "MPEG_LAYER_III"}, (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000), 0.1),
    ".opus": Format("OGG", {"": "OPUS"}, (8000, 12000, 16000, 24000, 48000), 0.6),
}


class Sink:
    """A sound file being written; a context manager, for the file is whole only when it is closed.

    path: where to write, whatever its ending. suffix: the ending that chooses the format. samples: the expected length.
    bit_depth: "16" (with triangular dither from the seed), "24" (exact for what came from 24 bits), "float" or None.
    """

    def __init__(
        self,
        path: Path,
        suffix: str,
        sample_rate: int,
        channels: int,
        samples: int,
        bit_depth: str | None = None,
        seed: int = 0,
    ) -> None:
        chosen = check_format(suffix, sample_rate, bit_depth)
        subtype = chosen.subtypes[bit_depth or next(iter(chosen.subtypes))]
        self._width = channels * (int(subtype[4:]) // 8 if subtype.startswith("PCM") else 4)  # bytes
        wide = chosen.container == "WAV" and samples * self._width > WAV_LIMIT
        self._left = WAV_LIMIT if chosen.container == "WAV" and not wide else None  # bytes
        self._convert = {"PCM_16": self._dithered, "PCM_24": _rounded}.get(subtype, np.asarray)
        self._random = np.random.default_rng(seed)
        container = "RF64" if wide else chosen.container
        self._file = soundfile.SoundFile(
            path, "w", sample_rate, channels, subtype, format=container, compression_level=chosen.level
        )

    def write(self, x: Samples) -> None:
        """Append float32 (channels, samples), full scale 1; what is louder is clipped unless bit_depth is "float"."""
        if self._left is not None:
            self._left -= x.shape[1] * self._width
            if self._left < 0:
                raise OSError("the result outgrows a WAV file, for the input is longer than it says: write .flac")
        try:
            self._file.write(self._convert(x.T))
        except soundfile.LibsndfileError as error:
            raise OSError(f"writing failed: {error}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def _dithered(self, x: Samples) -> NDArray[np.int16]:
        """16 bits with noise of triangular density, two steps wide: the error keeps no trace of the signal."""
        noise = self._random.random(x.shape, np.float32) - self._random.random(x.shape, np.float32)
        return np.rint(x * np.float32(32768) + noise).clip(-32768, 32767).astype(np.int16)


def _rounded(x: Samples) -> NDArray[np.int32]:
    """24 bits, in the upper part of 32."""
    return np.rint(x.astype(np.float64) * 2.0**23).clip(-(2**23), 2**23 - 1).astype(np.int32) << 8


def check_format(suffix: str, sample_rate: int | None = None, bit_depth: str | None = None) -> Format:
    """The format of an ending; ValueError names what is known if it cannot be written so."""
    chosen = FORMATS.get(suffix.lower())
    if chosen is None:
        raise ValueError(f"{suffix or 'no ending'} is no format that can be written: {', '.join(FORMATS)}")
    if bit_depth is not None and bit_depth not in chosen.subtypes:
        known = " or ".join(chosen.subtypes) if "" not in chosen.subtypes else "no bit depth"
        raise ValueError(f"--bit-depth {bit_depth} is not possible in {suffix}, which has {known}")
    if sample_rate is not None and sample_rate not in chosen.rates:
        rates = chosen.rates
        known = f"{rates[0]} to {rates[-1]}" if isinstance(rates, range) else ", ".join(map(str, rates))
        raise ValueError(f"{suffix} cannot have the input's {sample_rate} Hz, but {known} Hz: write .wav or .flac")
    return chosen


def check_path(path: Path, force: bool) -> None:
    """Raise OSError in a sentence if the file cannot be made, or exists and may not be replaced."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder {path.parent} does not exist")
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder: name a file in it")
    if path.exists() and not force:
        raise FileExistsError(f"{path} exists: --force overwrites it")


@contextmanager
def beside(path: Path, force: bool) -> Iterator[Path]:
    """A temporary path in the same folder, renamed to `path` if all goes well, else removed."""
    check_path(path, force)
    temporary = path.parent / f".{secrets.token_hex(8)}.part"
    try:
        temporary.open("xb").close()
        yield temporary
        check_path(path, force)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)

"""The one writer of sound files: streams of blocks in the format of an ending, read back before they count as whole."""

import io
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import soundfile
from numpy.typing import NDArray

from rtengine.files.beside import beside, check_path
from rtengine.files.disk import sentence
from rtengine.files.source import open_source
from rtengine.files.wav import WavFile

__all__ = ["FORMATS", "Sink", "beside", "check_format", "check_path"]

Samples = NDArray[np.float32]

MP3_FRAME = 1152  # samples by which the length of an MP3 file may be off


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

    path: where to write, whatever its ending. suffix: the ending that chooses the format.
    bit_depth: "16" (with triangular dither from the seed), "24" (exact for what came from 24 bits), "float" or None.
    name: what the file is called in sentences.
    """

    def __init__(
        self,
        path: Path,
        suffix: str,
        sample_rate: int,
        channels: int,
        bit_depth: str | None = None,
        seed: int = 0,
        name: Path | None = None,
    ) -> None:
        chosen = check_format(suffix, sample_rate, bit_depth)
        subtype = chosen.subtypes[bit_depth or next(iter(chosen.subtypes))]
        self.samples = 0  # so far
        self._path, self._name, self._lossy = path, name or path, subtype == "MPEG_LAYER_III"
        self._convert = {"PCM_16": self._dithered, "PCM_24": _rounded}.get(subtype, np.asarray)
        self._random = np.random.default_rng(seed)
        self._target = _Target(path)
        self._file: Any  # a WavFile or a SoundFile, which has no types
        try:
            if chosen.container == "WAV":
                bits = {"PCM_16": 16, "PCM_24": 24}.get(subtype, 32)
                self._file = WavFile(self._target, sample_rate, channels, bits)
            else:
                self._file = soundfile.SoundFile(
                    self._target, "w", sample_rate, channels, subtype,
                    format=chosen.container, compression_level=chosen.level,
                )  # fmt: skip
        except soundfile.LibsndfileError as error:
            self._target.finish()
            raise self._failed(error) from None
        if self._target.error:
            with suppress(OSError, soundfile.LibsndfileError):
                self._file.close()
            self._target.finish()
        self._check()

    def write(self, x: Samples) -> None:
        """Append float32 (channels, samples), full scale 1; what is louder is clipped unless bit_depth is "float"."""
        try:
            self._file.write(self._convert(x.T))
        except (soundfile.LibsndfileError, AssertionError) as error:  # the second is soundfile's, of a short write
            raise self._failed(error) from None
        self._check()
        self.samples += x.shape[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self._file.close()
        except soundfile.LibsndfileError as fault:
            if error is None:
                raise self._failed(fault) from None
        finally:
            self._target.finish()
        if error is None:
            self._check()
            self._read_back()

    def _read_back(self) -> None:
        """Raise OSError if the file is not what was written."""
        if not self.samples:
            return
        held = self._path.stat().st_size
        if held != self._target.size:
            raise OSError(f"{self._name} was not written whole: {held} of {self._target.size} bytes are there")
        try:
            found = open_source(self._path).length()
        except ValueError:
            found = 0
        if found < self.samples - MP3_FRAME * self._lossy:
            raise OSError(f"{self._name} was not written whole: {found} of {self.samples} samples can be read back")

    def _check(self) -> None:
        """Raise what the disk has said."""
        if self._target.error:
            raise type(self._target.error)(sentence(self._target.error, self._name)) from None

    def _failed(self, error: Exception) -> OSError:
        """The disk's reason, or libsndfile's."""
        said = self._target.error
        reason = getattr(error, "error_string", "the encoder gave up")
        return OSError(sentence(said, self._name) if said else f"{self._name} cannot be written: {reason}")

    def _dithered(self, x: Samples) -> NDArray[np.int16]:
        """16 bits with noise of triangular density, two steps wide: the error keeps no trace of the signal."""
        noise = self._random.random(x.shape, np.float32) - self._random.random(x.shape, np.float32)
        return np.rint(x * np.float32(32768) + noise).clip(-32768, 32767).astype(np.int16)


class _Target(io.RawIOBase):
    """A file that keeps the error of the disk: libsndfile knows none but its own, and loses some at the end."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b", buffering=0)
        self.error: OSError | None = None
        self.size = 0  # bytes that it should have
        self._position = 0

    def write(self, data: bytes) -> int:  # type: ignore[override]  # what is handed over
        """Write all of it, or keep the error and write nothing more."""
        done = 0
        try:
            while not self.error and done < len(data):
                self._file.seek(self._position)
                written = self._file.write(memoryview(data)[done:]) or 0
                done, self._position = done + written, self._position + written
        except OSError as error:
            self.error = error
        self.size = max(self.size, self._position)
        return done

    def read(self, size: int = -1) -> bytes:
        """Bytes of what was written, for encoders that look back."""
        self._file.seek(self._position)
        data = self._file.read(size) or b""
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go there."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(base + offset, 0)
        return self._position

    def tell(self) -> int:
        """Bytes from the beginning."""
        return self._position

    def finish(self) -> None:
        """Close it; this too may tell that the disk is full."""
        try:
            self._file.close()
        except OSError as error:
            self.error = self.error or error


def _rounded(x: Samples) -> NDArray[np.int32]:
    """24 bits, in the upper part of 32."""
    return np.rint(x.astype(np.float64) * 2.0**23).clip(-(2**23), 2**23 - 1).astype(np.int32) << 8


def nearest_rate(rate: int, suffix: str) -> int:
    """The rate itself if the format can have it, else the lowest that loses nothing, else its highest."""
    rates = FORMATS[suffix].rates
    return rate if rate in rates else min((r for r in rates if r >= rate), default=max(rates))


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

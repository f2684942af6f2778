"""What surfaces ask of the song that takes the place of the device's input."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rtengine.files import folders
from rtengine.files.song import Song
from rtengine.live import song

ENDINGS = folders.SOUNDS
LARGEST = 4 << 30  # bytes of a file
SHORTEST = 0.1  # seconds of a loop


class Voice(NamedTuple):
    """A request, see rtengine.live.song."""

    data: int
    length: int
    ready: int
    position: int
    begin: int
    end: int


class SongInput:
    """Songs of one folder; in place of the device's input as soon as one is chosen.

    Any thread may call these. Each request takes effect at the next of the host's grid points, or after a fade.
    """

    def __init__(self, host: np.void, folder: Path) -> None:
        """host: the record of rtengine.live.host, which must outlive this object."""
        self.folder = folder
        self._host, self._song = host, host["song"]
        self._sample_rate, self._channels = float(host["sample_rate"]), host["x"].shape[1]
        self._lock = threading.RLock()
        self._playing: Song | None = None
        self._loop = (0, 0)  # samples
        self._wanted: Voice | None = None  # a voice that the host has not been asked for
        self._kept: list[Song] = []  # those whose samples the host may still read

    def file(self, name: str) -> None:
        """Play a song from its beginning, in a loop, once it can be decoded; "" goes back to the device.

        ValueError or OSError in a sentence. This takes as long as the first second of the song takes to decode.
        """
        fresh = None
        if name:
            file = folders.find(self.folder, name, ENDINGS, LARGEST)
            fresh = Song(file, self._sample_rate, self._channels)
            fresh.wait()
        with self._lock:
            self._playing, self._loop = fresh, (0, len(fresh.x) if fresh else 0)
            self._request(0)

    def loop(self, begin: float = 0.0, end: float | None = None) -> None:
        """Go round between these seconds, without arguments through all of it; ValueError says the bounds."""
        with self._lock:
            length = len(self._chosen().x) / self._sample_rate
            end = length if end is None else end
            if not (0 <= begin <= length and end - begin >= min(SHORTEST, length)):
                raise ValueError(f"a loop from {begin:g} to {end:g} s is not {SHORTEST:g} s within 0 to {length:g} s")
            self._loop = (round(begin * self._sample_rate), round(min(end, length) * self._sample_rate))
            self._request(song.STAY)

    def seek(self, seconds: float) -> None:
        """Go to a place of the song; ValueError says the bounds."""
        with self._lock:
            length = len(self._chosen().x) / self._sample_rate
            if not 0 <= seconds <= length:
                raise ValueError(f"{seconds:g} s is outside the song's 0 to {length:g} s")
            self._request(min(round(seconds * self._sample_rate), self._loop[1] - 1))

    def play(self, on: bool) -> None:
        """Go on, or pause in silence."""
        self._song["play"] = on

    def songs(self) -> list[str]:
        """What there is to play."""
        return folders.listed(self.folder, ENDINGS)

    def status(self) -> dict[str, Any]:
        """Name, whether it plays, and in seconds: position, length, loop."""
        with self._lock:
            chosen, loop = self._playing, self._loop
        position = int(self._song["voices"]["position"][int(self._song["current"])]) if chosen else 0
        return {
            "file": chosen.file.name if chosen else "",
            "play": bool(self._song["play"]),
            "position": position / self._sample_rate,
            "length": len(chosen.x) / self._sample_rate if chosen else 0.0,
            "loop": tuple(n / self._sample_rate for n in loop),
        }

    def restore(self, status: Mapping[str, Any]) -> None:
        """Go on as `status` said; errors as above."""
        if status:
            self.file(str(status["file"]))
            self.play(bool(status["play"]))
            begin, end = status["loop"]
            self.loop(float(begin), float(end))
            self.seek(float(status["position"]))

    def control(self) -> str:
        """What needs to be done now and then; returns what the player should know, or ""."""
        with self._lock:
            if self._wanted and song.ask(self._song, *self._wanted):
                self._wanted = None
            self._let_go()
            if self._playing and self._playing.failed:
                failed, self._playing.failed = self._playing.failed, ""
                return failed
        return ""

    def close(self) -> None:
        """Decode no further."""
        for old in self._kept:
            old.close()

    def _let_go(self) -> None:
        """Forget the songs that the host does not read any more."""
        asked = int(self._song["next"]["data"]) if self._song["change"][0] else song.DEVICE  # first: it goes there
        read = {asked, *self._song["voices"]["data"].tolist()}
        for old in [s for s in self._kept if s is not self._playing and s.x.ctypes.data not in read]:
            old.close()
            self._kept.remove(old)

    def _chosen(self) -> Song:
        if not self._playing:
            raise ValueError("no song is played: choose one by /input/file")
        return self._playing

    def _request(self, position: int) -> None:
        """Ask for the song at a position, or STAY; a request that still waits is replaced, and its seek kept."""
        if position == song.STAY and self._wanted:
            position = self._wanted.position
        if not self._playing:
            self._wanted = Voice(song.DEVICE, 0, 0, 0, 0, 0)
        else:
            x, ready = self._playing.x, self._playing.ready
            self._wanted = Voice(x.ctypes.data, len(x), ready.ctypes.data, position, *self._loop)
            if self._playing not in self._kept:
                self._kept.append(self._playing)
        self.control()

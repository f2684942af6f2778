"""Single pictures of a film, for who looks at it while it plays."""

from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from rtengine.film.reader import picture_stream

WIDTH = 480  # pixels of a picture at most
NEAR = 2.0  # seconds that are decoded on rather than sought


class Stills:
    """A film held open; ValueError or OSError if it cannot be. `at` gives (h, w, 3) uint8, or None behind the end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._container = av.open(str(path))
        except av.FFmpegError as error:
            raise ValueError(f"{path} is no film that can be read: {error.strerror}") from None
        self._stream = picture_stream(self._container)
        if self._stream is None:
            raise ValueError(f"{path} holds no picture")
        self._start = (self._container.start_time or 0) / av.time_base
        self._frames: Any = None
        self._last: tuple[float, Any] | None = None

    def at(self, second: float) -> NDArray[np.uint8] | None:
        """The picture that is shown at a second of film time."""
        wanted = second + self._start
        try:
            if self._last is None or not self._last[0] <= wanted <= self._last[0] + NEAR:
                self._container.seek(round(wanted * av.time_base))
                self._frames, self._last = self._container.decode(self._stream), None
            while self._last is None or self._last[0] < wanted - 1e-3:
                frame = next(self._frames, None)
                if frame is None:
                    break
                self._last = float(frame.time or 0.0), frame
        except av.FFmpegError:
            self._last = None
        if self._last is None:
            return None
        frame = self._last[1]
        width = min(frame.width, WIDTH)
        pixels = frame.reformat(width, max(round(frame.height * width / frame.width), 1), "rgb24").to_ndarray()
        return np.asarray(pixels, np.uint8)

"""What a host's input and output look like: read beside the audio thread, which knows nothing of it.

The host keeps the latest samples of its input and of its output in two lines, and says up to which clock. Nobody takes
them out: the reader copies, and looks whether they were still whole afterwards. One that was late has lost columns and
no more.
"""

import numpy as np

from rtengine.live.host import HEARD, ROOM
from rtengine.native.kernel import kernel
from rtengine.native.ring import WRITE, load_acquire
from rtengine.osc.scope.pictures import MOST_COLUMNS, Picture, Scope

MARGIN = 4096  # samples that the audio thread may be about to overwrite: more than any buffer
SIGNALS = "input", "output"


class Reader:
    """The pictures of a host's input and output, from its record."""

    def __init__(self, host: np.void, sample_rate: float) -> None:
        self._lines = host["line"], host["heard"], host["written"]
        self._dry, self._channels = host["dry"], host["heard"].shape[1]
        self._scope = Scope(sample_rate, len(SIGNALS), self._channels)
        self._meters = host["meters"]
        self._clock = self._last()
        self.lost = 0  # samples

    def levels(self, signal: str) -> list[float]:
        """Momentary and short-term loudness (LUFS) now; then peak, rms (dBFS) and true peak (dBTP) of each channel."""
        shown = self._meters[signal]["readings"]
        channels = np.stack([shown[kind] for kind in ("peak", "rms", "true_peak")], axis=1)
        return [float(shown["momentary"]), float(shown["short_term"]), *channels.ravel().tolist()]

    def _last(self) -> int:
        """The end of the last whole column that is written."""
        written = int(self._lines[2][WRITE])
        return written - written % self._scope.hop

    def pictures(self) -> list[tuple[str, Picture]]:
        """What has come since the last call, by the name of the signal."""
        seen: list[tuple[str, Picture]] = []
        if not 0 <= self._last() - self._clock <= HEARD // 2:
            self._skip()
        while samples := min(self._last() - self._clock, MOST_COLUMNS * self._scope.hop):
            x = np.empty((len(SIGNALS), self._channels, samples), np.float32)
            if not copy(*self._lines, self._dry, self._clock, x):
                self._skip()
                break
            self._clock += samples
            seen += zip(SIGNALS, self._scope.look(x, self._clock), strict=True)
        return seen

    def _skip(self) -> None:
        self.lost += abs(self._last() - self._clock)
        self._clock = self._last()


@kernel
def copy(line, heard, written, dry, clock, x):
    """Fill x (2, outputs, n) with input, mixed as it is heard dry, and output from this clock on.

    Returns False if some was overwritten meanwhile.
    """
    load_acquire(written, WRITE)
    for c in range(x.shape[1]):
        for n in range(x.shape[2]):
            x[0, c, n] = 0
            for k in range(dry.shape[1]):
                x[0, c, n] += dry[c, k] * line[(clock + n) & (ROOM - 1), k]
            x[1, c, n] = heard[(clock + n) & (HEARD - 1), c]
    return load_acquire(written, WRITE) + MARGIN - clock < HEARD

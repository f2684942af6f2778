"""What the server asks of whatever it lets people play: a Graph has the first of these, an Engine has them all."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from rtengine.block import Parameter, Reading
from rtengine.native.record import Memory
from rtengine.osc.packet import Argument


class Controls(Protocol):
    """Parameters to read and to move."""

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """All of them, by address."""

    def __getitem__(self, address: str) -> float:
        """Where a parameter is going."""

    def __setitem__(self, address: str, value: float) -> None:
        """Move it; ValueError names the value and the bound, KeyError the address."""


@runtime_checkable
class Showing(Protocol):
    """Blocks that show something."""

    @property
    def readings(self) -> Mapping[str, Reading]:
        """All of it, by address."""

    def reading(self, address: str) -> tuple[float, ...]:
        """What it is just now; KeyError names the address."""


@runtime_checkable
class Listening(Protocol):
    """Blocks that take events, and parameters that are wired."""

    @property
    def inboxes(self) -> Mapping[str, int]:
        """The blocks that take events, by address."""

    def send(self, inbox: str, kind: int, channel: int = 0, a: float = 0, b: float = 0, time: int = 0, /) -> object:
        """Give one an event at a sample, or at once; see rtengine.events."""

    def automatic(self, address: str) -> bool:
        """Whether a wire turns this parameter."""

    def release(self, address: str) -> object:
        """Give a parameter back to its wire."""


@runtime_checkable
class Timed(Controls, Protocol):
    """Takes changes for a sample to come."""

    @property
    def clock(self) -> int:
        """Samples since the start."""

    @property
    def sample_rate(self) -> float:
        """Samples a second."""

    def at(self, sample_time: int, address: str, value: float) -> object:
        """Move a parameter at this sample."""


@runtime_checkable
class Host(Timed, Protocol):
    """Plays, and can be told how."""

    def status(self) -> Mapping[str, Any]:
        """How it is: plain values, by name."""

    def bypass(self, on: bool) -> None:
        """Let the sound pass untouched, or not."""

    def panic(self) -> None:
        """Mute, forget all sound, and come back."""

    def scene_store(self, name: str) -> None:
        """Keep all parameters."""

    def scene_recall(self, name: str, seconds: float) -> None:
        """Go to a scene."""

    def scenes(self) -> Sequence[str]:
        """Their names."""


@runtime_checkable
class Sounding(Controls, Protocol):
    """Has a sound to look at: its memory is the record of rtengine.live.host, with a field `heard`."""

    memory: Memory
    sample_rate: float


@runtime_checkable
class Settling(Timed, Protocol):
    """Knows when what it was told is in the sound."""

    @property
    def settled(self) -> bool:
        """Whether nothing that it was told is still on its way into the sound."""

    @property
    def latency(self) -> int:
        """Samples from there to the output."""


@runtime_checkable
class News(Protocol):
    """Events that are no state."""

    count: int

    def since(self, number: int) -> tuple[int, list[tuple[str, tuple[Argument, ...]]]]:
        """The events from this number on, and the number of the next one."""


@runtime_checkable
class Made(Protocol):
    """Knows the sound file that a share was made of."""

    def file_of(self, name: str) -> Path | None:
        """The file that is played by this name; None if it is of none."""

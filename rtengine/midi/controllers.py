"""MIDI controllers and what they turn: learnt by moving them, and taken up softly.

A controller that is somewhere else than its parameter does nothing until it comes past it, so that nothing jumps: just
after it was learnt, and whenever another surface or a scene has moved the parameter meanwhile. Controllers 0 to 31 may
have 14 bits, the lower seven as controller + 32 right behind: who does so once is taken to do it always.
Source: MIDI 1.0 Detailed Specification, table III.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

CHANNELS, CONTROLLERS = range(1, 17), range(120)  # from 120 on they are commands
FINE = range(32)  # those with lower bits, at 32 above
TOGETHER = 0.02  # seconds within which both halves of a value come
NEAR = 2 / 127  # of the range: so near it takes over


@dataclass
class Binding:
    """A controller, and where it was last: 0 to 1, None if unknown."""

    channel: int
    controller: int
    fine: bool = False

    def __post_init__(self) -> None:
        self.high: int = 0  # the upper bits
        self.position: float | None = None
        self.sent: float | None = None  # where it put the parameter


class Controllers:
    """Which controller turns what. Calls may come from any thread."""

    def __init__(self, controls: Any, tell: Callable[..., object]) -> None:
        """controls: an Engine, or whatever has parameters. tell(address, *arguments): hears of what was learnt."""
        self.open = False  # whether there is a MIDI input
        self._controls, self._tell = controls, tell
        self._lock = threading.RLock()
        self._bindings: dict[str, Binding] = {}  # by the parameter's address
        self._learning = ""
        self._before = (0, 0, 0.0)  # channel, controller and time of the last message

    def learn(self, address: str) -> None:
        """Bind the controller that moves next; KeyError if there is no such parameter, ValueError without MIDI."""
        if not self.open:
            raise ValueError("no MIDI input is open: start with --midi")
        if address not in self._controls.parameters:
            raise KeyError(f"{address[:80]} is no parameter")
        self._learning = address

    def unlearn(self, address: str) -> None:
        """Let the parameter go, and stop to learn it."""
        with self._lock:
            self._learning = "" if self._learning == address else self._learning
            if self._bindings.pop(address, None):
                self._tell("/unlearned", address)

    def learnt(self) -> list[tuple[str, int, int]]:
        """Addresses with channel (1 to 16) and controller."""
        with self._lock:
            return [(address, b.channel, b.controller) for address, b in self._bindings.items()]

    def kept(self) -> dict[str, dict[str, Any]]:
        """All bindings, for a file."""
        with self._lock:
            return {address: asdict(b) for address, b in self._bindings.items()}

    def restore(self, kept: Mapping[str, Mapping[str, Any]]) -> None:
        """Take bindings from a file, where neither parameter nor controller is bound; ValueError if they are none."""
        try:
            wanted = {str(address): Binding(**fields) for address, fields in kept.items()}
            if not all(b.channel in CHANNELS and b.controller in CONTROLLERS for b in wanted.values()):
                raise ValueError("channels are 1 to 16, controllers 0 to 119")
        except (TypeError, AttributeError, ValueError) as error:
            raise ValueError(f"the controllers of this scene are damaged: {error}") from None
        with self._lock:
            for address, binding in wanted.items():
                taken = any((b.channel, b.controller) == (binding.channel, binding.controller) for b in self._all())
                if address in self._controls.parameters and address not in self._bindings and not taken:
                    self._bindings[address] = binding
                    self._tell("/learned", address, binding.channel, binding.controller)

    def turn(self, channel: int, controller: int, value: int, now: float | None = None) -> None:
        """A controller, 0 to 119, of a channel, 1 to 16, has come to 0 to 127; now: seconds, of the system's clock."""
        if channel not in CHANNELS or controller not in CONTROLLERS or not 0 <= value <= 127:
            return
        now = time.monotonic() if now is None else now
        with self._lock:
            before, self._before = self._before, (channel, controller, now)
            if controller - 32 in FINE and before[:2] == (channel, controller - 32) and now - before[2] < TOGETHER:
                self._lower(channel, controller - 32, value)
                return
            if self._learning:
                self._bind(channel, controller)
            for address, binding in list(self._bindings.items()):
                if (binding.channel, binding.controller) == (channel, controller):
                    binding.high = value
                    if not binding.fine:
                        self._move(address, binding, value / 127)

    def _lower(self, channel: int, controller: int, value: int) -> None:
        """The lower seven bits of a controller have come."""
        for address, binding in list(self._bindings.items()):
            if (binding.channel, binding.controller) == (channel, controller):
                binding.fine = True
                self._move(address, binding, (128 * binding.high + value) / 16383)

    def _bind(self, channel: int, controller: int) -> None:
        address, self._learning = self._learning, ""
        self._bindings[address] = Binding(channel, controller)
        self._tell("/learned", address, channel, controller)

    def _move(self, address: str, binding: Binding, position: float) -> None:
        """Follow the controller to a position, 0 to 1, if it has the parameter, or has just come past it."""
        parameter = self._controls.parameters.get(address)
        if parameter is None:
            return  # of another graph
        here = parameter.position(self._controls[address])
        near = max(NEAR, 0.5 / (parameter.high - parameter.low) if parameter.scale == "step" else 0)
        held = binding.sent is not None and abs(here - binding.sent) <= 1e-4
        past = binding.position is not None and (binding.position - here) * (position - here) <= 0
        binding.position = position
        if held or past or abs(position - here) <= near:
            self._controls[address] = parameter.value(position)
            binding.sent = parameter.position(self._controls[address])
        else:
            binding.sent = None

    def _all(self) -> list[Binding]:
        return list(self._bindings.values())

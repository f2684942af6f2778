"""MIDI controllers and what they turn: learnt by moving them, and taken up softly.

Nothing jumps: a controller that is somewhere else than its parameter, as just after it was learnt, or when another
surface or a scene has moved the parameter meanwhile, moves it from where that is, the way of the hand, and slower or
faster than this so that both meet at the end of the range; and has it as soon as it comes past it. A choice waits for
that. An endless one has no place, and moves the parameter from where it is. See rtengine.midi.binding.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from rtengine.midi.binding import OFFSET, SIGNED, TOGETHER, TWOS, Binding

CHANNELS, CONTROLLERS = range(1, 17), range(120)  # from 120 on they are commands
FINE = range(32)  # those with lower bits, at 32 above
NEAR = 2 / 127  # of the range: so near it takes over
FASTER = 2.0  # at most, than the hand, while they have not met
TURN = 127  # steps of an endless knob through the whole range


class Heard(NamedTuple):
    """A message that may be the lower half of the controller that is to be learnt."""

    channel: int
    controller: int
    value: int
    time: float


class Controllers:
    """Which controller turns what. Calls may come from any thread."""

    def __init__(self, controls: Any, tell: Callable[..., object]) -> None:
        """controls: an Engine, or whatever has parameters. tell(address, *arguments): hears of what was learnt."""
        self.open = False  # whether there is a MIDI input
        self._controls, self._tell = controls, tell
        self._lock = threading.RLock()
        self._bindings: dict[str, Binding] = {}  # by the parameter's address
        self._learning = ""
        self._held: Heard | None = None

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
            self._release()
            return [(address, b.channel, b.controller) for address, b in self._bindings.items()]

    def kept(self) -> dict[str, dict[str, Any]]:
        """All bindings, for a file."""
        with self._lock:
            self._release()
            return {address: kept(binding) for address, binding in self._bindings.items()}

    def control(self, now: float | None = None) -> None:
        """What needs to be done now and then: bind what has waited for its upper half in vain."""
        with self._lock:
            now = time.monotonic() if now is None else now
            if self._held and now - self._held.time > TOGETHER:
                self._release()

    def restore(self, kept: Mapping[str, Mapping[str, Any]]) -> None:
        """Take bindings from a file, where neither parameter nor controller is bound; ValueError if they are none."""
        try:
            wanted = {str(address): Binding(**fields) for address, fields in kept.items()}
            if not all(b.channel in CHANNELS and b.controller in CONTROLLERS for b in wanted.values()):
                raise ValueError("channels are 1 to 16, controllers 0 to 119")
            if not {b.relative for b in wanted.values()} <= {"", TWOS, OFFSET, SIGNED}:
                raise ValueError("there is no such endless knob")
        except (TypeError, AttributeError, ValueError) as error:
            raise ValueError(f"the controllers of this scene are damaged: {error}") from None
        with self._lock:
            for address, binding in wanted.items():
                taken = self._bound(binding.channel, binding.controller)
                if address in self._controls.parameters and address not in self._bindings and not taken:
                    self._bindings[address] = binding
                    self._tell("/learned", address, binding.channel, binding.controller)

    def turn(self, channel: int, controller: int, value: int, now: float | None = None) -> None:
        """A controller, 0 to 119, of a channel, 1 to 16, has come to 0 to 127; now: seconds, of the system's clock."""
        if channel not in CHANNELS or controller not in CONTROLLERS or not 0 <= value <= 127:
            return
        now = time.monotonic() if now is None else now
        with self._lock:
            self.control(now)
            held, self._held = self._held, None
            if self._learning and controller - 32 in FINE and not self._bound(channel, controller - 32):
                self._held = Heard(channel, controller, value, now)  # it may be the lower half of what comes now
                return
            if self._learning:
                self._bind(channel, controller)
            if held:
                self._apply(*held)
            self._apply(channel, controller, value, now)

    def _apply(self, channel: int, controller: int, value: int, now: float) -> None:
        """Let all that is bound to it hear of a controller, and the pair of which it may be the lower half."""
        own = self._bound(channel, controller)
        for address, binding in list(self._bindings.items()):
            if binding.channel != channel:
                continue
            if binding.controller == controller:
                paired = controller in FINE and not self._bound(channel, controller + 32)
                self._follow(address, binding, *binding.upper(value, now, paired))
            elif not own and binding.controller in FINE and binding.controller == controller - 32:
                self._follow(address, binding, *binding.lower(value, now))

    def _bound(self, channel: int, controller: int) -> bool:
        return any((b.channel, b.controller) == (channel, controller) for b in self._bindings.values())

    def _release(self) -> None:
        """What was held comes alone: it is what is to be learnt."""
        held, self._held = self._held, None
        if held and self._learning:
            self._bind(held.channel, held.controller)
        if held:
            self._apply(*held)

    def _bind(self, channel: int, controller: int) -> None:
        address, self._learning = self._learning, ""
        self._bindings[address] = Binding(channel, controller)
        self._tell("/learned", address, channel, controller)

    def _follow(self, address: str, binding: Binding, position: float | None, steps: int) -> None:
        """Move the parameter by steps, or to a position, 0 to 1, if it has the parameter or has just come past it."""
        parameter = self._controls.parameters.get(address)
        if parameter is None:
            return  # of another graph
        value = self._controls[address]
        here = parameter.position(value)
        if steps:
            stepped = parameter.scale == "step"
            self._controls[address] = (
                parameter.clip(value + steps) if stepped else parameter.value(min(max(here + steps / TURN, 0.0), 1.0))
            )
        if position is None:
            return
        near = max(NEAR, 0.5 / (parameter.high - parameter.low) if parameter.scale == "step" else 0)
        held = binding.sent is not None and abs(here - binding.sent) <= 1e-4
        before, binding.position = binding.position, position
        past = before is not None and (before - here) * (position - here) <= 0
        if held or past or abs(position - here) <= near:
            self._controls[address] = parameter.value(position)
            binding.sent = parameter.position(self._controls[address])
        else:
            binding.sent = None
            if before is not None and parameter.scale != "step":
                self._controls[address] = parameter.value(_nearer(here, before, position))


def _nearer(here: float, before: float, now: float) -> float:
    """Where a parameter goes while its controller goes from before to now; all are positions, 0 to 1."""
    rest, left = (1 - here, 1 - before) if now > before else (here, before)
    return here + (now - before) * min(rest / left, FASTER) if left else here


def kept(binding: Binding) -> dict[str, Any]:
    """A binding for a file."""
    fields = {"channel": binding.channel, "controller": binding.controller, "fine": binding.fine}
    return fields | ({"relative": binding.relative} if binding.relative else {})

"""One controller as it is found to be: of 7 bits, of 14 in two halves, or an endless knob that tells steps.

Which of these it is nobody says, so it is told by what it does, and told anew when it does otherwise.

- A pair: controllers 0 to 31 may send their lower seven bits as controller + 32, before or after. So do two knobs that
  somebody turns at once; but the lower half of a pair jumps when the upper one goes a step, and moves while it rests,
  which no knob beside another does. Three steps of the upper half alone, and it is a pair no more.
- An endless knob sends the same few numbers again and again, around 0 or around 64, where a knob that has ends sends
  each but once. One number that is none of these, and it is a knob with ends.

Source: MIDI 1.0 Detailed Specification, table III; the relative modes of Mackie Control and of Novation's and
Behringer's controllers, as their manuals have them.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

TOGETHER = 0.02  # seconds within which both halves of a value come
SURE = 2  # times that both halves moved as one, until they are taken for a pair
JUMP, CREEP = 16, 8  # of the lower half when the upper one moves: from here on as in a pair, up to here as beside it
ALONE = 3  # steps of the upper half alone, until a pair is none
REPEATS = 2  # of the same number, until a knob is taken for an endless one
FASTEST = 7  # steps that an endless knob tells at once
FULL = 127 * 128 + 127
TWOS, OFFSET, SIGNED = "twos", "offset", "signed"  # 127, 63 and 65 are the step down that 1, 65 and 1 are up


class Move(NamedTuple):
    """Where a controller has come to, 0 to 1; or how many steps it has gone, of 127 in a whole turn of the range."""

    position: float | None = None
    steps: int = 0


@dataclass
class Halves:
    """What was heard of the two halves: values, when they came, and what speaks for their being a pair."""

    high: int = 0
    low: int = 0
    high_time: float = -1.0
    low_time: float = -1.0
    together: bool = False  # whether the lower half came with the last upper one, before or behind it
    low_then: int = 0  # the lower half with the upper one before
    high_then: int = -1
    follows: float = TOGETHER  # seconds from the upper half to the lower, and from the lower to the upper: means
    leads: float = TOGETHER
    waits: bool = False  # whether the last lower half was followed by an upper one
    score: int = 0
    alone: int = 0


@dataclass
class Binding:
    """A controller, and what was found out of it; only the first four are kept in files."""

    channel: int
    controller: int
    fine: bool = False
    relative: str = ""
    halves: Halves = field(default_factory=Halves, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.position: float | None = None  # where it was last, None if unknown
        self.sent: float | None = None  # where it put the parameter
        self._value: int | None = None  # the last one of 14 bits
        self._catching = False  # it has just been found to be a pair: it goes on from where it was, not back
        self._repeats, self._ends = 0, False  # of the last number; whether it has ends

    def upper(self, value: int, now: float, paired: bool) -> Move:
        """The controller has come to 0 to 127; paired: whether the one 32 above may be its lower half."""
        halves = self.halves
        same = value == halves.high and halves.high_time >= 0
        with_low = paired and 0 <= now - halves.low_time < TOGETHER and halves.low_time >= halves.high_time
        self._weigh()
        if with_low:
            halves.leads += (now - halves.low_time - halves.leads) / 4
        halves.waits = with_low
        before, halves.high_then = halves.high, halves.high if halves.high_time >= 0 else -1
        halves.high, halves.high_time, halves.together = value, now, with_low
        if not paired:
            self.fine = False
        if not self.fine:
            return self._whole(value, same and not with_low)
        if halves.leads < halves.follows:
            return self._at(128 * value + halves.low)
        if value == before:
            return Move()
        return self._at(128 * value + (0 if value > before else 127))  # the lower half is to come

    def lower(self, value: int, now: float) -> Move:
        """The controller 32 above, which nothing else is bound to, has come to 0 to 127."""
        halves = self.halves
        first = 0 <= now - halves.high_time < TOGETHER and halves.low_time < halves.high_time
        if first:
            halves.follows += (now - halves.high_time - halves.follows) / 4
            if halves.high_then < 0 and not halves.together:  # as it was learnt
                halves.score = 1
        alone = halves.low_time > halves.high_time  # the second one since the upper half
        moved = value != halves.low
        leads = halves.leads < halves.follows
        halves.low, halves.low_time = value, now
        if first and not leads:
            halves.together = True
        if alone and moved and halves.score:  # while the upper half rests, after they came together
            self._found()
        if not self.fine or (leads and not alone and halves.waits):
            return Move()
        return self._at(128 * halves.high + value)

    def _weigh(self) -> None:
        """Judge the last value, now that both its halves are known."""
        halves = self.halves
        if halves.high_time < 0:
            return
        step, jump = halves.high - halves.high_then, abs(halves.low - halves.low_then)
        if not halves.together:
            halves.alone += step != 0
            halves.score -= bool(halves.score and step)
            if halves.alone >= ALONE:
                self.fine, halves.score = False, 0
        else:
            halves.alone = 0
            if halves.high_then < 0:
                halves.score = max(halves.score, 1)
            elif (step == 0 and jump) or (step and jump >= JUMP):
                self._found()
            elif step and jump <= CREEP:
                halves.score -= bool(halves.score)
        halves.low_then = halves.low

    def _found(self) -> None:
        """One more time that both halves moved as one."""
        self.halves.score = min(self.halves.score + 1, SURE + 1)
        if self.halves.score >= SURE and not self.fine and not self.relative:
            self.fine, self._catching, self._value = True, self.position is not None, None

    def _at(self, value: int) -> Move:
        """A value of 14 bits; none while it would lead back from where 7 bits had put it."""
        before, self._value = self._value, value
        ahead = value / FULL - (self.position or 0.0)
        if self._catching and (before is None or ahead * (value - before) < 0):
            return Move()
        self._catching = False
        return Move(value / FULL)

    def _whole(self, value: int, same: bool) -> Move:
        """A value of 7 bits, or steps."""
        near_0, near_64 = min(value, 128 - value) <= FASTEST and value > 0, 0 < abs(value - 64) <= FASTEST
        self._repeats = self._repeats + 1 if same else 0
        if not (near_0 or near_64):
            self._ends, self.relative = True, ""
        if self.relative:
            return Move(steps=self._steps(value))
        if not self._ends and self._repeats >= REPEATS:
            self.relative = TWOS if near_0 else OFFSET
            return Move(steps=self._repeats * self._steps(value))
        return Move(value / 127)

    def _steps(self, value: int) -> int:
        if (self.relative == TWOS and 64 < value <= 64 + FASTEST) or (self.relative == OFFSET and value <= FASTEST):
            self.relative = SIGNED
        if self.relative == TWOS:
            return value if value < 64 else value - 128
        if self.relative == OFFSET:
            return value - 64
        return value if value < 64 else 64 - value

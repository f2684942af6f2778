"""What a host offers, read from the tree that its OSCQuery tells: controls with their ranges, and all addresses.

The tree comes from the network: what is not as it should be is left out, and nothing is guessed.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rtengine.block import Parameter

UNITS = {"gain.db": "dB", "time.ms": "ms", "time.second": "s", "time.hz": "Hz", "time.sample": "samples"}
DEPTH = 16  # containers within containers
MOST_NODES = 4096  # nodes of a tree
LONGEST = 1024  # numbers of a reading
SILENCE = -119.9  # dBFS: what is below is nothing

Node = Mapping[str, Any]


class Placed:
    """What has an address."""

    address: str

    @property
    def name(self) -> str:
        """The last part of the address."""
        return self.address.rsplit("/", 1)[1]

    @property
    def block(self) -> str:
        """What stands before it, as /texture."""
        return self.address.rsplit("/", 1)[0]


@dataclass(frozen=True)
class Control(Placed, Parameter):
    """A parameter of the host, and where it is. source: the file that it was made of, if it was made of one."""

    address: str = field(kw_only=True)
    source: str = field(default="", kw_only=True)

    def text(self, value: float) -> str:
        """A value with its unit, or the name of its step."""
        if self.choices:
            return self.choices[min(max(round(value - self.low), 0), len(self.choices) - 1)]
        return f"{number(value, self.high - self.low, self.scale == 'step')} {self.unit}".rstrip()

    @property
    def bounds(self) -> str:
        """The range with its unit."""
        if self.choices:
            return " · ".join(self.choices)
        return f"{self.low:g} … {self.high:g} {self.unit}".rstrip()


@dataclass(frozen=True)
class Reading(Placed):
    """What a block shows: `count` numbers from low to high in its unit, or names. See rtengine.block.Reading."""

    address: str
    low: float
    high: float
    unit: str = ""
    doc: str = ""
    count: int = 1
    choices: tuple[str, ...] = ()

    def position(self, value: float) -> float:
        """Where a value stands between low and high, 0 to 1."""
        share = (value - self.low) / (self.high - self.low)
        return min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0

    def number(self, value: float) -> str:
        """A value as people read it; – is silence, or none."""
        silent = not math.isfinite(value) or (self.unit in ("dBFS", "dBTP") and value <= SILENCE)
        return "–" if silent else number(value, self.high - self.low)

    @property
    def bounds(self) -> str:
        """The range with its unit."""
        return " · ".join(self.choices) or f"{self.low:g} … {self.high:g} {self.unit}".rstrip()


def number(value: float, span: float, whole: bool = False) -> str:
    """A number with as many digits as its range makes sense of."""
    digits = 0 if whole or span >= 500 else 1 if span >= 10 else 2
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if not float(text) else text.replace("-", "−")


def controls(tree: Node) -> dict[str, Control]:
    """The parameters of a tree, by address, in its order."""
    found = (control(node) for node in leaves(tree) if "parameter" in listed(node, "TAGS"))
    return {c.address: c for c in found if c}


def readings(tree: Node) -> dict[str, Reading]:
    """What the blocks of a tree show, by address, in its order."""
    found = (reading(node) for node in leaves(tree) if {"reading", "block"} <= set(listed(node, "TAGS")))
    return {r.address: r for r in found if r}


def reading(node: Node) -> Reading | None:
    """What a block shows; None if the node does not say what one needs."""
    types, choices = node.get("TYPE"), listed(node, "CHOICES")
    if not isinstance(types, str) or not 0 < len(types) <= LONGEST or set(types) - {"f", "i", "s"}:
        return None
    try:
        bounds = {"MIN": 0, "MAX": max(len(choices), 1)} if "s" in types else node["RANGE"][0]
        low, high = float(bounds["MIN"]), float(bounds["MAX"])
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        return None
    symbol, unit = (next(iter(listed(node, key)), "") for key in ("SYMBOL", "UNIT"))
    doc = str(node.get("DESCRIPTION", ""))
    return Reading(node["FULL_PATH"], low, high, symbol or UNITS.get(unit, ""), doc, len(types), choices)


def addresses(tree: Node) -> set[str]:
    """All that can be sent or heard."""
    return {node["FULL_PATH"] for node in leaves(tree)}


def control(node: Node) -> Control | None:
    """A parameter; None if the node does not say what one needs."""
    try:
        bounds = node["RANGE"][0]
        low, high, default = float(bounds["MIN"]), float(bounds["MAX"]), float(node["DEFAULT"][0])
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    if not (math.isfinite(low) and math.isfinite(high) and low <= default <= high):
        return None
    symbol, unit, scale = (next(iter(listed(node, key)), "") for key in ("SYMBOL", "UNIT", "SCALE"))
    return Control(
        default,
        low,
        high,
        symbol or UNITS.get(unit, ""),
        "log" if scale == "log" and low > 0 else "step" if scale == "step" else "linear",
        str(node.get("DESCRIPTION", "")),
        listed(node, "CHOICES"),
        "share" in listed(node, "TAGS"),
        address=node["FULL_PATH"],
        source=next(iter(listed(node, "SOURCE")), ""),
    )


def leaves(tree: Node) -> Iterator[Node]:
    """The nodes that can be sent or heard, some of which have contents as well; at most MOST_NODES are looked at."""
    waiting, seen = [(tree, 0)], 0
    while waiting and seen < MOST_NODES:
        node, depth = waiting.pop()
        seen += 1
        if not isinstance(node, Mapping) or not isinstance(node.get("FULL_PATH"), str):
            continue
        contents = node.get("CONTENTS")
        if isinstance(contents, Mapping) and depth < DEPTH:
            waiting.extend((child, depth + 1) for child in reversed(list(contents.values())))
        if contents is None or "TYPE" in node:
            yield node


def listed(node: Node, key: str) -> tuple[str, ...]:
    """An attribute that is a list of texts; without those that are none."""
    value = node.get(key)
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()

"""The namespace as OSCQuery tells it: a tree of JSON objects made from the parameters, readings and commands.

Source: Vidvox, "OSCQuery proposal". DEFAULT, SCALE, CHOICES, SYMBOL, the unit as we write it, and SOURCE, the
file that a share was made of, are ours, for surfaces that draw themselves; others ignore what they do not know.
"""

from collections.abc import Mapping
from typing import Any

from rtengine.block import Parameter, Reading
from rtengine.osc.commands import Command, commands
from rtengine.osc.controls import Controls, Listening, Made, Showing
from rtengine.osc.packet import Argument
from rtengine.osc.state import FACTS, State, state

NONE, READ, WRITE, BOTH = range(4)  # ACCESS
UNITS = {
    "dB": "gain.db",
    "dBFS": "gain.db",
    "dBTP": "gain.db",
    "ms": "time.ms",
    "s": "time.second",
    "Hz": "time.hz",
    "samples": "time.sample",
}
OPTIONAL = (
    "TYPE",
    "ACCESS",
    "VALUE",
    "RANGE",
    "DESCRIPTION",
    "UNIT",
    "CLIPMODE",
    "TAGS",
    "DEFAULT",
    "SCALE",
    "CHOICES",
    "SYMBOL",
    "SOURCE",
)
ATTRIBUTES = ("FULL_PATH", "CONTENTS", *OPTIONAL)
SOCKET = ("LISTEN", "IGNORE", "PATH_CHANGED", "PATH_ADDED", "PATH_REMOVED")
EXTENSIONS = dict.fromkeys((*OPTIONAL, *SOCKET), True)

Node = dict[str, Any]


def tree(controls: Controls) -> Node:
    """The root of the namespace, with the values of this moment."""
    values = state(controls)
    root: Node = {"FULL_PATH": "/", "ACCESS": NONE, "DESCRIPTION": "all controls, meters and commands", "CONTENTS": {}}
    for method in methods(controls, values):
        parent, (*containers, name) = root, method["FULL_PATH"][1:].split("/")
        for container in containers:
            path = f"{parent['FULL_PATH'].rstrip('/')}/{container}"
            parent = parent["CONTENTS"].setdefault(container, {"FULL_PATH": path, "ACCESS": NONE})
            parent.setdefault("CONTENTS", {})  # a method may be a container as well: /model and /model/load
        parent["CONTENTS"][name] = parent["CONTENTS"].get(name, {}) | method
    return root


def find(root: Node, path: str) -> Node | None:
    """The node of a path; None if there is none."""
    for name in path.strip("/").split("/") if path.strip("/") else ():
        root = root.get("CONTENTS", {}).get(name)
        if root is None:
            return None
    return root


def methods(controls: Controls, values: State) -> list[Node]:
    """All that can be told or asked for, one object each."""
    shown = controls.readings if isinstance(controls, Showing) else {}
    turned = controls.parameters.items()
    wired = controls.automatic if isinstance(controls, Listening) else lambda address: False
    return [
        *(control(a, p, values.get(a, (p.default,)), wired(a)) | made(controls, a, p) for a, p in turned),
        *(reading(a, r, values[a]) for a, r in shown.items() if a in values),
        *(inbox(a) for a in (controls.inboxes if isinstance(controls, Listening) else ())),
        *(fact(a, values[a]) for a in FACTS if a in values),
        *(command(a, c, values.get(a)) for a, c in commands(controls).items()),
    ]


def control(address: str, p: Parameter, value: tuple[Argument, ...], wired: bool = False) -> Node:
    """A parameter; wired: something else turns it just now."""
    bounds: Node = {"MIN": p.low, "MAX": p.high}
    if p.choices:
        bounds["VALS"] = [p.low + i for i in range(len(p.choices))]
    node = {
        "FULL_PATH": address,
        "TYPE": "f",
        "ACCESS": BOTH,
        "VALUE": list(value),
        "RANGE": [bounds],
        "CLIPMODE": ["both"],
        "DESCRIPTION": p.doc,
        "DEFAULT": [p.default],
        "SCALE": [p.scale],
        "TAGS": ["parameter", *(["share"] if p.share else []), *(["wired"] if wired else [])],
    }
    return node | unit(p.unit) | ({"CHOICES": list(p.choices)} if p.choices else {})


def made(controls: Controls, address: str, p: Parameter) -> Node:
    """The name of the sound file that a share was made of, if it was made of one."""
    file = controls.file_of(address.rsplit("/", 1)[1]) if p.share and isinstance(controls, Made) else None
    return {"SOURCE": [file.name]} if file else {}


def reading(address: str, r: Reading, value: tuple[Argument, ...]) -> Node:
    """What a block shows: numbers within a range, or names."""
    node = {
        "FULL_PATH": address,
        "TYPE": ("s" if r.choices else "f") * len(value),
        "ACCESS": READ,
        "VALUE": list(value),
        "RANGE": [{"VALS": list(r.choices)} if r.choices else {"MIN": r.low, "MAX": r.high}] * len(value),
        "DESCRIPTION": r.doc,
        "TAGS": ["reading", "block"],
    }
    return node | unit(r.unit, len(value)) | ({"CHOICES": list(r.choices)} if r.choices else {})


def inbox(address: str) -> Node:
    """Notes to a block: a, b and a channel; see rtengine.osc.inbox for other events."""
    return {
        "FULL_PATH": f"{address}/note",
        "TYPE": "ff",
        "ACCESS": WRITE,
        "RANGE": [{"MIN": 0, "MAX": 127}, {"MIN": 0, "MAX": 1}],
        "DESCRIPTION": "a note in semitones, 60 is c', and its velocity; 0 ends it",
        "TAGS": ["inbox"],
    }


def fact(address: str, value: tuple[Argument, ...]) -> Node:
    """What the engine says of itself."""
    r = FACTS[address]
    bounds = {k: v for k, v in (("MIN", r.low), ("MAX", r.high)) if v is not None}
    return {
        "FULL_PATH": address,
        "TYPE": r.types,
        "ACCESS": READ,
        "VALUE": list(value),
        "RANGE": [bounds] * len(r.types),
        "DESCRIPTION": r.doc,
        "TAGS": ["reading"],
    } | unit(r.unit, len(r.types))


def command(address: str, about: Command, value: tuple[Argument, ...] | None) -> Node:
    """A command; bypass has a value."""
    node = {
        "FULL_PATH": address,
        "TYPE": about.types,
        "ACCESS": WRITE if value is None else BOTH,
        "DESCRIPTION": about.doc,
        "TAGS": ["command"],
    }
    return node if value is None else node | {"VALUE": list(value)}


def unit(name: str, count: int = 1) -> Node:
    """The unit as the proposal calls it, if it knows it, and as we do: its gain.db may be dB, dBFS or dBTP."""
    known: Node = {"UNIT": [UNITS[name]] * count} if name in UNITS else {}
    return known | ({"SYMBOL": [name] * count} if name else {})


def declared(controls: Controls) -> dict[str, Parameter | Reading]:
    """What a graph has."""
    return {**controls.parameters, **(controls.readings if isinstance(controls, Showing) else {})}


def changes(
    before: Mapping[str, Parameter | Reading], after: Mapping[str, Parameter | Reading]
) -> list[tuple[str, str]]:
    """What the subscribers must hear of when parameters or readings are others: commands and paths.

    PATH_CHANGED is of one that is another now, and of a container in which there are others.
    """
    return [
        *(("PATH_REMOVED", a) for a in before if a not in after),
        *(("PATH_ADDED", a) for a in after if a not in before),
        *(("PATH_CHANGED", a) for a, p in after.items() if a in before and before[a] != p),
        *(("PATH_CHANGED", a) for a in sorted({a.rsplit("/", 1)[0] or "/" for a in before.keys() ^ after.keys()})),
    ]

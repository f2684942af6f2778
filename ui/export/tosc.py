"""TouchOSC's file format: a zlib stream of XML, a tree of nodes with properties, values, messages and children.

Each argument that goes with a value is scaled by TouchOSC itself, so messages carry real units.
"""

import uuid
import zlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from xml.etree import ElementTree

VERSION = "5"
ALL_CONNECTIONS = "1" * 10
VALUES = {  # of a node, by its type, with their defaults; all have touch
    "BUTTON": {"x": "0"},
    "FADER": {"x": "0"},
    "LABEL": {"text": ""},
    "XY": {"x": "0", "y": "0"},
    "PAGER": {"page": "0"},
}

Element = ElementTree.Element
Colour = tuple[float, float, float, float]  # red, green, blue, alpha: 0 to 1
Property = bool | int | float | str | Colour


class Frame(NamedTuple):
    """A rectangle within the parent."""

    x: int
    y: int
    w: int
    h: int


class Partial(NamedTuple):
    """A part of a path, or an argument: a constant, or a value of the node scaled to low..high."""

    kind: str  # CONSTANT or VALUE
    conversion: str  # STRING, INTEGER, FLOAT or BOOLEAN
    value: str
    low: float = 0
    high: float = 1


def file(root: Element) -> bytes:
    """The bytes of a .tosc file, the same for the same tree."""
    lexml = Element("lexml", version=VERSION)
    lexml.append(root)
    return zlib.compress(ElementTree.tostring(lexml, encoding="UTF-8", xml_declaration=True), 9)


def node(
    kind: str,
    name: str,
    frame: Frame,
    properties: Mapping[str, Property] | None = None,
    *,
    values: Mapping[str, str] | None = None,
    messages: Iterable[Element] = (),
    children: Iterable[Element] = (),
) -> Element:
    """One control. properties: beyond name and frame, by TouchOSC's names; values: defaults other than in VALUES."""
    made, kept = list(messages), list(children)
    identity = uuid.uuid5(uuid.NAMESPACE_OID, f"{kind} {name} {frame} {[c.get('ID') for c in kept]}")
    element = Element("node", ID=str(identity), type=kind)
    all_properties = {"name": name, "frame": frame, **(properties or {})}
    _list(element, "properties", [_property(key, all_properties[key]) for key in sorted(all_properties)])
    defaults = VALUES.get(kind, {}) | {"touch": "false"} | dict(values or {})
    _list(element, "values", [_value(key, default) for key, default in defaults.items()])
    if made:
        _list(element, "messages", made)
    if kept:
        _list(element, "children", kept)
    return element


def osc(path: str, *arguments: Partial, trigger: str = "x", condition: str = "ANY", receive: bool = True) -> Element:
    """A message sent when the trigger changes (ANY, RISE or FALL), and taken when it comes. trigger "": only taken."""
    message = Element("osc")
    switches = {"enabled": 1, "send": int(bool(trigger)), "receive": int(receive), "feedback": 0, "noDuplicates": 0}
    for key, switch in switches.items():
        _text(message, key, str(switch))
    _text(message, "connections", ALL_CONNECTIONS)
    triggers = Element("trigger")
    _text(triggers, "var", trigger or "x")
    _text(triggers, "condition", condition)
    _list(message, "triggers", [triggers])
    _list(message, "path", [_partial(Partial("CONSTANT", "STRING", path))])
    _list(message, "arguments", [_partial(argument) for argument in arguments])
    return message


def _property(key: str, content: Property | Frame) -> Element:
    parts: tuple[str, ...] = ()
    match content:
        case bool():
            kind, text = "b", str(int(content))
        case int():
            kind, text = "i", str(content)
        case float():
            kind, text = "f", f"{content:g}"
        case str():
            kind, text = "s", content
        case Frame():
            kind, text, parts = "r", "", ("x", "y", "w", "h")
        case _:
            kind, text, parts = "c", "", ("r", "g", "b", "a")
    element = Element("property", type=kind)
    _text(element, "key", key)
    value = _text(element, "value", text)
    if isinstance(content, tuple):
        for part, number in zip(parts, content, strict=True):
            _text(value, part, f"{number:g}")
    return element


def _value(key: str, default: str) -> Element:
    element = Element("value")
    for tag, text in (("key", key), ("locked", "0"), ("lockedDefaultCurrent", "0"), ("default", default)):
        _text(element, tag, text)
    _text(element, "defaultPull", "0")
    return element


def _partial(partial: Partial) -> Element:
    element = Element("partial")
    tags = ("type", "conversion", "value", "scaleMin", "scaleMax")
    for tag, content in zip(tags, partial, strict=True):
        _text(element, tag, content if isinstance(content, str) else f"{content:g}")
    return element


def _list(parent: Element, tag: str, children: Iterable[Element]) -> None:
    ElementTree.SubElement(parent, tag).extend(children)


def _text(parent: Element, tag: str, text: str) -> Element:
    element = ElementTree.SubElement(parent, tag)
    element.text = text or None
    return element

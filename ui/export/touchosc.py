"""The layout for TouchOSC: a page to perform on, a page of all parameters, and one of all readings.

A tile is a fader that shows and, over it, a button that asks: a button alone would go dark when it is let go. A touched
control says so, for the host then sends it nothing. `init` subscribes to feedback; "connect" does it again.
"""

from collections.abc import Iterator, Mapping
from math import ceil, cos, pi, sin
from types import MappingProxyType

from rtengine.block import Parameter, Reading
from rtengine.osc.namespace import shares_of
from rtengine.osc.state import FACTS
from ui.export.tosc import Colour, Element, Frame, Partial, Property, file, node, osc

WIDTH, HEIGHT = 640, 1136
TABS = 48
GAP = 12
ROW = 60
GROUND: Colour = (0.043, 0.051, 0.063, 1)
CARD: Colour = (0.12, 0.15, 0.18, 1)
LIGHT: Colour = (0.21, 0.76, 0.88, 1)
WARM: Colour = (1, 0.71, 0.33, 1)
STOP: Colour = (1, 0.36, 0.34, 1)
TEXT: Colour = (0.91, 0.93, 0.95, 1)
MANY = 16  # parameters for one column
PROMINENT = 4  # parameters beside the shares on the first page: those of the graph's first blocks
METER = -60.0, 6.0  # dBFS at the two ends of a meter
NO_READINGS: Mapping[str, Reading] = MappingProxyType({})

Parameters = Mapping[str, Parameter]


def layout(
    parameters: Parameters, feedback_port: int | None = None, readings: Mapping[str, Reading] = NO_READINGS
) -> bytes:
    """A .tosc file with exactly these parameters and readings, whose counts are known.

    feedback_port: where TouchOSC listens, if not where it sends from.
    """
    page = Frame(0, TABS, WIDTH, HEIGHT - TABS)
    pages = [
        _page("perform", page, perform(parameters, feedback_port)),
        _page("all", page, all_parameters(parameters)),
    ]
    if readings:
        pages.append(_page("readings", page, all_readings(readings)))
    pager = node(
        "PAGER",
        "pages",
        Frame(0, 0, WIDTH, HEIGHT),
        {"tabbar": True, "tabbarSize": TABS, "background": True, "color": GROUND},
        children=pages,
    )
    subscribe = ", ".join(["'/notify'", "1", *([str(feedback_port)] if feedback_port else [])])
    script = f"function init()\n  sendOSC({subscribe})\nend\n"
    root: dict[str, Property] = {"background": True, "color": GROUND, "script": script}
    return file(node("GROUP", "rtengine", Frame(0, 0, WIDTH, HEIGHT), root, children=[pager]))


def perform(parameters: Parameters, feedback_port: int | None) -> Iterator[Element]:
    """Meters, the shares of a block as tiles and a pad to blend them, the first of the others, commands."""
    wide, y = WIDTH - 2 * GAP, GAP
    for address in ("/meter/in", "/meter/out"):
        yield meter(address, Frame(GAP, y, wide, 22))
        yield _words(f"{address} label", address.rsplit("/", 1)[1], Frame(GAP, y, 60, 22))
        y += 22 + GAP
    for block in dict.fromkeys(address.rsplit("/", 1)[0] for address in parameters):
        shares = shares_of(parameters, block)
        if not shares:
            continue
        for address, frame in zip(shares, _columns(Frame(GAP, y, wide, 150), len(shares)), strict=True):
            yield from tile(address, frame, Partial("CONSTANT", "STRING", address.rsplit("/", 1)[1]), block)
        y += 150 + GAP
        yield pad(shares, Frame(GAP, y, wide, 330))
        yield from corners(shares, Frame(GAP, y, wide, 330))
        y += 330 + GAP
    for address, p in [(a, p) for a, p in parameters.items() if not p.share][:PROMINENT]:
        yield label(address, p, Frame(GAP, y, wide, 22))
        y += 22
        if p.choices:
            yield from choices(address, p, Frame(GAP, y, wide, ROW))
        else:
            yield fader(address, p, Frame(GAP, y, wide, ROW))
        y += ROW + GAP
    bypass, panic, connect = _columns(Frame(GAP, y, wide, ROW), 3)
    yield button("bypass", bypass, WARM, osc("/bypass", Partial("VALUE", "BOOLEAN", "x")), toggle=True)
    yield button("panic", panic, STOP, osc("/panic", trigger="touch", condition="RISE", receive=False))
    port = [Partial("CONSTANT", "INTEGER", str(feedback_port))] if feedback_port else []
    notify = osc(
        "/notify",
        Partial("CONSTANT", "INTEGER", "1"),
        *port,
        trigger="touch",
        condition="RISE",
        receive=False,
    )
    yield button("connect", connect, CARD, notify)


def all_parameters(parameters: Parameters) -> Iterator[Element]:
    """A fader for each, in two columns if they are many."""
    for (address, p), frame in zip(parameters.items(), _rows(len(parameters)), strict=True):
        yield label(address, p, Frame(*frame[:3], 20))
        yield fader(address, p, Frame(frame.x, frame.y + 20, frame.w, max(frame.h - 24, 8)))


def all_readings(readings: Mapping[str, Reading]) -> Iterator[Element]:
    """A bar for each number, side by side where there are several; a name where it stands for one."""
    for (address, r), frame in zip(readings.items(), _rows(len(readings)), strict=True):
        yield label(address, r, Frame(*frame[:3], 20))
        for i, part in enumerate(_columns(Frame(frame.x, frame.y + 20, frame.w, max(frame.h - 24, 8)), r.count)):
            yield shown(address, r, i, part)


def shown(address: str, r: Reading, number: int, frame: Frame) -> Element:
    """One number of a reading, counted from 0."""
    value = f"message[2][{number + 1}].value"
    told = f"self.values.text = {value}"
    if not r.choices:
        told = f"self.values.x = math.min(math.max(({value} - {r.low:g}) / {r.high - r.low:g}, 0), 1)"
    script = f"function onReceiveOSC(message)\n  if message[1] == '{address}' then\n    {told}\n  end\nend\n"
    if r.choices:
        return _words(f"{address} {number}", "", frame, script)
    return node("FADER", f"{address} {number}", frame, {**_lamp(1), "script": script})


def fader(address: str, p: Parameter, frame: Frame) -> Element:
    """A parameter in its own units; a step snaps."""
    value = Partial("VALUE", "FLOAT", "x", p.low, p.high)
    steps = {"grid": True, "gridSteps": round(p.high - p.low) + 1} if p.scale == "step" else {}
    start = (p.default - p.low) / (p.high - p.low) if p.high > p.low else 0
    return node(
        "FADER",
        address,
        frame,
        {"color": LIGHT, "orientation": 1, "cornerRadius": 4.0, "response": 1, **steps},
        values={"x": f"{start:g}"},
        messages=[osc(address, value), touched(address)],
    )


def touched(address: str) -> Element:
    """Says that a finger is on the control, or no longer."""
    return osc(f"{address}/touched", Partial("VALUE", "BOOLEAN", "touch"), trigger="touch", receive=False)


def tile(address: str, frame: Frame, argument: Partial, path: str) -> Iterator[Element]:
    """A fill as high as the share, and a button that chooses it."""
    shown = osc(address, Partial("VALUE", "FLOAT", "x"), trigger="")
    yield node("FADER", f"{address} shown", frame, _lamp(0), messages=[shown])
    yield from _asking(f"{address} choose", address.rsplit("/", 1)[1], frame, path, argument)


def choices(address: str, p: Parameter, frame: Frame) -> Iterator[Element]:
    """A lit button for each step."""
    for i, (name, part) in enumerate(zip(p.choices, _columns(frame, len(p.choices)), strict=True)):
        lit = (
            "function onReceiveOSC(message)\n"
            f"  if message[1] == '{address}' then\n"
            f"    self.values.x = message[2][1].value == {p.low + i:g} and 1 or 0\n"
            "  end\nend\n"
        )
        yield node("FADER", f"{address} {name} shown", part, {**_lamp(1), "script": lit})
        yield from _asking(f"{address} {name}", name, part, address, Partial("CONSTANT", "STRING", name))


def pad(shares: list[str], frame: Frame) -> Element:
    """A field with a share at each corner: the nearer, the more of it."""
    paths = ", ".join(f"'{address}'" for address in shares)
    return node("XY", "morph", frame, {"color": LIGHT, "cornerRadius": 4.0, "script": PAD.format(paths=paths)})


def corners(shares: list[str], frame: Frame) -> Iterator[Element]:
    """The names of the shares, where PAD has their corners."""
    w, h = 90, 30
    for i, address in enumerate(shares):
        angle = 2 * pi * i / len(shares) + pi / 2
        x, y = (1 + cos(angle)) / 2, (1 - sin(angle)) / 2  # y downwards
        place = Frame(frame.x + round(x * (frame.w - w)), frame.y + round(y * (frame.h - h)), w, h)
        yield _words(f"{address} corner", address.rsplit("/", 1)[1], place)


def meter(address: str, frame: Frame) -> Element:
    """A peak meter that cannot be touched."""
    assert address in FACTS
    value = Partial("VALUE", "FLOAT", "x", *METER)
    return node("FADER", address, frame, _lamp(1), messages=[osc(address, value, trigger="")])


def label(address: str, p: Parameter | Reading, frame: Frame) -> Element:
    """The name of a parameter or a reading, and its unit."""
    text = address[1:].replace("/", " ") + (f" ({p.unit})" if p.unit else "")
    return _words(f"{address} label", text, frame)


def button(name: str, frame: Frame, colour: Colour, message: Element, *, toggle: bool = False) -> Element:
    """A button with its name on it."""
    face = node(
        "BUTTON",
        name,
        Frame(0, 0, frame.w, frame.h),
        {"color": colour, "buttonType": 2 if toggle else 0, "cornerRadius": 4.0},
        messages=[message],
    )
    words = _words(f"{name} label", name, Frame(0, 0, frame.w, frame.h))
    return node("GROUP", f"{name} group", frame, {"outline": False, "background": False}, children=[face, words])


def _asking(name: str, text: str, frame: Frame, path: str, argument: Partial) -> Iterator[Element]:
    message = osc(path, argument, trigger="touch", condition="RISE", receive=False)
    yield _words(f"{name} label", text, frame)
    yield node("BUTTON", name, frame, {"background": False, "buttonType": 0, "color": LIGHT}, messages=[message])


def _words(name: str, text: str, frame: Frame, script: str = "") -> Element:
    look: dict[str, Property] = {
        "background": False,
        "outline": False,
        "interactive": False,
        "textColor": TEXT,
        "textSize": 16,
    }
    if script:
        look["script"] = script
    return node("LABEL", name, frame, look, values={"text": text})


def _lamp(orientation: int) -> dict[str, Property]:
    return {"color": LIGHT, "cornerRadius": 4.0, "cursor": False, "interactive": False, "orientation": orientation}


def _page(name: str, frame: Frame, children: Iterator[Element]) -> Element:
    return node("GROUP", name, frame, {"tabLabel": name, "background": True, "color": GROUND}, children=children)


def _rows(count: int) -> list[Frame]:
    """A place on a page for each of so many, in two columns if they are many."""
    columns = _columns(Frame(GAP, GAP, WIDTH - 2 * GAP, HEIGHT - TABS - 2 * GAP), 2 if count > MANY else 1)
    rows = max(ceil(count / len(columns)), 1)
    height = min(ROW + 24, columns[0].h // rows)
    places = ((columns[i // rows], GAP + i % rows * height) for i in range(count))
    return [Frame(column.x, y, column.w, height) for column, y in places]


def _columns(frame: Frame, count: int) -> list[Frame]:
    width = (frame.w - GAP * (count - 1)) // count
    return [Frame(frame.x + i * (width + GAP), frame.y, width, frame.h) for i in range(count)]


PAD = """local paths = {{{paths}}}
local function corner(i)
  local angle = 2 * math.pi * (i - 1) / #paths + math.pi / 2
  return 0.5 + 0.5 * math.cos(angle), 0.5 + 0.5 * math.sin(angle)
end
function onValueChanged(key)
  if key ~= 'x' and key ~= 'y' or not self.values.touch then return end
  local weights, sum = {{}}, 0
  for i = 1, #paths do
    local x, y = corner(i)
    local distance = (self.values.x - x) ^ 2 + (self.values.y - y) ^ 2
    weights[i] = 1 / (distance * distance + 0.000001)
    sum = sum + weights[i]
  end
  for i = 1, #paths do sendOSC(paths[i], weights[i] / sum) end
end
"""

import re
import shutil
import subprocess
import zlib
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.controls import Controls

from rtengine.block import Parameter
from rtengine.live import meters
from rtengine.osc.commands import COMMANDS
from rtengine.osc.packet import encode
from rtengine.osc.server import Server
from rtengine.osc.state import FACTS
from ui import __main__ as ui
from ui.export import export, reaper, tosc, touchosc

PARAMETERS = Controls().parameters
TYPES = "BOX BUTTON LABEL TEXT FADER XY RADIAL ENCODER RADAR RADIO GROUP PAGER GRID"
MESSAGE = "enabled send receive feedback noDuplicates connections triggers path arguments"
LUA = shutil.which("lua5.4") or shutil.which("lua5.3") or shutil.which("lua")

Element = ElementTree.Element


class Small:
    """A stereo instrument of these parameters, whose blocks show nothing."""

    parameters = PARAMETERS
    readings: dict[str, object] = {}  # noqa: RUF012
    inputs = outputs = 2


@pytest.fixture(scope="module")
def root() -> Element:
    return ElementTree.fromstring(zlib.decompress(touchosc.layout(PARAMETERS, 9100)))


def properties(node: Element) -> dict[str, Element]:
    return {p.findtext("key", ""): p for p in node.iterfind("properties/property")}


def name(node: Element) -> str:
    return properties(node)["name"].findtext("value", "")


def path(message: Element) -> str:
    return "".join(p.findtext("value", "") for p in message.iterfind("path/partial"))


def page(root: Element, wanted: str) -> Element:
    return next(node for node in root.iter("node") if name(node) == wanted)


# TouchOSC


def test_the_file_is_a_zlib_stream_of_one_node_in_lexml_5(root: Element) -> None:
    data = touchosc.layout(PARAMETERS)
    assert data[:1] == b"\x78"
    assert zlib.decompress(data).startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert (root.tag, root.attrib, [n.tag for n in root]) == ("lexml", {"version": "5"}, ["node"])
    assert root[0].attrib["type"] == "GROUP"
    assert data == touchosc.layout(PARAMETERS), "the same each time"


def test_every_node_has_the_structure_of_the_format(root: Element) -> None:
    shapes = {"r": ["x", "y", "w", "h"], "c": ["r", "g", "b", "a"]}
    nodes = list(root.iter("node"))
    for node in nodes:
        assert set(node.attrib) == {"ID", "type"}
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", node.attrib["ID"])
        assert node.attrib["type"] in TYPES.split()
        order = [section.tag for section in node]
        assert order == [t for t in ("properties", "values", "messages", "children") if t in order]
        assert order[:2] == ["properties", "values"]
        assert all(len(section) for section in node), "no section is empty"
        keys = [p.findtext("key") for p in node.iterfind("properties/property")]
        assert keys == sorted(set(keys))
        for p in node.iterfind("properties/property"):
            value = p.find("value")
            assert value is not None
            assert [part.tag for part in value] == shapes.get(p.attrib["type"], [])
            assert p.attrib["type"] in "bcfirs"
            assert p.attrib["type"] != "b" or value.text in ("0", "1")
        values = [v.findtext("key") for v in node.iterfind("values/value")]
        assert values == [*tosc.VALUES.get(node.attrib["type"], {}), "touch"]
        for v in node.iterfind("values/value"):
            assert [part.tag for part in v] == ["key", "locked", "lockedDefaultCurrent", "default", "defaultPull"]
    assert max(Counter(node.attrib["ID"] for node in nodes).values()) == 1


def test_every_message_has_the_structure_of_the_format(root: Element) -> None:
    messages = list(root.iter("osc"))
    for message in messages:
        assert " ".join(part.tag for part in message) == MESSAGE
        assert message.findtext("connections") == "1" * 10
        assert message.findtext("triggers/trigger/condition") in ("ANY", "RISE")
        for partial in message.iter("partial"):
            assert [part.tag for part in partial] == ["type", "conversion", "value", "scaleMin", "scaleMax"]
            assert partial.findtext("type") in ("CONSTANT", "VALUE")
    assert len(messages) > 3 * len(PARAMETERS) - 5


def test_it_names_exactly_the_parameters_in_their_units(root: Element) -> None:
    faders = {name(node): node for node in page(root, "all").iter("node") if node.attrib["type"] == "FADER"}
    assert list(faders) == list(PARAMETERS)
    for address, p in PARAMETERS.items():
        value, touch = faders[address].findall("messages/osc")
        assert path(value) == address
        argument = value.find("arguments/partial")
        assert argument is not None
        assert [part.text for part in argument] == ["VALUE", "FLOAT", "x", f"{p.low:g}", f"{p.high:g}"]
        assert (path(touch), touch.findtext("triggers/trigger/var")) == (f"{address}/touched", "touch")
        default = float(faders[address].findtext("values/value/default", ""))
        assert p.low + default * (p.high - p.low) == pytest.approx(p.default, abs=1e-5 * (p.high - p.low))
    steps = {address: properties(node).get("gridSteps") for address, node in faders.items()}
    assert [(a, s.findtext("value")) for a, s in steps.items() if s is not None] == [("/texture/quality", "3")]


def test_every_message_means_something_to_the_host(root: Element) -> None:
    """All that TouchOSC would send from this layout, at both ends of its values, is accepted."""

    class Phone:
        def send(self, packet: bytes) -> None:
            pass

    controls = Controls()
    server, phone = Server(controls), Phone()
    known = {*PARAMETERS, *FACTS, *COMMANDS}
    for message in root.iter("osc"):
        if message.findtext("send") == "0":
            assert path(message) in known
            continue
        if path(message) == "/notify":
            continue  # needs a host and a port
        for end in ("scaleMin", "scaleMax"):
            arguments = []
            for partial in message.iterfind("arguments/partial"):
                kind, conversion = partial.findtext("type"), partial.findtext("conversion")
                text = partial.findtext("value" if kind == "CONSTANT" else end, "")
                cast = {"STRING": str, "FLOAT": float, "INTEGER": int, "BOOLEAN": lambda t: float(t) > 0}
                arguments.append(cast[str(conversion)](text))
            server.dispatch(encode(path(message), *arguments), phone)
    assert server.counts["refused"] == 0, server.refusal
    assert server.counts["received"] > 50


def test_nothing_lies_outside_its_parent(root: Element) -> None:
    def frame(node: Element) -> list[float]:
        return [float(part.text or "") for part in properties(node)["frame"].iterfind("value/*")]

    for parent in root.iter("node"):
        for child in parent.iterfind("children/node"):
            x, y, w, h = frame(child)
            assert min(x, y) >= 0
            assert x + w <= frame(parent)[2], name(child)
            assert y + h <= frame(parent)[3], name(child)


@pytest.mark.skipif(not LUA, reason="needs the Debian package lua5.4")
def test_the_pad_gives_a_corner_to_each_share(root: Element, tmp_path: Path) -> None:
    (script,) = (properties(n)["script"].findtext("value", "") for n in root.iter("node") if n.get("type") == "XY")
    play = """
    function sendOSC(path, weight) io.write(path, ' ', weight, ' ') end
    for _, at in ipairs({{0.5, 1}, {0.5, 0.5}}) do
      self = {values = {touch = true, x = at[1], y = at[2]}}
      onValueChanged('x')
      io.write('\\n')
    end
    self.values.touch = false
    onValueChanged('x')
    """
    file = tmp_path / "pad.lua"
    file.write_text(script + play)
    lines = subprocess.run([str(LUA), file], capture_output=True, text=True, check=True).stdout.splitlines()
    told = [dict(zip(words[::2], map(float, words[1::2]), strict=True)) for words in map(str.split, lines)]
    shares = [a for a, p in PARAMETERS.items() if p.share]
    assert [list(t) for t in told] == [shares, shares], "and nothing when no finger is on it"
    assert told[0][shares[0]] > 0.999
    assert list(told[1].values()) == pytest.approx([1 / 3] * 3)


# REAPER


def test_the_sliders_are_the_parameters() -> None:
    lines = [line for line in reaper.effect(PARAMETERS).splitlines() if line.startswith("slider")]
    form = re.compile(r"slider(\d+):([^<]+)<([^,]+),([^,]+),([^{>]+)(?:\{(.*)\})?>(\S+)(?: \((.*)\))?")
    found = [form.fullmatch(line) for line in lines]
    for i, ((address, p), match) in enumerate(zip(PARAMETERS.items(), found, strict=True), 1):
        assert match
        number, default, low, high, step, names, label, unit = match.groups()
        assert (int(number), float(default), float(low), float(high)) == (i, p.default, p.low, p.high)
        assert float(step) == pytest.approx(1 if p.scale == "step" else (p.high - p.low) / 1000)
        assert (names, label, unit) == (",".join(p.choices) or None, address, p.unit or None)


def test_the_pattern_sends_what_the_host_takes() -> None:
    text = reaper.files(PARAMETERS)["rtengine.ReaperOSC"]
    actions = [line.split() for line in text.splitlines() if line and line[0] not in "#"]
    assert ["DEVICE_FX_PARAM_COUNT", str(len(PARAMETERS))] in actions
    (sent,) = [address for action, address, *_ in actions if action == "FX_PARAM_VALUE"]
    assert sent[0] == "n"
    for i, (address, p) in enumerate(PARAMETERS.items(), 1):
        controls = Controls()
        server = Server(controls)
        for share, value in ((1.0, p.high), (0.0, p.low)):
            filled = sent[1:].replace("@", "1", 2).replace("@", str(i))  # track, effect, slider
            server.dispatch(encode(filled, share), object())  # type: ignore[arg-type]
            assert controls[address] == value
        assert server.counts["refused"] == 0


def test_too_many_parameters_are_refused() -> None:
    many = {f"/a/p{i}": Parameter(0, 0, 1) for i in range(257)}
    with pytest.raises(ValueError, match="257 parameters are more than the 256 sliders"):
        reaper.files(many)


# The command line


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "instrument", lambda patch, inputs: Small)


@pytest.mark.usefixtures("small")
def test_the_commands_write_their_files(tmp_path: Path) -> None:
    assert ui.main(["export", "touchosc", str(tmp_path / "a.tosc")]) == 0
    shown = meters.readings({}, 2, 2)
    assert (tmp_path / "a.tosc").read_bytes() == touchosc.layout(PARAMETERS, readings=shown)
    assert {"/input/peak", "/meter/momentary"} <= shown.keys()
    assert ui.main(["export", "touchosc", str(tmp_path / "a.tosc"), "--feedback-port", "9100"]) == 0
    assert b"sendOSC('/notify', 1, 9100)" in zlib.decompress((tmp_path / "a.tosc").read_bytes())
    assert ui.main(["export", "reaper", str(tmp_path / "new" / "folder")]) == 0
    files = {f.name: f.read_text("utf-8") for f in (tmp_path / "new" / "folder").iterdir()}
    assert files == reaper.files(PARAMETERS)


@pytest.mark.usefixtures("small")
def test_bad_input_ends_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ui.main(["export", "touchosc", str(tmp_path / "none" / "a.tosc")]) == 2
    assert capsys.readouterr().err.endswith("a.tosc: No such file or directory\n")
    for arguments in (["export"], ["export", "touchosc"], ["export", "touchosc", "a", "--feedback-port", "0"]):
        with pytest.raises(SystemExit) as stop:
            ui.main(arguments)
        assert stop.value.code == 2

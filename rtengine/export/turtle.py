"""What an LV2 bundle says of itself, in Turtle.

Source: lv2plug.in/ns, the vocabularies of lv2core, units, port-props, port-groups, presets, options and buf-size.
"""

from collections.abc import Iterator, Sequence

from rtengine.block import Parameter
from rtengine.export.plugin import Knob, Plugin

PREFIXES = """\
@prefix atom: <http://lv2plug.in/ns/ext/atom#> .
@prefix bufsz: <http://lv2plug.in/ns/ext/buf-size#> .
@prefix doap: <http://usefulinc.com/ns/doap#> .
@prefix lv2: <http://lv2plug.in/ns/lv2core#> .
@prefix opts: <http://lv2plug.in/ns/ext/options#> .
@prefix pg: <http://lv2plug.in/ns/ext/port-groups#> .
@prefix pprop: <http://lv2plug.in/ns/ext/port-props#> .
@prefix pset: <http://lv2plug.in/ns/ext/presets#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix units: <http://lv2plug.in/ns/extensions/units#> .
@prefix urid: <http://lv2plug.in/ns/ext/urid#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
UNITS = {"dB": "db", "Hz": "hz", "kHz": "khz", "s": "s", "ms": "ms", "semitones": "semitone12TET", "%": "pc"}
LICENCE = "https://spdx.org/licenses/MIT"
MOST_LATE = 1e9


def manifest(plugins: Sequence[Plugin], binary: str) -> str:
    """manifest.ttl: what there is, and where more is said."""
    parts = [PREFIXES]
    for plugin in plugins:
        uri, file = plugin.identity, description_file(plugin)
        parts.append(f"<{uri}>\n\ta lv2:Plugin ;\n\tlv2:binary <{binary}> ;\n\trdfs:seeAlso <{file}> .\n")
        for i, name in enumerate(plugin.presets):
            parts.append(
                f"<{uri}:preset:{i}>\n\ta pset:Preset ;\n\tlv2:appliesTo <{uri}> ;\n"
                f"\trdfs:label {text(name)} ;\n\trdfs:seeAlso <{file}> .\n"
            )
    return "\n".join(parts)


def description_file(plugin: Plugin) -> str:
    """The name of the file that describes it."""
    return f"{plugin.form.replace(' ', '-')}.ttl"


def description(plugin: Plugin) -> str:
    """That file: the plug-in with its ports, in the order of glue/lv2.c, and its presets."""
    uri = plugin.identity
    ports = ",\n\t[\n".join(f"{_lines(port, 2)}\n\t]" for port in _numbered(plugin))
    head = [
        "a lv2:Plugin , lv2:SpectralPlugin" if plugin.threads else "a lv2:Plugin , lv2:MixerPlugin",
        f"doap:name {text(plugin.name)}",
        f"doap:license <{LICENCE}>",
        f"rdfs:comment {text(plugin.doc)}",
        "lv2:minorVersion 2",
        "lv2:microVersion 0",
        "lv2:optionalFeature lv2:hardRTCapable , opts:options , urid:map , bufsz:boundedBlockLength",
        "opts:supportedOption bufsz:nominalBlockLength , bufsz:maxBlockLength",
        f"lv2:port [\n{ports}",
    ]
    parts = [PREFIXES, f"<{uri}>\n\t" + " ;\n\t".join(head) + " .\n"]
    for i, (preset, values) in enumerate(plugin.presets.items()):
        settings = " , ".join(
            f"[ lv2:symbol {text(knob.symbol)} ; pset:value {_number(value)} ]"
            for knob, value in zip(plugin.parameters, values, strict=True)
        )
        parts.append(
            f"<{uri}:preset:{i}>\n\ta pset:Preset ;\n\tlv2:appliesTo <{uri}> ;\n"
            f"\trdfs:label {text(preset)} ;\n\tlv2:port {settings} .\n"
        )
    return "\n".join(parts)


def text(value: str) -> str:
    """A string as a literal of Turtle."""
    kept = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{kept}"'


def _lines(statements: Sequence[str], tabs: int) -> str:
    return " ;\n".join("\t" * tabs + s for s in statements)


def _numbered(plugin: Plugin) -> Iterator[list[str]]:
    """The ports' statements, in order."""
    for index, port in enumerate(_ports(plugin)):
        yield [port[0], f"lv2:index {index}", *port[1:]]


def _ports(plugin: Plugin) -> Iterator[list[str]]:
    for way, count in (("Input", plugin.inputs), ("Output", plugin.outputs)):
        for c in range(count):
            side = "in" if way == "Input" else "out"
            yield [f"a lv2:AudioPort , lv2:{way}Port", f'lv2:symbol "{side}_{c + 1}"', f'lv2:name "{side} {c + 1}"']
    for knob in plugin.parameters:
        yield ["a lv2:InputPort , lv2:ControlPort", *_described(knob)]
    yield _switch("enabled", "lv2:enabled", 1)
    yield _switch("freewheel", "lv2:freeWheeling", 0)
    yield [
        *_output("latency", 0, "lv2:designation lv2:latency", "lv2:portProperty lv2:reportsLatency , lv2:integer"),
        "units:unit units:frame",
    ]
    yield [*_output("late", MOST_LATE), "rdfs:comment " + text("samples that the threads owed, since the start")]
    for knob in plugin.readings:
        yield ["a lv2:OutputPort , lv2:ControlPort", *_described(knob)]


def _switch(symbol: str, designation: str, default: int) -> list[str]:
    return [
        "a lv2:InputPort , lv2:ControlPort",
        f'lv2:symbol "{symbol}"',
        f'lv2:name "{symbol}"',
        f"lv2:designation {designation}",
        f"lv2:default {default}",
        "lv2:minimum 0",
        "lv2:maximum 1",
        "lv2:portProperty lv2:toggled , lv2:integer , pprop:notOnGUI",
    ]


def _output(symbol: str, high: float, *more: str) -> list[str]:
    bounds = ["lv2:minimum 0", f"lv2:maximum {_number(high or MOST_LATE)}"]
    return ["a lv2:OutputPort , lv2:ControlPort", f'lv2:symbol "{symbol}"', f'lv2:name "{symbol}"', *bounds, *more]


def _described(knob: Knob) -> Iterator[str]:
    about = knob.about
    yield f"lv2:symbol {text(knob.symbol)}"
    yield f"lv2:name {text(f'{knob.module} {knob.name}')}"
    yield f"lv2:minimum {_number(about.low)}"
    yield f"lv2:maximum {_number(about.high)}"
    if about.doc:
        yield f"rdfs:comment {text(about.doc)}"
    if unit := UNITS.get(about.unit):
        yield f"units:unit units:{unit}"
    elif about.unit:
        yield f"units:unit [ a units:Unit ; rdfs:label {text(about.unit)} ; units:symbol {text(about.unit)} ; " + (
            f"units:render {text(f'%f {about.unit}')} ]"
        )
    if isinstance(about, Parameter):
        yield f"lv2:default {_number(knob.start)}"
        if about.scale == "log":
            yield "lv2:portProperty pprop:logarithmic"
        if about.scale == "step":
            yield "lv2:portProperty lv2:integer" + (" , lv2:enumeration" if about.choices else "")
    for i, choice in enumerate(about.choices):
        yield f"lv2:scalePoint [ rdfs:label {text(choice)} ; rdf:value {_number(about.low + i)} ]"


def _number(value: float) -> str:
    return f"{value:.9g}"

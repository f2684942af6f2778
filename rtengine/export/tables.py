"""Plug-ins as the tables in C that the glue reads, see glue/plugin.h."""

from collections.abc import Iterable, Sequence
from itertools import chain

from rtengine.block import Parameter
from rtengine.export.image import Image
from rtengine.export.plugin import Knob, Plugin

ESCAPED = {'"': '\\"', "\\": "\\\\", "?": "\\?"}


def source(plugins: Sequence[Plugin]) -> str:
    """tables.c."""
    codes = sorted({code for plugin in plugins for code in plugin.codes})
    parts = ['#include "plugin.h"', *map(_declared, codes)]
    rows = []
    for i, plugin in enumerate(plugins):
        parts += _parts(f"p{i}", plugin)
        counts = plugin.inputs, plugin.outputs, plugin.threads, len(plugin.parameters), len(plugin.readings)
        numbers = ", ".join(map(str, (*counts, len(plugin.images), len(plugin.presets))))
        texts = ", ".join(map(text, (plugin.identity, plugin.name, plugin.doc)))
        rows.append(f"{{{texts}, {numbers}, p{i}_parameters, p{i}_readings, p{i}_images, p{i}_presets, p{i}_dry}}")
    parts += [f"const Plugin plugins[] = {{{', '.join(rows)}}};", f"const uint32_t plugin_count = {len(rows)};"]
    return "\n".join(parts) + "\n"


def descriptors(plugins: Sequence[Plugin], kind: str) -> str:
    """uris.h: a line for each plug-in, as glue/lv2.c or glue/clap.c wants it."""
    rows = [(plugin.identity, plugin.name, plugin.doc)[: 1 if kind == "lv2" else 3] for plugin in plugins]
    return "".join(f"DESCRIPTOR({', '.join(map(text, row))}),\n" for row in rows)


def text(value: str) -> str:
    """A string as a literal of C."""
    return '"' + "".join(ESCAPED.get(c) or _octal(c) for c in value) + '"'


def _octal(character: str) -> str:
    if " " <= character <= "~":
        return character
    return "".join(f"\\{byte:03o}" for byte in character.encode())


def _declared(code: str) -> str:
    arguments = "const float *, float *, unsigned long, void *, unsigned long, void *"
    return f"int callback_{code}({arguments});\nint64_t work_{code}(void *, int64_t, int64_t);"


def _parts(name: str, plugin: Plugin) -> list[str]:
    knobs = [*plugin.parameters, *plugin.readings]
    lists = {k.about.choices: f"{name}_choices{i}" for i, k in enumerate(knobs) if k.about.choices}
    parts = [f"static const char *const {n}[] = {{{', '.join(map(text, c))}}};" for c, n in lists.items()]
    for kind, found in (("parameters", plugin.parameters), ("readings", plugin.readings)):
        parts.append(_array(f"Parameter {name}_{kind}", (_knob(k, lists.get(k.about.choices, "NULL")) for k in found)))
    for i, image in enumerate(plugin.images):
        parts += _arrays(f"{name}_{i}", image)
    images = [_image(f"{name}_{i}", image, plugin.codes[i]) for i, image in enumerate(plugin.images)]
    parts.append(_array(f"Image {name}_images", images))
    for i, values in enumerate(plugin.presets.values()):
        parts.append(_array(f"float {name}_preset{i}", map(number, values)))
    presets = (f"{{{text(preset)}, {name}_preset{i}}}" for i, preset in enumerate(plugin.presets))
    return [*parts, _array(f"Preset {name}_presets", presets), _array(f"float {name}_dry", map(number, plugin.dry))]


def number(value: float) -> str:
    """A float32 as a literal of C, exactly."""
    return float(value).hex() + "f"


def _array(name: str, items: Iterable[object]) -> str:
    return f"static const {name}[] = {{{', '.join(map(str, items)) or '0'}}};"


def _knob(knob: Knob, choices: str) -> str:
    about = knob.about
    step = isinstance(about, Parameter) and about.scale == "step"
    texts = map(text, (knob.name, knob.module, about.unit))
    numbers = map(number, (about.low, about.high, knob.start))
    return f"{{{', '.join((f'{knob.identity}u', str(knob.place), *texts, *numbers, str(int(step)), choices))}}}"


def _arrays(name: str, image: Image) -> list[str]:
    """The lists of an image."""
    return [
        _array(f"Run {name}_runs", (f"{{{r.offset}, {r.source}, {r.length}}}" for r in image.runs)),
        _array(f"Fix {name}_fixes", (f"{{{f.offset}, {f.kind}, {f.value}}}" for f in image.fixes)),
        _array(f"uint32_t {name}_readings", image.readings),
        _array(f"uint32_t {name}_late", image.late),
    ]


def _image(name: str, image: Image, code: str) -> str:
    numbers = image.sample_rate, image.size, image.latency, image.slack
    counts = len(image.runs), len(image.fixes), len(image.late)
    fields = (image.fields[field] for field in ("targets", "values", "held", "inline"))
    lists = f"{name}_runs, {name}_fixes", ", ".join(map(str, fields)), f"{name}_readings, {name}_late"
    return "{" + ", ".join([*map(str, chain(numbers, counts)), *lists, f"callback_{code}, work_{code}"]) + "}"

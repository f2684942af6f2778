"""REAPER's side: an effect whose sliders are the parameters, and a pattern file that sends them.

REAPER's addresses are a fixed vocabulary, so the effect passes the sound and only carries sliders: REAPER automates
them and sends the N-th as /track/1/fx/1/fxparam/N/value, 0 to 1, which the host takes for its N-th parameter. The
pattern names one track and one effect, so that no other effect is taken for ours. Readings are left out: REAPER would
take what is shown on a slider for a move of it, and write it into its automation.
"""

from collections.abc import Mapping

from rtengine.block import Parameter

NAME = "rtengine"
MOST_SLIDERS = 256  # sliders of a JSFX


def files(parameters: Mapping[str, Parameter]) -> dict[str, str]:
    """The texts by file name; ValueError if REAPER has too few sliders."""
    if len(parameters) > MOST_SLIDERS:
        raise ValueError(f"{len(parameters)} parameters are more than the {MOST_SLIDERS} sliders of an effect")
    return {
        f"{NAME}.jsfx": effect(parameters),
        f"{NAME}.ReaperOSC": pattern(len(parameters)),
        "README.txt": README,
    }


def effect(parameters: Mapping[str, Parameter]) -> str:
    """A JSFX that passes the sound."""
    lines = [
        f"desc:{NAME} (controls of the host, sent over OSC)",
        "// The sound passes. Put this first on track 1; README.txt says how REAPER sends its sliders.",
        *(slider(i, address, p) for i, (address, p) in enumerate(parameters.items(), 1)),
        "in_pin:left input",
        "in_pin:right input",
        "out_pin:left output",
        "out_pin:right output",
    ]
    return "\n".join(lines) + "\n"


def slider(number: int, address: str, p: Parameter) -> str:
    """One line of a JSFX: slider1:default<low,high,step{names}>label."""
    step = 1 if p.scale == "step" else (p.high - p.low) / 1000
    names = "{" + ",".join(p.choices) + "}" if p.choices else ""
    label = f"{address} ({p.unit})" if p.unit else address
    return f"slider{number}:{p.default:g}<{p.low:g},{p.high:g},{step:g}{names}>{label}"


def pattern(count: int) -> str:
    """A pattern file: the first effect of the first track, and its sliders."""
    return f"""# {NAME}: sends the sliders of the effect {NAME}, first on track 1, to the host.

DEVICE_TRACK_COUNT 1
DEVICE_SEND_COUNT 0
DEVICE_RECEIVE_COUNT 0
DEVICE_FX_COUNT 1
DEVICE_FX_PARAM_COUNT {count}
DEVICE_FX_INST_PARAM_COUNT 0
DEVICE_MARKER_COUNT 0
DEVICE_REGION_COUNT 0

REAPER_TRACK_FOLLOWS REAPER
DEVICE_TRACK_FOLLOWS DEVICE
DEVICE_TRACK_BANK_FOLLOWS DEVICE
DEVICE_FX_FOLLOWS DEVICE
DEVICE_EQ INSERT
DEVICE_ROTARY_CENTER 0

FX_PARAM_VALUE n/track/@/fx/@/fxparam/@/value
"""


README = f"""{NAME}.jsfx goes into the folder Effects, {NAME}.ReaperOSC into the folder OSC, both within REAPER's
resource path (Options > Show REAPER resource path). Start REAPER, insert the effect "{NAME}" first on track 1, and add
in Preferences > Control/OSC/web an OSC surface: pattern config "{NAME}", mode "Configure device IP+local port", the
host's address (127.0.0.1 for this computer) and its OSC port (9000). Automate the sliders like those of any effect.
What the host shows, its meters for example, is in its own window and on its page: a slider that showed it would be
automation to REAPER.
"""

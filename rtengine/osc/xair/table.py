"""Which parameter is meant by which address of the X Air dialect: made of the parameters that are there."""

from collections.abc import Mapping
from typing import NamedTuple

from rtengine.block import Parameter
from rtengine.osc.xair.laws import Law, fader, inverted, linear, logarithmic, member, quality, ratio, switch

BANDS = (1, 3, 5, 6, 2, 4)  # of ours, in the order of theirs: with four, clients reach from the lows to the highs
DCAS = 4
ROOM = 7  # the send that is the room's: buses 1 to 6 are monitors, of which this desk has none
FREQUENCY = logarithmic(20, 20_000)
STRIP = {  # address behind /ch/NN, parameter of the strip
    "mix/fader": ("fader", fader),
    "mix/pan": ("pan", linear(-1, 1)),
    "preamp/invert": ("polarity", switch),
    "preamp/hpf": ("high_pass", logarithmic(20, 400)),
    "gate/on": ("gate_on", switch),
    "gate/thr": ("gate_threshold", linear(-80, 0)),
    "gate/range": ("gate_range", linear(3, 60)),
    "gate/attack": ("gate_attack", linear(0, 120)),
    "gate/hold": ("gate_hold", logarithmic(0.02, 2000)),
    "gate/release": ("gate_release", logarithmic(5, 4000)),
    "eq/on": ("equaliser_on", switch),
    "dyn/on": ("compressor_on", switch),
    "dyn/thr": ("threshold", linear(-60, 0)),
    "dyn/ratio": ("ratio", ratio),
    "dyn/knee": ("knee", linear(0, 24)),
    "dyn/mgain": ("makeup", linear(0, 24)),
    "dyn/attack": ("attack", linear(0, 120)),
    "dyn/release": ("release", logarithmic(5, 4000)),
}


class Entry(NamedTuple):
    """One address of the dialect: the parameter behind it, and the law between them."""

    parameter: str
    law: Law


def table(parameters: Mapping[str, Parameter]) -> dict[str, Entry]:
    """All addresses of the dialect that have a parameter behind them, for as many strips as there are."""
    found: dict[str, Entry] = {}
    strip = 1
    while f"/strip/{strip}/fader" in parameters:
        own, there = f"/ch/{strip:02}", f"/strip/{strip}"
        found |= {f"{own}/{a}": Entry(f"{there}/{name}", law) for a, (name, law) in STRIP.items()}
        for theirs, ours in enumerate(BANDS, 1):
            band = f"{there}/eq{ours}"
            found[f"{own}/eq/{theirs}/f"] = Entry(f"{band}_frequency", FREQUENCY)
            found[f"{own}/eq/{theirs}/g"] = Entry(f"{band}_gain", linear(-15, 15))
            found[f"{own}/eq/{theirs}/q"] = Entry(f"{band}_q", quality)
        found[f"{own}/mix/on"] = Entry(f"/bus/mute{strip}", inverted)
        found[f"{own}/mix/{ROOM:02}/level"] = Entry(f"/bus/send{strip}", fader)
        found[f"{own}/grp/dca"] = Entry(f"/bus/group{strip}", member)
        found[f"/-stat/solosw/{strip:02}"] = Entry(f"/bus/solo{strip}", switch)
        strip += 1
    for group in range(1, DCAS + 1):
        found[f"/dca/{group}/fader"] = Entry(f"/bus/group_fader{group}", fader)
        found[f"/dca/{group}/on"] = Entry(f"/bus/group_mute{group}", inverted)
    found["/lr/mix/fader"], found["/lr/mix/on"] = Entry("/bus/level", fader), Entry("/bus/mute", inverted)
    return {address: entry for address, entry in found.items() if entry.parameter in parameters}

"""What an address means: the parameters that a message moves, and to what.

All of it follows from the parameters. A short name stands for the one parameter that has it, or that is alone in a
block of this name: /quality, /mix. The name of a block with shares chooses one of them: /texture water, /texture 0.
REAPER, whose addresses are fixed, has /track/1/fx/1/fxparam/N/value: the N-th parameter, 0 to 1 for its whole range.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress

from rtengine.block import Parameter
from rtengine.osc.packet import Argument
from rtengine.osc.patterns import is_pattern, matching

Parameters = Mapping[str, Parameter]
Move = tuple[str, float]  # a parameter's address and its value

NEAR = 1e-3  # of a step, or of a range: what programs lose when they reckon with faders
REAPER = re.compile(r"/track/\d{1,3}/fx/\d{1,3}/fxparam/(\d{1,3})/value")


def moves(parameters: Parameters, address: str, arguments: Sequence[Argument]) -> list[Move]:
    """What a message asks for. ValueError or KeyError if the address is of no parameter or the value is none.

    A number outside the range stands for its nearer end. A pattern moves those that can take the value, if any can.
    """
    if is_pattern(address):
        return _each(parameters, matching(address, parameters), only(arguments))
    if address in parameters:
        return [(address, value(parameters[address], only(arguments)))]
    if shares := shares_of(parameters, address):
        return _choice(parameters, shares, only(arguments))
    if fixed := REAPER.fullmatch(address):
        return _of_reaper(parameters, int(fixed[1]), only(arguments))
    full = short_names(parameters).get(address)
    if full is None:
        raise KeyError(f"there is nothing at {address[:80]}")
    return [(full, value(parameters[full], only(arguments)))]


def only(arguments: Sequence[Argument]) -> Argument:
    """The one argument; ValueError if there are others, or none."""
    if len(arguments) != 1:
        raise ValueError(f"it takes one value, not {len(arguments)}")
    return arguments[0]


def value(parameter: Parameter, argument: Argument) -> float:
    """A number, or the name of a step, as the nearest value of the parameter; ValueError if it is neither."""
    number = parameter.parse(argument) if isinstance(argument, str) else numeric(argument)
    nearest = parameter.clip(number)
    if parameter.scale == "step" and parameter.low < number < parameter.high and abs(number - nearest) > NEAR:
        raise ValueError(f"{number:g} is not a whole number from {parameter.low:g} to {parameter.high:g}")
    return nearest


def numeric(argument: Argument) -> float:
    """An argument as a number; ValueError if it is none."""
    if not isinstance(argument, bool | int | float):
        raise ValueError(f"{str(argument)[:40]!r} is no number")
    return float(argument)


def short_names(parameters: Parameters) -> dict[str, str]:
    """The short names and what they stand for."""
    candidates: dict[str, set[str]] = defaultdict(set)
    for address in parameters:
        block, name = address.rsplit("/", 1)
        candidates[block].add(address)
        candidates[f"/{name}"].add(address)
    return {short: full.pop() for short, full in candidates.items() if len(full) == 1 and short not in parameters}


def shares_of(parameters: Parameters, block: str) -> list[str]:
    """The addresses of a block's shares."""
    return [a for a, parameter in parameters.items() if parameter.share and a.rsplit("/", 1)[0] == block]


def _of_reaper(parameters: Parameters, number: int, argument: Argument) -> list[Move]:
    """The parameter of this number, from 1, to a share of its range: evenly, as the sliders of our effect are."""
    if not 1 <= number <= len(parameters):
        raise ValueError(f"there is no parameter {number}, but {len(parameters)}")
    address, p = list(parameters.items())[number - 1]
    return [(address, p.clip(p.low + numeric(argument) * (p.high - p.low)))]


def _each(parameters: Parameters, addresses: list[str], argument: Argument) -> list[Move]:
    """Those that can take the value as it is: nobody means all ends of all ranges."""
    found = []
    for address in addresses:
        p = parameters[address]
        with suppress(ValueError):
            to = value(p, argument)
            if isinstance(argument, str) or abs(numeric(argument) - to) <= NEAR * (p.high - p.low):
                found.append((address, to))
    if not found:
        raise ValueError(f"the pattern names nothing that could be {str(argument)[:40]!r}")
    return found


def _choice(parameters: Parameters, shares: list[str], argument: Argument) -> list[Move]:
    """One of the shares, by name or by number from 0, to its highest value and the others to their lowest."""
    names = tuple(address.rsplit("/", 1)[1] for address in shares)
    try:
        chosen = Parameter(0, 0, len(names) - 1, "", "step", "", names)
        number = value(chosen, argument)
        if not isinstance(argument, str) and abs(numeric(argument) - number) > NEAR:
            raise ValueError
    except ValueError:
        raise ValueError(f"{str(argument)[:40]!r} is none of {', '.join(names)}, nor a number of one") from None
    return [(a, parameters[a].high if i == number else parameters[a].low) for i, a in enumerate(shares)]

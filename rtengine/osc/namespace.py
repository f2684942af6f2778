"""What an address means: the parameters that a message moves, and to what.

All of it follows from the parameters. A short name stands for the one parameter that has it, or that is alone in a
block of this name: /quality, /mix. The name of a block with shares chooses one of them: /texture water, /texture 0.
REAPER, whose addresses are fixed, has /track/1/fx/1/fxparam/N/value: the N-th parameter, 0 to 1 for its whole range.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from rtengine.block import Parameter
from rtengine.osc.packet import Argument
from rtengine.osc.patterns import is_pattern, matching

Parameters = Mapping[str, Parameter]
Move = tuple[str, float]  # a parameter's address and its value

REAPER = re.compile(r"/track/\d{1,3}/fx/\d{1,3}/fxparam/(\d{1,3})/value")


def moves(parameters: Parameters, address: str, arguments: Sequence[Argument]) -> list[Move]:
    """What a message asks for. ValueError or KeyError if the address is of no parameter or the value out of its range.

    A pattern moves those that can take the value, if there is one.
    """
    if len(arguments) != 1:
        raise ValueError(f"{address} takes one value, not {len(arguments)}")
    argument = arguments[0]
    if address in parameters:
        return [(address, value(parameters[address], address, argument))]
    if is_pattern(address):
        return _each(parameters, matching(address, parameters), argument)
    if shares := shares_of(parameters, address):
        return _choice(parameters, shares, argument)
    if fixed := REAPER.fullmatch(address):
        return _of_reaper(parameters, int(fixed[1]), argument)
    full = short_names(parameters)[address]
    return [(full, value(parameters[full], full, argument))]


def value(parameter: Parameter, address: str, argument: Argument) -> float:
    """A number, or the name of a step, as a value of the parameter; ValueError with the value and the bound."""
    match argument:
        case str():
            return parameter.check(address, parameter.parse(argument))
        case bool() | int() | float():
            return parameter.check(address, float(argument))
    raise ValueError(f"{address} = {str(argument)[:40]!r} is no value of it")


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
    """The parameter of this number, from 1, to a share of its range."""
    if not 1 <= number <= len(parameters):
        raise ValueError(f"there is no parameter {number}, but {len(parameters)}")
    if not isinstance(argument, float | int) or not 0 <= argument <= 1:
        raise ValueError(f"{str(argument)[:40]!r} is outside 0 to 1")
    address, p = list(parameters.items())[number - 1]
    return [(address, p.clip(p.low + argument * (p.high - p.low)))]  # the sliders of our effect are linear


def _each(parameters: Parameters, addresses: list[str], argument: Argument) -> list[Move]:
    found = []
    for address in addresses:
        try:
            found.append((address, value(parameters[address], address, argument)))
        except ValueError:
            continue
    if not found:
        raise ValueError(f"the pattern names nothing that could be {str(argument)[:40]!r}")
    return found


def _choice(parameters: Parameters, shares: list[str], argument: Argument) -> list[Move]:
    """One of the shares, by name or by number from 0, to its highest value and the others to their lowest."""
    names = [address.rsplit("/", 1)[1] for address in shares]
    match argument:
        case str() if argument in names:
            chosen = names.index(argument)
        case int() | float() if argument in range(len(names)):
            chosen = int(argument)
        case _:
            raise ValueError(f"{str(argument)[:40]!r} is none of {', '.join(names)}, nor a number of one")
    return [(a, parameters[a].high if i == chosen else parameters[a].low) for i, a in enumerate(shares)]

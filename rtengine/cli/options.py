"""What the command lines share: a parser whose errors are one sentence, and readers of values with their bounds."""

import argparse
import math
from collections.abc import Callable
from typing import Any, NoReturn


class Parser(argparse.ArgumentParser):
    """An argument parser whose error is one sentence, without the usage."""

    def __init__(self, **options: Any) -> None:  # argparse's own
        formatter = argparse.RawDescriptionHelpFormatter
        super().__init__(**{"formatter_class": formatter, "allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        """Print the sentence and leave with status 2."""
        message = message.removeprefix("argument ")
        self.exit(2, f"{self.prog.removeprefix('python -m ')}: {message} (see {self.prog} --help)\n")


def number(low: float, high: float = math.inf, above: bool = False) -> Callable[[str], float]:
    """A reader of numbers from low to high; `above` leaves out low itself."""

    def read(text: str) -> float:
        value = _float(text)
        if not (low < value if above else low <= value) or not value <= high or value == math.inf:
            least = f"not {'above' if above else 'at least'} {low:g}"
            raise argparse.ArgumentTypeError(
                f"{text} is " + (least if high == math.inf else f"outside {low:g} to {high:g}")
            )
        return value

    return read


def whole(low: int, high: int) -> Callable[[str], int]:
    """A reader of whole numbers from low to high."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not a whole number from {low} to {high}")
        return value

    return read


def whole_numbers(low: int, high: int, most: int) -> Callable[[str], tuple[int, ...]]:
    """A reader of at most so many different whole numbers from low to high, with commas between them."""

    def read(text: str) -> tuple[int, ...]:
        parts = [part.strip() for part in text.split(",")]
        for part in parts:
            if not part.isdecimal() or not low <= int(part) <= high:
                raise argparse.ArgumentTypeError(f"{part or text!r} is not a whole number from {low} to {high}")
        if len({*map(int, parts)}) < len(parts) or len(parts) > most:
            raise argparse.ArgumentTypeError(f"{text} is not up to {most} numbers that differ")
        return tuple(map(int, parts))

    return read


def blend(text: str) -> dict[str, float]:
    """Weights by texture or file: "water" is {"water": 1}, "water:0.7,x.wav:0.3" is {"water": 0.7, "x.wav": 0.3}."""
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, colon, weight = part.strip().rpartition(":")
        if not colon or weight.startswith(("/", "\\")):  # that was the colon of a drive
            name, colon, weight = part.strip(), "", ""
        if not name or name in weights:
            raise argparse.ArgumentTypeError(f"{text!r} is not NAME or NAME:WEIGHT,NAME:WEIGHT with each name once")
        weights[name] = number(0, 1)(weight) if colon else 1.0
    if not any(weights.values()):
        raise argparse.ArgumentTypeError(f"all weights of {text} are 0")
    return weights


def assignment(text: str) -> tuple[str, str]:
    """Split /path=value; the value may be the name of a choice, so it stays a text."""
    address, equals, value = text.partition("=")
    if not address.startswith("/") or not equals or not value:
        raise argparse.ArgumentTypeError(f"{text!r} is not /path=value")
    return address, value


def setting(text: str) -> tuple[str, str]:
    """Split name=value, of what a patch is built with; the value stays a text, as above."""
    name, equals, value = text.partition("=")
    if not name.isidentifier() or not equals or not value:
        raise argparse.ArgumentTypeError(f"{text!r} is not name=value")
    return name, value


def _float(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    return value  # NaN fails every comparison

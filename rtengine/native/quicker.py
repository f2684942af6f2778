"""What numba does thousands of times when it compiles a kernel, done so that it takes less: the results are numba's.

Its flags are compared at each look for a function's type, option by option through a property each; errors that it
makes, keeps for itself and throws away are coloured, for which the terminal is set up and put back.
"""

from typing import Any

from numba.core import errors
from numba.core.targetconfig import TargetConfig


def _values(self: Any) -> dict[str, Any]:
    """All options, at their values."""
    own = self._values
    return {name: own.get(name, option.default) for name, option in self.options.items()}


def _same(self: Any, other: object) -> bool:
    if self is other:
        return True
    return self.values() == other.values() if isinstance(other, TargetConfig) else NotImplemented


if "_values" in getattr(TargetConfig, "__slots__", ()):  # another numba may keep them otherwise, and is left as it is
    TargetConfig.values, TargetConfig.__eq__ = _values, _same

if hasattr(errors, "HighlightColorScheme"):  # where there is colorama
    BRIGHT, RESET = "\033[1m", "\033[0m"  # as colorama names them

    def _markup(self: Any, msg: str, color: str | None = None, style: str = BRIGHT) -> str:
        return f"{color or ''}{style or ''}{msg}{RESET}"

    errors.HighlightColorScheme._markup = _markup

"""What is mended in numba gives what numba gave."""

from numba.core import errors
from numba.core.compiler import Flags

from rtengine.native import quicker


def test_flags_are_equal_where_all_their_options_are() -> None:
    assert Flags.values is quicker._values
    one, other = Flags(), Flags()
    assert one.values() == {name: getattr(one, name) for name in Flags.options}
    one.nrt = True
    assert one.values()["nrt"] is True
    assert one != other
    other.nrt = True
    assert one == other
    assert hash(one) == hash(other)
    assert one != "flags"


def test_errors_still_say_what_they_said() -> None:
    assert "only this" in errors.termcolor().errmsg("only this")
    assert "only this" in str(errors.TypingError("only this"))

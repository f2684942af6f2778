"""What a Parameter says of its values, for every surface."""

import math
import subprocess
import sys

import numpy as np
import pytest

from rtengine.block import Parameter

LINEAR = Parameter(0, -60, 24, "dB")
LOG = Parameter(100, 10, 1000, "ms", "log")
STEP = Parameter(1, 0, 2, "", "step", "how well", ("lofi", "standard", "hifi"))
FROM_THREE = Parameter(3, 3, 5, "", "step", "", ("three", "Four", "FIVE"))
ALONE = Parameter(2, 2, 2)
ALL = (LINEAR, LOG, STEP, FROM_THREE, ALONE)


@pytest.mark.parametrize("p", ALL)
def test_positions_are_values_and_back(p: Parameter) -> None:
    assert (p.value(0), p.value(1)) == (p.low, p.high), "the ends are exact"
    assert (p.value(-0.1), p.value(1.1)) == (p.low, p.high), "beyond is the end"
    assert (p.position(p.low), p.position(p.low - 1)) == (0, 0)
    assert p.position(p.high + 1) == (p.high > p.low)
    values = [p.value(x) for x in np.linspace(0, 1, 101).tolist()]
    assert values == sorted(values)
    for value in values:
        assert p.check("/x", value) == value, "each can be set"
        assert p.value(p.position(value)) == pytest.approx(value, rel=1e-12)


def test_the_middle_is_the_mean_the_geometric_mean_or_a_step() -> None:
    assert LINEAR.value(0.5) == -18
    assert LOG.value(0.5) == pytest.approx(math.sqrt(10 * 1000))
    assert LOG.position(100) == pytest.approx(0.5)
    assert [STEP.value(x) for x in (0.2, 0.3, 0.7, 0.8)] == [0, 1, 1, 2]


def test_a_log_scale_begins_above_0() -> None:
    with pytest.raises(ValueError, match="cannot begin at 0"):
        Parameter(1, 0, 2, "", "log")


def test_clipping_leads_to_the_nearest_value() -> None:
    assert [LINEAR.clip(v) for v in (-61, -60, 0.25, 24.000001, math.inf, -math.inf)] == [-60, -60, 0.25, 24, 24, -60]
    assert [STEP.clip(v) for v in (-1, 0.4, 1.0000001, 1.6, 7)] == [0, 0, 1, 2, 2]
    with pytest.raises(ValueError, match="nan"):
        LINEAR.clip(math.nan)


def test_texts_are_numbers_or_choices_in_any_letters() -> None:
    assert [STEP.parse(t) for t in ("hifi", "HIFI", " Standard ", "2", "1e0")] == [2, 2, 1, 2, 1]
    assert [FROM_THREE.parse(t) for t in ("THREE", "four", "five")] == [3, 4, 5]
    assert LINEAR.parse("-12.5") == -12.5
    with pytest.raises(ValueError, match=r"^best is not a number or one of lofi, standard, hifi$"):
        STEP.parse("best")
    with pytest.raises(ValueError, match=r"^loud is not a number$"):
        LINEAR.parse("loud")


def test_whoever_draws_parameters_needs_no_compiler() -> None:
    code = "import sys, rtengine.block; print('numba' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"

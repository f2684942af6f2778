"""What controllers are found to be: two knobs or one of 14 bits, endless ones, dead ones that heal."""

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import pytest

from rtengine.block import Parameter
from rtengine.midi.controllers import Controllers


class Controls(dict[str, float]):
    parameters: ClassVar = {
        "/mix/amount": Parameter(0.5, 0, 1),
        "/output/gain": Parameter(0, -60, 20),
        "/quality": Parameter(1, 0, 2, "", "step"),
    }


@pytest.fixture
def controls() -> Controls:
    return Controls({address: p.default for address, p in Controls.parameters.items()})


@pytest.fixture
def knobs(controls: Controls) -> Controllers:
    knobs = Controllers(controls, lambda *event: None)
    knobs.open = True
    return knobs


def learn(knobs: Controllers, address: str, controller: int, value: int, now: float) -> None:
    knobs.learn(address)
    knobs.turn(1, controller, value, now)


@pytest.mark.parametrize(("upper", "lower"), [(7, 39), (0, 32)])
def test_two_knobs_that_are_turned_at_once_stay_two(
    knobs: Controllers, controls: Controls, upper: int, lower: int
) -> None:
    controls["/output/gain"] = -20.0  # position 0.5
    learn(knobs, "/mix/amount", upper, 64, 0)
    learn(knobs, "/output/gain", lower, 64, 2)
    for n in range(60):
        knobs.turn(1, upper, 64 + n, 10 + n / 50)
        knobs.turn(1, lower, 64 - n, 10 + n / 50 + 0.004)
        assert controls["/mix/amount"] == pytest.approx((64 + n) / 127)
        assert controls["/output/gain"] == pytest.approx(-60 + 80 * (64 - n) / 127)
    knobs.turn(1, upper, 127, 20)
    assert controls["/mix/amount"] == 1
    assert not any(kept["fine"] for kept in knobs.kept().values())


def test_a_button_beside_a_fader_does_not_move_it(knobs: Controllers, controls: Controls) -> None:
    """As on the nanoKONTROL2: fader 1 is controller 0, solo 1 is controller 32, which nothing is bound to."""
    learn(knobs, "/mix/amount", 0, 64, 0)
    for n in range(60):
        knobs.turn(1, 0, 64 + n, 1 + n / 50)
        if n % 10 == 5:
            knobs.turn(1, 32, 127 * (n // 10 % 2), 1 + n / 50 + 0.002)
        assert controls["/mix/amount"] == pytest.approx((64 + n) / 127)
    for value in (127, 0, 127, 0):
        knobs.turn(1, 32, value, 10 + value)
    assert controls["/mix/amount"] == pytest.approx(123 / 127)


@pytest.mark.parametrize("every", [0.005, 0.02, 0.5])
@pytest.mark.parametrize("lower_first", [True, False])
@pytest.mark.parametrize("speed", [3, 37, 300])
@pytest.mark.parametrize("direction", [1, -1])
def test_a_pair_has_14_bits_whichever_half_comes_first(
    knobs: Controllers, controls: Controls, every: float, lower_first: bool, speed: int, direction: int
) -> None:
    learn(knobs, "/mix/amount", 7, 64, 0)
    errors, values = [], []
    for i, x in enumerate(range(8192, 8192 + direction * min(190 * speed, 8000), direction * speed)):
        halves = [(7, x >> 7), (39, x & 127)]
        for n, (controller, value) in enumerate(reversed(halves) if lower_first else halves):
            knobs.turn(1, controller, value, 100 + i * every + n / 1000)
        errors.append(abs(controls["/mix/amount"] - x / 16383))
        values.append(controls["/mix/amount"])
    assert max(errors[8:]) < 1e-9 or speed == 3, "exact as soon as it is known"
    assert max(errors[-20:]) < 1e-9
    assert max(errors) < 1.2 / 127 + speed / 16383
    assert np.all(direction * np.diff(values) >= 0), "never a step back"
    assert knobs.kept()["/mix/amount"]["fine"]


def test_the_lower_half_may_move_alone(knobs: Controllers, controls: Controls) -> None:
    learn(knobs, "/mix/amount", 7, 64, 100)
    knobs.turn(1, 39, 0, 100.001)
    for n, low in enumerate(range(0, 128, 8)):
        knobs.turn(1, 39, low, 101 + n / 10)
    assert controls["/mix/amount"] == pytest.approx((64 * 128 + 120) / 16383)


def test_a_pair_that_loses_its_lower_half_is_a_knob_again(knobs: Controllers, controls: Controls) -> None:
    knobs.restore({"/mix/amount": {"channel": 1, "controller": 7, "fine": True}})
    for n, value in enumerate(range(60, 128)):
        knobs.turn(1, 7, value, 10 + n / 20)
    assert controls["/mix/amount"] == 1, "its end is the end of the range"
    assert not knobs.kept()["/mix/amount"]["fine"]


def test_the_lower_half_that_comes_first_is_not_what_is_learnt(knobs: Controllers, controls: Controls) -> None:
    knobs.learn("/mix/amount")
    knobs.turn(1, 39, 100, 1)
    knobs.turn(1, 7, 64, 1.001)
    assert knobs.learnt() == [("/mix/amount", 1, 7)]
    knobs.learn("/output/gain")
    knobs.turn(1, 40, 100, 2)
    assert ("/output/gain", 1, 40) not in [*knobs._bindings.items()]
    knobs.control(3)
    assert knobs.learnt()[1] == ("/output/gain", 1, 40), "it came alone"


ENDLESS = {"twos": (1, 127), "offset": (65, 63), "signed": (1, 65)}


@pytest.mark.parametrize("mode", ENDLESS)
def test_an_endless_knob_moves_by_steps_from_where_the_parameter_is(
    knobs: Controllers, controls: Controls, mode: str
) -> None:
    up, down = ENDLESS[mode]
    times: Iterator[float] = iter(np.arange(1, 1000) / 10)
    controls["/mix/amount"] = 0.3
    learn(knobs, "/mix/amount", 16, up, 0)
    for _ in range(10):
        knobs.turn(1, 16, up, next(times))
    assert controls["/mix/amount"] == pytest.approx(0.3 + 10 / 127)
    for _ in range(30):
        before = controls["/mix/amount"]
        knobs.turn(1, 16, down, next(times))
        assert controls["/mix/amount"] == pytest.approx(before - 1 / 127)
    controls["/mix/amount"] = 0.9  # a scene
    for _ in range(40):
        knobs.turn(1, 16, up, next(times))
    assert controls["/mix/amount"] == 1
    kept = knobs.kept()
    assert kept["/mix/amount"]["relative"] == mode
    knobs.unlearn("/mix/amount")
    knobs.restore(kept)
    knobs.turn(1, 16, down, next(times))
    assert controls["/mix/amount"] == pytest.approx(1 - 1 / 127)


def test_an_endless_knob_goes_through_choices_one_by_one(knobs: Controllers, controls: Controls) -> None:
    learn(knobs, "/quality", 16, 65, 0)
    for n, (value, quality) in enumerate([(63, 1), (63, 1), (63, 0), (65, 1), (65, 2), (65, 2)]):
        knobs.turn(1, 16, value, n + 1)
        assert controls["/quality"] == quality


@pytest.mark.parametrize("end", [(range(100, 128), 127), (range(20, -1, -1), 0), (range(10, 0, -1), 1)])
def test_a_knob_that_tells_its_end_again_and_again_is_not_endless(
    knobs: Controllers, controls: Controls, end: tuple[range, int]
) -> None:
    values, last = end
    controls["/mix/amount"] = values[0] / 127
    learn(knobs, "/mix/amount", 70, values[0], 0)
    for n, value in enumerate([*values, *20 * [last]]):
        knobs.turn(1, 70, value, n + 1)
    if values[0] != 10:  # whose numbers might all be an endless one's: found out by the first that is not
        assert controls["/mix/amount"] == pytest.approx(last / 127)
    for n, value in enumerate([*range(last, 128), 127] if last < 64 else range(127, -1, -1)):
        knobs.turn(1, 70, value, 100 + n)
    assert controls["/mix/amount"] == (1 if last < 64 else 0)


def test_a_dump_of_all_knobs_makes_no_pairs(knobs: Controllers, controls: Controls) -> None:
    learn(knobs, "/mix/amount", 1, 64, 0)
    learn(knobs, "/output/gain", 33, 64, 5)
    for _ in range(5):
        for controller in range(64):
            knobs.turn(1, controller, 64, 20 + 0.0003 * controller)
    assert not any(kept["fine"] for kept in knobs.kept().values())

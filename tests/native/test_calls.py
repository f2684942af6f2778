"""No allocation, no lock, no interpreter on the audio thread: counted by a library that is loaded before all others."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.every_block import every_block
from support.needs import program

HERE = Path(__file__).parents[1] / "support"
PATHS = os.pathsep.join(map(str, HERE.parents[:2]))  # for processes of their own
NOTHING = (0, 0, 0, 0)  # malloc, free, lock, GIL

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the counter is loaded by LD_PRELOAD"),
    program("cc", "gcc"),
]


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, ...]]:
    library = tmp_path_factory.mktemp("calls") / "count.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, HERE / "count_calls.c", "-ldl"], check=True)
    result = subprocess.run(
        [sys.executable, HERE / "count_calls.py", library],
        env={**os.environ, "LD_PRELOAD": str(library), "PYTHONPATH": PATHS},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = (line.split() for line in result.stdout.splitlines())
    return {name: tuple(map(int, numbers)) for name, *numbers in lines}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("malloc", (1, 0, 0, 0)), ("free", (0, 1, 0, 0)), ("lock", (0, 0, 1, 0))],
)
def test_what_is_planted_is_counted(counts: dict[str, tuple[int, ...]], kind: str, expected: tuple[int, ...]) -> None:
    assert counts[f"planted-{kind}"] == expected


def test_the_interpreters_lock_is_known_when_it_is_taken(counts: dict[str, tuple[int, ...]]) -> None:
    assert counts["planted-gil"][3] > 0


@pytest.mark.parametrize("name", [*(block.__name__ for block in every_block()), "engine", "bridge", "loopback"])
def test_callbacks_call_nothing(counts: dict[str, tuple[int, ...]], name: str) -> None:
    assert counts[name] == NOTHING


def test_ten_thousand_callbacks_of_the_instrument_call_nothing(counts: dict[str, tuple[int, ...]]) -> None:
    assert counts["texture"] == NOTHING


def test_the_worker_calls_nothing_either_with_a_network_of_our_own(counts: dict[str, tuple[int, ...]]) -> None:
    assert counts["texture-work"] == NOTHING

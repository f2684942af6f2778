"""The last line of a run says which packages would let the rest of the tests run."""

import re
from pathlib import Path

from support.needs import last_line

HERE = Path(__file__).parent
PROGRAMS = re.compile(r"skipif\([^\n]*(?:which\(|CHROMIUM|LUA)[^\n]*reason=\"([^\"]*)\"")


def test_packages_are_named_once_each_and_what_is_none_is_said() -> None:
    assert last_line([]) == ""
    line = last_line(
        [
            "needs the Debian package npm, and then: npm --prefix tests/peer install",
            "needs jack_iodelay, of the Debian package jackd2",
            "needs the Debian packages libgl1, libegl1: libGL.so.1: cannot open",
            "needs the Debian packages jackd2 and npm",
            "Windows has no such limits",
        ]
    )
    said, _, others = line.partition("; 1 test says: ")
    assert said == "5 skipped; to run them: apt install jackd2 libegl1 libgl1 npm"
    assert others == "Windows has no such limits"


def test_each_test_that_needs_a_program_names_its_package() -> None:
    reasons = [reason for file in HERE.rglob("test_*.py") for reason in PROGRAMS.findall(file.read_text("utf-8"))]
    assert len(reasons) > 10
    assert [reason for reason in reasons if "the Debian package" not in reason] == []

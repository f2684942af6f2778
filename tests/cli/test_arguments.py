"""The command line: quick to answer, strict about values, one sentence for each mistake."""

import resource
import subprocess
import sys

import pytest

from offline.__main__ import main
from offline.arguments import QUALITIES, parse
from rtengine.cli.options import blend
from rtengine.patches.texture import REFINE


def test_help_brings_in_nothing_heavy() -> None:
    code = "import sys, offline.__main__ as m\ntry: m.main(['render', '--help'])\nfinally: print('!', *sys.modules)"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    modules = out.rpartition("!")[2].split()
    assert not {"numpy", "numba", "onnxruntime", "matplotlib", "rich", "soundfile", "av"} & set(modules)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5  # seconds of the processor
    for option in ("--texture", "--mix", "--quality", "--start", "--loudness", "--picture", "LUFS", "SECONDS"):
        assert option in out


def test_the_names_of_the_qualities_are_those_of_the_patch() -> None:
    assert tuple(QUALITIES) == tuple(REFINE)
    for name, text in QUALITIES.items():
        assert not REFINE[name] or str(REFINE[name]) in text


def test_blends() -> None:
    assert blend("water") == {"water": 1.0}
    assert blend("water:0.7, laser:0.3") == {"water": 0.7, "laser": 0.3}
    assert blend("a,b:0") == {"a": 1.0, "b": 0.0}
    assert blend("C:\\rain.wav:0.5, b") == {"C:\\rain.wav": 0.5, "b": 1.0}
    assert blend("C:\\rain.wav") == {"C:\\rain.wav": 1.0}


def test_values() -> None:
    line = "render a.wav b.ogg --mix 0.25 --loudness -14.5 --set /a/b=c=d --set /e=1 --start 1e1 -q hifi"
    options = parse(line.split(" "))
    assert (options.mix, options.loudness, options.start, options.quality) == (0.25, -14.5, 10.0, "hifi")
    assert options.set == [("/a/b", "c=d"), ("/e", "1")]
    assert (options.texture, options.duration, options.force) == (None, None, False)


WRONG = {
    "render": "INPUT",
    "": "COMMAND",
    "paint a.wav": "'paint'",
    "render a.wav b.wav c.wav": "c.wav",
    "render a.wav --mix 1.5": "1.5 is outside 0 to 1",
    "render a.wav --mix nan": "nan is outside 0 to 1",
    "render a.wav --mix loud": "'loud' is not a number",
    "render a.wav --quality best": "'best'",
    "render a.wav --start -1": "-1 is not at least 0",
    "render a.wav --start inf": "inf is not at least 0",
    "render a.wav --duration 0": "0 is not above 0",
    "render a.wav --loudness 3": "3 is outside -70 to 0",
    "render a.wav --bit-depth 12": "'12'",
    "render a.wav --seed -1": "-1 is not a whole number from 0 to 4294967295",
    "render a.wav --seed 1.5": "1.5 is not a whole number",
    "render a.wav --threads 0": "0 is not a whole number from 1 to 64",
    "render a.wav --texture water:2": "2 is outside 0 to 1",
    "render a.wav --texture water:": "'' is not a number",
    "render a.wav --texture water,water": "each name once",
    "render a.wav --texture ,": "NAME",
    "render a.wav --texture water:0": "0",
    "render a.wav --set mix=1": "'mix=1' is not /path=value",
    "render a.wav --set /mix/amount": "'/mix/amount' is not /path=value",
    "textures --seconds 0": "0 is outside 0.1 to 600",
    "render a.wav --loud": "--loud",
}


@pytest.mark.parametrize("line", WRONG)
def test_each_mistake_is_told_in_one_sentence(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(line.split())
    out, err = capsys.readouterr()
    assert stop.value.code == 2
    assert not out
    assert err.count("\n") == 1
    assert WRONG[line] in err
    assert "--help" in err

"""Cue sheets: the frame that is meant, drop-frame as the standard counts."""

from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

from support.analyses import told

from rtengine.score.compose import compose
from rtengine.score.cues import ENDINGS, timecode, write_cues

NTSC = Fraction(30_000, 1001)


def test_timecodes() -> None:
    assert timecode(0.0, Fraction(25)) == "00:00:00:00"
    assert timecode(61.5, Fraction(25)) == "00:01:01:12"
    assert timecode(3661.0, Fraction(24)) == "01:01:01:00"
    assert timecode(float(1799 / NTSC), NTSC) == "00:00:59;29"
    assert timecode(float(1800 / NTSC), NTSC) == "00:01:00;02"  # 0 and 1 are left out
    assert timecode(float(17_982 / NTSC), NTSC) == "00:10:00;00"  # but not in a tenth minute
    assert timecode(3600.0, NTSC) in ("00:59:59;29", "01:00:00;00")
    assert timecode(10.0, Fraction(24_000, 1001)) == "00:00:09:23"  # 23.976 has no drop-frame


def test_all_formats_hold_all_cuts(tmp_path: Path) -> None:
    film = told(cuts=(2.0, 7.5, 20.0))
    piece = compose(film)
    texts = {}
    for ending in ENDINGS:
        write_cues(piece, film, tmp_path / f"x{ending}", ending)
        texts[ending] = (tmp_path / f"x{ending}").read_text()
    assert [line.split(",")[0] for line in texts[".csv"].splitlines() if ",cut," in line] == [
        "2.000",
        "7.500",
        "20.000",
    ]
    assert texts[".edl"].count(" V     C ") == 4
    assert "00:00:07:12 00:00:20:00" in texts[".edl"]
    markers = ElementTree.fromstring(texts[".fcpxml"]).findall(".//marker")
    assert [m.get("start") for m in markers if m.get("value", "").startswith("cut")] == ["2/1s", "187/25s", "20/1s"]

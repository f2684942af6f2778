"""A piece's cuts, hits and bars for other programs: CSV, EDL (with drop-frame counting), Final Cut Pro XML."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import quoteattr

from rtengine.files.names import printable
from rtengine.film.analysis import Analysis
from rtengine.score.grid import BEATS
from rtengine.score.notes import Piece

ENDINGS = (".csv", ".edl", ".fcpxml")
DROP = {Fraction(30_000, 1001): 2, Fraction(60_000, 1001): 4}  # frame numbers left out each minute but the tenth


def write_cues(piece: Piece, film: Analysis, path: Path, ending: str) -> None:
    """Write the cue sheet in the format of an ending of ENDINGS."""
    cues = [(h.time, "cut" if h.cut else "impact", f"{h.strength:.2f}") for h in piece.hits]
    bars = range(piece.grid.last // BEATS + 1)
    cues += [(max(float(piece.grid.time(bar * BEATS)), 0.0), "bar", str(bar + 1)) for bar in bars]
    cues.sort()
    text = {".csv": _csv, ".edl": _edl, ".fcpxml": _fcpxml}[ending](cues, film, film.film.rate)
    path.write_text(text, encoding="utf-8")


def timecode(time: float, rate: Fraction) -> str:
    """HH:MM:SS:FF of the frame that is shown at a time; at 29.97 and 59.94 drop-frame, with a semicolon.

    Drop-frame skips numbers 0 and 1 (of 59.94 0 to 3) in each minute that no ten divides: SMPTE 12M.
    """
    frame, whole = int(time * rate + Fraction(1, 1000)), -(-rate.numerator // rate.denominator)
    drop = DROP.get(rate, 0)
    if drop:
        tens, rest = divmod(frame, 600 * whole - 9 * drop)
        frame += 9 * drop * tens + drop * max((rest - drop) // (60 * whole - drop), 0)
    seconds, frames = divmod(frame, whole)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{';' if drop else ':'}{frames:02}"


def _csv(cues: list[tuple[float, str, str]], film: Analysis, rate: Fraction) -> str:
    rows = [f"{time:.3f},{timecode(time, rate)},{kind},{value}" for time, kind, value in cues]
    return "\n".join(["seconds,timecode,kind,value", *rows, ""])


def _edl(cues: list[tuple[float, str, str]], film: Analysis, rate: Fraction) -> str:
    lines = [
        f"TITLE: {printable(film.film.path.stem)}",
        f"FCM: {'DROP FRAME' if rate in DROP else 'NON-DROP FRAME'}",
        "",
    ]
    cuts = [0.0, *(time for time, kind, _ in cues if kind == "cut"), film.end]
    for i, (start, end) in enumerate(pairwise(cuts), 1):
        span = f"{timecode(start, rate)} {timecode(end, rate)}"
        lines.append(f"{i:03}  AX       V     C        {span} {span}")
    return "\n".join([*lines, ""])


def _fcpxml(cues: list[tuple[float, str, str]], film: Analysis, rate: Fraction) -> str:
    step = Fraction(rate.denominator, rate.numerator)

    def at(time: float) -> str:
        exact = int(time / step + Fraction(1, 1000)) * step
        return f"{exact.numerator}/{exact.denominator}s"

    name = quoteattr(printable(film.film.path.stem))
    marks = "\n".join(
        f'            <marker start="{at(time)}" duration="{at(float(step))}" value={quoteattr(f"{kind} {value}")}/>'
        for time, kind, value in cues
    )
    size = f' width="{film.film.width}" height="{film.film.height}"'
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<fcpxml version="1.9">
  <resources>
    <format id="r1" frameDuration="{step.numerator}/{step.denominator}s"{size}/>
  </resources>
  <project name={name}>
    <sequence format="r1" duration="{at(film.end)}">
      <spine>
        <gap name={name} offset="0s" duration="{at(film.end)}" start="0s">
{marks}
        </gap>
      </spine>
    </sequence>
  </project>
</fcpxml>
"""

"""The systemd unit of docs/, as systemd reads it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "docs" / "rtengine.service"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs the Debian package systemd")
def test_systemd_has_nothing_to_say(tmp_path: Path) -> None:
    here = tmp_path / UNIT.name
    here.write_text(UNIT.read_text().replace("/opt/rtengine/bin/python", sys.executable))
    said = subprocess.run(["systemd-analyze", "verify", here], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout + said.stderr) == (0, "")

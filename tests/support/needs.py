"""What some tests need beside Python, and how the end of a run says which package would have let them run.

A reason to skip that names a package in the words of PACKAGES is found again at the end: "needs the Debian package X".
"""

import re
import shutil
from collections import Counter
from collections.abc import Iterable

import pytest

from ui.needs import ALWAYS

PACKAGES = re.compile(r"the Debian packages? ([a-z0-9.+-]+(?:(?:, (?!and )| and )[a-z0-9.+-]+)*)")


def program(name: str, package: str) -> pytest.MarkDecorator:
    """Skip where this program is not installed, which this Debian package brings."""
    return pytest.mark.skipif(not shutil.which(name), reason=f"needs the Debian package {package}")


def _no_portaudio() -> bool:
    try:
        import sounddevice  # noqa: F401
    except (ImportError, OSError):
        return True
    return False


portaudio = pytest.mark.skipif(_no_portaudio(), reason="needs sounddevice and the Debian package libportaudio2")


def qt() -> str:
    """Why there can be no window here; "" if there can."""
    try:
        from PySide6 import QtWidgets  # noqa: F401
    except ImportError as error:
        return f"needs the Debian packages {', '.join(ALWAYS.values())}: {error}"
    return ""


def last_line(reasons: Iterable[str]) -> str:
    """What was skipped, and what would let it run; "" if nothing was."""
    wanted: Counter[str] = Counter()
    others: Counter[str] = Counter()
    reasons = list(reasons)
    for reason in reasons:
        if found := PACKAGES.search(reason):
            wanted.update(re.split(r", | and ", found[1]))
        else:
            others[reason] += 1
    if not reasons:
        return ""
    said = [f"apt install {' '.join(sorted(wanted))}"] if wanted else []
    said += [f"{count} {'test says' if count == 1 else 'tests say'}: {reason}" for reason, count in others.items()]
    return f"{len(reasons)} skipped; to run them: {'; '.join(said)}"

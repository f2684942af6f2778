"""Bring the translations up to date: `python -m ui.look.translate`, for whoever changes a text.

The texts are those of the window's source and those of the controls of the instrument. Qt's lupdate puts them into
translations/*.ts, to be translated by hand or in Qt Linguist; Qt's lrelease makes the .qm files that are shipped.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ui.look.words import CONTEXT

FOLDER = Path(__file__).parent.parent
TRANSLATIONS = FOLDER / "translations"


def host_texts() -> list[str]:
    """Names, meanings and steps of all controls."""
    from ui.export.export import instrument

    controls = instrument("texture").parameters
    names = [part.replace("_", " ") for address in controls for part in address[1:].split("/")]
    texts = [text for p in controls.values() for text in (p.doc, *p.choices)]
    return list(dict.fromkeys(text for text in (*names, *texts) if text))


def update(translation: Path) -> None:
    """Add texts that are new to a .ts file, and mark those that are gone; CalledProcessError if lupdate fails."""
    sources = sorted(str(f) for f in FOLDER.rglob("*.py"))
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:  # beside the sources: lupdate writes relative paths
        said = Path(folder) / "host.py"
        said.write_text("".join(f"QCoreApplication.translate({CONTEXT!r}, {text!r})\n" for text in host_texts()))
        options = ["-no-obsolete", "-locations", "none", "-extensions", "py"]
        run("lupdate", *options, *sources, str(said), "-ts", str(translation))


def release(translation: Path, binary: Path) -> None:
    """Write the .qm file that the window reads."""
    run("lrelease", "-silent", str(translation), "-qm", str(binary))


def run(tool: str, *arguments: str) -> None:
    """Run one of Qt's tools as PySide6 brings it; OSError if it does not."""
    program = shutil.which(f"pyside6-{tool}", path=str(Path(sys.executable).parent)) or shutil.which(f"pyside6-{tool}")
    if program is None:
        raise OSError(f"pyside6-{tool} is not installed")
    subprocess.run([program, *arguments], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    for file in sorted(TRANSLATIONS.glob("*.ts")):
        update(file)
        release(file, file.with_suffix(".qm"))

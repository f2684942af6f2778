"""Names of files in sentences."""

from pathlib import Path

STANDARD = Path("-")  # the standard input, or output


def shown(path: Path) -> str:
    """A name as it can be printed: what is no text in it is escaped."""
    return "standard input" if path == STANDARD else printable(str(path))


def printable(text: str) -> str:
    """The same text on one line, with what no terminal could show escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)

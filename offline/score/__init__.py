"""score: music that fits a film."""

from offline.score.command import run

__all__ = ["run"]

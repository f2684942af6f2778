"""Texture transfer: content kept against texture gained, with nothing for cheats; and what goes wrong in the sound."""

from benchmarks.textures.rows import rows as rows

"""The library in a browser: what is there, what to play next, the sound itself, and what is heard live."""

"""A library of music: what was heard in each piece, what is like it, what to play next."""

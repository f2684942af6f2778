"""A library for every player that speaks Subsonic, with the additions of OpenSubsonic."""

"""The page of a film's score."""

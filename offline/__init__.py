"""The command line for files: the same compiled graph as on stage, run as fast as it goes."""

"""automix: mix stems, measure data sets, judge mixes."""

import argparse
import importlib

TASKS = ("features", "evaluate", "practice", "train")


def run(options: argparse.Namespace) -> None:
    """Do what the first word says, or mix the stems."""
    task = options.stems[0] if options.stems[0] in TASKS else "mix"
    importlib.import_module(f"offline.automix.{task}").run(options)

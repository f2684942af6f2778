"""JSON from files that other people may have made, and from the network."""

import json
from typing import Any


def parsed(text: str) -> Any:
    """What the text holds; ValueError if it is no JSON, or nested so deeply that Python gives up."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None

"""The page on which any browser plays the host: one text of the files in the folder `page`, which need no build."""

import re
from functools import cache
from importlib.resources import files

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self' ws:; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@cache
def page() -> str:
    """The HTML with its style and its scripts where their names stand."""
    folder = files("rtengine.oscquery").joinpath("page")
    whole = folder.joinpath("index.html").read_text("utf-8")
    return re.sub(r"/\* (\w+\.(?:css|js)) \*/", lambda name: folder.joinpath(name[1]).read_text("utf-8").strip(), whole)

"""library serve: let the players on the phone and the desk play the library."""

import argparse
import json
from functools import partial

from rtengine.files.folders import default


def run(options: argparse.Namespace) -> None:
    """Serve until stopped, or make a password for an app; ValueError or OSError in one sentence if it cannot."""
    from rtengine.library.store import Library
    from rtengine.subsonic.login import make
    from rtengine.subsonic.server import serve

    library = Library(options.library or default("library"))
    try:
        if options.app is not None:
            app = make(library, options.app)
            if options.json:
                print(json.dumps({"user": app.name, "password": app.password, "apiKey": app.key}))
                return
            print(f"user name  {app.name}\npassword   {app.password}\nAPI key    {app.key}")
            return
        if not library.db.execute("SELECT 1 FROM apps").fetchone():
            print("no app has a password yet: python -m offline library serve --app NAME", flush=True)
        serve(library, options.host, options.port, options.name, partial(print, flush=True))
    finally:
        library.close()

"""Who asks: an app with a password or a key of its own, made here and for it alone.

The protocol's token is md5(password + salt), for which the password must be known in clear. So nobody chooses one: each
app gets random ones, which open this library and nothing else, and can be taken back one by one.
"""

import hashlib
import hmac
import secrets
import time
from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from rtengine.library.store import Library
from rtengine.subsonic.answer import BAD_KEY, CONFLICT, MISSING, WRONG, ProtocolError

TRIES, WITHIN = 20, 60.0  # wrong ones, in so many seconds, after which nobody is let in for a while
LONGEST = 64  # characters of an app's name


class App(NamedTuple):
    """What an app is given; its name is the protocol's user name."""

    name: str
    password: str
    key: str


def make(library: Library, name: str) -> App:
    """A new password and key for an app; the old ones of the same name are void. ValueError if it cannot have it."""
    if not 0 < len(name) <= LONGEST or not name.isprintable():
        raise ValueError(f"an app's name has 1 to {LONGEST} characters, not {name[:80]!r}")
    app = App(name, secrets.token_urlsafe(18), secrets.token_urlsafe(32))
    with library.change():
        library.db.execute("INSERT OR REPLACE INTO apps VALUES (?, ?, ?, ?)", (*app, time.time()))
    return app


class Login:
    """Checks every request; keeps those who guess waiting."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._wrong: deque[float] = deque(maxlen=TRIES)

    def user(self, said: Mapping[str, str]) -> str:
        """The name of the app that a request's parameters prove to be; ProtocolError if they prove none."""
        now = time.monotonic()
        if len(self._wrong) == TRIES and now - self._wrong[0] < WITHIN:
            raise ProtocolError(WRONG, "too many wrong passwords: wait a minute")
        try:
            return self._user(said)
        except ProtocolError as trouble:
            if trouble.code in (WRONG, BAD_KEY):
                self._wrong.append(now)
            raise

    def _user(self, said: Mapping[str, str]) -> str:
        if key := said.get("apiKey"):
            if "u" in said:
                raise ProtocolError(CONFLICT, "a key needs no user name")
            for row in self._library.db.execute("SELECT name, key FROM apps"):
                if same(row["key"], key):
                    return str(row["name"])
            raise ProtocolError(BAD_KEY, "this key is not known here")
        name = said.get("u")
        if not name or not (said.get("p") or (said.get("t") and said.get("s"))):
            raise ProtocolError(MISSING, "a key, or a user name with a password or token, is missing")
        found = self._library.db.execute("SELECT password FROM apps WHERE name = ?", (name,)).fetchone()
        password = found["password"] if found else secrets.token_urlsafe(18)  # as long, for whoever measures
        if token := said.get("t"):
            right = hashlib.md5((password + said.get("s", "")).encode(), usedforsecurity=False).hexdigest()
            good = same(right, token.lower())
        else:
            good = same(password, clear(said["p"]))
        if not (good and found):
            raise ProtocolError(WRONG, "the user name or the password is wrong (library serve --app NAME makes one)")
        return name


def clear(password: str) -> str:
    """A password that may be written as enc: and hexadecimal numbers."""
    if not password.startswith("enc:"):
        return password
    try:
        return bytes.fromhex(password[4:]).decode()
    except ValueError:
        return ""


def same(a: str, b: str) -> bool:
    """Compare in a time that does not tell where they differ."""
    return hmac.compare_digest(a.encode(), b.encode("utf-8", "surrogatepass"))

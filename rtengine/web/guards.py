"""Who may talk to a server of ours: the name it is called by, the page that asks, and a token.

A page of any site can make a browser send requests to this machine and to others beside it. Three checks keep it out:

    Host           must be a name or an address that the server has. A stranger's name that points here (DNS rebinding)
                   makes his page and our server one origin for the browser, but the browser still says his name.
    Origin         where there is one, must be the host: it names the page's site, and no page can change it.
    Authorization  a secret, wherever others than the people at this machine can reach the server.

There are no cookies and no passwords that a browser sends by itself, so a page that lacks the token cannot borrow it.
These are plain functions; `middleware` has them for aiohttp.
Source: RFC 9110 section 7.2 (Host), RFC 6454 (Origin), RFC 6750 section 2.1 (Bearer); C. Jackson et al., "Protecting
browsers from DNS rebinding attacks", CCS 2007, section 5.2 (checking Host).
"""

import hashlib
import hmac
import ipaddress
import re
import socket
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

SHORTEST = 16  # characters of a token: 64 bits, even if they are hexadecimal
LONGEST = 256  # characters of a token, and of a name
WEB_SOCKET = "token."  # what a browser's WebSocket, which sends no headers, says as its subprotocol, with the token
TICKET_LIFE = 43_200.0  # seconds for which an address with a ticket opens what it names: an evening

FORM = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9_]([a-z0-9_.-]{0,252}[a-z0-9_])?\.?)(:[0-9]{1,5})?")


@dataclass(frozen=True)
class Refusal:
    """Why a request is not answered: an HTTP status (401 or 403) and a sentence."""

    status: int
    reason: str


@dataclass(frozen=True)
class Guard:
    """The checks of one server; `guard` makes it from what a command line says.

    names: what Host may say, in small letters without a port. any_address: a bare address will do as well, for the
    server listens to all that this machine has, and an address, unlike a name, cannot be pointed elsewhere.
    token: "" if none is asked for: on loopback, or where the server has a login of its own.
    """

    names: frozenset[str]
    any_address: bool = False
    token: str = ""

    def refusal(self, hosts: Sequence[str], origins: Sequence[str] = ()) -> Refusal | None:
        """What is wrong with a request that has these Host and Origin headers, or None."""
        name = host_name(hosts[0]) if len(hosts) == 1 else None
        if name is None or not (name in self.names or (self.any_address and is_address(name))):
            said = hosts[0][:80] if hosts else ""
            return Refusal(403, f"this server is not called {said!r}: --allow-host adds a name")
        if origins and not (len(origins) == 1 and same_site(origins[0], hosts[0])):
            return Refusal(403, f"a page of {origins[0][:80]!r} may not ask here")
        return None

    def unknown(self, authorization: str = "", protocols: str = "") -> Refusal | None:
        """What is wrong with a request's token, or None.

        authorization: that header, "Bearer TOKEN". protocols: Sec-WebSocket-Protocol, one of them "token.TOKEN".
        """
        if not self.token:
            return None
        kind, _, given = authorization.partition(" ")
        offered = [given.strip()] if kind.lower() == "bearer" else []
        offered += [p.strip()[len(WEB_SOCKET) :] for p in protocols.split(",") if p.strip().startswith(WEB_SOCKET)]
        if any(equal(word, self.token) for word in offered[:4]):
            return None
        return Refusal(401, "this server needs its token: Authorization: Bearer TOKEN")

    def ticket(self, path: str, now: float | None = None) -> str:
        """What opens this path alone for TICKET_LIFE without the token, for a player that can send no header."""
        until = int((time.time() if now is None else now) + TICKET_LIFE)
        return f"{until}.{_signature(self.token, path, until)}"

    def opens(self, ticket: str, path: str, now: float | None = None) -> bool:
        """Whether a ticket is one for this path, and not too old."""
        until, _, signature = ticket[:LONGEST].partition(".")
        if not (until.isascii() and until.isdecimal() and len(until) <= 12 and self.token):
            return False
        fresh = int(until) >= (time.time() if now is None else now)
        return equal(signature, _signature(self.token, path, int(until))) and fresh


def guard(host: str, allowed: Iterable[str] = (), token: str = "") -> Guard:
    """The guard of a server that listens at `host` (a name, an address, "0.0.0.0" or "::" for all of this machine's).

    allowed: further names or addresses by which it is reached, as that of a proxy before it.
    Raises ValueError if others than this machine can reach it and there is no token, or a token is too short.
    """
    names = {checked_name(name) for name in allowed}
    abroad = not is_loopback(host) or not all(map(is_loopback, names))
    if token and not (SHORTEST <= len(token) <= LONGEST and re.fullmatch(r"[A-Za-z0-9._~+/=-]+", token)):
        raise ValueError(
            f"a token of {len(token)} characters is not {SHORTEST} to {LONGEST} letters, digits or -._~+/="
        )
    if abroad and not token:
        reached = host if not is_loopback(host) else next(name for name in sorted(names) if not is_loopback(name))
        needed = f"put one of {SHORTEST} letters or more into the environment as RTENGINE_TOKEN"
        raise ValueError(f"{reached} can be reached by others, and that needs a token: {needed}")
    return Guard(frozenset(names | listened(host)), is_everywhere(host), token)


def listened(host: str) -> set[str]:
    """The names by which a server that listens at `host` is called."""
    if is_everywhere(host):
        own = socket.gethostname().lower()
        return {"localhost", own, f"{own.split('.')[0]}.local"}
    if is_loopback(host):
        return {"localhost", "127.0.0.1", "::1", checked_name(host)}
    return {checked_name(host)}


def checked_name(name: str) -> str:
    """A name or an address as Host says it, without a port; ValueError if it is none."""
    address = name.strip("[]")
    plain = host_name(f"[{address}]" if ":" in address else name)
    if plain is None:
        raise ValueError(f"{name[:80]!r} is no name or address of a host")
    return plain


def host_name(header: str) -> str | None:
    """The name or the address in a Host header, in small letters, without port and brackets; None if it is none."""
    found = FORM.fullmatch(header.lower()) if len(header) <= LONGEST else None
    if not found:
        return None
    name = found[1].strip("[]").rstrip(".")
    return str(ipaddress.ip_address(name)) if is_address(name) else name if ":" not in name else None


def same_site(origin: str, host: str) -> bool:
    """Whether an Origin header ("https://NAME:PORT", or "null") is the site that a Host header names."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    default = {"http": ":80", "https": ":443"}.get(parts.scheme)
    if default is None or not parts.netloc or parts.path or parts.query or parts.fragment:
        return False
    return parts.netloc.lower().removesuffix(default) == host.lower().removesuffix(default)


def is_address(name: str) -> bool:
    """Whether it is an IP address, not a name."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine reach a server there."""
    name = host.lower().strip("[]")
    return name == "localhost" or (is_address(name) and ipaddress.ip_address(name).is_loopback)


def is_everywhere(host: str) -> bool:
    """Whether it stands for all addresses of this machine."""
    name = host.strip("[]")
    return not name or (is_address(name) and ipaddress.ip_address(name).is_unspecified)


def equal(given: str, secret: str) -> bool:
    """Whether two texts are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())


def _signature(token: str, path: str, until: int) -> str:
    digest = hmac.digest(token.encode(), f"{until} {path}".encode(), hashlib.sha256)
    return urlsafe_b64encode(digest).decode().rstrip("=")

"""How much of the service one client may have, so that the others have some too."""

import ipaddress
import shutil
import time
from collections import OrderedDict
from pathlib import Path

from aiohttp import web

MOST_CLIENTS = 10_000  # clients that are remembered; the one not seen for longest is forgotten
NETWORK = 64  # bits of an IPv6 address that one household has


def client_of(request: web.Request, behind_proxy: bool) -> str:
    """Who asks: an address, or the network of one household."""
    told = request.headers.getall("X-Forwarded-For", []) if behind_proxy else []
    said = told[-1].split(",")[-1].strip() if told else request.remote or ""
    try:
        address = ipaddress.ip_address(said)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, NETWORK), strict=False))
    return str(address)


class Rates:
    """A bucket of requests for each client, filled steadily.

    Source: J. S. Turner, "New directions in communications", IEEE Communications Magazine 24 (1986) (leaky bucket).
    """

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # what is left, and when

    def wait(self, client: str, now: float | None = None) -> float:
        """Take one request; 0, or the seconds after which there is one again."""
        now = time.monotonic() if now is None else now
        left, then = self._buckets.pop(client, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._rate)
        self._buckets[client] = (max(left - 1, 0.0) if left >= 1 else left, now)
        while len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if left >= 1 else (1 - left) / self._rate


def room(folder: Path, reserve: int) -> int:
    """Bytes that may be written before no more than the reserve is free."""
    return shutil.disk_usage(folder).free - reserve

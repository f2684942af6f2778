"""The host's name in the local network, so that TouchOSC and others find it: zeroconf (mDNS), RFC 6762 and 6763."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from zeroconf import ServiceInfo, Zeroconf


@contextmanager
def announced(name: str, address: str, osc_port: int, query_port: int) -> Iterator[None]:
    """Announce _osc._udp and _oscjson._tcp at this address while the context lasts; OSError if it cannot be."""
    services = [service(name, "_osc._udp", address, osc_port), service(name, "_oscjson._tcp", address, query_port)]
    zeroconf = Zeroconf(interfaces=[address])
    try:
        for info in services:
            zeroconf.register_service(info, allow_name_change=True)
        yield
    finally:
        zeroconf.unregister_all_services()
        zeroconf.close()


def service(name: str, kind: str, address: str, port: int) -> ServiceInfo:
    """One service of this host."""
    return ServiceInfo(
        f"{kind}.local.",
        f"{name}.{kind}.local.",
        addresses=[socket.inet_aton(address)],
        port=port,
        properties={"txtvers": "1"},
        server=f"{socket.gethostname().split('.')[0]}.local.",
    )

"""The host's name in the local network, so that TouchOSC and others find it: zeroconf (mDNS), RFC 6762 and 6763."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from zeroconf import Error, ServiceInfo, Zeroconf

from rtengine.oscquery.address import own_address


@contextmanager
def announced(name: str, host: str, osc_port: int, query_port: int) -> Iterator[None]:
    """Announce _osc._udp and _oscjson._tcp while the context lasts; OSError if it cannot be.

    host: the address that was bound, of version 4; 0.0.0.0 is announced as the one that leads to the network.
    """
    address = own_address() if host == "0.0.0.0" else socket.gethostbyname(host)
    services = [service(name, "_osc._udp", address, osc_port), service(name, "_oscjson._tcp", address, query_port)]
    zeroconf = Zeroconf(interfaces=[address])
    try:
        for info in services:
            register(zeroconf, info)
        yield
    finally:
        zeroconf.unregister_all_services()
        zeroconf.close()


def register(zeroconf: Zeroconf, info: ServiceInfo) -> None:
    """Announce one service, by another name if somebody has this one."""
    try:
        zeroconf.register_service(info, allow_name_change=True)
    except Error as error:
        raise OSError(f"{info.name} cannot be announced: {error}") from error


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

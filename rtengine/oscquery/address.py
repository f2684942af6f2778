"""Where a phone finds the page: the address in the network, and a code that its camera reads (ISO/IEC 18004)."""

import io
import socket

import segno

from rtengine.web.guards import is_everywhere, is_loopback


def own_address() -> str:
    """The address of this computer in its network; nothing is sent to find it. OSError if it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # an address for documentation, RFC 5737
        return str(probe.getsockname()[0])


def page_address(host: str, port: int) -> str:
    """The page's address for others of the network, of a server that listens at `host`; "" if they cannot reach it."""
    if is_loopback(host):
        return ""
    try:
        name = own_address() if is_everywhere(host) else host
    except OSError:
        return ""
    return f"http://[{name}]:{port}/" if ":" in name else f"http://{name}:{port}/"


def code_svg(address: str) -> bytes:
    """The code as a picture, black on white."""
    picture = io.BytesIO()
    segno.make_qr(address, error="m").save(picture, kind="svg", scale=4, border=4, light="#fff")
    return picture.getvalue()


def code_text(address: str) -> str:
    """The code for a terminal, two rows a line."""
    lines = io.StringIO()
    segno.make_qr(address, error="l").terminal(lines, border=2, compact=True)
    return lines.getvalue()

"""Where others of the network find the host: this computer's own address there."""

import socket

ELSEWHERE = "192.0.2.1", 9  # RFC 5737: nobody's address; nothing is sent, for a UDP socket only looks up the way


def of_this_computer() -> str:
    """The address from which this computer would send to the network; "" if it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(ELSEWHERE)
        except OSError:
            return ""
        found = str(way.getsockname()[0])
    return "" if found.startswith("127.") else found

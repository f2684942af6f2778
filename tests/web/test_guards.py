import socket

import pytest

from rtengine.web.guards import TICKET_LIFE, Guard, guard, host_name, is_everywhere, is_loopback, same_site

TOKEN = "correct-horse-battery"
LOCAL = guard("127.0.0.1")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:9001", "127.0.0.1:9001", "[::1]:9001", "localhost."])
def test_this_machine_is_known_by_its_names(host: str) -> None:
    assert LOCAL.refusal([host], [f"http://{host}"]) is None


@pytest.mark.parametrize(
    "hosts",
    [
        ["evil.example:9001"],
        ["localhost.evil.example"],
        ["127.0.0.1.evil.example"],
        ["192.168.1.5"],  # true as an address, but nobody reaches a loopback server by it
        ["0.0.0.0"],  # which browsers take for this machine
        [""],
        [],
        ["localhost", "evil.example"],
        ["localhost, evil.example"],
        ["localhost@evil.example"],
        ["localhost/../"],
        ["localhost:99999999"],
        ["::1"],
        ["[::1"],
        ["[zz::]"],
        ["lo\0calhost"],
        ["ｌocalhost"],
        ["a" * 100_000],
    ],
)
def test_a_stranger_s_name_is_refused(hosts: list[str]) -> None:
    wrong = LOCAL.refusal(hosts)
    assert wrong
    assert wrong.status == 403
    assert len(wrong.reason) < 200


@pytest.mark.parametrize(
    ("origin", "fits"),
    [
        ("http://localhost:9001", True),
        ("HTTP://LOCALHOST:9001".lower(), True),
        ("https://localhost:9001", True),  # a proxy before us may speak TLS
        ("http://localhost", False),  # another port is another site
        ("http://127.0.0.1:9001", False),
        ("http://evil.example:9001", False),
        ("null", False),
        ("", False),
        ("http://localhost:9001/", False),
        ("http://localhost:9001@evil.example", False),
        ("http://evil.example@localhost:9001", False),
        ("file://localhost:9001", False),
        ("http://[::1", False),
    ],
)
def test_only_the_host_s_own_page_may_ask(origin: str, fits: bool) -> None:
    assert same_site(origin, "localhost:9001") is fits
    assert (LOCAL.refusal(["localhost:9001"], [origin]) is None) is fits


def test_a_default_port_may_be_left_out() -> None:
    assert same_site("https://music.example", "music.example:443")
    assert same_site("http://music.example:80", "music.example")
    assert not same_site("http://music.example", "music.example:443")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.5", "studio.example", "fe80::1"])
def test_others_need_a_token(host: str) -> None:
    with pytest.raises(ValueError, match=r"needs a token: put one of 16 letters .* as RTENGINE_TOKEN"):
        guard(host)
    assert guard(host, token=TOKEN).token == TOKEN


def test_a_name_for_a_proxy_needs_a_token_too() -> None:
    with pytest.raises(ValueError, match=r"music\.example can be reached by others"):
        guard("127.0.0.1", ["music.example"])
    behind = guard("127.0.0.1", ["Music.example"], TOKEN)
    assert behind.refusal(["music.example"], ["https://music.example"]) is None
    assert behind.refusal(["localhost"]) is None
    assert behind.refusal(["other.example"]) is not None


@pytest.mark.parametrize("token", ["short", "a" * 15, "a" * 257, "with a space in it", "näive-näive-näive"])
def test_a_weak_token_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="16 to 256"):
        guard("127.0.0.1", token=token)


@pytest.mark.parametrize("name", ["a b", "evil.example/path", "http://x", "x:9001", ""])
def test_an_allowed_host_must_be_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="is no name or address"):
        guard("127.0.0.1", [name], TOKEN)


def test_all_addresses_of_this_machine() -> None:
    everywhere = guard("0.0.0.0", token=TOKEN)
    for host in ("192.168.1.5:9001", "[2001:db8::1]:9001", "localhost", socket.gethostname()):
        assert everywhere.refusal([host]) is None
    assert everywhere.refusal(["evil.example"]) is not None
    assert everywhere.refusal(["192.168.1.5:9001"], ["http://192.168.1.6:9001"]) is not None
    assert is_everywhere("0.0.0.0")
    assert is_everywhere("::")
    assert is_loopback("127.8.8.8")
    assert is_loopback("::1")
    assert not is_loopback("localhost.evil.example")


def test_a_token_is_told_in_a_header_or_a_subprotocol() -> None:
    asked = guard("0.0.0.0", token=TOKEN)
    assert asked.unknown(f"Bearer {TOKEN}") is None
    assert asked.unknown(f"bearer {TOKEN}") is None
    assert asked.unknown(protocols=f"rtengine, token.{TOKEN}") is None
    for wrong in ("", TOKEN, f"Basic {TOKEN}", "Bearer", f"Bearer {TOKEN}x", "Bearer \udcff", "Bearer " + "a" * 10**6):
        refusal = asked.unknown(wrong)
        assert refusal
        assert refusal.status == 401
        assert TOKEN not in refusal.reason
    assert asked.unknown(protocols="token.") is not None
    assert LOCAL.unknown() is None


def test_a_ticket_opens_one_path_for_a_while() -> None:
    asked = guard("0.0.0.0", token=TOKEN)
    ticket = asked.ticket("/jobs/1/result", now=1000.0)
    assert asked.opens(ticket, "/jobs/1/result", now=1000.0 + TICKET_LIFE)
    assert not asked.opens(ticket, "/jobs/1/result", now=1001.0 + TICKET_LIFE)
    assert not asked.opens(ticket, "/jobs/2/result", now=1000.0)
    assert not guard("0.0.0.0", token="another-token-than-this").opens(ticket, "/jobs/1/result", now=1000.0)
    until, _, signature = ticket.partition(".")
    for forged in (f"{int(until) + 1}.{signature}", until, f".{signature}", "", "9" * 30, f"٣.{signature}"):
        assert not asked.opens(forged, "/jobs/1/result", now=1000.0)
    assert not LOCAL.opens(LOCAL.ticket("/", now=0), "/", now=0), "without a token nothing is signed"


def test_addresses_are_the_same_however_they_are_written() -> None:
    assert host_name("[0:0:0:0:0:0:0:1]:80") == "::1"
    assert Guard(frozenset({"::1"})).refusal(["[0:0::0:1]"]) is None

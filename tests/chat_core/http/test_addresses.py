"""Whom a request is from, past proxies, in whatever way they write it; and whose share it counts for."""

import pytest

from chat_core.http.addresses import client_address, is_trusted, share_of

PROXY = ("10.0.0.1", ["10.0.0.0/8"])


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "trusted", "client"),
    [
        ("203.0.113.1", [], [], "203.0.113.1"),
        ("203.0.113.1", ["198.51.100.1"], [], "203.0.113.1"),
        ("10.0.0.1", ["198.51.100.1"], ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66, 198.51.100.1, 10.0.0.2"], ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66", "198.51.100.1"], ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.1", [], ["10.0.0.0/8"], "10.0.0.1"),
        ("10.0.0.1", ["nonsense"], ["10.0.0.0/8"], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], ["10.0.0.0/8"], "10.0.0.3"),
        ("::ffff:203.0.113.1", [], [], "203.0.113.1"),
        ("2001:db8:1:2:3:4:5:6", [], [], "2001:db8:1:2:3:4:5:6"),
        ("", [], [], "unknown"),
    ],
)
def test_whom_a_request_comes_from(peer: str, forwarded_for: list[str], trusted: list[str], client: str) -> None:
    assert client_address(peer, forwarded_for, trusted) == client


@pytest.mark.parametrize(
    ("entry", "client"),
    [
        ("203.0.113.7:5123", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ('"[2001:db8::7]:443"', "2001:db8::7"),
        ("[::ffff:203.0.113.7]:443", "203.0.113.7"),
        ("fe80::7%eth0", "fe80::7"),
        (" 203.0.113.7 ", "203.0.113.7"),
        ("[203.0.113.7]:x", "10.0.0.1"),
        ("203.0.113.7:123456", "10.0.0.1"),
        ("203.0.113.7:", "10.0.0.1"),
        ("[2001:db8::7", "10.0.0.1"),
        ("unknown", "10.0.0.1"),
        ("", "10.0.0.1"),
    ],
)
def test_an_entry_may_have_a_port_and_brackets(entry: str, client: str) -> None:
    peer, trusted = PROXY
    assert client_address(peer, [entry], trusted) == client
    assert client_address(peer, [f"192.0.2.66, {entry}"], trusted) == client
    # A proxy before ours, which writes so too.
    if client != peer:
        assert client_address(peer, [f"{entry}, 10.0.0.9:80"], trusted) == client


def test_a_share_is_an_address_or_a_network_of_ipv6() -> None:
    for whole in ("203.0.113.7", "::ffff:203.0.113.7", ""):
        assert share_of(whole) == whole
    assert share_of("2001:db8:1:2:3:4:5:6") == share_of("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert share_of("unknown") == "unknown"


def test_who_is_a_trusted_proxy() -> None:
    assert is_trusted("10.2.3.4", ("10.0.0.0/8",))
    assert is_trusted("::ffff:10.2.3.4", ("10.0.0.0/8",))
    assert not is_trusted("203.0.113.7", ("10.0.0.0/8",))
    assert not is_trusted("", ("10.0.0.0/8",))

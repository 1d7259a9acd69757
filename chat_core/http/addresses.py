"""The client address of a connection or request: for limits, the audit log, and operators."""

import functools
import ipaddress
import re
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# An X-Forwarded-For entry as proxies write it: an address, which may have a port, and brackets if it is IPv6.
_ENTRY = re.compile(r'"?(?:\[(?P<bracketed>[^\]]+)\](?::\d{1,5})?|(?P<dotted>[^:]+)(?::\d{1,5})?|(?P<bare>.+?))"?')


def client_address(peer: str, forwarded_for: Sequence[str], trusted: Sequence[str]) -> str:
    """The peer's address; behind trusted proxies, the last X-Forwarded-For hop that is not one of them. "unknown"
    for a peer without an IP address."""
    client = _parse(peer)
    if client is None:
        return "unknown"
    networks = _networks(tuple(trusted))
    hops = [hop for header in forwarded_for for hop in header.split(",")]
    while hops and _is_in(client, networks):
        hop = _parse_entry(hops.pop().strip())
        if hop is None:  # not written by a proxy: trust no more of it
            break
        client = hop
    return str(client)


@functools.lru_cache(4096)
def share_of(address: str) -> str:
    """The key under which an address counts towards limits: for IPv6 its /64, since a client can take any address in
    it."""
    parsed = _parse(address)
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed and parsed.version == 6 else address


@functools.lru_cache(4096)
def is_trusted(peer: str, trusted: tuple[str, ...]) -> bool:
    """Whether the peer is a proxy that speaks for others."""
    client = _parse(peer)
    return client is not None and _is_in(client, _networks(trusted))


@functools.lru_cache(16)
def _networks(trusted: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(network, strict=False) for network in trusted)


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _parse_entry(text: str) -> Address | None:
    entry = _ENTRY.fullmatch(text)
    return _parse(entry["bracketed"] or entry["dotted"] or entry["bare"]) if entry else None


@functools.lru_cache(4096)
def _parse(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(
            text.partition("%")[0]
        )  # a zone names a network interface of its writer's machine
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address

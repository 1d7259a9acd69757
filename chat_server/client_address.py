"""Whom a request comes from, for rate limits."""

import ipaddress
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_address(peer: str, forwarded_for: Sequence[str], trusted: Sequence[str]) -> str:
    """The peer's address; behind trusted proxies the last X-Forwarded-For hop that is none of them.

    An IPv6 client is its /64, since it can take any address in there.
    """
    networks = [ipaddress.ip_network(network, strict=False) for network in trusted]
    client = _parse(peer)
    if client is None:
        return "unknown"
    hops = [hop for header in forwarded_for for hop in header.split(",")]
    while hops and any(client in network for network in networks):
        hop = _parse(hops.pop().strip())
        if hop is None:  # not a proxy's doing: believe no more of it
            break
        client = hop
    if client.version == 6:
        return str(ipaddress.ip_network((client, 64), strict=False))
    return str(client)


def _parse(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address

"""Which addresses may be connected to: those of the public Internet. A name that somebody writes into a message may
lead anywhere, and this machine reaches what its users do not: loopback, the local network, a cloud's metadata.

Ranges: https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry. The standard
library's `is_global` depends on Python's version, and counts some of these as global.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

_NOT_PUBLIC_4: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network; Linux takes it for this machine
            "10.0.0.0/8",
            "100.64.0.0/10",  # shared by customers of a carrier
            "127.0.0.0/8",
            "169.254.0.0/16",  # link-local; clouds' metadata
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",  # documentation, as are 198.51.100 and 203.0.113
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",  # relays of 6to4
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)
# All others are loopback, mapped IPv4 (::ffff:0:0/96), NAT64 (64:ff9b::/96), unique local, link-local, multicast, or
# not assigned.
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NOT_PUBLIC_6: Final = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocols; Teredo, which carries an IPv4 address, is 2001::/32
            "2001:db8::/32",  # documentation, as is 3fff
            "2002::/16",  # 6to4, which carries an IPv4 address
            "2620:4f:8000::/48",
            "3fff::/20",
        ),
    )
)


def is_public(address: str) -> bool:
    """Whether this address, as the resolver writes it, is one of the public Internet."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return not any(parsed in network for network in _NOT_PUBLIC_4)
    return _is_public_6(parsed)


def _is_public_6(address: IPv6Address) -> bool:
    return (
        address.scope_id is None
        and address in _GLOBAL_UNICAST
        and not any(address in network for network in _NOT_PUBLIC_6)
    )

"""A URL that somebody else has chosen, taken apart for a request; and the addresses to which the request may go."""

import re
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

import idna

from chat_core.outgoing.addresses import is_public
from chat_core.outgoing.refused import Refused

LONGEST: Final = 2048
# Of the addresses of a name, how many are tried.
MOST_ADDRESSES: Final = 2
_PORTS: Final = {"http": 80, "https": 443}
# Of the DNS: no name is longer, and no label of it than 63.
_LONGEST_NAME: Final = 253
_HOST: Final = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?|[0-9a-f.]*:[0-9a-f:.]*")
# What a request line may have as it is; all else is percent-encoded.
_SAFE: Final = "%/:=&?~+!$,;'@()*[]"

Resolve = Callable[[str, int], Collection[str]]


@dataclass(frozen=True, slots=True)
class Target:
    """What a URL asks for. `exempt`: the settings name this host and port, whatever their address is."""

    scheme: str
    host: str
    port: int
    path: str
    exempt: bool

    @property
    def authority(self) -> str:
        named = host_and_port(self.host, self.port)
        return named.rpartition(":")[0] if self.port == _PORTS[self.scheme] else named

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    def allowed(self, addresses: Collection[str]) -> Sequence[str]:
        """Those of its addresses to which a connection may be made, of which there are few. Raises Refused if there is
        none."""
        allowed = [address for address in addresses if self.exempt or is_public(address)]
        if not allowed:
            raise Refused("Its address is not one of the public Internet.")
        return allowed[:MOST_ADDRESSES]


def target(url: str, exempt: Collection[str] = ()) -> Target:
    """`exempt` has hosts with their ports, such as wiki.internal:443. Raises Refused for what is never asked for: other
    schemes and ports, names and passwords in the URL."""
    if len(url) > LONGEST or not url.isprintable() or " " in url or "\\" in url:
        raise Refused("It is no URL, or too long.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        if not host.isascii():
            host = idna.encode(host, uts46=True).decode()
    except ValueError as error:  # idna's are of these
        raise Refused("It is no URL.") from error
    if parts.scheme not in _PORTS:
        raise Refused("Only http and https are fetched.")
    if parts.username is not None or parts.password is not None:
        raise Refused("It has a name or a password.")
    if _HOST.fullmatch(host) is None or len(host.removesuffix(".")) > _LONGEST_NAME:
        raise Refused("It has no host.")
    port = port or _PORTS[parts.scheme]
    named = host_and_port(host, port) in exempt
    if port not in _PORTS.values() and not named:
        raise Refused("Only ports 80 and 443 are connected to.")
    path = quote(parts.path or "/", safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "")
    return Target(parts.scheme, host, port, path, named)


def host_and_port(host: str, port: int) -> str:
    """As settings name it: wiki.internal:443, or [::1]:443."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name. One that only this link knows (fe80::…%eth0) keeps its scope, and is refused for it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))

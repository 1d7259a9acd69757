"""This server, as passkeys know it."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from chat_core.problems import Problem


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Passkeys are bound to `id`, a host name, and used on the pages of `origin` alone."""

    id: str
    origin: str
    name: str


def relying_party(public_url: str, name: str) -> RelyingParty | None:
    """None if browsers make no passkeys there: at an IP address, or where others can read and change the page."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        is_safe = parts.scheme == "https" or host == "localhost"
        return RelyingParty(host, f"{parts.scheme}://{parts.netloc.lower()}", name) if host and is_safe else None
    return None


def unavailable(public_url: str) -> Problem:
    return Problem(
        409,
        "passkeys_unavailable",
        f"Passkeys need a host name that is reached over https, or localhost, and server.public_url is {public_url}.",
    )

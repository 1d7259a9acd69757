"""Addresses that users put into links and pictures. What is not certainly harmless is left out."""

import re
from typing import Any
from urllib.parse import urlsplit

LONGEST = 2048
LINK_SCHEMES = ("http", "https", "mailto", "tel")
# What browsers strip from an address before they read it, and spaces of any kind.
_IGNORED = re.compile(r"[\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f\u2060\u3000\ufeff\\]")
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|avif);base64,[A-Za-z0-9+/=]+")


def link(given: Any) -> str | None:
    """An address that a link may lead to: with one of these schemes, or on this site."""
    if not isinstance(given, str) or not 0 < len(given) <= LONGEST or _IGNORED.search(given):
        return None
    if given.startswith(("#", "?")) or (given.startswith("/") and not given.startswith("//")):
        return given
    try:
        parts = urlsplit(given)
    except ValueError:
        return None
    whole = parts.netloc if parts.scheme in ("http", "https") else parts.path
    return given if parts.scheme in LINK_SCHEMES and whole else None


def picture(given: Any) -> str | None:
    """An address that a picture may be at: over https, on this site, or the picture itself, which cannot be SVG."""
    if isinstance(given, str) and given.startswith("data:"):
        return given if _PICTURE.fullmatch(given) else None
    address = link(given)
    return address if address and address.startswith(("https://", "/")) else None

"""URLs: found in a text, and taken apart for a request."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

import idna

from chat_server.links.refused import Refused

MOST: Final = 5
LONGEST: Final = 2048
_PORTS: Final = {"http": 80, "https": 443}

# Neither blanks nor what surrounds a link in prose, Chinese punctuation included.
_URL: Final = re.compile(
    r"https?://[^\s<>\"'`\\^{}|\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uffef]+", re.I
)
_CODE: Final = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.S)
_AFTER: Final = ".,;:!?*_~"
_HOST: Final = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|[0-9a-f.]*:[0-9a-f:.]*")
# What a request line may have as it is; all else is percent-encoded.
_SAFE: Final = "%/:=&?~+!$,;'@()*[]"


def find(text: str) -> list[str]:
    """The first links of a text, each once and as it is written there. Those within code are not meant as links."""
    found = dict.fromkeys(_links(_CODE.sub(" ", text)))
    return list(found)[:MOST]


def _links(text: str) -> Iterator[str]:
    for match in _URL.finditer(text):
        if len(match[0]) > 2 * LONGEST:  # punctuation is taken off one by one, in quadratic time
            continue
        url = _without_punctuation(match[0])
        if len(url) <= LONGEST and len(url) > url.index("//") + 2:
            yield url


def _without_punctuation(url: str) -> str:
    """Without what belongs to the sentence: a full stop, or a bracket that is not opened in the URL."""
    while True:
        shorter = url.rstrip(_AFTER)
        for opening, closing in ("()", "[]"):
            if shorter.endswith(closing) and shorter.count(closing) > shorter.count(opening):
                shorter = shorter[:-1]
        if shorter == url:
            return url
        url = shorter


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
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def joined(base: str, reference: str) -> str:
    """A URL relative to another one. Raises Refused."""
    try:
        return urljoin(base, reference.strip())
    except ValueError as error:
        raise Refused("It leads to something that is no URL.") from error


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
    if _HOST.fullmatch(host) is None:
        raise Refused("It has no host.")
    port = port or _PORTS[parts.scheme]
    named = f"{f'[{host}]' if ':' in host else host}:{port}" in exempt
    if port not in _PORTS.values() and not named:
        raise Refused("Only ports 80 and 443 are connected to.")
    path = quote(parts.path or "/", safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "")
    return Target(parts.scheme, host, port, path, named)

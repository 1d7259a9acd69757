"""Links to what is on this server. They are never fetched: what one shows depends on who looks at it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

Kind = Literal["message", "chat", "board", "page", "publication", "file"]

_ID: Final = "([1-9][0-9]{0,17})"
_PATHS: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (
    ("message", re.compile(f"/chat/{_ID}/{_ID}")),
    ("chat", re.compile(f"/chat/{_ID}")),
    ("board", re.compile(f"/board/{_ID}")),
    ("page", re.compile(f"/page/{_ID}")),
    ("publication", re.compile("/p/([a-z0-9-]{3,80})")),
    ("file", re.compile(f"/api/files/{_ID}")),
)


@dataclass(frozen=True, slots=True)
class OwnLink:
    """`id` is that of the message, chat, board, page or file; `chat_id` the chat of a message; `slug` the address of a
    publication."""

    kind: Kind
    id: int | None = None
    chat_id: int | None = None
    slug: str | None = None


def is_own(url: str, origins: Iterable[str]) -> bool:
    """Whether it leads to one of these origins of this server."""
    asked = _origin(url)
    return asked is not None and any(asked == _origin(origin) for origin in origins)


def own_link(url: str) -> OwnLink | None:
    """What a URL of this server leads to; None for what shows nothing."""
    path = urlsplit(url).path.rstrip("/")
    for kind, pattern in _PATHS:
        if (match := pattern.fullmatch(path)) is not None:
            if kind == "publication":
                return OwnLink(kind, slug=match[1])
            chat = int(match[1]) if kind == "message" else None
            return OwnLink(kind, int(match[match.lastindex or 1]), chat)
    return None


def _origin(url: str) -> tuple[str, str | None, int] | None:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        return None

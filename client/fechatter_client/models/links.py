"""Links: in messages, and as each reader sees them."""

from datetime import datetime
from typing import Literal

from . import Model

OwnKind = Literal["message", "chat", "board", "page", "publication", "file"]


class LinkImage(Model):
    """A WebP of at most 360 pixels a side."""

    width: int
    height: int


class MessageLink(Model):
    """What is shown of a link in a message; `url` is as it is in the text. A `website` has said the rest of itself. The
    other kinds are on this server: `client.links.resolve` says what the caller may see of them."""

    url: str
    kind: Literal["website"] | OwnKind
    id: int | None
    title: str | None
    description: str | None
    site_name: str | None
    image: LinkImage | None


class ResolvedLink(Model):
    """Without a `title` there is no such thing, or the caller may not see it, or the URL leads elsewhere. Of a message,
    `title` is the name of its sender, `excerpt` the beginning of its text; of all others, their name."""

    url: str
    kind: OwnKind | None
    id: int | None
    chat_id: int | None
    title: str | None
    excerpt: str | None
    sender_id: int | None
    created_at: datetime | None

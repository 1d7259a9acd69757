"""Links: in messages, and as each reader sees them."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from chat_server.http.fields import Id, Time
from chat_server.links.own import Kind as OwnKind


class LinkImage(msgspec.Struct):
    """A WebP of at most 360 pixels a side, without metadata."""

    width: Annotated[int, Meta(ge=1)]
    height: Annotated[int, Meta(ge=1)]


class MessageLink(msgspec.Struct):
    """What is shown of a link in a message; `url` is as it is in the text. A `website` has said the rest of itself, as
    plain text. Its picture, if it has an `image`, is `/api/files/link-images/{chat_id}/{message_id}/{id}`. The other
    kinds are on this server: `id` is that of the message, chat, board, page or file, and `POST /api/links/resolve` says
    what the caller may see of it."""

    url: str
    kind: Literal["website", OwnKind]
    id: Id | None
    title: str | None
    description: str | None
    site_name: str | None
    image: LinkImage | None


class ResolvedLink(msgspec.Struct):
    """What the caller may see of a link to something on this server. Without a `title` there is no such thing, or the
    caller may not see it, or the URL leads elsewhere. Of a message, `title` is the name of its sender, `excerpt` the
    beginning of its text; of all others, their name."""

    url: str
    kind: OwnKind | None
    id: Id | None
    chat_id: Id | None
    title: str | None
    excerpt: str | None
    sender_id: Id | None
    created_at: Time | None

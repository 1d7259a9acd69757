"""Pages and their members."""

from typing import Any, Literal

import msgspec

from chat_server.http.fields import Id, Seq, Time
from chat_server.responses.documents import Document, DocumentMember, DocumentVersion, Thumbnail

PageSchema = Literal["page", "free"]


class PageThumbnail(Thumbnail):
    """The picture itself is at `GET /api/pages/{page_id}/thumbnail`."""


class Page(Document):
    """`schema`: whether the content must be a page's tree of components, or may be any JSON. `version` is the newest
    one; a new page has version 1. `thumbnail` is null if there is none; `deleted_at` is set only for owners, who may
    restore the page."""

    thumbnail: PageThumbnail | None
    deleted_at: Time | None
    schema: PageSchema
    is_template: bool
    version: Seq


class PageMember(DocumentMember):
    page_id: Id


class PageVersion(DocumentVersion):
    """The content of a page at its version `seq`, kept under a name; `created_by` is null if that account was
    deleted."""

    page_id: Id


class PatchedContent(msgspec.Struct):
    """A patch is stored: `id` is the operation's, `version` the one that it made."""

    id: str
    version: Seq


class PageTouch(msgspec.Struct):
    """A component that a patch touched. `name` is its kind and `label` what it says, null if that is not known;
    `members` are those that were changed, such as `props.text`. Without a component it was another part of the
    content."""

    component_id: str | None
    change: Literal["added", "removed", "moved", "changed"]
    name: str | None
    label: str | None
    members: list[str]


class PageEdit(msgspec.Struct):
    """A patch of a page's history, which made this version. `user_id` is null for deleted accounts, and for patches
    that were inserted with psql; `client_id` names the connection, null over REST. `summary` says in English what it
    did, `touches` for other languages; `bytes` is the size of the patch."""

    version: Seq
    id: str
    user_id: Id | None
    client_id: str | None
    base: Seq | None
    created_at: Time
    bytes: int
    summary: str
    touches: list[PageTouch]


class PageDifference(msgspec.Struct):
    """`patch` turns the content of version `from` into that of `to`; null if it would exceed 1 MiB."""

    from_: Seq = msgspec.field(name="from")
    to: Seq
    patch: list[dict[str, Any]] | None
    summary: str
    touches: list[PageTouch]


Audience = Literal["public", "members"]


class PagePublication(msgspec.Struct):
    """What a page has published at /p/{slug}: its `version` with the `name` that it had. `public`: for everyone who
    has the address; `members`: for the members of its workspace."""

    page_id: Id
    audience: Audience
    slug: str
    name: str
    version: Seq
    published_by: Id | None
    published_at: Time


class PublishedPage(msgspec.Struct):
    """What a page has published, as those see it for whom it is."""

    audience: Audience
    slug: str
    name: str
    version: Seq
    published_at: Time
    schema: PageSchema
    content: Any


class PageComment(msgspec.Struct):
    """A comment on a component, as it was at `version`. `reply_to` is the first comment of its thread, null if this is
    the first. Only that can be resolved. `updated_at` is null if the text was never edited."""

    id: Id
    page_id: Id
    component_id: str
    version: Seq
    reply_to: Id | None
    author_id: Id | None
    content: str
    created_at: Time
    updated_at: Time | None
    resolved_at: Time | None
    resolved_by: Id | None

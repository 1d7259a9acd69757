"""Pages and their members."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from . import Model
from .boards import BoardRole, BoardThumbnail
from .users import CustomStatus

PageSchema = Literal["page", "free"]


class Page(Model):
    """`version` is the newest one of its content; `deleted_at` is set for its owners, who may restore it."""

    id: int
    workspace_id: int
    name: str
    role: BoardRole
    member_count: int
    thumbnail: BoardThumbnail | None
    created_by: int | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    schema: PageSchema
    is_template: bool
    version: int


class PageMember(Model):
    page_id: int
    user_id: int
    username: str
    fullname: str
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    role: BoardRole
    invited_by: int | None
    joined_at: datetime


class PageVersion(Model):
    """The content of a page at its version `seq`, kept under a name."""

    id: int
    page_id: int
    name: str
    seq: int
    created_by: int | None
    created_at: datetime


class PageContent(Model):
    """The content of a page at a version."""

    version: int
    content: Any


class PatchedContent(Model):
    """A patch was stored under the operation's `id`, and made this version."""

    id: str
    version: int


class PageTouch(Model):
    """A component that a patch touched. `name` is its kind, `label` what it says; `members` are those that were
    changed. Without a component it was another part of the content."""

    component_id: str | None
    change: Literal["added", "removed", "moved", "changed"]
    name: str | None
    label: str | None
    members: list[str]


class PageEdit(Model):
    """A patch of the history, which made this version. `summary` says in English what it did, `touches` for other
    languages; `bytes` is the size of the patch."""

    version: int
    id: str
    user_id: int | None
    client_id: str | None
    base: int | None
    created_at: datetime
    bytes: int
    summary: str
    touches: list[PageTouch]


class PageDifference(Model):
    """`patch` turns the content of version `from_` into that of `to`; None if it would exceed 1 MiB."""

    from_: int = msgspec.field(name="from")
    to: int
    patch: list[dict[str, Any]] | None
    summary: str
    touches: list[PageTouch]


Audience = Literal["public", "members"]


class PagePublication(Model):
    """What a page has published at /p/{slug}: for everyone who has the address, or for the members of its
    workspace."""

    page_id: int
    audience: Audience
    slug: str
    name: str
    version: int
    published_by: int | None
    published_at: datetime


class PublishedPage(Model):
    """What a page has published, as those see it for whom it is."""

    audience: Audience
    slug: str
    name: str
    version: int
    published_at: datetime
    schema: PageSchema
    content: Any


class PageCommentState(Model):
    """A comment without its text, as events have it."""

    id: int
    page_id: int
    component_id: str
    version: int
    reply_to: int | None
    author_id: int | None
    created_at: datetime
    updated_at: datetime | None
    resolved_at: datetime | None
    resolved_by: int | None


class PageComment(PageCommentState):
    """A comment on a component, as it was at `version`. `reply_to` is the first comment of its thread, which alone can
    be resolved."""

    content: str

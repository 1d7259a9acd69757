"""Pages and their members."""

from datetime import datetime
from typing import Literal

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

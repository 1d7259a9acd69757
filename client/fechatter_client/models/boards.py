"""Boards and who is on them."""

from datetime import datetime
from typing import Literal

from fechatter_client.models import Model
from fechatter_client.models.users import CustomStatus

BoardRole = Literal["owner", "editor", "viewer"]
ThumbnailType = Literal["image/png", "image/jpeg", "image/webp"]


class BoardThumbnail(Model):
    """All but the picture."""

    media_type: ThumbnailType
    bytes: int
    updated_at: datetime


class Board(Model):
    """`deleted_at` is there for its owners, who may restore it."""

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


class BoardMember(Model):
    board_id: int
    user_id: int
    username: str
    fullname: str
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    role: BoardRole
    invited_by: int | None
    joined_at: datetime

"""Boards and who is on them."""

from typing import Literal

import msgspec

from chat_server.answers.users import CustomStatus
from chat_server.fields import BoardRole, Id, Time

ThumbnailType = Literal["image/png", "image/jpeg", "image/webp"]


class BoardThumbnail(msgspec.Struct):
    """The picture itself is at `GET /api/boards/{board_id}/thumbnail`."""

    media_type: ThumbnailType
    bytes: int
    updated_at: Time


class Board(msgspec.Struct):
    """`thumbnail` is null where there is none; `deleted_at` is there for its owners, who may restore it."""

    id: Id
    workspace_id: Id
    name: str
    role: BoardRole
    member_count: int
    thumbnail: BoardThumbnail | None
    created_by: Id | None
    created_at: Time
    updated_at: Time
    deleted_at: Time | None


class BoardMember(msgspec.Struct):
    board_id: Id
    user_id: Id
    username: str
    fullname: str
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    role: BoardRole
    invited_by: Id | None
    joined_at: Time

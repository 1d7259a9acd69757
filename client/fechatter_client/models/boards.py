"""Boards and their members."""

from datetime import datetime
from typing import Any, Literal

from . import Model
from .users import CustomStatus

BoardRole = Literal["owner", "editor", "viewer"]
ThumbnailType = Literal["image/png", "image/jpeg", "image/webp"]


class BoardThumbnail(Model):
    """Everything but the picture."""

    media_type: ThumbnailType
    bytes: int
    updated_at: datetime


class Board(Model):
    """`deleted_at` is set for its owners, who may restore it."""

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


class BoardVersion(Model):
    """The content of a board after its first `seq` updates."""

    id: int
    board_id: int
    name: str
    seq: int
    created_by: int | None
    created_at: datetime


class QuarantinedUpdate(Model):
    """An update on which Yjs fails, and which was removed from its board. `seq` is its number."""

    board_id: int
    seq: int
    user_id: int | None
    bytes: int
    reason: str
    created_at: datetime
    quarantined_at: datetime


class RestoredVersion(Model):
    """`before` is the version of the previous content; None if there was one already, or nothing to do."""

    seq: int
    before: BoardVersion | None


class BoardMoment(Model):
    """`version_id` is None for the board's current content."""

    version_id: int | None
    seq: int


class BoardEdits(Model):
    """How often a user has edited."""

    user_id: int | None
    updates: int
    first_at: datetime
    last_at: datetime


class PatchOperation(Model):
    """An operation of a JSON Patch (RFC 6902)."""

    op: Literal["add", "remove", "replace"]
    path: str
    value: Any = None


class BoardComparison(Model):
    """`changes` turn the JSON of `before` into that of `after`; None if they would exceed 1 MiB."""

    board_id: int
    before: BoardMoment
    after: BoardMoment
    edits: list[BoardEdits]
    edits_complete: bool
    changes: list[PatchOperation] | None

"""Boards and who is on them."""

from typing import Any, Literal

import msgspec

from chat_server.http.fields import DocumentRole, Id, Seq, Time
from chat_server.responses.users import CustomStatus

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
    role: DocumentRole
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
    role: DocumentRole
    invited_by: Id | None
    joined_at: Time


class BoardVersion(msgspec.Struct):
    """What was on the board when it had had `seq` updates; `created_by` is null where that account is gone."""

    id: Id
    board_id: Id
    name: str
    seq: Seq
    created_by: Id | None
    created_at: Time


class QuarantinedUpdate(msgspec.Struct):
    """An update on which Yjs fails, and which is on the board no more. `seq` is the one that it had, `reason` what Yjs
    said."""

    board_id: Id
    seq: Seq
    user_id: Id | None
    bytes: int
    reason: str
    created_at: Time
    quarantined_at: Time


class RestoredVersion(msgspec.Struct):
    """`seq` is the board's by now; `before` the version that was made of what was there: null where there was one of it
    already, or where nothing had to be changed."""

    seq: Seq
    before: BoardVersion | None


class BoardMoment(msgspec.Struct):
    """`version_id` is null for what is on the board now."""

    version_id: Id | None
    seq: Seq


class BoardEdits(msgspec.Struct):
    """How often somebody has edited; `user_id` is null for accounts that are gone."""

    user_id: Id | None
    updates: int
    first_at: Time
    last_at: Time


class PatchOperation(msgspec.Struct, omit_defaults=True):
    """An operation of a JSON Patch (RFC 6902)."""

    op: Literal["add", "remove", "replace"]
    path: str
    value: Any | msgspec.UnsetType = msgspec.UNSET


class BoardComparison(msgspec.Struct):
    """`edits` are those between the two, who has edited most first; not `edits_complete`: some of that history is kept
    no more. `changes` make the JSON of `before` into that of `after`; null where they would be more than 1 MiB."""

    board_id: Id
    before: BoardMoment
    after: BoardMoment
    edits: list[BoardEdits]
    edits_complete: bool
    changes: list[PatchOperation] | None

"""Boards and their members."""

from typing import Any, Literal

import msgspec

from chat_server.http.fields import Id, Seq, Time
from chat_server.responses.documents import Document, DocumentMember, DocumentVersion, Thumbnail


class BoardThumbnail(Thumbnail):
    """The picture itself is at `GET /api/boards/{board_id}/thumbnail`."""


class Board(Document):
    """`thumbnail` is null if there is none; `deleted_at` is set only for owners, who may restore the board."""

    thumbnail: BoardThumbnail | None
    deleted_at: Time | None


class BoardMember(DocumentMember):
    board_id: Id


class BoardVersion(DocumentVersion):
    """The content of a board after its first `seq` updates; `created_by` is null if that account was deleted."""

    board_id: Id


class QuarantinedUpdate(msgspec.Struct):
    """An update on which Yjs fails, and which was removed from the board. `seq` is its number, `reason` the error of
    Yjs."""

    board_id: Id
    seq: Seq
    user_id: Id | None
    bytes: int
    reason: str
    created_at: Time
    quarantined_at: Time


class RestoredVersion(msgspec.Struct):
    """`seq` is the board's current one; `before` is the version made of the previous content: null if there was one
    already, or nothing had to be changed."""

    seq: Seq
    before: BoardVersion | None


class BoardMoment(msgspec.Struct):
    """`version_id` is null for the board's current content."""

    version_id: Id | None
    seq: Seq


class BoardEdits(msgspec.Struct):
    """How often a user has edited; `user_id` is null for deleted accounts."""

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
    """`edits` are those between the two, most active user first; not `edits_complete`: part of that history has
    expired. `changes` turn the JSON of `before` into that of `after`; null if they would exceed 1 MiB."""

    board_id: Id
    before: BoardMoment
    after: BoardMoment
    edits: list[BoardEdits]
    edits_complete: bool
    changes: list[PatchOperation] | None

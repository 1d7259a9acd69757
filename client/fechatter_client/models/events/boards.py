"""Events of boards."""

from datetime import datetime

from .. import Model
from ..boards import BoardMember, BoardThumbnail, BoardVersion, QuarantinedUpdate
from ..invites import BoardInvite
from ..sync import BoardSnapshot


class NewBoard(BoardSnapshot):
    pass


class BoardUpdated(Model):
    id: int
    workspace_id: int
    name: str
    created_by: int | None
    created_at: datetime
    updated_at: datetime


class BoardDeleted(Model):
    """Its owners may restore it, unless it has been deleted for good."""

    id: int
    workspace_id: int


class BoardRestored(BoardSnapshot):
    pass


class UserJoinedBoard(BoardMember):
    member_count: int


class BoardMemberUpdated(BoardMember):
    pass


class UserLeftBoard(Model):
    board_id: int
    user_id: int
    member_count: int


class BoardInviteUpdated(BoardInvite):
    """Also a new one."""


class BoardInviteDeleted(Model):
    id: int
    board_id: int


class BoardOwnerAdded(Model):
    """A member has become an owner: what only owners of the board see."""

    board_id: int
    user_id: int
    invites: list[BoardInvite]


class BoardVersionUpdated(BoardVersion):
    """Also a new one."""


class BoardUpdateQuarantined(QuarantinedUpdate):
    """To the board's owners."""


class BoardVersionDeleted(Model):
    id: int
    board_id: int


class BoardThumbnailUpdated(Model):
    """`thumbnail` is None if it was removed."""

    board_id: int
    thumbnail: BoardThumbnail | None


class BoardFilesUpdated(Model):
    """A file was attached or is in another state; or it is not `attached` any more."""

    board_id: int
    file_id: int
    attached: bool


KINDS: tuple[type[Model], ...] = (
    NewBoard,
    BoardUpdated,
    BoardDeleted,
    BoardRestored,
    UserJoinedBoard,
    BoardMemberUpdated,
    UserLeftBoard,
    BoardInviteUpdated,
    BoardInviteDeleted,
    BoardOwnerAdded,
    BoardVersionUpdated,
    BoardVersionDeleted,
    BoardUpdateQuarantined,
    BoardThumbnailUpdated,
    BoardFilesUpdated,
)

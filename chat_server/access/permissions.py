"""Who may do what: one table, and the only place that decides. docs/permissions.md shows the same, and a test
compares the two.

What somebody may not even see answers 404; what they may see but not do, 403. Whatever is not in the table is refused:
an action is a literal type, so that mypy finds one that nobody has decided on.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chat_core.problems import Problem
from chat_server.http.fields import BoardRole, ChatType, Role

# The least that is needed. "workspace member": of the workspace that the chat is in.
Needed = Literal["nobody", "workspace member", "member", "admin", "owner"]

BoardNeeded = Literal["viewer", "editor", "owner"]

_RANK: dict[Role | BoardRole | None, int] = {None: 0, "member": 1, "viewer": 1, "admin": 2, "editor": 2, "owner": 3}

WorkspaceAction = Literal[
    "see the workspace",
    "list its members and their profiles",
    "see its members' presence",
    "see how much is stored in it",
    "create a chat in it",
    "create a board in it",
    "leave the workspace",
    "change its name and description",
    "add a member",
    "change a member's role",
    "remove a member",
    "set how long messages are kept",
    "choose whether members see addresses",
    "see and handle reports",
    "read its audit log",
    "delete the workspace",
]
WORKSPACE_ACTIONS: dict[WorkspaceAction, Needed] = {
    "see the workspace": "member",
    "list its members and their profiles": "member",
    "see its members' presence": "member",
    "see how much is stored in it": "member",
    "create a chat in it": "member",
    "create a board in it": "member",
    "leave the workspace": "member",
    "change its name and description": "admin",
    "add a member": "admin",
    "change a member's role": "admin",
    "remove a member": "admin",
    "set how long messages are kept": "owner",
    "choose whether members see addresses": "owner",
    "see and handle reports": "admin",
    "read its audit log": "owner",
    "delete the workspace": "owner",
}

_CHAT_TYPES: tuple[ChatType, ...] = ("Single", "Group", "PrivateChannel", "PublicChannel")
ChatAction = Literal[
    "see the chat",
    "list its members",
    "read its messages",
    "post a message",
    "edit or delete one's own message",
    "delete others' messages",
    "react to a message",
    "pin a message",
    "follow a thread",
    "tell that one is typing",
    "report a message",
    "move one's read marker",
    "see how far others have read",
    "choose how one hears of it",
    "keep a draft",
    "join the chat",
    "leave the chat",
    "change its name and description",
    "add a member",
    "change a member's role",
    "remove a member",
    "silence a member",
    "ban somebody, or lift a ban",
    "invite by link",
    "revoke others' invites",
    "set its password",
    "archive it, or take it back",
    "transfer its ownership",
    "set how long its messages are kept",
    "delete the chat",
]
_CHAT_ACTIONS: dict[ChatAction, tuple[Needed, Needed, Needed, Needed]] = {
    "see the chat": ("member", "member", "member", "workspace member"),
    "list its members": ("member", "member", "member", "member"),
    "read its messages": ("member", "member", "member", "member"),
    "post a message": ("member", "member", "member", "member"),
    "edit or delete one's own message": ("member", "member", "member", "member"),
    "delete others' messages": ("nobody", "admin", "admin", "admin"),
    "react to a message": ("member", "member", "member", "member"),
    "pin a message": ("member", "member", "admin", "admin"),
    "follow a thread": ("member", "member", "member", "member"),
    "tell that one is typing": ("member", "member", "member", "member"),
    "report a message": ("member", "member", "member", "member"),
    "move one's read marker": ("member", "member", "member", "member"),
    "see how far others have read": ("member", "member", "member", "member"),
    "choose how one hears of it": ("member", "member", "member", "member"),
    "keep a draft": ("member", "member", "member", "member"),
    "join the chat": ("nobody", "nobody", "workspace member", "workspace member"),
    "leave the chat": ("nobody", "member", "member", "member"),
    "change its name and description": ("owner", "admin", "admin", "admin"),
    "add a member": ("nobody", "member", "admin", "admin"),
    "change a member's role": ("nobody", "admin", "admin", "admin"),
    "remove a member": ("nobody", "admin", "admin", "admin"),
    "silence a member": ("nobody", "admin", "admin", "admin"),
    "ban somebody, or lift a ban": ("nobody", "admin", "admin", "admin"),
    "invite by link": ("nobody", "member", "admin", "admin"),
    "revoke others' invites": ("nobody", "admin", "admin", "admin"),
    "set its password": ("nobody", "nobody", "admin", "nobody"),
    "archive it, or take it back": ("nobody", "admin", "admin", "admin"),
    "transfer its ownership": ("nobody", "owner", "owner", "owner"),
    "set how long its messages are kept": ("owner", "owner", "owner", "owner"),
    "delete the chat": ("owner", "owner", "owner", "owner"),
}
CHAT_ACTIONS: dict[ChatAction, dict[ChatType, Needed]] = {
    action: dict(zip(_CHAT_TYPES, needed, strict=True)) for action, needed in _CHAT_ACTIONS.items()
}

# What is still done in an archived chat: it is read, and people go.
ARCHIVED_TOO: set[ChatAction] = {
    "see the chat",
    "list its members",
    "read its messages",
    "delete others' messages",
    "move one's read marker",
    "see how far others have read",
    "follow a thread",
    "report a message",
    "choose how one hears of it",
    "keep a draft",
    "leave the chat",
    "change a member's role",
    "remove a member",
    "ban somebody, or lift a ban",
    "revoke others' invites",
    "archive it, or take it back",
    "transfer its ownership",
    "delete the chat",
}
# What a silenced member does not do.
SPEAKING: set[ChatAction] = {
    "post a message",
    "edit or delete one's own message",
    "react to a message",
    "pin a message",
    "tell that one is typing",
}

BoardAction = Literal[
    "see the board",
    "list its members",
    "leave the board",
    "change its name and thumbnail",
    "make, rename or restore a version",
    "delete others' versions",
    "add a member",
    "invite by link",
    "revoke others' invites",
    "change a member's role",
    "remove a member",
    "transfer its ownership",
    "see what is in quarantine",
    "delete the board, or restore it",
]
BOARD_ACTIONS: dict[BoardAction, BoardNeeded] = {
    "see the board": "viewer",
    "list its members": "viewer",
    "leave the board": "viewer",
    "change its name and thumbnail": "editor",
    "make, rename or restore a version": "editor",
    "delete others' versions": "owner",
    "add a member": "editor",
    "invite by link": "editor",
    "revoke others' invites": "owner",
    "change a member's role": "owner",
    "remove a member": "owner",
    "transfer its ownership": "owner",
    "see what is in quarantine": "owner",
    "delete the board, or restore it": "owner",
}
# What an owner still does with a deleted board, which nobody else sees.
DELETED_TOO: set[BoardAction] = {"see the board", "list its members", "delete the board, or restore it"}


@dataclass(frozen=True, slots=True)
class WorkspaceAccess:
    """What the caller is in a workspace, and what the member is whom the call is about; None: no member."""

    role: Role | None
    target_role: Role | None


@dataclass(frozen=True, slots=True)
class ChatAccess:
    """What the caller is in a chat and in its workspace, and what the member is whom the call is about.
    `silenced_until` is there where that has not passed."""

    type: ChatType
    member_count: int
    has_password: bool
    archived: bool
    role: Role | None
    silenced_until: datetime | None
    workspace_role: Role | None
    target_role: Role | None


@dataclass(frozen=True, slots=True)
class BoardAccess:
    """What the caller is on a board, and what the member is whom the call is about."""

    member_count: int
    deleted: bool
    role: BoardRole | None
    target_role: BoardRole | None


def require_in_workspace(action: WorkspaceAction, access: WorkspaceAccess | None) -> WorkspaceAccess:
    """Raises Problem unless the caller may do this. `access` is None where there is no such workspace."""
    if access is None or access.role is None:
        raise Problem(404, "not_found", "There is no such workspace, or you are not in it.")
    needed = WORKSPACE_ACTIONS[action]
    if not _has(needed, access.role, access.role):
        raise forbidden(f"To {action} you have to be {_an(needed)} of the workspace.")
    return access


def require_in_chat(action: ChatAction, access: ChatAccess | None) -> ChatAccess:
    """Raises Problem unless the caller may do this. `access` is None where there is no such chat."""
    if access is None or not _has(_needed("see the chat", access), access.role, access.workspace_role):
        raise Problem(404, "not_found", "There is no such chat, or you may not see it.")
    needed = _needed(action, access)
    if needed == "nobody":
        raise forbidden(f"Nobody can {action} where its type is {access.type}.")
    if not _has(needed, access.role, access.workspace_role):
        raise forbidden(f"To {action} you have to be {_an(needed)} of it.")
    if access.archived and action not in ARCHIVED_TOO:
        raise archived()
    if access.silenced_until and action in SPEAKING:
        raise silenced(access.silenced_until)
    return access


def require_on_board(action: BoardAction, access: BoardAccess | None) -> BoardAccess:
    """Raises Problem unless the caller may do this. `access` is None where there is no such board."""
    if access is None or access.role is None or (access.deleted and access.role != "owner"):
        raise Problem(404, "not_found", "There is no such board, or you may not see it.")
    needed = BOARD_ACTIONS[action]
    if _RANK[access.role] < _RANK[needed]:
        raise forbidden(f"To {action} you have to be {_an(needed)} of it.")
    if access.deleted and action not in DELETED_TOO:
        raise Problem(409, "board_is_deleted", "This board has been deleted: restore it first.")
    return access


def still_invites(inviter: ChatAccess | BoardAccess, granted: Role | BoardRole) -> bool:
    """Whether somebody who made an invite may still let people in by it: it is no better than its maker."""
    if isinstance(inviter, BoardAccess):
        able = not inviter.deleted and _RANK[inviter.role] >= _RANK[BOARD_ACTIONS["invite by link"]]
    else:
        able = _has(CHAT_ACTIONS["invite by link"][inviter.type], inviter.role, inviter.workspace_role)
    return able and _RANK[granted] <= _RANK[inviter.role]


def adds_to_workspace(inviter: WorkspaceAccess) -> bool:
    """Whether who made an invite may let its guest into the workspace too."""
    return _has(WORKSPACE_ACTIONS["add a member"], inviter.role, inviter.role)


def require_rank(access: WorkspaceAccess | ChatAccess | BoardAccess, granted: Role | BoardRole | None = None) -> None:
    """Nobody changes or removes somebody above their own role, and nobody grants a role above it."""
    if _RANK[access.target_role] > _RANK[access.role]:
        raise forbidden(f"This member's role, {access.target_role}, is above yours, {access.role}.")
    if _RANK[granted] > _RANK[access.role]:
        raise forbidden(f"The role {granted} is above your own, {access.role}.")


def forbidden(detail: str) -> Problem:
    return Problem(403, "forbidden", detail)


def archived() -> Problem:
    return Problem(409, "chat_is_archived", "This chat is archived: it can be read, and nothing is written to it.")


def silenced(until: datetime) -> Problem:
    return Problem(403, "member_is_silenced", f"You are silenced in this chat until {until.isoformat()}.")


def _needed(action: ChatAction, access: ChatAccess) -> Needed:
    """A private channel with a password is seen by those who could join it, as a public one is."""
    return CHAT_ACTIONS[action]["PublicChannel" if access.has_password and action == "see the chat" else access.type]


def _has(needed: Needed, role: Role | None, workspace_role: Role | None) -> bool:
    if needed == "nobody":
        return False
    if needed == "workspace member":
        return workspace_role is not None
    return _RANK[role] >= _RANK[needed]


def _an(needed: Needed | BoardNeeded) -> str:
    return f"{'an' if needed[0] in 'aeo' else 'a'} {needed}"

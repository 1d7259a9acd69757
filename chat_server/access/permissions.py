"""The only place that decides who may do what, by one table. docs/permissions.md shows the same table, and a test
compares the two.

A resource that the caller may not see answers 404, an action that they may not take 403. Actions that are not in the
table are refused. An action is a literal type, so mypy finds one that is missing from it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chat_core.problems import Problem, from_constraint, of_kind
from chat_server.http.fields import ChatType, DocumentKind, DocumentRole, PersonKind, Role
from chat_server.http.steps.acting_for import not_delegated

# The least role that is needed. "workspace member" means a member of the chat's workspace.
Needed = Literal["nobody", "workspace member", "member", "admin", "owner"]

DocumentNeeded = Literal["viewer", "editor", "owner"]

_RANK: dict[Role | DocumentRole | None, int] = {None: 0, "member": 1, "viewer": 1, "admin": 2, "editor": 2, "owner": 3}

WorkspaceAction = Literal[
    "see the workspace",
    "list its members and their profiles",
    "see its members' presence",
    "see how much is stored in it",
    "create a chat in it",
    "create a board in it",
    "add an emoji",
    "create a page in it",
    "create a bot in it",
    "manage others' bots",
    "register and manage apps in it",
    "leave the workspace",
    "change its name and description",
    "add a member",
    "change a member's role",
    "remove a member",
    "remove others' emoji",
    "set how long messages are kept",
    "choose whether members see addresses",
    "choose whether links are fetched",
    "choose whether pages may be public",
    "choose how its members sign in",
    "see and handle reports",
    "read its audit log",
    "place and release holds",
    "ask for and approve exports of cases",
    "set rules about what may be said",
    "review held messages",
    "delete the workspace",
]
WORKSPACE_ACTIONS: dict[WorkspaceAction, Needed] = {
    "see the workspace": "member",
    "list its members and their profiles": "member",
    "see its members' presence": "member",
    "see how much is stored in it": "member",
    "create a chat in it": "member",
    "create a board in it": "member",
    "add an emoji": "member",
    "create a page in it": "member",
    "create a bot in it": "admin",
    "manage others' bots": "admin",
    "register and manage apps in it": "admin",
    "leave the workspace": "member",
    "change its name and description": "admin",
    "add a member": "admin",
    "change a member's role": "admin",
    "remove a member": "admin",
    "remove others' emoji": "admin",
    "set how long messages are kept": "owner",
    "choose whether members see addresses": "owner",
    "choose whether links are fetched": "admin",
    "choose whether pages may be public": "admin",
    "choose how its members sign in": "owner",
    "see and handle reports": "admin",
    "read its audit log": "owner",
    "place and release holds": "owner",
    "ask for and approve exports of cases": "owner",
    "set rules about what may be said": "owner",
    "review held messages": "owner",
    "delete the workspace": "owner",
}

# In an organisation, which is no place: nobody reads a workspace's messages by it.
OrganizationAction = Literal[
    "see the organisation",
    "leave the organisation",
    "read its directory",
    "list its people",
    "add a person",
    "change a person's role",
    "remove a person",
    "keep its directory",
    "publish announcements",
    "keep its roles",
    "change its name",
    "put a workspace into it, or take it out",
    "choose its features",
    "see its figures",
    "read its audit log",
    "see and end its people's sessions",
    "suspend a person, or take that back",
    "export or delete a person's data",
    "see its people's online time",
    "delete the organisation",
]
ORGANIZATION_ACTIONS: dict[OrganizationAction, Needed] = {
    "see the organisation": "member",
    "leave the organisation": "member",
    "read its directory": "member",
    "list its people": "admin",
    "add a person": "admin",
    "change a person's role": "admin",
    "remove a person": "admin",
    "keep its directory": "admin",
    "publish announcements": "admin",
    "keep its roles": "admin",
    "change its name": "admin",
    "put a workspace into it, or take it out": "owner",
    "choose its features": "owner",
    "see its figures": "admin",
    "read its audit log": "owner",
    "see and end its people's sessions": "admin",
    "suspend a person, or take that back": "admin",
    "export or delete a person's data": "owner",
    "see its people's online time": "admin",
    "delete the organisation": "owner",
}
# All that guests and bots may.
GUESTS_TOO: set[OrganizationAction] = {"see the organisation", "leave the organisation"}

_CHAT_TYPES: tuple[ChatType, ...] = ("Single", "Group", "PrivateChannel", "PublicChannel")
ChatAction = Literal[
    "see the chat",
    "list its members",
    "read its messages",
    "post a message",
    "edit or delete own messages",
    "delete others' messages",
    "react to a message",
    "pin a message",
    "follow a thread",
    "report typing",
    "report a message",
    "move the read marker",
    "see how far others have read",
    "choose notifications",
    "keep a draft",
    "join the chat",
    "leave the chat",
    "change its name and description",
    "add a member",
    "change a member's role",
    "remove a member",
    "silence a member",
    "ban a user, or lift a ban",
    "invite by link",
    "revoke others' invites",
    "set its password",
    "archive or unarchive it",
    "transfer its ownership",
    "set how long its messages are kept",
    "delete the chat",
]
_CHAT_ACTIONS: dict[ChatAction, tuple[Needed, Needed, Needed, Needed]] = {
    "see the chat": ("member", "member", "member", "workspace member"),
    "list its members": ("member", "member", "member", "member"),
    "read its messages": ("member", "member", "member", "member"),
    "post a message": ("member", "member", "member", "member"),
    "edit or delete own messages": ("member", "member", "member", "member"),
    "delete others' messages": ("nobody", "admin", "admin", "admin"),
    "react to a message": ("member", "member", "member", "member"),
    "pin a message": ("member", "member", "admin", "admin"),
    "follow a thread": ("member", "member", "member", "member"),
    "report typing": ("member", "member", "member", "member"),
    "report a message": ("member", "member", "member", "member"),
    "move the read marker": ("member", "member", "member", "member"),
    "see how far others have read": ("member", "member", "member", "member"),
    "choose notifications": ("member", "member", "member", "member"),
    "keep a draft": ("member", "member", "member", "member"),
    "join the chat": ("nobody", "nobody", "workspace member", "workspace member"),
    "leave the chat": ("nobody", "member", "member", "member"),
    "change its name and description": ("owner", "admin", "admin", "admin"),
    "add a member": ("nobody", "member", "admin", "admin"),
    "change a member's role": ("nobody", "admin", "admin", "admin"),
    "remove a member": ("nobody", "admin", "admin", "admin"),
    "silence a member": ("nobody", "admin", "admin", "admin"),
    "ban a user, or lift a ban": ("nobody", "admin", "admin", "admin"),
    "invite by link": ("nobody", "member", "admin", "admin"),
    "revoke others' invites": ("nobody", "admin", "admin", "admin"),
    "set its password": ("nobody", "nobody", "admin", "nobody"),
    "archive or unarchive it": ("nobody", "admin", "admin", "admin"),
    "transfer its ownership": ("nobody", "owner", "owner", "owner"),
    "set how long its messages are kept": ("owner", "owner", "owner", "owner"),
    "delete the chat": ("owner", "owner", "owner", "owner"),
}
CHAT_ACTIONS: dict[ChatAction, dict[ChatType, Needed]] = {
    action: dict(zip(_CHAT_TYPES, needed, strict=True)) for action, needed in _CHAT_ACTIONS.items()
}

# Still allowed in an archived chat: reading and leaving.
ARCHIVED_TOO: set[ChatAction] = {
    "see the chat",
    "list its members",
    "read its messages",
    "delete others' messages",
    "move the read marker",
    "see how far others have read",
    "follow a thread",
    "report a message",
    "choose notifications",
    "keep a draft",
    "leave the chat",
    "change a member's role",
    "remove a member",
    "ban a user, or lift a ban",
    "revoke others' invites",
    "archive or unarchive it",
    "transfer its ownership",
    "delete the chat",
}
# Denied to a silenced member.
SPEAKING: set[ChatAction] = {
    "post a message",
    "edit or delete own messages",
    "react to a message",
    "pin a message",
    "report typing",
}

# All that a guest may, of what the table gives a member: somebody who is in the chat, and not in its workspace.
GUESTS_IN_CHATS: set[ChatAction] = {
    "see the chat",
    "list its members",
    "read its messages",
    "post a message",
    "edit or delete own messages",
    "react to a message",
    "follow a thread",
    "report typing",
    "report a message",
    "move the read marker",
    "see how far others have read",
    "choose notifications",
    "keep a draft",
    "leave the chat",
}

# For a board, of_kind() makes "see the board" of it.
DocumentAction = Literal[
    "see the document",
    "list its members",
    "leave the document",
    "change its name and thumbnail",
    "attach or detach a file",
    "edit its content",
    "make, rename or restore a version",
    "delete others' versions",
    "comment on it",
    "resolve others' comments",
    "delete others' comments",
    "publish it, or take that back",
    "add a member",
    "invite by link",
    "revoke others' invites",
    "change a member's role",
    "remove a member",
    "transfer its ownership",
    "see what is in quarantine",
    "delete the document, or restore it",
]
DOCUMENT_ACTIONS: dict[DocumentAction, DocumentNeeded] = {
    "see the document": "viewer",
    "list its members": "viewer",
    "leave the document": "viewer",
    "change its name and thumbnail": "editor",
    "attach or detach a file": "editor",
    "edit its content": "editor",
    "make, rename or restore a version": "editor",
    "delete others' versions": "owner",
    "comment on it": "viewer",
    "resolve others' comments": "editor",
    "delete others' comments": "owner",
    "publish it, or take that back": "editor",
    "add a member": "editor",
    "invite by link": "editor",
    "revoke others' invites": "owner",
    "change a member's role": "owner",
    "remove a member": "owner",
    "transfer its ownership": "owner",
    "see what is in quarantine": "owner",
    "delete the document, or restore it": "owner",
}
# Still allowed to an owner of a deleted document. Nobody else sees it.
DELETED_TOO: set[DocumentAction] = {"see the document", "list its members", "delete the document, or restore it"}


@dataclass(frozen=True, slots=True)
class WorkspaceAccess:
    """The caller's role in a workspace, and the role of the member whom the call concerns. None: no member.

    `granted`, in every kind of place: the actions that roles bound to the caller let them do as a member, too.
    `delegated` likewise: the caller acts for somebody else, whose role it is, and may do no more than these actions.
    None: nobody acts for anybody."""

    role: Role | None
    target_role: Role | None
    granted: frozenset[str] = frozenset()
    delegated: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class OrganizationAccess:
    """The caller's role and kind in an organisation, and the role of the person whom the call concerns."""

    role: Role | None
    kind: PersonKind | None
    target_role: Role | None
    granted: frozenset[str] = frozenset()
    delegated: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class ChatAccess:
    """The caller's roles in a chat and in its workspace, and the role of the member whom the call concerns.
    `silenced_until` is None unless it is in the future."""

    type: ChatType
    member_count: int
    has_password: bool
    archived: bool
    role: Role | None
    silenced_until: datetime | None
    workspace_role: Role | None
    target_role: Role | None
    granted: frozenset[str] = frozenset()
    delegated: frozenset[str] | None = None

    @property
    def is_guest(self) -> bool:
        """In the chat, and not in its workspace (ADR 78)."""
        return self.role is not None and self.workspace_role is None


@dataclass(frozen=True, slots=True)
class DocumentAccess:
    """The caller's role in a document, and the role of the member whom the call concerns."""

    kind: DocumentKind
    member_count: int
    deleted: bool
    role: DocumentRole | None
    target_role: DocumentRole | None
    granted: frozenset[str] = frozenset()
    delegated: frozenset[str] | None = None


def require_in_workspace(action: WorkspaceAction, access: WorkspaceAccess | None) -> WorkspaceAccess:
    """Raises Problem unless the caller may do this. `access` is None if there is no such workspace."""
    if access is None or access.role is None:
        raise Problem(404, "not_found", "There is no such workspace, or you are not in it.")
    needed = WORKSPACE_ACTIONS[action]
    if not _has(needed, access.role, access.role) and action not in access.granted:
        raise lacking(f"You must be {_an(needed)} of the workspace to {action}.")
    _require_delegated(action, access)
    return access


def require_in_organization(action: OrganizationAction, access: OrganizationAccess | None) -> OrganizationAccess:
    """Raises Problem unless the caller may do this. `access` is None if there is no such organisation."""
    if access is None or access.role is None:
        raise Problem(404, "not_found", "There is no such organisation, or you are not in it.")
    if access.kind != "member" and action not in GUESTS_TOO:
        raise forbidden(f"A guest or a bot of the organisation cannot {action}.")
    needed = ORGANIZATION_ACTIONS[action]
    if not _has(needed, access.role, None) and action not in access.granted:
        raise lacking(f"You must be {_an(needed)} of the organisation to {action}.")
    _require_delegated(action, access)
    return access


def require_in_chat(action: ChatAction, access: ChatAccess | None) -> ChatAccess:
    """Raises Problem unless the caller may do this. `access` is None if there is no such chat."""
    if access is None or not (
        access.is_guest or _has(_needed("see the chat", access), access.role, access.workspace_role)
    ):
        raise Problem(404, "not_found", "There is no such chat, or you may not see it.")
    needed = _needed(action, access)
    if access.is_guest and action not in GUESTS_IN_CHATS:
        raise forbidden(f"A guest cannot {action}.")
    if needed == "nobody":
        raise forbidden(f"In a chat of type {access.type} nobody can {action}.")
    if not _has(needed, access.role, access.workspace_role) and not (access.role and action in access.granted):
        raise lacking(f"You must be {_an(needed)} of the chat to {action}.")
    if access.archived and action not in ARCHIVED_TOO:
        raise archived()
    if access.silenced_until and action in SPEAKING:
        raise silenced(access.silenced_until)
    _require_delegated(action, access)
    return access


def require_in_document(kind: DocumentKind, action: DocumentAction, access: DocumentAccess | None) -> DocumentAccess:
    """Raises Problem unless the caller may do this. `access` is None if there is no such document of this kind."""
    if access is None or access.role is None or (access.deleted and access.role != "owner"):
        raise Problem(404, "not_found", f"There is no such {kind}, or you may not see it.")
    needed = DOCUMENT_ACTIONS[action]
    if _RANK[access.role] < _RANK[needed] and action not in access.granted:
        raise lacking(f"You must be {_an(needed)} of the {kind} to {of_kind(action, kind)}.")
    if access.deleted and action not in DELETED_TOO:
        raise from_constraint(of_kind("document_is_deleted", kind))
    _require_delegated(action, access)
    return access


def still_invites(inviter: ChatAccess | DocumentAccess, granted: Role | DocumentRole) -> bool:
    """Whether the maker of an invite still has the right to invite with this role."""
    if isinstance(inviter, DocumentAccess):
        able = not inviter.deleted and _RANK[inviter.role] >= _RANK[DOCUMENT_ACTIONS["invite by link"]]
    else:
        able = _has(CHAT_ACTIONS["invite by link"][inviter.type], inviter.role, inviter.workspace_role)
    return (able or "invite by link" in inviter.granted) and _RANK[granted] <= _RANK[inviter.role]


def adds_to_workspace(inviter: WorkspaceAccess) -> bool:
    """Whether the maker of an invite may also add the guest to the workspace."""
    return _has(WORKSPACE_ACTIONS["add a member"], inviter.role, inviter.role) or "add a member" in inviter.granted


def require_rank(
    access: WorkspaceAccess | OrganizationAccess | ChatAccess | DocumentAccess,
    granted: Role | DocumentRole | None = None,
) -> None:
    """Refuses to change or remove a member above the caller's role, and to grant a role above it."""
    if _RANK[access.target_role] > _RANK[access.role]:
        raise forbidden(f"This member's role, {access.target_role}, is above yours, {access.role}.")
    if _RANK[granted] > _RANK[access.role]:
        raise forbidden(f"The role {granted} is above your own, {access.role}.")


def forbidden(detail: str) -> Problem:
    return Problem(403, "forbidden", detail)


class Lacking(Problem):
    """The caller's membership does not suffice. A role that is bound to them may (`places.py`)."""


def lacking(detail: str) -> Lacking:
    return Lacking(403, "forbidden", detail)


def _require_delegated(action: str, access: WorkspaceAccess | OrganizationAccess | ChatAccess | DocumentAccess) -> None:
    """Whoever acts for somebody else may do only what is delegated, of all that the other one may."""
    if access.delegated is not None and action not in access.delegated:
        raise not_delegated(action)


def archived() -> Problem:
    return Problem(409, "chat_is_archived", "This chat is archived: it can be read but not changed.")


def silenced(until: datetime) -> Problem:
    return Problem(403, "member_is_silenced", f"You are silenced in this chat until {until.isoformat()}.")


def _needed(action: ChatAction, access: ChatAccess) -> Needed:
    """A private channel with a password is visible to those who could join it, as a public one is."""
    return CHAT_ACTIONS[action]["PublicChannel" if access.has_password and action == "see the chat" else access.type]


def _has(needed: Needed, role: Role | None, workspace_role: Role | None) -> bool:
    if needed == "nobody":
        return False
    if needed == "workspace member":
        return workspace_role is not None
    return _RANK[role] >= _RANK[needed]


def _an(needed: Needed | DocumentNeeded) -> str:
    return f"{'an' if needed[0] in 'aeo' else 'a'} {needed}"

"""The only place that decides who may do what, by the tables of actions.py.

A resource that the caller may not see answers 404, an action that they may not take 403. Actions that are in no table
are refused.
"""

from dataclasses import dataclass
from datetime import datetime

from chat_core.constraints import of_kind
from chat_core.problems import Problem, from_constraint
from chat_server.access.actions import (
    ARCHIVED_TOO,
    CHAT_ACTIONS,
    DELETED_TOO,
    DOCUMENT_ACTIONS,
    GUESTS_IN_CHATS,
    GUESTS_TOO,
    ORGANIZATION_ACTIONS,
    SPEAKING,
    WORKSPACE_ACTIONS,
    ChatAction,
    DocumentAction,
    DocumentNeeded,
    Needed,
    OrganizationAction,
    WorkspaceAction,
)
from chat_server.http.fields import ChatType, DocumentKind, DocumentRole, PersonKind, Role
from chat_server.http.steps.acting_for import not_delegated

_RANK: dict[Role | DocumentRole | None, int] = {None: 0, "member": 1, "viewer": 1, "admin": 2, "editor": 2, "owner": 3}


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

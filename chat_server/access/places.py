"""Looks up the caller's role in a workspace, chat or document, and asks `permissions` whether that is enough.

The `locked` variants are for changes: for the rest of their transaction no role can change. They lock the row of the
chat, document or workspace before those of its members, as the triggers of a message do.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

from chat_core.database.pool import Connection, Pool, Source
from chat_core.database.queries import Query, query
from chat_core.problems import Problem
from chat_server.access.actions import ChatAction, DocumentAction, OrganizationAction, WorkspaceAction
from chat_server.access.names import actions_named
from chat_server.access.permissions import (
    ChatAccess,
    DocumentAccess,
    Lacking,
    OrganizationAccess,
    WorkspaceAccess,
    require_in_chat,
    require_in_document,
    require_in_organization,
    require_in_workspace,
)
from chat_server.http.api_request import Caller
from chat_server.http.fields import DocumentKind
from chat_server.http.steps import acting_for

GRANTED = query("granted", "user", "kind", "place")

Access = TypeVar("Access", WorkspaceAccess, OrganizationAccess, ChatAccess, DocumentAccess)
Action = TypeVar("Action", WorkspaceAction, OrganizationAction, ChatAction, DocumentAction)


@dataclass(frozen=True, slots=True)
class Kind(Generic[Access, Action]):
    """A kind of place that has members. `name` is what it is called, and the name of the queries' parameter for a
    place's id."""

    name: str
    see: Action
    change_role: Action
    leave: Action
    access: type[Access]
    require: Callable[[Action, Access | None], Access]
    read: Query
    lock: Query

    def at(self, place: int) -> dict[str, Any]:
        """The queries' parameters for a place."""
        return {self.name: place}

    async def __call__(
        self, connection: Source, caller: Caller, place: int, action: Action, target: int | None = None
    ) -> Access:
        """Raises Problem 404, 403 or, for a deleted document, 409 unless the caller may. `target` is the member whom
        the action concerns."""
        access = await self.of(connection, caller.user_id, place, target)
        if caller.delegate_id is not None and access is not None:
            delegated = await acting_for.at(connection, caller.delegate_id, caller.user_id, self.name, place)
            access = replace(access, delegated=actions_named(self.name, delegated))
        return await self.permit(connection, caller, place, action, access)

    async def permit(
        self, connection: Source, caller: Caller, place: int, action: Action, access: Access | None
    ) -> Access:
        """The same for a role that has been looked up, such as for another action before. Raises Problem."""
        try:
            return self.require(action, access)
        except Lacking:
            if access is None:
                raise
        return self.require(action, await self._widened(connection, caller.user_id, place, access))

    async def locked(
        self, connection: Connection, caller: Caller, place: int, action: Action, target: int | None = None
    ) -> Access:
        await self.lock.value(connection, user=caller.user_id, **self.at(place))
        return await self(connection, caller, place, action, target)

    def still(
        self, caller: Caller, place: int, action: Action
    ) -> Callable[[Connection, object], Coroutine[Any, Any, None]]:
        """For `once`: whoever repeats a call still may do this."""

        async def check(connection: Connection, _: object) -> None:
            await self(connection, caller, place, action)

        return check

    async def inviter(self, connection: Connection, inviter: int, place: int, guest: int) -> Access | None:
        """The role there of a user who has invited a guest. It is locked from here on: ask for a workspace before
        what is in it."""
        await self.lock.value(connection, user=inviter, **self.at(place))
        return await self.whole(connection, inviter, place, guest)

    async def whole(self, connection: Source, user: int, place: int, target: int | None = None) -> Access | None:
        """The user's current role there, with all that roles bound to them grant; None if they have none."""
        access = await self.of(connection, user, place, target)
        return access and await self._widened(connection, user, place, access)

    async def of(self, connection: Source, user: int, place: int, target: int | None = None) -> Access | None:
        """The user's current role there; None if they have none."""
        row = await self.read.row(connection, user=user, target=target, **self.at(place))
        return self.access(**row) if row else None

    async def _widened(self, connection: Source, user: int, place: int, access: Access) -> Access:
        """With what bound roles grant. They only ever add to a membership, so they are asked for only where it does
        not suffice: what a membership permits costs nothing more."""
        granted = await GRANTED.value(connection, user=user, kind=self.name, place=place)
        return replace(access, granted=actions_named(self.name, granted))


@dataclass(frozen=True, slots=True)
class DocumentPlace(Kind[DocumentAccess, DocumentAction]):
    """Documents of one kind. The id of a document of another kind finds nothing. `create` is the action in a workspace
    that creates one."""

    create: WorkspaceAction

    def at(self, place: int) -> dict[str, Any]:
        return {"kind": self.name, "document": place}

    @property
    def path(self) -> str:
        """The path of the collection."""
        return f"/api/{self.name}s"


def _documents(kind: DocumentKind, create: WorkspaceAction) -> DocumentPlace:
    return DocumentPlace(
        kind,
        "see the document",
        "change a member's role",
        "leave the document",
        DocumentAccess,
        partial(require_in_document, kind),
        query("document_access", "kind", "document", "user", "target"),
        query("document_lock", "kind", "document", "user"),
        create,
    )


workspace: Kind[WorkspaceAccess, WorkspaceAction] = Kind(
    "workspace",
    "see the workspace",
    "change a member's role",
    "leave the workspace",
    WorkspaceAccess,
    require_in_workspace,
    query("workspace_access", "workspace", "user", "target"),
    query("workspace_lock", "workspace", "user"),
)
organization: Kind[OrganizationAccess, OrganizationAction] = Kind(
    "organization",
    "see the organisation",
    "change a person's role",
    "leave the organisation",
    OrganizationAccess,
    require_in_organization,
    query("organization_access", "organization", "user", "target"),
    query("organization_lock", "organization", "user"),
)
chat: Kind[ChatAccess, ChatAction] = Kind(
    "chat",
    "see the chat",
    "change a member's role",
    "leave the chat",
    ChatAccess,
    require_in_chat,
    query("chat_access", "chat", "user", "target"),
    query("chat_lock", "chat", "user"),
)
board = _documents("board", "create a board in it")
page = _documents("page", "create a page in it")
# The targets of invites to documents, by kind.
DOCUMENTS: dict[DocumentKind, DocumentPlace] = {"board": board, "page": page}


async def silenced(pool: Pool, caller: Caller, chat_id: int) -> Problem:
    """The problem for a user whom the database has found silenced, or who cannot post for another reason by now."""
    try:
        await chat(pool, caller, chat_id, "post a message")
    except Problem as problem:
        return problem
    return Problem(503, "try_again", "You may post again.", headers={"Retry-After": "1"})


def found(json: str | None) -> str:
    """Raises Problem 404 if something was deleted between its check and its use."""
    if json is None:
        raise Problem(404, "not_found", "It has just been deleted.")
    return json


def require_member(role: object, of: str) -> None:
    """Raises Problem 404 if the named user is not a member. `of` is such as "chat"."""
    if role is None:
        raise Problem(404, "not_found", f"This user is not a member of the {of}.")

"""A request as the handlers see it: the caller, the server's parts, and the validated body."""

from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler

from chat_core.database.pool import Connection, Pool, Source
from chat_core.database.queries import query
from chat_core.database.readiness import Readiness
from chat_core.http.addresses import client_address, share_of
from chat_core.load.boots import Boots
from chat_core.load.leases import Leases
from chat_core.outgoing.guarded import Guarded
from chat_core.problems import Problem
from chat_core.settings import Settings
from chat_core.tokens import Signer, Verifier
from chat_server.files.looking import Looks
from chat_server.files.uploads import Uploads
from chat_server.http import bodies
from chat_server.identity.ldap.directories import Directories
from chat_server.identity.passwords import Asker, Passwords
from chat_server.identity.personal_tokens import PersonalTokens
from chat_server.identity.providers import Providers
from chat_server.identity.scim.directories import ScimDirectories
from chat_server.identity.sessions import Sessions
from chat_server.links.lookups import Lookups
from chat_server.mail.outbox import Outbox
from chat_server.parts.act import Act, Kind
from chat_server.parts.activity import Activity
from chat_server.parts.board_documents import BoardDocuments
from chat_server.parts.changes import Changes
from chat_server.parts.exports import Exports
from chat_server.parts.features import Features
from chat_server.parts.metrics import Metrics
from chat_server.parts.reads import Reads
from chat_server.parts.typing_notices import TypingNotices
from chat_server.parts.writer import Writer

if TYPE_CHECKING:
    from chat_server.parts.message_traces import MessageTraces

JSON_MEDIA_TYPE = "application/json"

ACT_AS = query("act_as", "actor", "address")
ACT_FOR = query("act_for", "delegate")


def body_type(handler: HTTPRouteHandler) -> type[msgspec.Struct]:
    """The type of a handler's body. An optional body is `X | None`."""
    field = handler.parsed_data_field
    types = [kind for kind in get_args(field.annotation) or [field.annotation] if kind is not NoneType] if field else []
    return types[0] if types else msgspec.Struct


# The id of no workspace.
NOWHERE = 0
# In a request's scope: what its handler reads from, if that is not the pool.
SOURCE = "fechatter.source"


class Caller(msgspec.Struct, frozen=True):
    """The user and session of the request's access token. `token_expires_at` is in seconds since 1970. `scopes` are
    those of a personal access token; None: the caller is signed in and may do all that their user may. `workspace_id`
    is the one to which such a token is bound (steps/binding.py).

    If a delegate acts for somebody else (`access/delegations.py`), `user_id` is the principal and `delegate_id` who has
    signed in."""

    user_id: int
    session_id: int
    token_expires_at: int
    scopes: frozenset[str] | None = None
    workspace_id: int | None = None
    delegate_id: int | None = None

    @property
    def person_id(self) -> int:
        """Who has signed in: limits count their requests, whomever they act for."""
        return self.user_id if self.delegate_id is None else self.delegate_id

    def within(self, asked: int | None = None) -> int | None:
        """The workspace to which a list is limited: the one that was asked for, or else the token's. A token of another
        one asks for one that does not exist."""
        if self.workspace_id is None or asked == self.workspace_id:
            return asked
        return self.workspace_id if asked is None else NOWHERE


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one server, from its start to its stop."""

    settings: Settings
    pool: Pool
    reads: Reads
    changes: Changes
    signer: Signer
    verifier: Verifier
    passwords: Passwords
    metrics: Metrics
    writer: Writer
    sessions: Sessions
    features: Features
    personal_tokens: PersonalTokens
    typing: TypingNotices
    activity: Activity
    leases: Leases
    boots: Boots
    board_documents: BoardDocuments
    readiness: Readiness
    uploads: Uploads
    looks: Looks
    lookups: Lookups | None
    providers: Providers
    directories: Directories
    scim: ScimDirectories
    outbox: Outbox
    outgoing: Guarded
    exports: Exports
    traces: "MessageTraces | None" = None


class ApiRequest(Request[Caller, Any, State]):
    """`caller` is set on every route that is not public."""

    @property
    def parts(self) -> Parts:
        parts: Parts = self.app.state.parts
        return parts

    @property
    def pool(self) -> Pool:
        """For reading only; `change` and `transaction` are for everything else."""
        return self.parts.pool

    @property
    def source(self) -> Source:
        """For handlers that may read from a standby (steps/from_standby.py)."""
        source: Source = self.scope.get(SOURCE, self.parts.pool)  # type: ignore[assignment]
        return source

    @property
    def caller(self) -> Caller:
        return self.user

    @property
    def address(self) -> str:
        """The client's address, behind trusted proxies; an IPv6 client is its /64."""
        client, headers = self.scope["client"], self.scope["headers"]
        forwarded_for = [value.decode("latin-1") for name, value in headers if name == b"x-forwarded-for"]
        trusted = self.parts.settings.server.trusted_proxies
        return share_of(client_address(client[0] if client else "", forwarded_for, trusted))

    @property
    def origin(self) -> str:
        """Where this server is reached: as the settings say, or else as this request has reached it."""
        return (self.parts.settings.server.public_url or str(self.base_url)).rstrip("/")

    @property
    def asker(self) -> Asker:
        """The name under which slow work takes turns: the caller or, on a public route, the address."""
        caller: Caller | None = self.scope.get("user")
        return caller.person_id if caller else self.address

    @asynccontextmanager
    async def change(self, place: Hashable = None) -> AsyncIterator[Connection]:
        """A connection for statements that may wait for a row, from the share of its place: the first one in the
        path, or else the caller."""
        named = next(iter(self.path_params.items()), ("asker", self.asker))
        async with self.parts.changes.connection(place or named) as connection:
            yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction for everything that is audited: the audit log learns who acts, and from which address."""
        caller: Caller | None = self.scope.get("user")  # nobody on a public route
        async with self.change() as connection, connection.transaction():
            await ACT_AS.row(connection, actor=str(caller.user_id) if caller else "", address=self.address)
            if caller is not None and caller.delegate_id is not None:
                await ACT_FOR.row(connection, delegate=str(caller.delegate_id))
            yield connection

    async def act(self, kind: Kind, chat_id: int, message_id: int | None = None, **arguments: object) -> str | None:
        """Does an act of the caller, together with what others write at the same time. Its result, None if there was
        nothing to change; raises Problem if the caller may not do it."""
        told = msgspec.json.encode(arguments).decode()
        caller = self.caller
        return await self.parts.writer.act(
            Act(kind, chat_id, message_id, caller.user_id, caller.delegate_id, self.address, told)
        )

    async def json(self) -> Any:
        """The body as the handler's `data` type. Litestar would convert it leniently, "5" to 5; this does not."""
        media_type = self.content_type[0]
        if media_type != JSON_MEDIA_TYPE:
            raise Problem(415, "unsupported_media_type", "The body must be sent with Content-Type: application/json.")
        return bodies.decode(await self.body(), body_type(self.route_handler))

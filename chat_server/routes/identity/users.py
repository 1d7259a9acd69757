"""Users' profiles."""

import msgspec
from litestar import Response, get, patch, post
from litestar.params import JSONBody

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import FieldError, Problem
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import NOWHERE, ApiRequest
from chat_server.http.bodies import invalid
from chat_server.http.fields import (
    Avatar,
    Email,
    FullName,
    GivenPassword,
    Id,
    OptionalQueryId,
    Password,
    UserIds,
    Username,
)
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit, page
from chat_server.http.steps import limits
from chat_server.http.steps.binding import BOUND
from chat_server.http.verbatim import verbatim
from chat_server.identity.names import canonical_address
from chat_server.responses.users import Profile, User
from chat_server.sign_in import addresses
from chat_server.sign_in.new_passwords import hash_new
from chat_server.sign_in.verification import verified, wrong_password

ADDRESS_ASK = query("address_ask", "user", "verified_hash", "email", "language", "per_recipient")
ACCOUNT_NAMES = query("account_names", "user")
ACCOUNT_DEACTIVATE = query("account_deactivate", "user", "password_hash")
PASSWORD_CHANGE = query("password_change", "user", "old_hash", "new_hash", "session")
USER_UPDATE = query(
    "user_update", "user", "username", "fullname", "email", "set_avatar", "avatar", "avatar_file", "verified_hash"
)
USERS_BY_ID = query("users_by_id", "user", "ids", "workspace")
USERS_OF_WORKSPACE = query("users_of_workspace", "workspace", "after", "limit", "viewer", "shows_emails")


class ProfileChange(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are. The avatar is the URL `avatar`, or the picture `avatar_file_id`, which the
    caller sees; null for either removes it. A new `email` requires the `current_password`."""

    username: Username | None = None
    fullname: FullName | None = None
    email: Email | None = None
    avatar: Avatar | msgspec.UnsetType | None = msgspec.UNSET
    avatar_file_id: Id | msgspec.UnsetType | None = msgspec.UNSET
    current_password: GivenPassword | None = None

    def __post_init__(self) -> None:
        if self.email is not None:
            self.email = canonical_address(self.email)


class Deactivation(msgspec.Struct, forbid_unknown_fields=True):
    current_password: GivenPassword


class NewPassword(msgspec.Struct, forbid_unknown_fields=True):
    current_password: GivenPassword
    new_password: Password


@get("/users", opt={"scopes": scopes.WORKSPACES, "problems": [422], **BOUND})
async def list_users(
    request: ApiRequest,
    workspace_id: OptionalQueryId = None,
    ids: UserIds = None,
    limit: Limit = DEFAULT_LIMIT,
    after_id: AfterId = 0,
) -> Response[list[Profile]]:
    """The members of a workspace, by id. `email` is null if the workspace hides members' addresses, except for its
    admins and owners. With `ids`: those of these people who share a workspace with the caller, without addresses."""
    if (workspace_id is None) == (ids is None):
        invalid(FieldError("workspace_id", "either workspace_id or ids"))
    if ids is not None:
        return await _by_ids(request, ids)
    workspace_id = request.caller.within(workspace_id) or NOWHERE
    caller = await places.workspace(request.pool, request.caller, workspace_id, "list its members and their profiles")
    row = await USERS_OF_WORKSPACE.one(
        request.pool,
        workspace=workspace_id,
        after=after_id,
        limit=limit,
        viewer=request.caller.user_id,
        shows_emails=caller.role in ("owner", "admin"),
    )
    return page(request, row)


async def _by_ids(request: ApiRequest, ids: str) -> Response[list[Profile]]:
    caller, named = request.caller, [int(one) for one in ids.split(",")]
    return verbatim(await USERS_BY_ID.value(request.pool, user=caller.user_id, ids=named, workspace=caller.within()))


@patch("/users/me", opt={"problems": [422]})
async def update_profile(request: ApiRequest, data: JSONBody[ProfileChange]) -> Response[User]:
    """Change the caller's profile. A new e-mail address requires the password, since it is
    used to sign in. Where the server sends mail, it takes effect when both addresses have confirmed it by a link."""
    if msgspec.UNSET not in (data.avatar, data.avatar_file_id):
        invalid(FieldError("avatar_file_id", "either avatar or avatar_file_id"))
    verified_hash = None
    if data.email is not None:
        if data.current_password is None:
            invalid(FieldError("current_password", "the password, which is required to change the e-mail address"))
        verified_hash = await verified(request, data.current_password)
    email = data.email
    async with request.transaction() as connection:
        if email is not None and request.parts.outbox.sends and await _asks(request, connection, email, verified_hash):
            email = None
        changed = await USER_UPDATE.value(
            connection,
            user=request.caller.user_id,
            username=data.username,
            fullname=data.fullname,
            email=email,
            set_avatar=(data.avatar, data.avatar_file_id) != (msgspec.UNSET, msgspec.UNSET),
            avatar=None if data.avatar is msgspec.UNSET else data.avatar,
            avatar_file=None if data.avatar_file_id is msgspec.UNSET else data.avatar_file_id,
            verified_hash=verified_hash,
        )
    request.parts.outbox.wake()
    if changed is None and verified_hash is not None:  # the password was changed meanwhile
        raise wrong_password()
    return verbatim(places.found(changed))


async def _asks(request: ApiRequest, connection: Connection, email: str, verified_hash: str | None) -> bool:
    """Writes to both addresses, unless only the case of letters differs. Raises Problem 403, 409 and 429."""
    outcome = await ADDRESS_ASK.value(
        connection,
        user=request.caller.user_id,
        verified_hash=verified_hash,
        email=email,
        language=addresses.language(request),
        per_recipient=request.parts.settings.mail.links_per_recipient,
    )
    match outcome:
        case "stale":
            raise wrong_password()
        case "taken":
            raise Problem(409, "users_email_key", "This e-mail address is already in use.")
        case "limited":
            limits.refuse_attempt(request, "verification", 3600)
    return bool(outcome == "asked")


@post("/users/me/password", status_code=204, opt={"scopes": scopes.SESSION_ONLY})
async def change_password(request: ApiRequest, data: JSONBody[NewPassword]) -> None:
    """Change the caller's password. This ends their other sessions."""
    user_id = request.caller.user_id
    old_hash = await verified(request, data.current_password)
    async with request.parts.passwords.turn(request.asker) as turn:
        account = await ACCOUNT_NAMES.one(request.pool, user=user_id)
        new_hash = await hash_new(turn, "new_password", data.new_password, *account)
    async with request.transaction() as connection:
        changed = await PASSWORD_CHANGE.value(
            connection, user=user_id, old_hash=old_hash, new_hash=new_hash, session=request.caller.session_id
        )
    if not changed:
        raise wrong_password()
    request.parts.sessions.forget(user_id)


@post("/users/me/deactivate", status_code=204, opt={"scopes": scopes.SESSION_ONLY})
async def deactivate(request: ApiRequest, data: JSONBody[Deactivation]) -> None:
    """Deactivate the caller's account. Every session ends, and nobody can sign in until an operator reactivates it.
    Others see it as inactive."""
    password_hash = await verified(request, data.current_password)
    async with request.transaction() as connection:
        if not await ACCOUNT_DEACTIVATE.value(connection, user=request.caller.user_id, password_hash=password_hash):
            raise wrong_password()
    request.parts.sessions.forget(request.caller.user_id)


SCOPES = scopes.PROFILE
HANDLERS = [list_users, update_profile, change_password, deactivate]

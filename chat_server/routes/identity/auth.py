"""Signing up, in and out; refresh tokens; tickets for streams."""

from datetime import UTC, datetime

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody

from chat_core.database.queries import query
from chat_core.problems import FieldError, Problem
from chat_core.tokens import hash_secret, new_secret
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.bodies import invalid
from chat_server.http.fields import Email, FullName, GivenPassword, Password, Secret, Username, WorkspaceName
from chat_server.http.steps import limits
from chat_server.http.steps.authentication import PUBLIC, unauthorized
from chat_server.http.steps.binding import BOUND
from chat_server.http.verbatim import verbatim
from chat_server.identity.names import canonical_address
from chat_server.identity.passwords import Match
from chat_server.responses.auth import SignedIn, Ticket
from chat_server.responses.factors import PasskeyOptions
from chat_server.responses.users import User
from chat_server.sign_in import addresses, cookies, passkeys, people, second_factor
from chat_server.sign_in.beginning import (
    Beginning,
    Device,
    begin_session,
    device_name,
    refusals_counted,
    require_active,
    signed_in,
)
from chat_server.sign_in.freshness import authenticated_again, require_session
from chat_server.sign_in.new_passwords import hash_new
from chat_server.sign_in.second_factor import Proof
from chat_server.sign_in.verification import verified

ACCOUNT_ADD = query("account_add", "fullname", "email", "username", "password_hash", "workspace")
ACCOUNT_BY_EMAIL = query("account_by_email", "email")
PASSWORD_REHASH = query("password_rehash", "user", "old_hash", "new_hash")
REFRESH_TOKEN_ROTATE = query("refresh_token_rotate", "old_hash", "successors", "lifetime_days")
SESSION_DEVICE = query("session_device", "session")
SESSION_REVOKE = query("session_revoke", "session")
SESSIONS_REVOKE = query("sessions_revoke", "user")
SIGN_UP = query(
    "sign_up",
    "fullname",
    "email",
    "username",
    "password_hash",
    "workspace",
    "refresh_hash",
    "lifetime_days",
    "presented_device",
    "fresh_device",
    "device_name",
)
TICKET_ADD = query("ticket_add", "hash", "session", "seconds", "token_expires_at")
USER_BY_ID = query("user_by_id", "user")


class SignUp(msgspec.Struct, forbid_unknown_fields=True):
    """`workspace` is the name of the personal workspace, by default "Ada's workspace". Without `username`, one is
    derived from the address; it can be changed later. `device_token` is from an earlier sign-in on this device, to
    any account. `invite` is the token of an invite: required if `auth.signup` is `invited`, and not used up."""

    fullname: FullName
    email: Email
    password: Password
    username: Username | None = None
    workspace: WorkspaceName | None = None
    device_token: Secret | None = None
    invite: Secret | None = None

    def __post_init__(self) -> None:
        self.email = canonical_address(self.email)


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """`device_token` is from an earlier sign-in on this device, to any account. A device that has signed in to this
    account before is not locked out by other people's wrong passwords."""

    email: Email
    password: GivenPassword
    device_token: Secret | None = None

    def __post_init__(self) -> None:
        self.email = canonical_address(self.email)


class Reauthentication(Proof, forbid_unknown_fields=True, kw_only=True):
    """The `password`, and one of `code`, `recovery_code` and `passkey` if the caller has enrolled a second factor; or
    a `passkey` alone."""

    password: GivenPassword | None = None


class Refresh(msgspec.Struct, forbid_unknown_fields=True):
    """Without `refresh_token` it is the one in the browser's cookie, which takes `Fechatter-Session: cookie`."""

    refresh_token: Secret | None = None


@post("/auth/signup", opt={**PUBLIC, "problems": [403, 409]})
async def sign_up(request: ApiRequest, data: JSONBody[SignUp]) -> Response[SignedIn]:
    """Create an account with a workspace of its own, and sign in. Passwords that are guessed first are refused. Where
    addresses have to be confirmed, there is no session before: 403 `address_unverified`, and a link by mail."""
    async with request.change() as connection:
        await limits.charge_sign_up(request, connection)
    async with request.parts.passwords.turn(request.asker) as turn:
        await _require_open(request, data.email, data.invite)
        password_hash = await hash_new(turn, "password", data.password, data.email, data.fullname, data.username)
    if addresses.is_required(request):
        await _add_account(request, data, password_hash)
        raise addresses.unverified()
    refresh_token, refresh_hash = new_secret()
    device = Device(data.device_token)
    async with request.transaction() as connection:
        made = await SIGN_UP.one(
            connection,
            fullname=data.fullname,
            email=data.email,
            username=data.username,
            password_hash=password_hash,
            workspace=data.workspace,
            refresh_hash=refresh_hash,
            lifetime_days=request.parts.settings.auth.refresh_token_days,
            presented_device=device.presented_hash,
            fresh_device=device.fresh_hash,
            device_name=device_name(request),
        )
        if request.parts.outbox.sends:
            await addresses.ask_for_verification(request, connection, made["user_id"])
    request.parts.outbox.wake()
    device_token = device.token_of(made["device_hash"])
    return signed_in(request, 201, made["user_id"], made["session_id"], refresh_token, made["user"], device_token)


async def _add_account(request: ApiRequest, data: SignUp, password_hash: str) -> None:
    """An account that has no session before its address is confirmed."""
    async with request.transaction() as connection:
        user_id = await ACCOUNT_ADD.value(
            connection,
            fullname=data.fullname,
            email=data.email,
            username=data.username,
            password_hash=password_hash,
            workspace=data.workspace,
        )
        await addresses.ask_for_verification(request, connection, user_id)
    request.parts.outbox.wake()


async def _require_open(request: ApiRequest, email: str, invite: str | None) -> None:
    """Raises Problem 403 if auth.signup or auth.allowed_domains does not allow this person an account."""
    allowed = request.parts.settings.auth.allowed_domains
    if allowed and email.rpartition("@")[2].lower() not in allowed:
        raise Problem(403, "address_not_allowed", f"Accounts here have an address of {', '.join(sorted(allowed))}.")
    match request.parts.settings.auth.signup:
        case "closed":
            raise Problem(
                403, "signup_closed", "You cannot create an account here yourself: ask the operator of this server."
            )
        case "invited":
            if invite is None or not await people.is_invited(request, hash_secret(invite)):
                raise Problem(403, "invite_needed", "To create an account here, open a valid invite.")


@post("/auth/signin", status_code=200, opt={**PUBLIC, "problems": [401, 403]})
async def sign_in(request: ApiRequest, data: JSONBody[SignIn]) -> Response[SignedIn]:
    """Sign in. Failed attempts are limited by account and address, by account, and by address. Those of a device
    that has signed in to the account before are counted separately."""
    with refusals_counted(request, "password"):
        return await _sign_in(request, data)


async def _sign_in(request: ApiRequest, data: SignIn) -> Response[SignedIn]:
    device = Device(data.device_token)
    charged = await limits.charge_sign_in(request, data.email, device.presented_hash)
    async with request.parts.passwords.turn(request.asker) as turn:
        account = await ACCOUNT_BY_EMAIL.row(request.pool, email=data.email)
        match = await turn.verify(data.password, account["password_hash"] if account else None)
    if not match or account is None:
        raise unauthorized("The e-mail address or the password is wrong.", "wrong_credentials")
    require_active(account["status"])
    user_id, password_hash = account["user_id"], account["password_hash"]
    if match is Match.STALE:
        async with request.parts.passwords.turn(request.asker) as turn:
            new_hash = await turn.hash(data.password)
        async with request.change(user_id) as connection:
            await PASSWORD_REHASH.value(connection, user=user_id, old_hash=password_hash, new_hash=new_hash)
        password_hash = new_hash
    await limits.refund(request, charged)
    return await begin_session(request, user_id, Beginning("password", ("pwd",), verified_hash=password_hash), device)


@post("/auth/refresh", status_code=200, opt={**PUBLIC, "problems": [401]})
async def refresh(request: ApiRequest, data: JSONBody[Refresh]) -> Response[SignedIn]:
    """Get a new access token and the next refresh token. Using a refresh token twice ends the session, except for a
    retry within ten seconds, which gets the same next token, or the one after it if the next one has been used
    meanwhile."""
    given = data.refresh_token or cookies.refresh_token_of(request)
    if not given:
        raise unauthorized("A refresh token is required: in the body, or in the page's cookie.", "no_refresh_token")
    hashed = hash_secret(given)
    successors = [request.parts.signer.secret_of(f"refresh {given}")]
    successors.append(request.parts.signer.secret_of(f"refresh {successors[0]}"))
    async with request.change(hashed) as connection:
        rotated = await REFRESH_TOKEN_ROTATE.one(
            connection,
            old_hash=hashed,
            successors=[hash_secret(successor) for successor in successors],
            lifetime_days=request.parts.settings.auth.refresh_token_days,
        )
    if rotated["outcome"] == "reused":
        request.parts.sessions.forget(rotated["user_id"])
        raise unauthorized(
            "This refresh token was used before, so its session has been ended; sign in again.", "token_reused"
        )
    if rotated["outcome"] != "rotated":
        raise unauthorized("This refresh token is not valid; sign in again.", "invalid_refresh_token")
    refresh_token = successors[rotated["generation"] - 1]
    return signed_in(request, 200, rotated["user_id"], rotated["session_id"], refresh_token, rotated["user"])


@get("/auth/me", opt={"scopes": scopes.PROFILE, **BOUND})
async def me(request: ApiRequest) -> Response[User]:
    """The user of the access token."""
    return verbatim(places.found(await USER_BY_ID.value(request.pool, user=request.caller.user_id)))


SIGNED_OUT = {204: ResponseSpec(None, description="The session has ended, and the page's cookie is gone.")}


@post("/auth/logout", status_code=204, responses=SIGNED_OUT)
async def log_out(request: ApiRequest) -> Response[None]:
    """End this session. Its tokens stop working immediately."""
    async with request.transaction() as connection:
        await SESSION_REVOKE.row(connection, session=request.caller.session_id)
    request.parts.sessions.forget(request.caller.user_id)
    return Response(None, status_code=204, cookies=cookies.without_session(request))


@post("/auth/logout-all", status_code=204, responses=SIGNED_OUT)
async def log_out_everywhere(request: ApiRequest) -> Response[None]:
    """End all sessions of the caller."""
    async with request.transaction() as connection:
        await SESSIONS_REVOKE.row(connection, user=request.caller.user_id)
    request.parts.sessions.forget(request.caller.user_id)
    return Response(None, status_code=204, cookies=cookies.without_session(request))


@post("/auth/reauthenticate", status_code=204, opt={"problems": [403]})
async def reauthenticate(request: ApiRequest, data: JSONBody[Reauthentication]) -> None:
    """Enter the password again, and show a second factor if one is enrolled (403 `second_factor_required`), for acts
    that ask for a fresh sign-in (403 `reauthentication_required`). A passkey is enough by itself. Wrong passwords are
    limited by session, wrong factors by user."""
    require_session(request)
    if data.password is None:
        if data.passkey is None:
            invalid(FieldError("password", "the password, or a passkey"))
        await authenticated_again(request, *(await _verified_factor(request, data)).amr)
        return
    await verified(request, data.password, again=True)
    factors = await second_factor.enrolled(request, request.caller.user_id)
    if factors is None:
        await authenticated_again(request, "pwd")
        return
    if not data.is_given:
        raise second_factor.required(factors)
    factor = await _verified_factor(request, data)
    await authenticated_again(request, "pwd", *factor.amr)


@post("/auth/reauthenticate/passkey", status_code=200, opt={"problems": [403, 409]})
async def ask_for_passkey(request: ApiRequest) -> PasskeyOptions:
    """What to ask the browser, so that a passkey shows again who the caller is."""
    require_session(request)
    asked = _asked(request)
    return await passkeys.to_show(request, asked.purpose, asked.bound_to, request.caller.user_id)


async def _verified_factor(request: ApiRequest, proof: Proof) -> second_factor.Factor:
    device = await SESSION_DEVICE.value(request.pool, session=request.caller.session_id)
    charged = await limits.charge_factor(request, request.caller.user_id, device)
    async with request.transaction() as connection:
        factor = await second_factor.verify(request, connection, request.caller.user_id, proof, _asked(request))
    await limits.refund(request, charged)
    return factor


def _asked(request: ApiRequest) -> second_factor.Asked:
    return second_factor.Asked("again", str(request.caller.session_id))


@post("/auth/tickets")
async def add_ticket(request: ApiRequest) -> Response[Ticket]:
    """Get a ticket that opens one stream once: for clients that cannot send headers, such as EventSource."""
    ticket, hashed = new_secret()
    async with request.change() as connection:
        expires_at = await TICKET_ADD.value(
            connection,
            hash=hashed,
            session=request.caller.session_id,
            seconds=request.parts.settings.auth.ticket_seconds,
            token_expires_at=datetime.fromtimestamp(request.caller.token_expires_at, UTC),
        )
    content = {"ticket": ticket, "expires_at": expires_at.isoformat()}
    return verbatim(msgspec.json.encode(content).decode(), 201)


SCOPES = scopes.SESSION_ONLY
HANDLERS = [
    sign_up,
    sign_in,
    refresh,
    me,
    log_out,
    log_out_everywhere,
    reauthenticate,
    ask_for_passkey,
    add_ticket,
]

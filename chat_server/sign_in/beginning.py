"""Where sessions begin: the one place, whatever the way in. Each way proves who the user is, and then calls
`begin_session`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from asyncpg import Record
from litestar import Response

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_core.tokens import hash_secret, new_secret
from chat_server.http.api_request import ACT_AS, ApiRequest
from chat_server.http.steps.authentication import unauthorized
from chat_server.http.verbatim import verbatim
from chat_server.responses.auth import SignedIn
from chat_server.sign_in import addresses, cookies, second_factor

NEW_DEVICE_MAIL = query("new_device_mail", "session", "language")
SESSION_OPEN = query(
    "session_open",
    "user",
    "password_hash",
    "refresh_hash",
    "lifetime_days",
    "presented_device",
    "fresh_device",
    "provider",
    "amr",
    "auth_time",
    "provider_sid",
    "identity",
    "device_name",
    "name_id",
    "second_factor",
)
SECOND_FACTOR_AWAIT = query(
    "second_factor_await",
    "hash",
    "user",
    "verified_hash",
    "provider",
    "amr",
    "auth_time",
    "provider_sid",
    "identity",
    "name_id",
)

LONGEST_DEVICE_NAME = 200


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a user has come in. `provider` is `password`, or the settings' name of a provider; `amr` has values of RFC
    8176. `auth_time` is when they proved who they are, by default now. `provider_sid` is the provider's name of its own
    session, with which it ends ours; `name_id` is SAML's name of the user in it, as JSON. `verified_hash` is the hash
    that a password matched: a change since then is noticed. `second_factor` is the one that was verified."""

    provider: str
    amr: tuple[str, ...]
    auth_time: datetime | None = None
    provider_sid: str | None = None
    identity_id: int | None = None
    verified_hash: str | None = None
    name_id: str | None = None
    second_factor: str | None = None


class Device:
    """The device on which a client signs in. It keeps its secret if the server knows it from a sign-in to any
    account, and otherwise gets a new one."""

    def __init__(self, presented: str | None) -> None:
        self._presented = presented
        self._fresh, self.fresh_hash = new_secret()
        self.presented_hash = hash_secret(presented) if presented else None

    def token_of(self, kept_hash: bytes) -> str:
        """The secret of the stored hash."""
        return self._presented if self._presented and kept_hash == self.presented_hash else self._fresh


@dataclass(frozen=True, slots=True)
class Begun:
    """What begin() has done in its transaction; the response is for after COMMIT. `owed`: there is no session yet, but
    a token with which it goes on once a second factor is shown."""

    provider: str
    user_id: int
    row: Record
    refresh_token: str
    device_token: str | None
    mails: bool
    owed: Problem | None

    def response(self, request: ApiRequest, status: int = 200) -> Response[SignedIn]:
        """The tokens of the session. Raises Problem 403 `second_factor_required`."""
        if self.owed is not None:
            raise self.owed
        if self.mails:
            request.parts.outbox.wake()
        request.parts.metrics.sign_ins.labels(self.provider, "signed_in").inc()
        session_id, user = self.row["session_id"], self.row["user"]
        return signed_in(request, status, self.user_id, session_id, self.refresh_token, user, self.device_token)


async def begin_session(
    request: ApiRequest, user_id: int, beginning: Beginning, device: Device, status: int = 200
) -> Response[SignedIn]:
    """Begins a session of this user and responds with its tokens. Raises Problem 403 for an account that is not active,
    must sign in by another provider, or has to confirm its address first; and 401 if its password has been changed
    meanwhile; 403 `second_factor_required`, with a token that completes this sign-in, if the user has shown no second
    factor."""
    await require_verified(request, user_id, beginning.identity_id)
    async with request.change(user_id) as connection, connection.transaction():
        await ACT_AS.row(connection, actor=str(user_id), address=request.address)
        begun = await begin(request, connection, user_id, beginning, device)
    return begun.response(request, status)


async def require_verified(request: ApiRequest, user_id: int, identity_id: int | None) -> None:
    """Raises Problem 403 for an account that has to confirm its address; a provider vouches for its people itself."""
    if identity_id is None:
        await addresses.require_verified(request, user_id)


async def begin(
    request: ApiRequest, connection: Connection, user_id: int, beginning: Beginning, device: Device
) -> Begun:
    """The same in a transaction of the caller's, whose response is for after COMMIT. Raises all but what is owed."""
    refresh_token, refresh_hash = new_secret()
    opened = await SESSION_OPEN.one(
        connection,
        user=user_id,
        password_hash=beginning.verified_hash,
        refresh_hash=refresh_hash,
        lifetime_days=request.parts.settings.auth.refresh_token_days,
        presented_device=device.presented_hash,
        fresh_device=device.fresh_hash,
        provider=beginning.provider,
        amr=list(beginning.amr),
        auth_time=beginning.auth_time,
        provider_sid=beginning.provider_sid,
        identity=beginning.identity_id,
        device_name=device_name(request),
        name_id=beginning.name_id,
        second_factor=beginning.second_factor,
    )
    owed, device_token, mails = None, None, False
    if opened["owed"] is not None:
        owed = await _await_second_factor(connection, user_id, beginning, opened["owed"])
    elif opened["session_id"] is None:
        raise _refused(opened)
    else:
        device_token = device.token_of(opened["device_hash"])
        if request.parts.outbox.sends:
            language = addresses.language(request)
            mails = bool(await NEW_DEVICE_MAIL.value(connection, session=opened["session_id"], language=language))
    return Begun(beginning.provider, user_id, opened, refresh_token, device_token, mails, owed)


def _refused(opened: Record) -> Problem:
    require_active(opened["status"])
    if opened["required"] is not None:
        return Problem(
            403,
            "provider_required",
            f"One of your workspaces requires you to sign in by {opened['required']}.",
            extra={"provider": opened["required"]},
        )
    return unauthorized("The account has just been changed; sign in again.", "wrong_credentials")


async def _await_second_factor(
    connection: Connection, user_id: int, beginning: Beginning, factors: list[str]
) -> Problem:
    """Keeps how the session will begin, under a token that the problem has."""
    factor_token, hashed = new_secret()
    expires_at = await SECOND_FACTOR_AWAIT.value(
        connection,
        hash=hashed,
        user=user_id,
        verified_hash=beginning.verified_hash,
        provider=beginning.provider,
        amr=list(beginning.amr),
        auth_time=beginning.auth_time,
        provider_sid=beginning.provider_sid,
        identity=beginning.identity_id,
        name_id=beginning.name_id,
    )
    return second_factor.required(factors, factor_token=factor_token, expires_at=expires_at.isoformat())


@contextmanager
def refusals_counted(request: ApiRequest, provider: str) -> Iterator[None]:
    """Counts a refused sign-in by this way in the metrics, by the code of its problem."""
    try:
        yield
    except Problem as problem:
        request.parts.metrics.sign_ins.labels(provider, problem.code).inc()
        raise


def require_active(status: str) -> None:
    """Raises Problem 403 for an account that is suspended or deactivated."""
    if status == "inactive":
        raise Problem(403, "account_inactive", "This account is deactivated; an operator can reactivate it.")
    if status != "active":
        raise Problem(403, "account_suspended", "This account is suspended.")


def device_name(request: ApiRequest) -> str | None:
    """What the client calls itself, for the list of one's devices."""
    name = request.headers.get("user-agent", "").encode("ascii", "replace").decode().replace("\0", "")
    return name[:LONGEST_DEVICE_NAME] or None


def signed_in(
    request: ApiRequest,
    status: int,
    user_id: int,
    session_id: int,
    refresh_token: str,
    user: str,
    device_token: str | None = None,
) -> Response[SignedIn]:
    """The response to whoever has a session: its tokens, and the user as JSON. The page has its refresh token in a
    cookie."""
    token, claims = request.parts.signer.sign(user_id, session_id)
    in_cookie = cookies.keeps_session(request)
    content = {
        "token": token,
        "expires_at": datetime.fromtimestamp(claims.expires_at, UTC).isoformat(),
        "refresh_token": None if in_cookie else refresh_token,
        "device_token": device_token,
        "user": msgspec.Raw(user.encode()),
    }
    response = verbatim(msgspec.json.encode(content).decode(), status)
    if in_cookie:
        response.set_cookie(cookies.with_refresh_token(request, refresh_token))
    return response

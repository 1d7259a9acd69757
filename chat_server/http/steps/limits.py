"""Rate limits, kept in Postgres so that they hold for all processes together.

Every request under /api is counted in one class, by its route's `opt` or else by its method, before its handler runs:
for its user, or for the client's address if no token is needed. Guessing passwords and creating accounts have further
limits, and each of these attempts queries Postgres. A request beyond a limit gets a 429 that names it.
"""

import math
from typing import Any, cast

from asyncpg import Record
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.load.leases import Limit, Standing
from chat_core.problems import Problem
from chat_core.settings import Limits
from chat_server.http.api_request import ApiRequest

RATE_LIMIT_LEASE = query("rate_limit_lease", "buckets", "needed", "quotas", "window_seconds")
ATTEMPT_REFUND = query("attempt_refund", "buckets")
DIRECTORY_SIGN_IN_CHARGE = query(
    "directory_sign_in_charge",
    "address",
    "provider",
    "subject",
    "device",
    "per_account",
    "in_all",
    "per_address",
    "window_seconds",
)
CHAT_PASSWORD_CHARGE = query(
    "chat_password_charge", "address", "user", "chat", "per_address", "per_account", "window_seconds"
)
FACTOR_CHARGE = query("factor_charge", "user", "device", "per_user", "window_seconds")
PASSWORD_CHARGE = query("password_charge", "session", "per_session", "window_seconds")
SIGN_IN_CHARGE = query(
    "sign_in_charge", "address", "email", "device", "per_account", "in_all", "per_address", "window_seconds"
)
SIGN_UP_CHARGE = query("sign_up_charge", "address", "per_address", "window_seconds")

# The buckets to which an attempt was charged.
Charged = list[str]

# For `opt` of a handler that posts messages.
MESSAGES = {"limit": "messages"}
# The limits that count by the client's address, since there is no user.
OF_ADDRESSES = ("public", "scim")


def class_of(handler: BaseRouteHandler) -> str:
    """The limit that a route counts towards, a key of `limits` in app.yaml."""
    methods: set[str] = getattr(handler, "http_methods", set())
    if "OPTIONS" in methods:  # Litestar creates one for each path, without a token
        return "public"
    if named := handler.opt.get("limit"):
        return str(named)
    return "public" if handler.opt.get("public") else "read" if "GET" in methods else "write"


def limit_of(handler: BaseRouteHandler, settings: Limits) -> Limit | None:
    """None if it is disabled."""
    name = class_of(handler)
    quota: int = getattr(settings, name)
    return Limit(name, quota, settings.window_seconds) if quota and settings.window_seconds else None


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Litestar's guard of every route under /api."""
    request = cast("ApiRequest", connection)  # Litestar creates it with the application's request class
    await charge(request, limit_of(handler, request.parts.settings.limits))


async def charge(request: ApiRequest, limit: Limit | None, user_id: int | None = None) -> None:
    """Counts the request, for its caller unless for another user, and notes for `observe` the values of the response's
    headers. Raises Problem 429."""
    if limit is None:
        return
    parts = request.parts
    by_address = limit.name in OF_ADDRESSES
    name = f"address:{request.address}" if by_address else f"user:{user_id or request.caller.person_id}"
    standing = await parts.leases.count(limit, name)
    request.scope["rate_limit"] = _headers(limit, standing)  # type: ignore[typeddict-unknown-key]
    if not standing.allowed:
        parts.metrics.rate_limited.labels(limit.name).inc()
        raise _refused(limit.name, f"{limit.quota} requests in {limit.window_seconds} seconds", standing.seconds)


async def charge_stranger(request: ApiRequest) -> None:
    """Counts a token that this process does not know yet, for the client's address, before the database is asked about
    it: as a request to a public route. Raises Problem 429."""
    settings = request.parts.settings.limits
    if settings.public and settings.window_seconds:
        await charge(request, Limit("public", settings.public, settings.window_seconds))


async def charge_message_of(request: ApiRequest, user_id: int) -> None:
    """Counts a message that a request without a caller posts as this user. Raises Problem 429."""
    settings = request.parts.settings.limits
    if settings.messages and settings.window_seconds:
        await charge(request, Limit("messages", settings.messages, settings.window_seconds), user_id)


async def charge_read_of(request: ApiRequest, user_id: int) -> None:
    """Counts a request without a caller as one of this user's that changes nothing. Raises Problem 429."""
    settings = request.parts.settings.limits
    if settings.read and settings.window_seconds:
        await charge(request, Limit("read", settings.read, settings.window_seconds), user_id)


async def charge_sign_in(request: ApiRequest, email: str, device: bytes | None) -> Charged:
    """Counts one attempt before the password is checked. `device` is the hash of the secret that came with it: a
    device that has signed in to the account before has a separate count. Raises Problem 429 after too many."""
    async with request.change() as connection:
        charged = await SIGN_IN_CHARGE.one(connection, email=email, **_of_a_guess(request, device))
    return _charged(request, "signin", charged)


async def charge_directory_sign_in(request: ApiRequest, directory: str, subject: str, device: bytes | None) -> Charged:
    """The same for an attempt at a directory's person, or at a name that is nobody's there."""
    async with request.change() as connection:
        charged = await DIRECTORY_SIGN_IN_CHARGE.one(
            connection, provider=directory, subject=subject, **_of_a_guess(request, device)
        )
    return _charged(request, "signin", charged)


def _of_a_guess(request: ApiRequest, device: bytes | None) -> dict[str, Any]:
    """What is counted for each guess, besides whose account it is at."""
    auth = request.parts.settings.auth
    return {
        "address": request.address,
        "device": device,
        "per_account": auth.signin_attempts_per_account,
        "in_all": auth.signin_attempts_in_all,
        "per_address": auth.signin_attempts_per_address,
        "window_seconds": auth.signin_window_seconds,
    }


async def charge_password(request: ApiRequest) -> Charged:
    """Counts one attempt at the caller's own password, by session, separately from all other guesses. Raises Problem
    429."""
    auth = request.parts.settings.auth
    async with request.change() as connection:
        charged = await PASSWORD_CHARGE.one(
            connection,
            session=request.caller.session_id,
            per_session=auth.signin_attempts_per_account,
            window_seconds=auth.signin_window_seconds,
        )
    return _charged(request, "password", charged)


async def charge_factor(request: ApiRequest, user_id: int, device: bytes | None) -> Charged:
    """Counts one attempt at a user's second factor, by user, whatever sign-in it completes. A `device` on which they
    have signed in before is counted separately. Raises Problem 429."""
    auth = request.parts.settings.auth
    async with request.change() as connection:
        charged = await FACTOR_CHARGE.one(
            connection,
            user=user_id,
            device=device,
            per_user=auth.signin_attempts_per_account,
            window_seconds=auth.signin_window_seconds,
        )
    return _charged(request, "second_factor", charged)


async def charge_chat_password(request: ApiRequest, chat_id: int) -> Charged:
    """Counts one attempt at the password of a chat, by address and by caller. Raises Problem 429."""
    auth = request.parts.settings.auth
    async with request.change() as connection:
        charged = await CHAT_PASSWORD_CHARGE.one(
            connection,
            address=request.address,
            user=request.caller.user_id,
            chat=chat_id,
            per_address=auth.signin_attempts_per_address,
            per_account=auth.signin_attempts_per_account,
            window_seconds=auth.signin_window_seconds,
        )
    return _charged(request, "chat_password", charged)


async def refund(request: ApiRequest, charged: Charged) -> None:
    """Reverts the count of an attempt with the right password."""
    async with request.change() as connection:
        await ATTEMPT_REFUND.row(connection, buckets=charged)


async def charge_sign_up(request: ApiRequest, connection: Connection) -> None:
    """Counts one new account, in the transaction that makes it or by itself. Raises Problem 429 after too many."""
    auth = request.parts.settings.auth
    seconds = await SIGN_UP_CHARGE.value(
        connection,
        address=request.address,
        per_address=auth.signups_per_address,
        window_seconds=auth.signin_window_seconds,
    )
    refuse_attempt(request, "signup", seconds)


def _charged(request: ApiRequest, name: str, attempt: Record) -> Charged:
    refuse_attempt(request, name, attempt["seconds"])
    buckets: Charged = attempt["buckets"]
    return buckets


def refuse_attempt(request: ApiRequest, name: str, seconds: int | None) -> None:
    """Raises Problem 429 if there are seconds to wait."""
    if seconds is not None:
        request.parts.metrics.rate_limited.labels(name).inc()
        raise _refused(name, "attempts", seconds)


def _refused(name: str, what: str, seconds: float) -> Problem:
    wait = max(1, math.ceil(seconds))
    return Problem(
        429,
        "rate_limited",
        f"The limit {name} ({what}) is used up; try again in {wait} second{'s' if wait != 1 else ''}.",
        headers={"Retry-After": str(wait)},
        extra={"limit": name, "retry_after": wait},
    )


def _headers(limit: Limit, standing: Standing) -> list[tuple[bytes, bytes]]:
    """As defined by draft-ietf-httpapi-ratelimit-headers-10."""
    left = f'"{limit.name}";r={standing.remaining};t={math.ceil(standing.seconds)}'
    return [
        (b"ratelimit-policy", f'"{limit.name}";q={limit.quota};w={limit.window_seconds}'.encode()),
        (b"ratelimit", left.encode()),
    ]

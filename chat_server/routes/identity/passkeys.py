"""Passkeys: signing in by one alone, enrolling and removing them. They are also a second step (second_step.py), and
show again who somebody is (auth.py)."""

from typing import Annotated

import msgspec
from asyncpg import Record
from litestar import Response, delete, post
from litestar.params import JSONBody

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import NAME, PathId, Secret
from chat_server.http.steps.authentication import PUBLIC
from chat_server.http.verbatim import verbatim
from chat_server.identity.factors import recovery_codes
from chat_server.responses.auth import SignedIn
from chat_server.responses.factors import NewPasskey, PasskeyOptions
from chat_server.sign_in import addresses, passkeys, through_browser
from chat_server.sign_in.beginning import Beginning, Device, begin_session, refusals_counted
from chat_server.sign_in.freshness import require_fresh

PASSKEY_ADD = query(
    "passkey_add",
    "user",
    "credential",
    "public_key",
    "sign_count",
    "synced",
    "transports",
    "name",
    "session",
    "amr",
    "hashes",
)
PASSKEY_REMOVE = query("passkey_remove", "user", "passkey")


class PasskeySignIn(msgspec.Struct, forbid_unknown_fields=True):
    """`passkey` is what the browser answers to the options. `device_token` is from an earlier sign-in on this device,
    to any account."""

    passkey: passkeys.Credential
    device_token: Secret | None = None


class PasskeyWish(msgspec.Struct, forbid_unknown_fields=True):
    """`name` is for the user, to tell their passkeys apart."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=NAME)]
    passkey: passkeys.NewCredential


@post("/auth/passkeys/sign-in/options", status_code=200, opt={**PUBLIC, "problems": [409]})
async def ask_who(request: ApiRequest) -> Response[PasskeyOptions]:
    """What to ask the browser, so that a passkey says who somebody is. The answer is good in the browser that gets
    the cookie of this response."""
    browser, bound = through_browser.browser_secret(request)
    return Response(await passkeys.to_show(request, "sign-in", browser, None), cookies=[bound])


@post("/auth/passkeys/sign-in", status_code=200, opt={**PUBLIC, "problems": [401, 403, 409]})
async def sign_in_by_passkey(request: ApiRequest, data: JSONBody[PasskeySignIn]) -> Response[SignedIn]:
    """Sign in by a passkey alone, which counts as two factors: the authenticator has verified its user."""
    with refusals_counted(request, passkeys.WAY_IN):
        async with request.transaction() as connection:
            shown = await passkeys.verify(
                request, connection, data.passkey, "sign-in", through_browser.browser_of(request)
            )
        beginning = Beginning(passkeys.WAY_IN, shown.amr, second_factor="passkey")
        return await begin_session(request, shown.user_id, beginning, Device(data.device_token))


@post("/auth/factors/passkeys/options", status_code=200, opt={"problems": [403, 409]})
async def ask_for_new(request: ApiRequest) -> PasskeyOptions:
    """What to ask the browser for a new passkey. Needs a fresh sign-in, and, where the server sends mail, a confirmed
    address: else the address's owner could be shut out."""
    await require_fresh(request)
    await addresses.require_owned(request)
    return await passkeys.to_enrol(request, request.caller.user_id, str(request.caller.session_id))


@post("/auth/factors/passkeys", opt={"problems": [403, 409]})
async def add_passkey(request: ApiRequest, data: JSONBody[PasskeyWish]) -> Response[NewPasskey]:
    """Enrol a passkey, at most 20. If it is the first factor, each sign-in asks for one from here on, and other
    sessions of the caller that have shown none end. Needs a fresh sign-in."""
    await require_fresh(request)
    caller, codes = request.caller, recovery_codes.new_codes()
    async with request.transaction() as connection:
        row, _ = await keep_new(
            request, connection, data, user_id=caller.user_id, session_id=caller.session_id, codes=codes
        )
    request.parts.sessions.forget(caller.user_id)
    content = {"passkey": msgspec.Raw(row["passkey"].encode()), "recovery_codes": codes if row["kept"] else None}
    response = verbatim(msgspec.json.encode(content).decode(), 201)
    response.headers["Cache-Control"] = "no-store"
    return response


async def keep_new(
    request: ApiRequest,
    connection: Connection,
    wish: PasskeyWish,
    *,
    user_id: int,
    session_id: int | None = None,
    asked_by: str | None = None,
    codes: list[str],
) -> tuple[Record, tuple[str, ...]]:
    """Enrols a passkey in this transaction: what was kept, and how it was used, in values of RFC 8176. `asked_by`: what
    has asked for it, if no session has."""
    made = await passkeys.enrolled(request, connection, wish.passkey, asked_by or str(session_id))
    row = await PASSKEY_ADD.one(
        connection,
        user=user_id,
        credential=made.credential_id,
        public_key=made.public_key,
        sign_count=made.use.sign_count,
        synced=made.use.synced,
        transports=made.transports,
        name=wish.name,
        session=session_id,
        amr=list(made.use.amr),
        hashes=[recovery_codes.hash_of(code) for code in codes],
    )
    return row, made.use.amr


@delete("/auth/factors/passkeys/{passkey_id:int}", opt={"problems": [403, 409]})
async def remove_passkey(request: ApiRequest, passkey_id: PathId) -> None:
    """Remove a passkey. Recovery codes go with the last factor. Needs a fresh sign-in; a last factor that a workspace
    demands stays."""
    await require_fresh(request)
    async with request.transaction() as connection:
        removed = await PASSKEY_REMOVE.value(connection, user=request.caller.user_id, passkey=passkey_id)
    if not removed:
        raise Problem(404, "not_found", "You have no passkey with this id.")


SCOPES = scopes.SESSION_ONLY
HANDLERS = [ask_who, sign_in_by_passkey, ask_for_new, add_passkey, remove_passkey]

"""The links by which people confirm that an address is theirs, or refuse that it becomes somebody's."""

from typing import Literal

import msgspec
from litestar import Response, post
from litestar.params import JSONBody

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import GivenPassword, Secret
from chat_server.http.steps import limits
from chat_server.http.steps.authentication import PUBLIC, unauthorized
from chat_server.mail.links import seed_of
from chat_server.sign_in import addresses
from chat_server.sign_in.verification import wrong_password

ADDRESS_CONFIRM = query("address_confirm", "seed")
ADDRESS_LINK = query("address_link", "seed")
ADDRESS_REFUSE = query("address_refuse", "seed")


class AddressToken(msgspec.Struct, forbid_unknown_fields=True):
    """`token` is the part after the # of the link."""

    token: Secret


class AddressConfirmation(msgspec.Struct, forbid_unknown_fields=True):
    """`password` is the account's: a link that reaches somebody else confirms nothing."""

    token: Secret
    password: GivenPassword


class AddressLink(msgspec.Struct):
    """What a link is for: the address of an account (`verify_address`), or its change from `email` to `new_email`,
    which was sent to the new address or to the old one."""

    kind: Literal["verify_address", "new_address", "old_address"]
    email: str
    new_email: str


class AddressOutcome(msgspec.Struct):
    """`verified`: the address is confirmed; `changed`: the account has the new one; `waiting`: the other address has
    not confirmed the change yet."""

    outcome: Literal["verified", "changed", "waiting"]


@post("/auth/address/verification", status_code=202, opt={"scopes": scopes.SESSION_ONLY, "problems": [403]})
async def send_verification(request: ApiRequest) -> Response[None]:
    """Send a link to the caller's address by which they confirm it. Nothing is sent if they have done so before."""
    request.parts.outbox.require()
    async with request.transaction() as connection:
        seconds = await addresses.ask_for_verification(request, connection, request.caller.user_id)
    limits.refuse_attempt(request, "verification", seconds)
    request.parts.outbox.wake()
    return Response(None, status_code=202)


@post("/auth/address/link", status_code=200, opt={**PUBLIC, "problems": [401]})
async def look_at_link(request: ApiRequest, data: JSONBody[AddressToken]) -> AddressLink:
    """What a link would confirm. It is not used up by this."""
    seed = seed_of(request.parts.signer, data.token)
    link = await ADDRESS_LINK.row(request.pool, seed=seed) if seed else None
    if link is None:
        raise _invalid()
    return AddressLink(link["kind"], link["account_email"], link["new_email"])


@post("/auth/address/confirm", status_code=200, opt={**PUBLIC, "problems": [401, 403, 409]})
async def confirm_address(request: ApiRequest, data: JSONBody[AddressConfirmation]) -> AddressOutcome:
    """Confirm an address by a link and the account's password. A change takes effect once both addresses have confirmed
    it. Wrong passwords are limited as at signing in."""
    seed = seed_of(request.parts.signer, data.token)
    link = await ADDRESS_LINK.row(request.pool, seed=seed) if seed else None
    if link is None:
        raise _invalid()
    charged = await limits.charge_sign_in(request, link["account_email"], None)
    async with request.parts.passwords.turn(request.asker) as turn:
        if not await turn.verify(data.password, link["password_hash"]):
            raise wrong_password()
    async with request.transaction() as connection:
        confirmed = await ADDRESS_CONFIRM.one(connection, seed=seed)
    await limits.refund(request, charged)
    if confirmed["outcome"] is None:
        raise _invalid()
    return AddressOutcome(confirmed["outcome"])


@post("/auth/address/refuse", status_code=204, opt={**PUBLIC, "problems": [401]})
async def refuse_address(request: ApiRequest, data: JSONBody[AddressToken]) -> None:
    """Refuse the change of an address. By a link to the old one this also ends all sessions of the account."""
    seed = seed_of(request.parts.signer, data.token)
    user: int | None = None
    if seed:
        async with request.transaction() as connection:
            user = await ADDRESS_REFUSE.value(connection, seed=seed)
    if user is None:
        raise _invalid()
    request.parts.sessions.forget(user)


def _invalid() -> Problem:
    return unauthorized("This link has expired, or was used before; ask for a new one.", "invalid_address_token")


HANDLERS = [send_verification, look_at_link, confirm_address, refuse_address]

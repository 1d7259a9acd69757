"""The second step of a sign-in whose user has enrolled second factors."""

import msgspec
from litestar import Response, post
from litestar.params import JSONBody

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import FieldError, Problem
from chat_core.tokens import hash_secret
from chat_server.http import scopes
from chat_server.http.api_request import ACT_AS, ApiRequest
from chat_server.http.bodies import invalid
from chat_server.http.fields import Secret
from chat_server.http.steps import limits
from chat_server.http.steps.authentication import PUBLIC, unauthorized
from chat_server.responses.auth import SignedIn
from chat_server.responses.factors import PasskeyOptions, TotpEnrolment
from chat_server.routes.identity.factors import begin_enrolment
from chat_server.routes.identity.passkeys import PasskeyWish, keep_new
from chat_server.sign_in import passkeys, second_factor
from chat_server.sign_in.beginning import Beginning, Device, begin, refusals_counted, require_verified

PENDING_SIGN_IN = query("pending_sign_in", "hash")
PENDING_SIGN_IN_TAKE = query("pending_sign_in_take", "hash")


class SecondStep(second_factor.Proof, forbid_unknown_fields=True, kw_only=True):
    """`factor_token` is from the problem `second_factor_required`; besides, one of `code`, `recovery_code` and
    `passkey`, or, where one has yet to be enrolled, `new_passkey`. `device_token` is from an earlier sign-in on this
    device, to any account."""

    factor_token: Secret
    new_passkey: PasskeyWish | None = None
    device_token: Secret | None = None


class Waiting(msgspec.Struct, forbid_unknown_fields=True):
    """`factor_token` is from the problem `second_factor_required`, or `second_factor_enrolment_required`."""

    factor_token: Secret


@post("/auth/second-factor", status_code=200, opt={**PUBLIC, "problems": [401, 403]})
async def complete_sign_in(request: ApiRequest, data: JSONBody[SecondStep]) -> Response[SignedIn]:
    """Complete a sign-in that was answered with 403 `second_factor_required`, within ten minutes. Wrong factors are
    limited by user; those of a device on which they have signed in before are counted separately."""
    hashed = hash_secret(data.factor_token)
    pending = await PENDING_SIGN_IN.row(request.pool, hash=hashed)
    if pending is None:
        raise _expired()
    device, user_id = Device(data.device_token), pending["user_id"]
    with refusals_counted(request, pending["provider"]):
        await require_verified(request, user_id, pending["identity_id"])
        charged = await limits.charge_factor(request, user_id, device.presented_hash)
        # One transaction: whatever interrupts it, the factor is used and the session begun, or neither.
        async with request.change(user_id) as connection, connection.transaction():
            await ACT_AS.row(connection, actor=str(user_id), address=request.address)
            if await PENDING_SIGN_IN_TAKE.value(connection, hash=hashed) is None:
                raise _expired()
            if data.new_passkey is not None:
                factor = await _enrolled(request, connection, user_id, data, hashed)
            else:
                factor = await second_factor.verify(request, connection, user_id, data, _asked(hashed), enrols=True)
            beginning = Beginning(
                pending["provider"],
                tuple(dict.fromkeys((*pending["amr"], *factor.amr))),
                None,  # a factor has been shown just now, however old the provider's own session is
                pending["provider_sid"],
                pending["identity_id"],
                pending["verified_hash"],
                pending["name_id"],
                factor.name,
            )
            begun = await begin(request, connection, user_id, beginning, device)
        await limits.refund(request, charged)
        return begun.response(request)


async def _enrolled(
    request: ApiRequest, connection: Connection, user_id: int, data: SecondStep, token_hash: bytes
) -> second_factor.Factor:
    """The first factor of a user who must have one, if it is a passkey. Raises Problem 403 and 422."""
    if data.is_given or data.new_passkey is None:
        invalid(FieldError("new_passkey", "this, or one of code, recovery_code and passkey"))
    factors = await second_factor.SECOND_FACTORS.value(connection, user=user_id)
    if factors is not None:
        raise second_factor.required(factors)
    _, amr = await keep_new(request, connection, data.new_passkey, user_id=user_id, asked_by=token_hash.hex(), codes=[])
    return second_factor.Factor("passkey", amr)


@post("/auth/second-factor/passkey", status_code=200, opt={**PUBLIC, "problems": [401, 409]})
async def ask_for_passkey(request: ApiRequest, data: JSONBody[Waiting]) -> PasskeyOptions:
    """What to ask the browser, so that a passkey completes a sign-in that was answered with 403
    `second_factor_required`."""
    hashed = hash_secret(data.factor_token)
    pending = await PENDING_SIGN_IN.row(request.pool, hash=hashed)
    if pending is None:
        raise _expired()
    asked = _asked(hashed)
    return await passkeys.to_show(request, asked.purpose, asked.bound_to, pending["user_id"])


@post("/auth/second-factor/totp", status_code=200, opt={**PUBLIC, "problems": [401, 403, 409]})
async def enrol_at_sign_in(request: ApiRequest, data: JSONBody[Waiting]) -> TotpEnrolment:
    """Begin to enrol an authenticator app during a sign-in that was answered with 403
    `second_factor_enrolment_required`; its first code then completes the sign-in."""
    return await begin_enrolment(request, await _who_enrols(request, hash_secret(data.factor_token)))


@post("/auth/second-factor/new-passkey", status_code=200, opt={**PUBLIC, "problems": [401, 403, 409]})
async def ask_for_new_passkey(request: ApiRequest, data: JSONBody[Waiting]) -> PasskeyOptions:
    """What to ask the browser for a new passkey during a sign-in that was answered with 403
    `second_factor_enrolment_required`; as `new_passkey`, it then completes the sign-in."""
    hashed = hash_secret(data.factor_token)
    return await passkeys.to_enrol(request, await _who_enrols(request, hashed), hashed.hex())


async def _who_enrols(request: ApiRequest, token_hash: bytes) -> int:
    """The user whose sign-in waits for a first factor. Raises Problem 401, and 403 if they have one."""
    pending = await PENDING_SIGN_IN.row(request.pool, hash=token_hash)
    if pending is None:
        raise _expired()
    user_id: int = pending["user_id"]
    factors = await second_factor.enrolled(request, user_id)
    if factors is not None:
        raise second_factor.required(factors)
    return user_id


def _asked(token_hash: bytes) -> second_factor.Asked:
    return second_factor.Asked("second-step", token_hash.hex())


def _expired() -> Problem:
    return unauthorized("This sign-in has expired, or went on already; start it again.", "invalid_factor_token")


SCOPES = scopes.SESSION_ONLY
HANDLERS = [complete_sign_in, ask_for_passkey, enrol_at_sign_in, ask_for_new_passkey]

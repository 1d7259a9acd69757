"""The second step of a sign-in whose user has enrolled second factors."""

from litestar import Response, post
from litestar.params import JSONBody

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_core.tokens import hash_secret
from chat_server.http import scopes
from chat_server.http.api_request import ACT_AS, ApiRequest
from chat_server.http.fields import Secret
from chat_server.http.steps import limits
from chat_server.http.steps.authentication import PUBLIC, unauthorized
from chat_server.responses.auth import SignedIn
from chat_server.sign_in import second_factor
from chat_server.sign_in.beginning import Beginning, Device, begin_session, refusals_counted

PENDING_SIGN_IN = query("pending_sign_in", "hash")
PENDING_SIGN_IN_TAKE = query("pending_sign_in_take", "hash")


class SecondStep(second_factor.Proof, forbid_unknown_fields=True, kw_only=True):
    """`factor_token` is from the problem `second_factor_required`; besides, one of `code` and `recovery_code`.
    `device_token` is from an earlier sign-in on this device, to any account."""

    factor_token: Secret
    device_token: Secret | None = None


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
        charged = await limits.charge_factor(request, user_id, device.presented_hash)
        async with request.change(user_id) as connection, connection.transaction():
            await ACT_AS.row(connection, actor=str(user_id), address=request.address)
            if await PENDING_SIGN_IN_TAKE.value(connection, hash=hashed) is None:
                raise _expired()
            factor = await second_factor.verify(connection, user_id, data)
        await limits.refund(request, charged)
        beginning = Beginning(
            pending["provider"],
            tuple(dict.fromkeys((*pending["amr"], *factor.amr))),
            pending["auth_time"],
            pending["provider_sid"],
            pending["identity_id"],
            pending["verified_hash"],
            pending["name_id"],
            factor.name,
        )
        return await begin_session(request, user_id, beginning, device)


def _expired() -> Problem:
    return unauthorized("This sign-in has expired, or went on already; start it again.", "invalid_factor_token")


SCOPES = scopes.SESSION_ONLY
HANDLERS = [complete_sign_in]

"""A user's second factors: the authenticator app and recovery codes."""

import msgspec
from litestar import Response, delete, get, post
from litestar.params import JSONBody

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import TotpCode
from chat_server.http.verbatim import verbatim
from chat_server.identity.factors import recovery_codes, sealing, totp
from chat_server.responses.factors import RecoveryCodes, SecondFactors, TotpEnrolment
from chat_server.sign_in import addresses, second_factor
from chat_server.sign_in.freshness import require_fresh

ACCOUNT_NAMES = query("account_names", "user")
RECOVERY_CODES_RENEW = query("recovery_codes_renew", "user", "hashes")
SECOND_FACTORS_OF_USER = query("second_factors_of_user", "user")
TOTP_BEGIN = query("totp_begin", "user", "secret", "sealed_by")
TOTP_REMOVE = query("totp_remove", "user")


class Confirmation(msgspec.Struct, forbid_unknown_fields=True):
    code: TotpCode


@get("/auth/factors")
async def list_factors(request: ApiRequest) -> Response[SecondFactors]:
    """The caller's second factors."""
    return verbatim(await SECOND_FACTORS_OF_USER.value(request.pool, user=request.caller.user_id))


@post("/auth/factors/totp", status_code=200, opt={"problems": [403, 409]})
async def begin_totp(request: ApiRequest) -> TotpEnrolment:
    """Begin to enrol an authenticator app (TOTP, RFC 6238). It counts once a code of it has confirmed it. Needs a fresh
    sign-in, and, where the server sends mail, a confirmed address: else the address's owner could be shut out."""
    await require_fresh(request)
    await addresses.require_owned(request)
    return await begin_enrolment(request, request.caller.user_id)


async def begin_enrolment(request: ApiRequest, user_id: int) -> TotpEnrolment:
    """A new secret, which waits for its first code. Raises Problem 409 if an app is enrolled."""
    secret = totp.new_secret()
    stored, kid = sealing.sealed(request.parts.signer, user_id, secret)
    async with request.transaction() as connection:
        begun = await TOTP_BEGIN.value(connection, user=user_id, secret=stored, sealed_by=kid)
        account = await ACCOUNT_NAMES.one(connection, user=user_id)
    if not begun:
        raise Problem(409, "totp_enrolled", "You have an authenticator app already: remove it first.")
    uri = totp.uri(secret, account["email"], request.parts.settings.auth.issuer)
    return TotpEnrolment(totp.in_base32(secret), uri, totp.qr_code(uri))


@post("/auth/factors/totp/confirm", status_code=200, opt={"problems": [403, 409]})
async def confirm_totp(request: ApiRequest, data: JSONBody[Confirmation]) -> RecoveryCodes:
    """Enrol the authenticator app by a code of it. From here on each sign-in asks for a second factor; other sessions
    of the caller that have shown none end. Needs a fresh sign-in."""
    await require_fresh(request)
    user_id = request.caller.user_id
    row = await second_factor.TOTP_SECRET.row(request.pool, user=user_id)
    if row is None or row["enrolled"]:
        raise _nothing_to_confirm()
    step = totp.step_of(second_factor.secret_of(request, user_id, row), data.code)
    if step is None:
        raise second_factor.wrong_code()
    codes = recovery_codes.new_codes()
    async with request.transaction() as connection:
        kept = await second_factor.TOTP_CONFIRM.value(
            connection,
            user=user_id,
            secret=row["secret"],
            step=step,
            session=request.caller.session_id,
            hashes=[recovery_codes.hash_of(code) for code in codes],
        )
    if kept is None:
        raise _nothing_to_confirm()
    request.parts.sessions.forget(user_id)
    return RecoveryCodes(codes if kept else None)


@delete("/auth/factors/totp", opt={"problems": [403, 404, 409]})
async def remove_totp(request: ApiRequest) -> None:
    """Remove the authenticator app. Recovery codes go with the last factor. Needs a fresh sign-in; one that a
    workspace demands stays."""
    await require_fresh(request)
    async with request.transaction() as connection:
        removed = await TOTP_REMOVE.value(connection, user=request.caller.user_id)
    if not removed:
        raise Problem(404, "not_found", "You have no authenticator app.")


@post("/auth/factors/recovery-codes", status_code=200, opt={"problems": [403, 409]})
async def renew_recovery_codes(request: ApiRequest) -> RecoveryCodes:
    """Get new recovery codes; the earlier ones are no longer good. Needs a fresh sign-in."""
    await require_fresh(request)
    codes = recovery_codes.new_codes()
    hashes = [recovery_codes.hash_of(code) for code in codes]
    async with request.transaction() as connection:
        renewed = await RECOVERY_CODES_RENEW.value(connection, user=request.caller.user_id, hashes=hashes)
    if not renewed:
        raise Problem(409, "no_second_factor", "Recovery codes stand in for a second factor: enrol one first.")
    return RecoveryCodes(codes)


def _nothing_to_confirm() -> Problem:
    return Problem(409, "nothing_to_confirm", "No authenticator app waits for its first code: begin to enrol one.")


SCOPES = scopes.SESSION_ONLY
HANDLERS = [list_factors, begin_totp, confirm_totp, remove_totp, renew_recovery_codes]

"""A user shows a second factor: the one place where one is verified, at a sign-in and when they authenticate again."""

from dataclasses import dataclass

import msgspec
import structlog
from asyncpg import Record

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import FieldError, Problem
from chat_server.http.api_request import ApiRequest
from chat_server.http.bodies import invalid
from chat_server.http.fields import GivenRecoveryCode, TotpCode
from chat_server.identity.factors import recovery_codes, sealing, totp
from chat_server.identity.factors.challenges import Purpose
from chat_server.sign_in import passkeys

RECOVERY_CODE_USE = query("recovery_code_use", "user", "hash")
SECOND_FACTORS = query("second_factors", "user")
TOTP_SECRET = query("totp_secret", "user")
TOTP_USE = query("totp_use", "user", "step")

TOTP_CONFIRM = query("totp_confirm", "user", "secret", "step", "session", "hashes")


_log = structlog.get_logger()


class Proof(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One of the fields: `code` of the authenticator app, `recovery_code`, or what a `passkey` has signed."""

    code: TotpCode | None = None
    recovery_code: GivenRecoveryCode | None = None
    passkey: passkeys.Credential | None = None

    @property
    def is_given(self) -> bool:
        return self._number > 0

    @property
    def is_one(self) -> bool:
        return self._number == 1

    @property
    def _number(self) -> int:
        return sum(given is not None for given in (self.code, self.recovery_code, self.passkey))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a passkey is asked for, and the session or sign-in that has asked."""

    purpose: Purpose
    bound_to: str


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor that was verified. `amr` has values of RFC 8176."""

    name: str
    amr: tuple[str, ...]


async def enrolled(request: ApiRequest, user_id: int) -> list[str] | None:
    """The factors with which the user may prove who they are; None if they have enrolled none."""
    factors: list[str] | None = await SECOND_FACTORS.value(request.pool, user=user_id)
    return factors


def required(factors: list[str], **extra: object) -> Problem:
    if factors:
        code, detail = "second_factor_required", "This account has a second factor: send it too."
    else:
        code, detail = "second_factor_enrolment_required", "A workspace of yours demands a second factor: enrol one."
    return Problem(403, code, detail, extra={"factors": factors, **extra})


async def verify(
    request: ApiRequest, connection: Connection, user_id: int, proof: Proof, asked: Asked, *, enrols: bool = False
) -> Factor:
    """The factor that the proof shows, which is used by this transaction. `enrols`: a user who has none enrols the
    authenticator app by its first code. Raises Problem 403 for a wrong one, and 422 unless there is exactly one."""
    if not proof.is_one:
        invalid(FieldError("code", "one of code, recovery_code and passkey"))
    if proof.passkey is not None:
        shown = await passkeys.verify(request, connection, proof.passkey, asked.purpose, asked.bound_to, user_id)
        return Factor("passkey", shown.amr)
    if proof.recovery_code is not None:
        used = await RECOVERY_CODE_USE.value(connection, user=user_id, hash=recovery_codes.hash_of(proof.recovery_code))
        if used:
            return Factor("recovery_code", ("otp", "mfa"))
        raise Problem(403, "wrong_second_factor", "This is none of the recovery codes that you have left.")
    row = await TOTP_SECRET.row(connection, user=user_id)
    if row and not row["enrolled"]:
        first = enrols and await SECOND_FACTORS.value(connection, user=user_id) is None
        step = totp.step_of(secret_of(request, user_id, row), proof.code or "") if first else None
        if step is None:
            raise wrong_code()
        confirmed = await TOTP_CONFIRM.value(
            connection, user=user_id, secret=row["secret"], step=step, session=None, hashes=list[bytes]()
        )
        if confirmed is None:  # by another sign-in, or the secret has been replaced
            raise wrong_code()
        return Factor("totp", ("otp", "mfa"))
    step = totp.step_of(secret_of(request, user_id, row), proof.code or "") if row else None
    if step is None or not await TOTP_USE.value(connection, user=user_id, step=step):
        raise wrong_code()
    return Factor("totp", ("otp", "mfa"))


def secret_of(request: ApiRequest, user_id: int, row: Record) -> bytes:
    """The secret of a user's app, of a row of `totp_secret`. Raises Problem 503 without the key that has sealed it."""
    try:
        return sealing.opened(request.parts.signer, user_id, row["secret"], row["sealed_by"])
    except sealing.Unreadable as error:
        _log.error("authenticator app unreadable", reason=str(error))
        detail = "Your app's codes cannot be checked right now; use another factor, or ask the operator of this server."
        raise Problem(503, "second_factor_unreadable", detail) from None


def wrong_code() -> Problem:
    return Problem(
        403,
        "wrong_second_factor",
        "The code is wrong, or was used before: enter the one that the app shows now. Is the phone's clock right?",
    )

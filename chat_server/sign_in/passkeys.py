"""A user shows a passkey: the one place where one is verified, whatever it is shown for."""

import asyncio
import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import msgspec
import structlog
from msgspec import Meta

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import BASE64URL
from chat_server.identity.factors import challenges
from chat_server.identity.factors.challenges import Purpose
from chat_server.identity.factors.relying_party import RelyingParty, relying_party, unavailable
from chat_server.responses.factors import PasskeyOptions
from chat_server.sign_in.once import use

if TYPE_CHECKING:  # see `_load`
    from chat_server.identity.factors.passkeys import Known, Registered

ACCOUNT_NAMES = query("account_names", "user")
PASSKEY_BY_CREDENTIAL = query("passkey_by_credential", "credential")
PASSKEY_CREDENTIALS = query("passkey_credentials", "user")
PASSKEY_HANDLE = query("passkey_handle", "user")
PASSKEY_USE = query("passkey_use", "passkey", "sign_count", "synced")

WAY_IN = "passkey"

CredentialId = Annotated[str, Meta(min_length=1, max_length=1364, pattern=BASE64URL)]
ClientData = Annotated[str, Meta(min_length=1, max_length=4096, pattern=BASE64URL)]
Signed = Annotated[str, Meta(min_length=1, max_length=4096, pattern=BASE64URL)]
Attestation = Annotated[str, Meta(min_length=1, max_length=16_384, pattern=BASE64URL)]
UserHandle = Annotated[str, Meta(max_length=86, pattern=BASE64URL)]
Transport = Literal["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"]
Transports = Annotated[list[Transport], Meta(max_length=10)]

_log = structlog.get_logger()


class AttestationResponse(
    msgspec.Struct,
    forbid_unknown_fields=True,
    rename={"client_data_json": "clientDataJSON", "attestation_object": "attestationObject"},
):
    client_data_json: ClientData
    attestation_object: Attestation
    transports: Transports = []


class AssertionResponse(
    msgspec.Struct,
    forbid_unknown_fields=True,
    rename={
        "client_data_json": "clientDataJSON",
        "authenticator_data": "authenticatorData",
        "user_handle": "userHandle",
    },
):
    client_data_json: ClientData
    authenticator_data: Signed
    signature: Signed
    user_handle: UserHandle | None = None


class NewCredential(msgspec.Struct, forbid_unknown_fields=True, rename={"raw_id": "rawId"}):
    """Of what navigator.credentials.create() returned, by its toJSON()."""

    id: CredentialId
    raw_id: CredentialId
    type: Literal["public-key"]
    response: AttestationResponse


class Credential(msgspec.Struct, forbid_unknown_fields=True, rename={"raw_id": "rawId"}):
    """Of what navigator.credentials.get() returned, by its toJSON()."""

    id: CredentialId
    raw_id: CredentialId
    type: Literal["public-key"]
    response: AssertionResponse


@dataclass(frozen=True, slots=True)
class Shown:
    """Whose passkey it is, and how it was used, in values of RFC 8176."""

    user_id: int
    amr: tuple[str, ...]


async def to_enrol(request: ApiRequest, user_id: int, bound_to: str) -> PasskeyOptions:
    """What a browser is asked for a new passkey of this user. `bound_to` names the session, or the sign-in. Raises
    Problem 409 where there can be none."""
    party = await _load(request)
    from chat_server.identity.factors import passkeys

    account = await ACCOUNT_NAMES.one(request.pool, user=user_id)
    known = await _known(request, user_id)
    async with request.transaction() as connection:
        handle: UUID = await PASSKEY_HANDLE.value(connection, user=user_id)
    challenge = challenges.new_challenge(request.parts.signer, "enrol", bound_to)
    return PasskeyOptions(
        passkeys.creation_options(party, challenge, handle.bytes, account["email"], account["fullname"], known)
    )


async def to_show(request: ApiRequest, purpose: Purpose, bound_to: str, user_id: int | None) -> PasskeyOptions:
    """What a browser is asked, to show a passkey of this user, or of whoever is there. `bound_to` names the session,
    the sign-in or the browser. Raises Problem 409 if there can be none, or if this user has none."""
    party = await _load(request)
    from chat_server.identity.factors import passkeys

    known = await _known(request, user_id) if user_id is not None else []
    if user_id is not None and not known:
        raise Problem(409, "no_passkey", "You have enrolled no passkey.")
    challenge = challenges.new_challenge(request.parts.signer, purpose, bound_to)
    return PasskeyOptions(passkeys.request_options(party, challenge, known))


async def enrolled(
    request: ApiRequest, connection: Connection, credential: NewCredential, bound_to: str
) -> "Registered":
    """The new passkey that a browser has answered with, to be kept by this transaction. Raises Problem 403."""
    party = await _load(request)
    from chat_server.identity.factors import passkeys

    try:
        challenge = await _challenge(request, connection, credential.response.client_data_json, "enrol", bound_to)
        return passkeys.registered(party, challenge, _as_sent(credential))
    except passkeys.Refused as refusal:
        raise _wrong("enrol", refusal) from None


async def verify(
    request: ApiRequest,
    connection: Connection,
    credential: Credential,
    purpose: Purpose,
    bound_to: str,
    user_id: int | None = None,
) -> Shown:
    """Whose passkey this is, whose use is recorded by this transaction; `user_id`: it must be theirs. Raises Problem
    403 unless it has just signed a challenge of this purpose that was bound to this."""
    party = await _load(request)
    from chat_server.identity.factors import passkeys

    try:
        challenge = await _challenge(request, connection, credential.response.client_data_json, purpose, bound_to)
        row = await PASSKEY_BY_CREDENTIAL.row(connection, credential=passkeys.bytes_of(credential.raw_id))
        if row is None or user_id not in (None, row["user_id"]):
            raise passkeys.Refused("nobody's passkey, or somebody else's")
        if not _is_called(row["handle"], credential.response.user_handle, says_who=user_id is None):
            raise passkeys.Refused("the user handle is another one, or missing")
        shown = passkeys.asserted(party, challenge, _as_sent(credential), row["public_key"])
    except passkeys.Refused as refusal:
        raise _wrong(purpose, refusal) from None
    if not await PASSKEY_USE.value(connection, passkey=row["id"], sign_count=shown.sign_count, synced=shown.synced):
        _log.warning("passkey copied", passkey=row["id"], user=row["user_id"], count=shown.sign_count)
        raise Problem(
            403,
            "passkey_copied",
            "There is a copy of this passkey, which was used elsewhere: sign in another way, and remove it.",
        )
    return Shown(row["user_id"], shown.amr)


async def _load(request: ApiRequest) -> RelyingParty:
    """Imports, for the first time in a thread, what takes half a second, and says who asks."""
    public_url = request.parts.providers.public_url
    party = relying_party(public_url, request.parts.settings.auth.issuer)
    if party is None:
        raise unavailable(public_url)
    await asyncio.to_thread(importlib.import_module, "chat_server.identity.factors.passkeys")
    return party


async def _known(request: ApiRequest, user_id: int) -> "Sequence[Known]":
    from chat_server.identity.factors.passkeys import Known

    rows = await PASSKEY_CREDENTIALS.rows(request.pool, user=user_id)
    return [Known(row["credential_id"], row["transports"]) for row in rows]


async def _challenge(
    request: ApiRequest, connection: Connection, client_data: str, purpose: Purpose, bound_to: str
) -> bytes:
    """The challenge that was signed, which is used up by this transaction."""
    from chat_server.identity.factors import passkeys

    challenge = passkeys.challenge_of(client_data)
    if not challenges.is_good(request.parts.signer, challenge, purpose, bound_to):
        raise passkeys.Refused("the challenge has expired, or is for something else")
    if not await use(connection, f"passkey {challenge.hex()}", challenges.CHALLENGE_SECONDS):
        raise passkeys.Refused("the challenge was used before")
    return challenge


def _is_called(handle: UUID, given: str | None, says_who: bool) -> bool:
    """Whether the authenticator calls the user so. It may leave that out where they are known (`says_who`: they are
    not)."""
    from chat_server.identity.factors.passkeys import bytes_of

    return bytes_of(given) == handle.bytes if given else not says_who


def _as_sent(credential: NewCredential | Credential) -> dict[str, Any]:
    content: dict[str, Any] = msgspec.to_builtins(credential)
    return content


def _wrong(purpose: Purpose, refusal: Exception) -> Problem:
    _log.info("passkey refused", purpose=purpose, reason=str(refusal)[:200])
    return Problem(
        403, "wrong_passkey", "This passkey is not known here, was not used as asked, or too late: try it again."
    )

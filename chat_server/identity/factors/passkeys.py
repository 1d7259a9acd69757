"""Passkeys (https://www.w3.org/TR/webauthn-3/): what browsers are asked, and whether what they answer is true.

The user is always verified by the authenticator (PIN, fingerprint, face), so that a passkey is two factors in one. Who
made an authenticator is not asked (attestation): everybody may bring their own.

The library takes half a second to import: import this module where it is needed, and not when a server starts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import options_to_json_dict, parse_client_data_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from chat_server.identity.factors.challenges import CHALLENGE_SECONDS
from chat_server.identity.factors.relying_party import RelyingParty

_TRANSPORTS = {each.value: each for each in AuthenticatorTransport}
_TIMEOUT_MS = CHALLENGE_SECONDS * 1000


class Refused(Exception):
    """The answer is not what a passkey of this server would sign. The text says why, for the log."""


@dataclass(frozen=True, slots=True)
class Known:
    """A passkey of which the browser is told. `credential_id` is what the authenticator calls it."""

    credential_id: bytes
    transports: Sequence[str]


@dataclass(frozen=True, slots=True)
class Use:
    """What an authenticator has signed. `amr` has values of RFC 8176; `synced`: other devices have the passkey, too."""

    sign_count: int
    synced: bool
    amr: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Registered:
    credential_id: bytes
    public_key: bytes
    transports: list[str]
    use: Use


def creation_options(
    party: RelyingParty, challenge: bytes, handle: bytes, name: str, fullname: str, known: Sequence[Known]
) -> dict[str, Any]:
    """For navigator.credentials.create(), as PublicKeyCredential.parseCreationOptionsFromJSON() reads it."""
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=handle,
        user_name=name,
        user_display_name=fullname,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_described(known),
    )
    return options_to_json_dict(options)


def request_options(party: RelyingParty, challenge: bytes, known: Sequence[Known]) -> dict[str, Any]:
    """For navigator.credentials.get(). `known`: those of the user; none if it is the passkey that says who they are."""
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=_TIMEOUT_MS,
        allow_credentials=_described(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def bytes_of(text: str) -> bytes:
    """Raises Refused for what is not base64url."""
    try:
        return base64url_to_bytes(text)
    except ValueError as error:
        raise Refused("malformed base64url") from error


def challenge_of(client_data: str) -> bytes:
    """The challenge that was signed. Raises Refused."""
    try:
        return parse_client_data_json(base64url_to_bytes(client_data)).challenge
    except Exception as error:  # the library raises whatever a malformed text leads to
        raise Refused("malformed client data") from error


def registered(party: RelyingParty, challenge: bytes, credential: dict[str, Any]) -> Registered:
    """The new passkey of an answer to `creation_options`. Raises Refused."""
    try:
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except Exception as error:
        raise Refused(str(error)) from error
    return Registered(
        verified.credential_id,
        verified.credential_public_key,
        credential["response"]["transports"],
        Use(verified.sign_count, verified.credential_backed_up, _amr(verified.credential_device_type)),
    )


def asserted(party: RelyingParty, challenge: bytes, credential: dict[str, Any], public_key: bytes) -> Use:
    """What the passkey of this key has signed, in answer to `request_options`. Raises Refused. Its count is left to the
    database, which compares it for uses at the same time too."""
    try:
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception as error:
        raise Refused(str(error)) from error
    return Use(verified.new_sign_count, verified.credential_backed_up, _amr(verified.credential_device_type))


def _amr(kind: CredentialDeviceType) -> tuple[str, ...]:
    """A key that cannot leave its device counts as one in hardware, by the authenticator's own word."""
    return ("hwk" if kind is CredentialDeviceType.SINGLE_DEVICE else "swk", "user", "mfa")


def _described(known: Sequence[Known]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=each.credential_id, transports=[_TRANSPORTS[name] for name in each.transports if name in _TRANSPORTS]
        )
        for each in known
    ]

"""Second factors, as their user sees them."""

from typing import Any

import msgspec

from chat_server.http.fields import Id, Time


class Totp(msgspec.Struct):
    """The authenticator app, enrolled at `created_at`."""

    created_at: Time


class Passkey(msgspec.Struct):
    """`synced`: the authenticator says that the user's other devices have it, too."""

    id: Id
    name: str
    synced: bool
    created_at: Time
    last_used_at: Time | None


class SecondFactors(msgspec.Struct):
    """The caller's second factors; a sign-in asks for one of them if there is any."""

    totp: Totp | None
    passkeys: list[Passkey]
    recovery_codes_left: int


class TotpEnrolment(msgspec.Struct):
    """For the authenticator app: `qr_code` is an SVG of `uri`, and `secret` is what it contains, to be typed in. All of
    them are secret."""

    secret: str
    uri: str
    qr_code: str


class PasskeyOptions(msgspec.Struct):
    """For five minutes, and one answer: what PublicKeyCredential.parseCreationOptionsFromJSON() or
    parseRequestOptionsFromJSON() reads, for navigator.credentials.create() or get()."""

    options: dict[str, Any]


class NewPasskey(msgspec.Struct):
    """`recovery_codes` are shown only now; null where earlier ones still are good."""

    passkey: Passkey
    recovery_codes: list[str] | None


class RecoveryCodes(msgspec.Struct):
    """New recovery codes, shown only now. Each is good once. Null where earlier ones still are."""

    recovery_codes: list[str] | None

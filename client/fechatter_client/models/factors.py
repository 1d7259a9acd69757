"""Second factors."""

from datetime import datetime
from typing import Any

from . import Model


class Totp(Model):
    """The authenticator app, enrolled at `created_at`."""

    created_at: datetime


class Passkey(Model):
    """`synced`: the user's other devices have it, too."""

    id: int
    name: str
    synced: bool
    created_at: datetime
    last_used_at: datetime | None


class SecondFactors(Model):
    """A sign-in asks for one of them if there is any."""

    totp: Totp | None
    passkeys: list[Passkey]
    recovery_codes_left: int


class TotpEnrolment(Model):
    """For the authenticator app: `qr_code` is an SVG of `uri`, and `secret` is what it contains, to be typed in."""

    secret: str
    uri: str
    qr_code: str


class PasskeyOptions(Model):
    """What an authenticator is asked, as WebAuthn's JSON."""

    options: dict[str, Any]


class NewPasskey(Model):
    """`recovery_codes` are shown only now; None if earlier ones are still good."""

    passkey: Passkey
    recovery_codes: list[str] | None


class RecoveryCodes(Model):
    recovery_codes: list[str] | None

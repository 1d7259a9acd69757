"""Second factors."""

from datetime import datetime

from . import Model


class Totp(Model):
    """The authenticator app, enrolled at `created_at`."""

    created_at: datetime


class SecondFactors(Model):
    """A sign-in asks for one of them if there is any."""

    totp: Totp | None
    recovery_codes_left: int


class TotpEnrolment(Model):
    """For the authenticator app: `qr_code` is an SVG of `uri`, and `secret` is what it contains, to be typed in."""

    secret: str
    uri: str
    qr_code: str


class RecoveryCodes(Model):
    recovery_codes: list[str] | None

"""Second factors, as their user sees them."""

import msgspec

from chat_server.http.fields import Time


class Totp(msgspec.Struct):
    """The authenticator app, enrolled at `created_at`."""

    created_at: Time


class SecondFactors(msgspec.Struct):
    """The caller's second factors; a sign-in asks for one of them if there is any."""

    totp: Totp | None
    recovery_codes_left: int


class TotpEnrolment(msgspec.Struct):
    """For the authenticator app: `qr_code` is an SVG of `uri`, and `secret` is what it contains, to be typed in. All of
    them are secret."""

    secret: str
    uri: str
    qr_code: str


class RecoveryCodes(msgspec.Struct):
    """New recovery codes, shown only now. Each is good once. Null where earlier ones still are."""

    recovery_codes: list[str] | None

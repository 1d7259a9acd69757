"""Codes of an authenticator app: TOTP (RFC 6238) with SHA-1, six digits and steps of 30 s, which every app knows."""

import base64
import io
import secrets
import time
from hmac import compare_digest

import pyotp
import segno

STEP_SECONDS = 30
# RFC 4226, section 4: 160 bits are recommended.
SECRET_BYTES = 20
# Steps by which the clock of a phone may be off, either way.
DRIFT = 1


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def in_base32(secret: bytes) -> str:
    """As people type it into an app."""
    return base64.b32encode(secret).decode().rstrip("=")


def uri(secret: bytes, account: str, issuer: str) -> str:
    """What the app reads from the QR code (https://github.com/google/google-authenticator/wiki/Key-Uri-Format)."""
    return pyotp.TOTP(in_base32(secret)).provisioning_uri(name=account, issuer_name=issuer)


def qr_code(text: str) -> str:
    """An SVG, dark on white whatever the page's colours."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", scale=4, light="white", xmldecl=False, nl=False)
    return drawn.getvalue().decode()


def step_of(secret: bytes, code: str) -> int | None:
    """The step whose code this is, now or within the drift, with or without its space; None if it is wrong."""
    code = code.replace(" ", "")
    totp, now = pyotp.TOTP(in_base32(secret)), int(time.time()) // STEP_SECONDS
    matching = [step for step in range(now - DRIFT, now + DRIFT + 1) if compare_digest(totp.generate_otp(step), code)]
    return matching[-1] if matching else None

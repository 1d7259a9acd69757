"""Whether a webhook comes from Clerk: signatures of Svix (https://docs.svix.com/receiving/verifying-payloads/how-manual),
which are those of Standard Webhooks 1.0.0 under other names."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable

SECONDS = 300
MOST_SIGNATURES = 10


class InvalidWebhook(Exception):
    """The request must not be believed. The text says why."""


def verify(secrets: Iterable[bytes], message_id: str, sent_at: str, signatures: str, body: bytes, now: float) -> None:
    """Raises InvalidWebhook unless one of the signatures is by one of the secrets, over these bytes, and was made
    within SECONDS of now. The three texts are the headers svix-id, svix-timestamp and svix-signature."""
    if not message_id or not re.fullmatch(r"[0-9]{1,12}", sent_at):
        raise InvalidWebhook("svix-id, svix-timestamp and svix-signature are required")
    if abs(now - int(sent_at)) > SECONDS:
        raise InvalidWebhook(f"its timestamp is more than {SECONDS} seconds from now")
    given = [each[3:] for each in signatures.split(" ")[:MOST_SIGNATURES] if each.startswith("v1,")]
    signed = f"{message_id}.{sent_at}.".encode("utf-8", "surrogateescape") + body
    good = False
    for secret in secrets:
        expected = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256))
        for each in given:
            good |= hmac.compare_digest(expected, each.encode("utf-8", "replace"))
    if not good:
        raise InvalidWebhook("no signature of it is valid")


def key_of(secret: str) -> bytes:
    """The bytes of a secret such as whsec_MfKQ…. Raises ValueError."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith("whsec_") or not key:
        raise ValueError("expected a secret that begins with whsec_, as Clerk's dashboard shows it")
    return key

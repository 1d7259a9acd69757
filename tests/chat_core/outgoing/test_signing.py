"""Signatures of webhooks: HMAC judged by the official package of Standard Webhooks, Ed25519 by the specification."""

import base64
import time

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook, WebhookVerificationError

from chat_core.outgoing.signing import SigningKey, signed

BODY = '{"content":"上海 — it’s up"}'.encode()


def test_hmac_is_what_the_official_package_accepts() -> None:
    key, other = SigningKey.new("v1"), SigningKey.new("v1")
    headers = signed([key], "3f2a.17", int(time.time()), BODY)
    assert Webhook(key.shown).verify(BODY, headers) == {"content": "上海 — it’s up"}
    changed = [
        (other.shown, BODY, headers),
        (key.shown, BODY + b" ", headers),
        (key.shown, BODY, headers | {"webhook-id": "3f2a.18"}),
        (key.shown, BODY, headers | {"webhook-timestamp": str(int(time.time()) + 1)}),
        (key.shown, BODY, signed([key], "3f2a.17", int(time.time()) - 600, BODY)),
    ]
    for secret, body, sent in changed:
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, sent)


def test_while_a_secret_is_replaced_both_are_accepted() -> None:
    old, new, public = SigningKey.new("v1"), SigningKey.new("v1"), SigningKey.new("v1a")
    headers = signed([new, old, public], "3f2a.17", int(time.time()), BODY)
    for key in (old, new):
        assert Webhook(key.shown).verify(BODY, headers)
    assert [part.partition(",")[0] for part in headers["webhook-signature"].split(" ")] == ["v1", "v1", "v1a"]


def test_ed25519_is_verified_by_the_public_key_alone() -> None:
    """`whpk_` and the 32 bytes of the key; the signature is over `id.timestamp.body`, as for HMAC."""
    key = SigningKey.new("v1a")
    headers = signed([key], "3f2a.17", 1_700_000_000, BODY)
    prefix, _, shown = key.shown.partition("_")
    assert prefix == "whpk"
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(shown))
    scheme, _, signature = headers["webhook-signature"].partition(",")
    assert scheme == "v1a"
    public.verify(base64.b64decode(signature), b"3f2a.17.1700000000." + BODY)
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(signature), b"3f2a.17.1700000001." + BODY)


def test_the_forms_of_keys() -> None:
    assert SigningKey("v1", bytes(32)).shown == "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    assert len(SigningKey.new("v1").secret) == 32
    assert SigningKey.new("v1a").secret != SigningKey.new("v1a").secret

"""What a device is told: encrypted as RFC 8291 says, and as others decrypt it; signed as RFC 8292 says."""

import base64
import time

import http_ece
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chat_core.outgoing.web_push import MOST_BYTES, MOST_TEXT_BYTES, Vapid, encrypt, is_public_key, new_pair


def bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def key_of(private: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(private, "big"), ec.SECP256R1())


def test_the_example_of_the_rfc() -> None:
    """RFC 8291, appendix A."""
    public = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    body = encrypt(
        b"When I grow up, I want to be a watermelon",
        bytes_of(public),
        bytes_of("BTBZMqHH6r4Tts7J_aSIgg"),
        key=key_of(bytes_of("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")),
        salt=bytes_of("DGv6ra1nlYgDCS1FRnbzlw"),
        padded_to=1,
    )
    assert body == bytes_of(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7"
        "A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.mark.parametrize("length", [0, 1, 255, 256, 1000, MOST_TEXT_BYTES])
def test_others_decrypt_it_and_learn_little_from_its_length(length: int) -> None:
    private, public = new_pair()
    text, secret = b"x" * length, b"s" * 16
    body = encrypt(text, public, secret)
    assert http_ece.decrypt(body, private_key=key_of(private), auth_secret=secret) == text
    assert (len(body) <= MOST_BYTES and (len(body) - 103) % 256 == 0) or len(body) == MOST_BYTES
    assert body != encrypt(text, public, secret)


def test_which_keys_a_device_may_have() -> None:
    _, public = new_pair()
    assert is_public_key(public)
    assert not any(map(is_public_key, (public[:-1], bytes(65), public[:1] + bytes(64), b"\x02" + public[1:33], b"")))


def test_each_service_gets_a_token_of_its_own() -> None:
    private, public = new_pair()
    vapid = Vapid(private, "mailto:ops@example.com")
    said = vapid.headers("https://push.example:8443/wpush/v2/abc")["Authorization"]
    scheme, token, key = said.split(" ")
    assert scheme == "vapid"
    assert bytes_of(key.removeprefix("k=")) == public
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    claims = jwt.decode(token.removeprefix("t=").rstrip(","), point, ["ES256"], audience="https://push.example:8443")
    assert claims["sub"] == "mailto:ops@example.com"
    assert 12 * 3600 < claims["exp"] - time.time() <= 24 * 3600
    assert vapid.headers("https://push.example:8443/other")["Authorization"] == said
    assert vapid.headers("https://push.example/other")["Authorization"] != said

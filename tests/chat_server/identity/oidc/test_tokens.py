"""What a provider's tokens are believed, and each way of forging one that must not be."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from chat_core.settings import OidcProvider
from chat_server.identity import remembered
from chat_server.identity.keys import Keys, KeySet, usable
from chat_server.identity.oidc.tokens import verified_id_token, verified_logout_token
from chat_server.identity.outgoing import Outgoing, ProviderUnavailable
from chat_server.identity.signed_tokens import InvalidToken
from tests.support.identity.oidc_peer import CLIENT_ID, LOGOUT_EVENT, OidcPeer, SigningKey, oidc_peer, rsa_key

NONCE = "the nonce of this attempt"


@pytest.fixture
async def peer() -> AsyncIterator[OidcPeer]:
    async with oidc_peer() as running:
        yield running


@pytest.fixture
async def keys(peer: OidcPeer) -> AsyncIterator[Keys]:
    outgoing = Outgoing()
    yield Keys(outgoing, f"{peer.issuer}/jwks", 7200)
    await outgoing.close()


async def refused(token: str, settings: OidcProvider, keys: Keys, *, logout: bool = False) -> str:
    verified = verified_logout_token(token, settings, keys) if logout else None
    with pytest.raises(InvalidToken) as error:
        await (verified or verified_id_token(token, settings, keys, NONCE))
    return str(error.value)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_a_token_of_the_provider_is_believed(peer: OidcPeer, keys: Keys, algorithm: str) -> None:
    peer.keys = [SigningKey("only", algorithm)]
    claims = await verified_id_token(peer.keys[0].sign(peer.claims(nonce=NONCE)), peer.provider(), keys, NONCE)
    assert claims["sub"] == "ada-1"


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"nonce": "another"}, "its nonce is another one"),
        ({"nonce": None}, "its nonce is not a text"),
        ({"iss": "https://elsewhere.example"}, "it is of another issuer"),
        ({"iss": None}, "it has no iss"),
        ({"aud": "another client"}, "it is for another client"),
        ({"aud": [CLIENT_ID, "another"]}, "it was issued to another client"),
        ({"aud": [CLIENT_ID, "another"], "azp": "another"}, "it was issued to another client"),
        ({"azp": "another"}, "it was issued to another client"),
        ({"exp": -90}, "it has expired"),
        ({"exp": None}, "it has no exp"),
        ({"iat": 90}, "it is from the future"),
        ({"nbf": 90}, "it is from the future"),
        ({"sub": ""}, "its sub is not a text"),
        ({"sub": "a" * 256}, "its sub is not a text"),
        ({"sub": "ada\0"}, "its sub is not a text"),
        ({"sub": 7}, "it is not valid"),
        ({"events": {LOGOUT_EVENT: {}}}, "it is not an ID token"),
    ],
)
async def test_an_id_token_that_violates_a_rule(peer: OidcPeer, keys: Keys, claims: Any, reason: str) -> None:
    """Times are seconds from now."""
    now = int(time.time())
    claims = {name: now + value if name in ("exp", "iat", "nbf") and value else value for name, value in claims.items()}
    # PyJWT signs no token that it would not read: a subject that is a number, an issuer that is none.
    token = _signed(peer.claims(**{"nonce": NONCE, **claims}))
    assert (await refused(token, peer.provider(), keys)).startswith(reason)


def _signed(claims: dict[str, Any]) -> str:
    payload = json.dumps(claims).encode()
    return jwt.api_jws.PyJWS().encode(payload, rsa_key(), "RS256", headers={"kid": "first", "typ": "JWT"})


async def test_clocks_may_differ_by_the_setting(peer: OidcPeer, keys: Keys) -> None:
    now = int(time.time())
    late = peer.keys[0].sign(peer.claims(nonce=NONCE, exp=now - 30))
    early = peer.keys[0].sign(peer.claims(nonce=NONCE, iat=now + 30))
    for token in (late, early):
        await verified_id_token(token, peer.provider(), keys, NONCE)
        await refused(token, peer.provider(clock_skew_seconds=0), keys)


async def test_algorithms_are_those_of_the_settings_and_of_the_key(peer: OidcPeer, keys: Keys) -> None:
    claims = peer.claims(nonce=NONCE)
    public = (
        rsa_key().public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    # The classic confusion: the public key, which everybody knows, as the secret of an HMAC.
    hmac = jwt.api_jws.PyJWS()
    hmac._algorithms["HS256"].prepare_key = lambda key: key  # type: ignore[method-assign]
    confused = hmac.encode(json.dumps(claims).encode(), public, "HS256", headers={"kid": "first"})
    for token in (confused, jwt.encode(claims, "", "none", headers={"kid": "first"})):
        assert "algorithm" in await refused(token, peer.provider(), keys)
    rs384 = jwt.encode(claims, rsa_key(), "RS384", headers={"kid": "first"})
    assert "algorithm" in await refused(rs384, peer.provider(), keys)
    # The settings allow it, but the key is for RS256.
    assert "no key" in await refused(rs384, peer.provider(algorithms=["RS256", "RS384"]), keys)


async def test_a_key_of_somebody_else_does_not_sign(peer: OidcPeer, keys: Keys) -> None:
    theirs = SigningKey("first", key=rsa.generate_private_key(public_exponent=65537, key_size=2048))
    token = theirs.sign(peer.claims(nonce=NONCE), jwk=theirs.jwk, jku="https://attacker.example/jwks")
    assert await refused(token, peer.provider(), keys) == "its signature is not valid"


def test_keys_that_are_weak_private_symmetric_or_for_encryption_are_passed_over() -> None:
    good = SigningKey("good").jwk
    weak = SigningKey("weak", key=rsa.generate_private_key(public_exponent=65537, key_size=1024)).jwk  # noqa: S505 - it is what is refused
    symmetric = {"kty": "oct", "k": "c2VjcmV0", "alg": "HS256", "kid": "symmetric"}
    private = {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key())), "kid": "private", "alg": "RS256"}
    del private["key_ops"]
    others = [
        {**good, "use": "enc"},
        private,
        {**good, "alg": "HS256"},
        {**good, "n": "?"},
        {"kty": "new"},
    ]
    assert [key.id for key in usable(KeySet([weak, symmetric, *others, good]))] == ["good"]


async def test_a_rotated_key_is_fetched_and_a_stale_one_is_not_believed(
    peer: OidcPeer, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "RENEWAL_SECONDS", 0.0)
    old, new = peer.keys[0], SigningKey("second", "ES256")
    claims = peer.claims(nonce=NONCE)
    await verified_id_token(old.sign(claims), peer.provider(), keys, NONCE)
    peer.keys = [new]
    await verified_id_token(new.sign(claims), peer.provider(), keys, NONCE)
    assert "no key" in await refused(old.sign(claims), peer.provider(), keys)


async def test_unknown_keys_make_few_requests(peer: OidcPeer, keys: Keys) -> None:
    token = SigningKey("unknown").sign(peer.claims(nonce=NONCE))
    for _ in range(5):
        assert "no key" in await refused(token, peer.provider(), keys)
    assert peer.asked == ["/jwks"]


async def test_in_an_outage_known_keys_are_used_for_a_while(peer: OidcPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(remembered.Remembered.__init__, "__defaults__", (lambda: now,))
    outgoing = Outgoing()
    keys = Keys(outgoing, f"{peer.issuer}/jwks", 7200)
    token = peer.keys[0].sign(peer.claims(nonce=NONCE))
    await verified_id_token(token, peer.provider(), keys, NONCE)
    peer.down = True
    now = 7199.0
    await verified_id_token(token, peer.provider(), keys, NONCE)
    assert peer.asked == ["/jwks", "/jwks"]
    now = 7200.0
    with pytest.raises(ProviderUnavailable, match="answered with 503"):
        await verified_id_token(token, peer.provider(), keys, NONCE)
    peer.down = False
    now = 7300.0
    await verified_id_token(token, peer.provider(), keys, NONCE)
    await outgoing.close()


async def test_a_logout_token_is_believed(peer: OidcPeer, keys: Keys) -> None:
    for claims in ({"sid": "s-1"}, {"sid": "s-1", "sub": None}, {"exp": None}):
        believed = await verified_logout_token(peer.logout_token(**claims), peer.provider(), keys)
        assert believed.get("sid") == claims.get("sid")


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": "https://elsewhere.example"}, "it is of another issuer"),
        ({"aud": "another client"}, "it is for another client"),
        ({"iat": None}, "it has no iat"),
        ({"iat": int(time.time()) - 400}, "it is too old"),
        ({"exp": -90}, "it has expired"),
        ({"events": None}, "its events"),
        ({"events": {"https://example.com/other": {}}}, "its events"),
        ({"events": [LOGOUT_EVENT]}, "its events"),
        ({"nonce": NONCE}, "it has a nonce"),
        ({"jti": None}, "it has no jti"),
        ({"sub": None}, "it has neither sid nor sub"),
        ({"sid": ""}, "its sid is not a text"),
    ],
)
async def test_a_logout_token_that_violates_a_rule(peer: OidcPeer, keys: Keys, claims: Any, reason: str) -> None:
    assert (await refused(peer.logout_token(**claims), peer.provider(), keys, logout=True)).startswith(reason)


async def test_one_kind_of_token_is_not_taken_for_the_other(peer: OidcPeer, keys: Keys) -> None:
    assert "its type" in await refused(peer.logout_token(nonce=NONCE), peer.provider(), keys)
    id_token = peer.keys[0].sign(peer.claims(nonce=NONCE, jti="1"))
    assert "its events" in await refused(id_token, peer.provider(), keys, logout=True)


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 70_000, "....", "é.é.é"])
async def test_what_is_not_a_token(peer: OidcPeer, keys: Keys, token: str) -> None:
    await refused(token, peer.provider(), keys)

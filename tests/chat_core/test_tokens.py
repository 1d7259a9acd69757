"""Access tokens: what is accepted, and that everything else is not."""

import time
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from chat_core import tokens
from chat_core.keys import KeyFileError
from chat_core.tokens import InvalidToken, Signer, Verifier, hash_secret, new_secret


def _pair(folder: Path) -> tuple[Path, Path]:
    folder.mkdir()
    key = Ed25519PrivateKey.generate()
    private, public = folder / "private.pem", folder / "public.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public


def test_a_token_says_who_and_until_when(tmp_path: Path) -> None:
    private, public = _pair(tmp_path / "keys")
    token, claims = Signer(private, "fechatter", 900).sign(7, 42)
    assert Verifier(public, "fechatter").verify(token) == claims
    assert (claims.user_id, claims.session_id) == (7, 42)


def test_a_secret_of_a_seed_is_the_same_wherever_the_key_is(tmp_path: Path) -> None:
    private, _ = _pair(tmp_path / "keys")
    other, _ = _pair(tmp_path / "other")
    secret = Signer(private, "fechatter", 900).secret_of("seed")
    assert Signer(private, "another", 60).secret_of("seed") == secret
    assert len(secret) == len(new_secret()[0])
    different = {Signer(private, "fechatter", 900).secret_of("Seed"), Signer(other, "fechatter", 900).secret_of("seed")}
    assert len(different | {secret}) == 3


def test_a_token_from_a_clock_that_is_ahead_is_good(tmp_path: Path) -> None:
    private, public = _pair(tmp_path / "keys")
    token, _ = Signer(private, "fechatter", 900).sign(7, 42)
    claims = jwt.decode(token, options={"verify_signature": False})
    ahead = jwt.encode({**claims, "iat": claims["iat"] + 30}, private.read_bytes(), algorithm="EdDSA")
    assert Verifier(public, "fechatter").verify(ahead).user_id == 7


def test_what_is_not_ours_is_refused(tmp_path: Path) -> None:
    private, public = _pair(tmp_path / "keys")
    other, _ = _pair(tmp_path / "other")
    verifier = Verifier(public, "fechatter")
    good, _ = Signer(private, "fechatter", 900).sign(7, 42)
    claims = jwt.decode(good, options={"verify_signature": False})
    bad = [
        "",
        "nonsense",
        good[:-4] + "AAAA",
        Signer(other, "fechatter", 900).sign(7, 42)[0],
        Signer(private, "somebody else", 900).sign(7, 42)[0],
        Signer(private, "fechatter", -1).sign(7, 42)[0],
        jwt.encode(claims, "", algorithm="none"),
        jwt.encode(claims, public.read_bytes()[27:80], algorithm="HS256"),
        jwt.encode({k: v for k, v in claims.items() if k != "sid"}, private.read_bytes(), algorithm="EdDSA"),
        jwt.encode({k: v for k, v in claims.items() if k != "exp"}, private.read_bytes(), algorithm="EdDSA"),
        jwt.encode({**claims, "sub": "ada"}, private.read_bytes(), algorithm="EdDSA"),
    ]
    for token in bad:
        with pytest.raises(InvalidToken):
            verifier.verify(token)


def test_secrets_are_long_and_only_their_hash_is_kept() -> None:
    secret, kept = new_secret()
    assert len(secret) >= 43
    assert kept == hash_secret(secret)
    assert secret.encode() not in kept
    assert new_secret()[0] != secret


def test_a_key_file_that_is_none_is_named(tmp_path: Path) -> None:
    private, public = _pair(tmp_path / "keys")
    (nonsense := tmp_path / "nonsense.pem").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    with pytest.raises(KeyFileError, match=r"public\.pem is not a private key"):
        Signer(public, "fechatter", 900)
    for make in (lambda: Signer(nonsense, "fechatter", 900), lambda: Verifier(nonsense, "fechatter")):
        with pytest.raises(KeyFileError, match=r"nonsense\.pem is not an Ed25519 key"):
            make()
    token, claims = Signer(private, "fechatter", 900).sign(7, 42)
    assert Verifier(private, "fechatter").verify(token) == claims


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens whose signature was checked."""
    seen: list[str] = []
    check = jwt.decode

    def decode(token: str, *arguments: object, **options: object) -> object:
        seen.append(token)
        return check(token, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(jwt, "decode", decode)
    return seen


def test_a_signature_is_checked_once(tmp_path: Path, checked: list[str]) -> None:
    private, public = _pair(tmp_path / "keys")
    verifier, signer = Verifier(public, "fechatter"), Signer(private, "fechatter", 900)
    token, claims = signer.sign(7, 42)
    assert [verifier.verify(token) for _ in range(3)] == [claims] * 3
    assert checked == [token]
    for _ in range(2):
        with pytest.raises(InvalidToken):
            verifier.verify(token[:-4] + "AAAA")
    assert len(checked) == 3


def test_a_remembered_token_expires_like_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private, public = _pair(tmp_path / "keys")
    verifier = Verifier(public, "fechatter")
    token, claims = Signer(private, "fechatter", 900).sign(7, 42)
    verifier.verify(token)
    monkeypatch.setattr(time, "time", lambda: float(claims.expires_at))
    with pytest.raises(InvalidToken, match="has expired"):
        verifier.verify(token)


def test_only_so_many_tokens_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checked: list[str]
) -> None:
    monkeypatch.setattr(tokens, "REMEMBERED_TOKENS", 2)
    private, public = _pair(tmp_path / "keys")
    verifier, signer = Verifier(public, "fechatter"), Signer(private, "fechatter", 900)
    first, second, third = (signer.sign(user, 1)[0] for user in (1, 2, 3))
    for token in (first, second, third, third, second, first):
        verifier.verify(token)
    assert checked == [first, second, third, first]

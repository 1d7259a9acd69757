"""The Ed25519 key pair that signs access tokens: created for local use, checked by doctor."""

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from chat_core.settings import Settings


def paths(settings: Settings) -> tuple[Path, Path]:
    """Private and public: the configured ones, or those that `make_pair` creates in the data directory."""
    folder = settings.data_dir / "keys"
    return settings.auth.private_key or folder / "private.pem", settings.auth.public_key or folder / "public.pem"


def make_pair(settings: Settings) -> bool:
    """Creates the pair in the data directory unless it exists. Returns whether it was created."""
    folder = settings.data_dir / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private, public = folder / "private.pem", folder / "public.pem"
    if private.exists() and public.exists():
        return False
    key = _load_private(private) if private.exists() else Ed25519PrivateKey.generate()
    _write(private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    _write(public, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return True


def problem(private: Path, public: Path) -> str | None:
    """What is wrong with a pair and what to do, in one sentence; None if nothing is."""
    try:
        key = _load_private(private)
        published = load_pem_public_key(public.read_bytes())
    except OSError as error:
        return f"{error.filename}: {(error.strerror or '').lower()}; `fechatter up` creates a pair in development"
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return f"{private} and {public} must be Ed25519 keys in PEM files without a password"
    if not isinstance(published, Ed25519PublicKey):
        return f"{public} must be an Ed25519 public key"
    if key.public_key().public_bytes_raw() != published.public_bytes_raw():
        return f"{public} does not belong to {private}: create it again with `openssl pkey -in {private} -pubout`"
    if private.stat().st_mode & 0o077:
        return f"{private} can be read by other users: chmod 600 {private}"
    return None


def _load_private(path: Path) -> Ed25519PrivateKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} is not an Ed25519 private key")
    return key


def _write(path: Path, content: bytes) -> None:
    """Completely or not at all, and never readable by others."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    new.replace(path)

"""The Ed25519 keys that sign access tokens (chat_core/keys.py): created for local use, checked by doctor, rotated."""

import os
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from chat_core.keys import VERIFYING, KeyFileError, read, retired, thumbprint
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
    keys = read_private(private) if private.exists() else [Ed25519PrivateKey.generate()]
    _write(private, _private_pem(keys))
    _write(public, _public_pem(keys))
    return True


def rotate(private: Path, public: Path, *, revoke: bool) -> list[str]:
    """A new key signs from now on; the kids of those that verify, it first. Without `revoke` the previous key's tokens
    stay good; with it, the former keys are kept apart, to open what they have sealed. Servers read the files anew
    within a second: the public one is written first, so that every server knows the new key before one signs with it.
    Raises OSError and KeyFileError."""
    former = [] if revoke else read_private(private)
    if revoke:
        with suppress(OSError, KeyFileError):  # a file that nobody can read has sealed nothing that anybody could open
            _retire(private)
    kept = [Ed25519PrivateKey.generate(), *former[:1], *(former[-1:] if len(former) > 1 else [])]
    _write(public, _public_pem(kept))
    _write(private, _private_pem(kept))
    return [thumbprint(key.public_key()) for key in kept[:VERIFYING]]


def _retire(private: Path) -> None:
    former, file = read_private(private), retired(private)
    _write(file, _private_pem([*former, *(read_private(file) if file.exists() else [])]))


def problem(private: Path, public: Path) -> str | None:
    """What is wrong with a pair and what to do, in one sentence; None if nothing is."""
    try:
        keys, published = read_private(private), read(public)
    except OSError as error:
        return f"{error.filename}: {(error.strerror or '').lower()}; `fechatter up` creates a pair in development"
    except KeyFileError:
        return f"{private} and {public} must be Ed25519 keys in PEM files without a password"
    known = [key for key in published if isinstance(key, Ed25519PublicKey)]
    if len(known) < len(published):
        return f"{public} must be an Ed25519 public key"
    if thumbprint(keys[0].public_key()) not in {thumbprint(key) for key in known}:
        return f"{public} does not belong to {private}: create it again with `openssl pkey -in {private} -pubout`"
    if private.stat().st_mode & 0o077:
        return f"{private} can be read by other users: chmod 600 {private}"
    return None


def read_private(path: Path) -> list[Ed25519PrivateKey]:
    """Raises OSError and KeyFileError."""
    keys = [key for key in read(path) if isinstance(key, Ed25519PrivateKey)]
    if not keys:
        raise KeyFileError(f"{path} is not a private key")
    return keys


def _private_pem(keys: list[Ed25519PrivateKey]) -> bytes:
    return b"".join(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) for key in keys)


def _public_pem(keys: list[Ed25519PrivateKey]) -> bytes:
    return b"".join(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo) for key in keys[:VERIFYING]
    )


def _write(path: Path, content: bytes) -> None:
    """Completely or not at all. A file that is replaced keeps its owner and mode; a new one nobody else may read."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        former = path.stat()
        with suppress(PermissionError):  # only root gives files away
            os.chown(new, former.st_uid, former.st_gid)
        new.chmod(former.st_mode & 0o777)
    new.replace(path)

"""The secrets of authenticator apps are sealed in the database: whoever has a copy of it has no working second factors.

AES-256-GCM under a key that is derived from the server's private key (HKDF, RFC 5869), with a random nonce of 12 bytes
before the rest. A secret is bound to its user, so it opens nothing in another one's row. The oldest private key seals,
since rotations keep it; the row names it by its kid.
"""

import secrets
from typing import Final

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.tokens import Signer

PURPOSE: Final = b"fechatter second factors"
NONCE_BYTES: Final = 12
# Rows that are looked at together.
BATCH: Final = 500

TOTP_SEAL = query("totp_seal", "user", "former", "secret", "sealed_by")
TOTP_SEALED_OTHERWISE = query("totp_sealed_otherwise", "sealed_by", "after", "limit")

_log = structlog.get_logger()


class Unreadable(Exception):
    """A secret was sealed with a key that is not there, or is another user's."""


def sealed(signer: Signer, user_id: int, secret: bytes) -> tuple[bytes, str]:
    """What to store of a secret, and the kid of the key."""
    kid, key = signer.sealing_key(PURPOSE)
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, secret, _bound_to(user_id)), kid


def opened(signer: Signer, user_id: int, stored: bytes, sealed_by: str | None) -> bytes:
    """Raises Unreadable."""
    if sealed_by is None:
        return stored
    try:
        _, key = signer.sealing_key(PURPOSE, sealed_by)
        return AESGCM(key).decrypt(stored[:NONCE_BYTES], stored[NONCE_BYTES:], _bound_to(user_id))
    except (KeyError, InvalidTag):
        raise Unreadable(f"the app's secret of user {user_id} was not sealed for them by a key that is here") from None


async def seal_all(pool: Pool, signer: Signer) -> None:
    """Seals what was stored before there was sealing, and what a key has sealed that is no longer the oldest."""
    kid, _ = signer.sealing_key(PURPOSE)
    after, done, unreadable = 0, 0, 0
    while rows := await TOTP_SEALED_OTHERWISE.rows(pool, sealed_by=kid, after=after, limit=BATCH):
        for row in rows:
            after = row["user_id"]
            try:
                secret = opened(signer, after, row["secret"], row["sealed_by"])
            except Unreadable:
                unreadable += 1
                continue
            stored, sealed_by = sealed(signer, after, secret)
            await TOTP_SEAL.row(pool, user=after, former=row["secret"], secret=stored, sealed_by=sealed_by)
            done += 1
    if done:
        _log.info("secrets of authenticator apps sealed", users=done)
    if unreadable:
        _log.error("secrets of authenticator apps were sealed with a private key that is not here", users=unreadable)


def _bound_to(user_id: int) -> bytes:
    return user_id.to_bytes(8)

"""The links of mails. Each is the seed of the mail's row and a mark that the private key makes of it: the table holds
the seed alone, so the link is written down nowhere but in the mail, and a retry sends the same one."""

import secrets
from uuid import UUID

from chat_core.tokens import Signer

# Where the page takes the link's token from: the part of a URL that browsers do not send.
PAGES = {
    "password_reset": "/reset",
    "verify_address": "/address",
    "new_address": "/address",
    "old_address": "/address",
}


def link(signer: Signer, public_url: str, kind: str, seed: UUID) -> str | None:
    """The URL in a mail; None for a kind that has no link."""
    page = PAGES.get(kind)
    return f"{public_url}{page}#{token_of(signer, seed)}" if page else None


def token_of(signer: Signer, seed: UUID) -> str:
    return f"{seed.hex}.{_mark(signer, seed)}"


def seed_of(signer: Signer, token: str) -> UUID | None:
    """The seed of a token that this server has made. None for any other text."""
    seed, dot, mark = token.partition(".")
    if not dot or len(seed) != 32 or not token.isascii():
        return None
    try:
        named = UUID(hex=seed)
    except ValueError:
        return None
    return named if secrets.compare_digest(mark, _mark(signer, named)) else None


def _mark(signer: Signer, seed: UUID) -> str:
    return signer.secret_of(f"mail link {seed.hex}")


def stop_token(signer: Signer, user_id: int) -> str:
    """By which whoever has one of somebody's mails stops further ones about messages (RFC 8058). It stays good."""
    return f"{user_id}.{signer.secret_of(f'mail stop {user_id}')}"


def user_of_stop_token(signer: Signer, token: str) -> int | None:
    number = token.partition(".")[0]
    if not (token.isascii() and number.isdecimal() and len(number) < 19):
        return None
    user_id = int(number)
    return user_id if secrets.compare_digest(token, stop_token(signer, user_id)) else None

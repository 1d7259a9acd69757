"""Personal access tokens: long-lived secrets for programs, each with scopes (docs/identity/tokens.md).

`fct_`, 30 random characters (178 bits), and 6 that are the CRC-32 of these 30 in base 62: the layout of GitHub's tokens
(https://github.blog/engineering/behind-githubs-new-authentication-token-formats/). Scanners find them in source code
without false alarms, and a mistyped or made-up token costs no query. The database stores only their SHA-256.
"""

import secrets
import zlib
from typing import Final, Literal

from chat_core.tokens import hash_secret

PREFIX: Final = "fct_"  # access tokens (JWT) never begin like this
ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
RANDOM_CHARACTERS, CHECKSUM_CHARACTERS = 30, 6
LENGTH: Final = len(PREFIX) + RANDOM_CHARACTERS + CHECKSUM_CHARACTERS

Scope = Literal[
    "messages:read",
    "messages:write",
    "chats:read",
    "chats:write",
    "workspaces:read",
    "workspaces:write",
    "boards:read",
    "boards:write",
    "pages:read",
    "pages:write",
    "files:read",
    "files:write",
    "profile:read",
    "profile:write",
    "search:read",
    "events:read",
    "moderation",
]


def new_token() -> tuple[str, bytes]:
    """A token to hand out, and the hash to store."""
    random = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))
    token = f"{PREFIX}{random}{_checksum(random)}"
    return token, hash_secret(token)


def is_well_formed(token: str) -> bool:
    """Whether its checksum is right; nobody needs to ask the database about others."""
    random = token[len(PREFIX) : -CHECKSUM_CHARACTERS]
    return len(token) == LENGTH and token.startswith(PREFIX) and token[-CHECKSUM_CHARACTERS:] == _checksum(random)


def _checksum(random: str) -> str:
    number, digits = zlib.crc32(random.encode()), ""
    for _ in range(CHECKSUM_CHARACTERS):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits

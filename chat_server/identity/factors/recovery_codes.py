"""Codes for a user who has lost their second factor. Each is good once; only hashes are stored."""

import base64
import secrets

from chat_core.tokens import hash_secret

AMOUNT = 10
# 80 bits cannot be found by trying, not even with the hashes at hand, so a plain hash suffices.
CODE_BYTES = 10


def new_codes() -> list[str]:
    """Such as `abcd-efgh-ijkl-mnop`."""
    return [_new_code() for _ in range(AMOUNT)]


def hash_of(code: str) -> bytes:
    """However it was typed: case, dashes and spaces do not matter."""
    return hash_secret(f"recovery code {code.lower().replace('-', '').replace(' ', '')}")


def _new_code() -> str:
    text = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))

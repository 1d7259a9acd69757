"""The address to which the bytes of a file go. A program sends no token there, so the address is the secret."""

import hmac
from typing import Final

from chat_core.tokens import Signer

PATH: Final = "/slack/uploads"


def address_of(signer: Signer, upload: str, user: int, session: int) -> str:
    return f"{PATH}/{upload}/{user}/{session}/{_secret(signer, upload, user, session)}"


def is_address(signer: Signer, upload: str, user: int, session: int, secret: str) -> bool:
    return hmac.compare_digest(secret.encode(), _secret(signer, upload, user, session).encode())


def _secret(signer: Signer, upload: str, user: int, session: int) -> str:
    return signer.secret_of(f"slack upload {upload} {user} {session}")

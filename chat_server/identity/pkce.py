"""PKCE (RFC 7636), with S256 alone: a client sends the proof of a secret with its request, and the secret for the
tokens."""

import hashlib

from chat_core.base64url import base64url


def proof_of(verifier: str) -> str:
    """The `code_challenge` of this `code_verifier`."""
    return base64url(hashlib.sha256(verifier.encode()).digest())

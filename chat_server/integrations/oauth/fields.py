"""The fields of OAuth's requests, and its answers: forms, and JSON that is no problem+json (RFC 6749, 4.1.2.1, 5)."""

from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Response

MOST_FIELDS = 20


class OAuthError(Exception):
    """`error` is a word of the RFCs; `description` says what is wrong, in ASCII without quotes, as they demand."""

    def __init__(self, error: str, description: str, status: int = 400, challenge: bool = False) -> None:
        super().__init__(error)
        self.error, self.description, self.status, self.challenge = error, description, status, challenge

    def response(self) -> Response[bytes]:
        headers = {"WWW-Authenticate": 'Basic realm="fechatter"'} if self.challenge else {}
        return answered({"error": self.error, "error_description": self.description}, self.status, headers)


def answered(content: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    """For a client on any page: no cookie is read here, so nothing is gained by asking from another site."""
    said = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*", **(headers or {})}
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json", headers=said)


def fields_of(encoded: str) -> dict[str, str]:
    """The fields of a form or query string, of which none may come twice; empty ones count as missing. Raises
    OAuthError."""
    try:
        pairs = parse_qsl(encoded, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise OAuthError("invalid_request", f"at most {MOST_FIELDS} fields in UTF-8 are expected") from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise OAuthError("invalid_request", "a field is given twice")
    if any("\0" in value for value in fields.values()):
        raise OAuthError("invalid_request", "a field contains a NUL character")
    return fields

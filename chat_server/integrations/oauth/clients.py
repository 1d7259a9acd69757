"""Which client asks at /oauth, and whether it is the one: by its secret if it has one (RFC 6749, 2.3)."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from urllib.parse import unquote_plus

from chat_core.database.queries import query
from chat_core.tokens import hash_secret
from chat_server.http.api_request import ApiRequest
from chat_server.integrations.oauth.asking import id_of
from chat_server.integrations.oauth.fields import OAuthError, fields_of

APP_CLIENT = query("app_client", "app")

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Client:
    app_id: int
    is_confidential: bool


async def client_and_form(request: ApiRequest) -> tuple[Client, dict[str, str]]:
    """The client that sends this form, which has shown its secret unless it is a public one. Raises OAuthError."""
    if request.content_type[0] != FORM:
        raise OAuthError("invalid_request", f"the body must be {FORM}")
    form = fields_of((await request.body()).decode("ascii", "replace"))
    basic = _basic(request.headers.get("authorization", ""))
    if basic and ("client_secret" in form or form.get("client_id", basic[0]) != basic[0]):
        raise OAuthError("invalid_request", "the client shows who it is in two ways")
    named, secret = basic or (form.get("client_id", ""), form.get("client_secret"))
    app_id = id_of(named)
    row = app_id and await APP_CLIENT.row(request.pool, app=app_id)
    if not row or not _shows(secret, row["secret_hash"]):
        raise OAuthError("invalid_client", "no such client, or another secret", 401, challenge=basic is not None)
    return Client(row["id"], row["secret_hash"] is not None), form


def _shows(secret: str | None, secret_hash: bytes | None) -> bool:
    if secret is None or secret_hash is None:
        return secret is None and secret_hash is None
    return hmac.compare_digest(hash_secret(secret), secret_hash)


def _basic(authorization: str) -> tuple[str, str] | None:
    """The id and secret of a header; None without one. Raises OAuthError."""
    scheme, _, encoded = authorization.partition(" ")
    if not scheme:
        return None
    try:
        if scheme.lower() != "basic":
            raise ValueError
        named, separator, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        if not separator:
            raise ValueError
    except (binascii.Error, ValueError):
        raise OAuthError("invalid_client", "the header Authorization is not Basic", 401, challenge=True) from None
    return unquote_plus(named), unquote_plus(secret)

"""What apps ask for themselves, by OAuth 2.1: tokens, their end, and what they are; docs/integrations/apps.md."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, get_args

from litestar import Response, get, post

from chat_core.database.queries import query
from chat_core.personal_tokens import PREFIX, Scope, is_well_formed, new_token
from chat_core.tokens import hash_secret, new_secret
from chat_server.http.api_request import ApiRequest
from chat_server.http.steps.authentication import PUBLIC
from chat_server.identity.pkce import proof_of
from chat_server.integrations.oauth.clients import Client, client_and_form
from chat_server.integrations.oauth.fields import OAuthError, answered

APP_CODE_EXCHANGE = query(
    "app_code_exchange", "code_hash", "app", "redirect", "proof", "access_hash", "refresh_hash", "seconds", "days"
)
APP_REFRESH = query("app_refresh", "old_hash", "app", "successors", "access_hash", "wanted", "seconds", "days")
APP_TOKEN_INTROSPECT = query("app_token_introspect", "hash", "app")
APP_TOKEN_REVOKE = query("app_token_revoke", "hash", "app")

REFRESH_PREFIX = "fcr_"  # for scanners; a personal access token begins otherwise
METADATA_SECONDS = 300
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")

Form = dict[str, str]


async def _answer(
    request: ApiRequest, respond: Callable[[ApiRequest, Client, Form], Awaitable[Response[bytes]]]
) -> Response[bytes]:
    try:
        client, form = await client_and_form(request)
        return await respond(request, client, form)
    except OAuthError as error:
        return error.response()


@post("/token", opt=PUBLIC, status_code=200, include_in_schema=False)
async def token(request: ApiRequest) -> Response[bytes]:
    """Exchange a code, or a refresh token, for the next tokens (RFC 6749)."""
    return await _answer(request, _tokens)


@post("/revoke", opt=PUBLIC, status_code=200, include_in_schema=False)
async def revoke(request: ApiRequest) -> Response[bytes]:
    """End what a token is of: the other one, and its streams (RFC 7009). Unknown ones are answered likewise."""
    return await _answer(request, _revoked)


@post("/introspect", opt=PUBLIC, status_code=200, include_in_schema=False)
async def introspect(request: ApiRequest) -> Response[bytes]:
    """What a token of the asking client is (RFC 7662). Only a confidential client may ask."""
    return await _answer(request, _introspected)


@get("/.well-known/oauth-authorization-server", include_in_schema=False)
async def metadata(request: ApiRequest) -> Response[bytes]:
    """Where all this is (RFC 8414)."""
    issuer = request.parts.providers.public_url
    by_secret = ["client_secret_basic", "client_secret_post"]
    content = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "scopes_supported": list(get_args(Scope)),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": [*by_secret, "none"],
        "revocation_endpoint_auth_methods_supported": [*by_secret, "none"],
        "introspection_endpoint_auth_methods_supported": by_secret,
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": ["en", "zh"],
    }
    return answered(content, headers={"Cache-Control": f"public, max-age={METADATA_SECONDS}"})


async def _tokens(request: ApiRequest, client: Client, form: Form) -> Response[bytes]:
    match form.get("grant_type"):
        case "authorization_code":
            return await _by_code(request, client, form)
        case "refresh_token":
            return await _by_refresh_token(request, client, form)
    raise OAuthError("unsupported_grant_type", "grant_type must be authorization_code or refresh_token")


async def _by_code(request: ApiRequest, client: Client, form: Form) -> Response[bytes]:
    code, verifier = form.get("code", ""), form.get("code_verifier", "")
    if not code or not _VERIFIER.fullmatch(verifier):
        raise OAuthError("invalid_request", "code and code_verifier are required, the latter of 43 to 128 characters")
    access_token, access_hash = new_token()
    refresh_token = REFRESH_PREFIX + new_secret()[0]
    auth = request.parts.settings.auth
    async with request.transaction() as connection:
        made = await APP_CODE_EXCHANGE.one(
            connection,
            code_hash=hash_secret(code),
            app=client.app_id,
            redirect=form.get("redirect_uri"),
            proof=proof_of(verifier),
            access_hash=access_hash,
            refresh_hash=hash_secret(refresh_token),
            seconds=auth.access_token_seconds,
            days=auth.refresh_token_days,
        )
    if made["outcome"] == "reused" and made["user_id"] is not None:
        request.parts.sessions.forget(made["user_id"])
    if made["outcome"] != "opened":
        raise OAuthError("invalid_grant", "this code is not good here, or no longer: ask the person again")
    return _given(made, access_token, refresh_token, auth.access_token_seconds)


async def _by_refresh_token(request: ApiRequest, client: Client, form: Form) -> Response[bytes]:
    given = form.get("refresh_token", "")
    if not given:
        raise OAuthError("invalid_request", "refresh_token is required")
    # A request that is repeated since its answer was lost gets the same tokens: they are made of the former one.
    successors = [REFRESH_PREFIX + request.parts.signer.secret_of(f"app refresh {given}")]
    successors.append(REFRESH_PREFIX + request.parts.signer.secret_of(f"app refresh {successors[0]}"))
    access_token, access_hash = new_token()
    auth = request.parts.settings.auth
    hashed = hash_secret(given)
    async with request.transaction() as connection:
        made = await APP_REFRESH.one(
            connection,
            old_hash=hashed,
            app=client.app_id,
            successors=[hash_secret(successor) for successor in successors],
            access_hash=access_hash,
            wanted=form["scope"].split() if "scope" in form else None,
            seconds=auth.access_token_seconds,
            days=auth.refresh_token_days,
        )
    if made["outcome"] == "too_wide":
        raise OAuthError("invalid_scope", "the person has agreed to less")
    if made["outcome"] == "reused":
        request.parts.sessions.forget(made["user_id"])
    if made["outcome"] != "rotated":
        raise OAuthError("invalid_grant", "this refresh token is not good here, or no longer: ask the person again")
    return _given(made, access_token, successors[made["generation"] - 1], auth.access_token_seconds)


def _given(made: Any, access_token: str, refresh_token: str, seconds: int) -> Response[bytes]:
    content = {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": seconds,
        "refresh_token": refresh_token,
        "scope": " ".join(made["scopes"]),
        "user_id": made["user_id"],
        "workspace_id": made["workspace_id"],
    }
    return answered(content)


async def _revoked(request: ApiRequest, client: Client, form: Form) -> Response[bytes]:
    given = form.get("token", "")
    if not given:
        raise OAuthError("invalid_request", "token is required")
    async with request.transaction() as connection:
        person = await APP_TOKEN_REVOKE.value(connection, hash=hash_secret(given), app=client.app_id)
    if person is not None:
        request.parts.sessions.forget(person)
    return answered({})


async def _introspected(request: ApiRequest, client: Client, form: Form) -> Response[bytes]:
    if not client.is_confidential:
        raise OAuthError("invalid_client", "only a client with a secret may ask", 401)
    given = form.get("token", "")
    if not given:
        raise OAuthError("invalid_request", "token is required")
    if given.startswith(PREFIX) and not is_well_formed(given):
        return answered({"active": False})
    row = await APP_TOKEN_INTROSPECT.row(request.pool, hash=hash_secret(given), app=client.app_id)
    if row is None:
        return answered({"active": False})
    content = {
        "active": True,
        "scope": " ".join(row["scopes"]),
        "client_id": str(client.app_id),
        "username": row["username"],
        "sub": str(row["user_id"]),
        "iss": request.parts.providers.public_url,
        "iat": row["issued_at"],
        "exp": row["expires_at"],
    }
    if row["kind"] == "access_token":
        content["token_type"] = "Bearer"  # noqa: S105 a kind of tokens
    return answered(content)


FEATURE = "enable_bot_messages"
HANDLERS = [token, revoke, introspect]
METADATA = [metadata]

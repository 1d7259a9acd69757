"""What an app asks a person for: the query string with which it has sent their browser to /oauth/authorize.

A request of an app that is not known, or that names an address which is not the app's, is explained here and leads
nowhere. Whatever else is wrong is the app's to hear of, if the person goes back to it.
"""

import re
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urlencode, urlsplit

import msgspec

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import LARGEST_ID
from chat_server.integrations.oauth.fields import OAuthError, fields_of

APP_ASKING = query("app_asking", "app", "user", "redirect_uri", "workspace")

LONGEST_STATE = 2000
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_ID = re.compile(r"[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Asked:
    """`app` and `workspaces` are shown as they are; `workspace_id` is the one that the app asks for; `everywhere`: it
    may be granted all."""

    app_id: int
    app: msgspec.Raw
    scopes: list[str]
    workspace_id: int | None
    workspaces: msgspec.Raw
    everywhere: bool
    redirect_uri: str
    challenge: str
    state: str | None
    issuer: str

    def url(self, **answer: str) -> str:
        """Where the browser goes with this answer; `iss` says whose it is (RFC 9207)."""
        return _with_answer(self.redirect_uri, self.state, self.issuer, answer)

    @property
    def returns_to(self) -> str:
        """The host of the app's address, or its scheme if an app on the device has claimed that."""
        parts = urlsplit(self.redirect_uri)
        return (parts.scheme in ("http", "https") and parts.hostname) or parts.scheme


async def asked_by(request: ApiRequest, encoded: str) -> Asked:
    """What this query string asks the caller for. Raises Problem 404 for an app that is not there for them, and 422
    `invalid_app_request` for what else is wrong; `return_url` is there if the app may hear of it."""
    try:
        fields = fields_of(encoded)
    except OAuthError as error:
        raise _invalid(error.description) from None
    app_id, redirect_uri = id_of(fields.get("client_id", "")), fields.get("redirect_uri", "")
    workspace_id = id_of(fields.get("workspace_id", ""))
    row = app_id and await APP_ASKING.row(
        request.pool, app=app_id, user=request.caller.user_id, redirect_uri=redirect_uri, workspace=workspace_id
    )
    if not row or row["app"] is None:
        raise Problem(404, "not_found", "There is no such app, or none for you: you are not in its workspace.")
    if not row["is_own_address"]:
        raise _invalid("the address to return to (redirect_uri) is not one that the app has registered")
    issuer, state = request.parts.providers.public_url, fields.get("state")

    def refuse(error: str, description: str) -> NoReturn:
        answer = {"error": error, "error_description": description}
        raise _invalid(description, error, _with_answer(redirect_uri, state, issuer, answer))

    if state is not None and len(state) > LONGEST_STATE:
        state = None
        refuse("invalid_request", f"state has more than {LONGEST_STATE} characters")
    scopes = _scopes_of(fields, row["scopes"], refuse)
    _require_code_with_proof(fields, refuse)
    if "workspace_id" in fields and row["bound_to"] is None:
        refuse("invalid_request", "workspace_id names no workspace of this person in which apps are switched on")
    return Asked(
        app_id=app_id or 0,
        app=msgspec.Raw(row["app"].encode()),
        scopes=scopes,
        workspace_id=workspace_id,
        workspaces=msgspec.Raw(row["workspaces"].encode()),
        everywhere=row["everywhere"],
        redirect_uri=redirect_uri,
        challenge=fields["code_challenge"],
        state=state,
        issuer=issuer,
    )


def id_of(given: str) -> int | None:
    """A client_id, or the id of a workspace; None for anything else."""
    found = int(given) if _ID.fullmatch(given) else None
    return found if found is not None and found <= LARGEST_ID else None


def _scopes_of(fields: dict[str, str], registered: list[str], refuse: Any) -> list[str]:
    """Those that are asked for, by default all that the app has registered."""
    wanted = sorted(set(fields.get("scope", "").split())) or sorted(registered)
    if not set(wanted) <= set(registered):
        refuse("invalid_scope", "the app asks for a scope that it has not registered")
    return wanted


def _require_code_with_proof(fields: dict[str, str], refuse: Any) -> None:
    if fields.get("response_type") != "code":
        refuse("unsupported_response_type", "response_type must be code")
    if fields.get("response_mode", "query") != "query":
        refuse("invalid_request", "response_mode must be query")
    if fields.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(fields.get("code_challenge", "")):
        refuse("invalid_request", "code_challenge is required, with code_challenge_method=S256")
    if "request" in fields or "request_uri" in fields:
        refuse("request_not_supported", "requests in a token or at an address are not read")


def _with_answer(redirect_uri: str, state: str | None, issuer: str, answer: dict[str, str]) -> str:
    said = urlencode({**answer, **({"state": state} if state is not None else {}), "iss": issuer})
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{said}"


def _invalid(description: str, error: str = "invalid_request", return_url: str | None = None) -> Problem:
    detail = f"The app's request is not valid: {description}."
    return Problem(422, "invalid_app_request", detail, extra={"error": error, "return_url": return_url})

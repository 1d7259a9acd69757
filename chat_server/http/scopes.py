"""What a personal access token may do: each operation has one scope, or none and refuses tokens.

Each module of `routes/` says in `SCOPES` what its operations need, by their method: reading (GET) or writing. A handler
that differs says so in its `opt`: `opt={"scopes": BOARDS}`. An operation about which neither says anything refuses
tokens, and a test asks for it to be said. OpenAPI shows each operation's scope.
"""

from dataclasses import dataclass

from litestar.handlers import BaseRouteHandler

from chat_core.personal_tokens import Scope


@dataclass(frozen=True, slots=True)
class Scopes:
    """The scope that reading needs, and the one for writing; None: only a session may."""

    read: Scope | None
    write: Scope | None


MESSAGES = Scopes("messages:read", "messages:write")
MESSAGE_READING = Scopes("messages:read", "messages:read")
CHATS = Scopes("chats:read", "chats:write")
WORKSPACES = Scopes("workspaces:read", "workspaces:write")
# Who is in an organisation, and what they may do there, only a session changes.
ORGANIZATIONS = Scopes("workspaces:read", None)
BOARDS = Scopes("boards:read", "boards:write")
PAGES = Scopes("pages:read", "pages:write")
FILES = Scopes("files:read", "files:write")
FILE_WRITING = Scopes("files:write", "files:write")
PROFILE = Scopes("profile:read", "profile:write")
MODERATION = Scopes("moderation", "moderation")
SEARCH = Scopes("search:read", None)
EVENTS = Scopes("events:read", None)
SESSION_ONLY = Scopes(None, None)


def scope_of(handler: BaseRouteHandler) -> Scope | None:
    """The scope that a token needs here; None if tokens are refused."""
    scopes: Scopes = handler.opt.get("scopes") or SESSION_ONLY
    return scopes.read if "GET" in getattr(handler, "http_methods", ()) else scopes.write

"""Signing in, and opening a stream."""

import msgspec

from chat_core.personal_tokens import Scope
from chat_server.http.fields import Id, Time
from chat_server.responses.users import User


class SignedIn(msgspec.Struct):
    """Send `token` in the Authorization header until `expires_at`. `refresh_token` gets the next one, once; it is null
    for a browser that keeps it in a cookie (`Fechatter-Session: cookie`).
    `device_token` belongs to the device: keep it after the session ends and send it at the next sign-in. It is null
    in the response to a refresh."""

    token: str
    expires_at: Time
    refresh_token: str | None
    device_token: str | None
    user: User


class Ticket(msgspec.Struct):
    """Opens one stream, once, until `expires_at`: GET /api/notifications/events?ticket=…"""

    ticket: str
    expires_at: Time


class Session(msgspec.Struct):
    """An open session. `provider` is the way in: `password`, `passkey`, or the name of a provider in the settings;
    `amr` has values of RFC 8176. `second_factor` is the one that was verified here: `totp`, `recovery_code`, `passkey`
    or `provider`. `auth_time` is when the user last proved who they are; `last_seen_at` moves with each refresh.
    `current` is the one that asks."""

    id: Id
    provider: str
    amr: list[str]
    second_factor: str | None
    device_name: str | None
    address: str | None
    created_at: Time
    auth_time: Time
    last_seen_at: Time | None
    expires_at: Time
    current: bool


class PersonalToken(msgspec.Struct):
    """A personal access token, perhaps bound to a workspace. `last_used_at` is up to a minute late."""

    id: Id
    name: str
    scopes: list[Scope]
    workspace_id: Id | None
    created_at: Time
    expires_at: Time
    last_used_at: Time | None


class NewPersonalToken(PersonalToken):
    """Send `token` in the Authorization header, as an access token. It is shown this once."""

    token: str


class Identity(msgspec.Struct):
    """A way in that is linked to the account."""

    id: Id
    provider: str
    issuer: str
    email: str | None
    created_at: Time
    last_used_at: Time | None

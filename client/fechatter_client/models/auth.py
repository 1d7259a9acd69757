"""Signing in, and opening a stream."""

from datetime import datetime

from . import Model
from .users import User


class SignedIn(Model):
    """`device_token` is null in the response to a refresh."""

    token: str
    expires_at: datetime
    refresh_token: str
    device_token: str | None
    user: User


class Ticket(Model):
    """Opens one stream, once, until `expires_at`: GET /api/notifications/events?ticket=…"""

    ticket: str
    expires_at: datetime


class Device(Model):
    """An open session. `provider` is the way in: `password`, or the name of a provider in the server's settings; `amr`
    has values of RFC 8176. `current` is the one that asks."""

    id: int
    provider: str
    amr: list[str]
    second_factor: str | None
    device_name: str | None
    address: str | None
    created_at: datetime
    auth_time: datetime
    last_seen_at: datetime | None
    expires_at: datetime
    current: bool


class PersonalToken(Model):
    """A personal access token, perhaps bound to a workspace. `last_used_at` is up to a minute late."""

    id: int
    name: str
    scopes: list[str]
    workspace_id: int | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class NewPersonalToken(PersonalToken):
    """Its `token` is shown this once."""

    token: str


class Identity(Model):
    """A way in that is linked to the account."""

    id: int
    provider: str
    issuer: str
    email: str | None
    created_at: datetime
    last_used_at: datetime | None

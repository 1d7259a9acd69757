"""Signing in, and opening a stream."""

import msgspec

from chat_server.http.fields import Time
from chat_server.responses.users import User


class SignedIn(msgspec.Struct):
    """Send `token` in the Authorization header until `expires_at`. `refresh_token` gets the next one, once.
    `device_token` belongs to the device: keep it after the session ends and send it at the next sign-in. It is null
    in the response to a refresh."""

    token: str
    expires_at: Time
    refresh_token: str
    device_token: str | None
    user: User


class Ticket(msgspec.Struct):
    """Opens one stream, once, until `expires_at`: GET /api/notifications/events?ticket=…"""

    ticket: str
    expires_at: Time

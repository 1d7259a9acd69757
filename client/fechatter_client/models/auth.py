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

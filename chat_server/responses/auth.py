"""Who signs in, and what opens a stream."""

import msgspec

from chat_server.http.fields import Time
from chat_server.responses.users import User


class SignedIn(msgspec.Struct):
    """`token` goes into the Authorization header until `expires_at`; `refresh_token` gets the next one, once.
    `device_token` belongs to the device: keep it past the session, and send it when somebody signs in again. Null where
    nobody has signed in, in the answer to a refresh."""

    token: str
    expires_at: Time
    refresh_token: str
    device_token: str | None
    user: User


class Ticket(msgspec.Struct):
    """Opens one stream, once, until `expires_at`: GET /api/notifications/events?ticket=…"""

    ticket: str
    expires_at: Time

"""Pins of a chat."""

import msgspec

from chat_server.http.fields import Id, Time
from chat_server.responses.messages.messages import Message


class Pin(msgspec.Struct):
    """A pinned message, with who pinned it and when."""

    chat_id: Id
    message_id: Id
    pinned_by: Id
    pinned_at: Time


class PinnedMessage(msgspec.Struct):
    message: Message
    pinned_by: Id
    pinned_at: Time

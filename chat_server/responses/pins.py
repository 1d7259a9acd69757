"""Pins of a chat."""

import msgspec

from chat_server.http.fields import Id, Time
from chat_server.responses.messages import Message


class Pin(msgspec.Struct):
    """Which message is pinned, by whom and since when."""

    chat_id: Id
    message_id: Id
    pinned_by: Id
    pinned_at: Time


class PinnedMessage(msgspec.Struct):
    message: Message
    pinned_by: Id
    pinned_at: Time

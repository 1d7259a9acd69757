"""Pins of a chat."""

from datetime import datetime

from .. import Model
from .messages import Message


class Pin(Model):
    """A pinned message, with who pinned it and when."""

    chat_id: int
    message_id: int
    pinned_by: int
    pinned_at: datetime


class PinnedMessage(Model):
    message: Message
    pinned_by: int
    pinned_at: datetime

"""Pins of a chat."""

from datetime import datetime

from . import Model
from .messages import Message


class Pin(Model):
    """Which message is pinned, by whom and since when."""

    chat_id: int
    message_id: int
    pinned_by: int
    pinned_at: datetime


class PinnedMessage(Model):
    message: Message
    pinned_by: int
    pinned_at: datetime

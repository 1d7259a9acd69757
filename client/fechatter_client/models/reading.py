"""Read markers, notifications and drafts."""

from datetime import datetime
from typing import Literal

from . import Model

NotificationLevel = Literal["all", "mentions", "none"]


class ReadMarker(Model):
    chat_id: int
    last_read_seq: int
    unread: int


class Reader(Model):
    """`read_at` is when the marker last moved, also by the user's own message; None: not since joining."""

    user_id: int
    last_read_seq: int
    read_at: datetime | None


class ChatNotifications(Model):
    """Muted until then, unless it is past or None."""

    chat_id: int
    user_id: int
    notification_level: NotificationLevel
    muted_until: datetime | None


class Draft(Model):
    """`thread_id`: of a reply in this thread; None: of a message in the chat."""

    chat_id: int
    content: str
    updated_at: datetime
    thread_id: int | None = None

"""Read markers, notifications and drafts."""

import msgspec

from chat_server.http.fields import Id, NotificationLevel, Seq, Time


class ReadMarker(msgspec.Struct):
    chat_id: Id
    last_read_seq: Seq
    unread: Seq


class Reader(msgspec.Struct):
    """`read_at` is when the marker last moved, also by the user's own message; null: not since joining."""

    user_id: Id
    last_read_seq: Seq
    read_at: Time | None


class ChatNotifications(msgspec.Struct):
    """Muted until then, unless it is past or null."""

    chat_id: Id
    user_id: Id
    notification_level: NotificationLevel
    muted_until: Time | None


class Draft(msgspec.Struct):
    """`thread_id`: of a reply in this thread; null: of a message in the chat."""

    chat_id: Id
    thread_id: Id | None
    content: str
    updated_at: Time

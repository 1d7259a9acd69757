"""How a person wants to be notified."""

from datetime import datetime
from typing import Literal

from . import Model

PushWish = Literal["all", "personal", "none"]
PushContent = Literal["message", "sender", "none"]
MailWish = Literal["off", "at_once", "daily", "weekly"]


class NotificationSettings(Model):
    """Personal messages are direct ones, mentions by name, and replies in threads that one follows. From `quiet_from`
    to `quiet_until`, such as 22:00 and 07:00 in `time_zone`, notifications wait; None: at no time.
    `bounced_at`: since when mail to one's address comes back; none is sent until it is confirmed again."""

    push: PushWish
    push_content: PushContent
    push_while_active: bool
    quiet_from: str | None
    quiet_until: str | None
    email: MailWish
    language: Literal["en", "zh"] | None
    bounced_at: datetime | None
    time_zone: str


class PushSubscription(Model):
    """Where a device is pushed to. `seen_at`: when it last said so; `failing_since`, `error`: since when its push
    service refuses, and how."""

    id: int
    endpoint: str
    language: str
    created_at: datetime
    seen_at: datetime
    pushed_at: datetime | None
    failing_since: datetime | None
    error: str | None


class Push(Model):
    """`public_key`: what a device subscribes with at its push service, in base64url; None: there are no pushes."""

    public_key: str | None
    subscription: PushSubscription | None

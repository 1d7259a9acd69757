"""Notifications: how a person wants them."""

import msgspec

from chat_core.languages import Language
from chat_server.http.fields import ClockTime, Id, MailWish, PushContent, PushWish, Time, TimeZoneName


class NotificationSettings(msgspec.Struct):
    """`push`: of which messages; personal ones are direct messages, mentions by name and threads that one follows.
    `push_content`: what of a message is in a push. `push_while_active`: also while one uses another device. Between
    `quiet_from` and `quiet_until`, in `time_zone`, notifications wait; null: at no time. `email`: whether mentions and
    direct messages that one has not read are mailed, and when; `language`: in which language, null: as the last mail.
    `bounced_at`: since when mail to one's address comes back, so that none is sent until it is confirmed again."""

    push: PushWish
    push_content: PushContent
    push_while_active: bool
    quiet_from: ClockTime | None
    quiet_until: ClockTime | None
    email: MailWish
    language: Language | None
    bounced_at: Time | None
    time_zone: TimeZoneName


class PushSubscription(msgspec.Struct):
    """Where a device is pushed to. `seen_at`: when it last said so; `failing_since`, `error`: since when its push
    service refuses, and how."""

    id: Id
    endpoint: str
    language: str
    created_at: Time
    seen_at: Time
    pushed_at: Time | None
    failing_since: Time | None
    error: str | None


class Push(msgspec.Struct):
    """`public_key`: a browser's `applicationServerKey`, in base64url; null: there are no pushes. `subscription`: of
    this session's device."""

    public_key: str | None
    subscription: PushSubscription | None

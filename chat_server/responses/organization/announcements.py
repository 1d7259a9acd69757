"""Announcements of organisations."""

import msgspec

from chat_server.http.fields import Id, Time


class OpenAnnouncement(msgspec.Struct):
    """One that the caller has not acknowledged. Its content is at `GET /api/announcements/{id}`."""

    id: Id
    organization_id: Id
    author_id: Id | None
    title: str
    acknowledgement_required: bool
    created_at: Time
    updated_at: Time


class Announcement(msgspec.Struct):
    """`acknowledged_at`: when the caller has acknowledged it."""

    id: Id
    organization_id: Id
    author_id: Id | None
    title: str
    content: str
    acknowledgement_required: bool
    created_at: Time
    updated_at: Time
    acknowledged_at: Time | None


class PublishedAnnouncement(msgspec.Struct):
    """As those who publish see it. Without departments and groups it is for the whole organisation."""

    id: Id
    organization_id: Id
    author_id: Id | None
    title: str
    content: str
    acknowledgement_required: bool
    department_ids: list[Id]
    group_ids: list[Id]
    recipient_count: int
    acknowledged_count: int
    created_at: Time
    updated_at: Time
    withdrawn_at: Time | None


class AnnouncementRecipient(msgspec.Struct):
    """`acknowledged_at` is null for who has not acknowledged it."""

    announcement_id: Id
    user_id: Id
    username: str
    fullname: str
    acknowledged_at: Time | None

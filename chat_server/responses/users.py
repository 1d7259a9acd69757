"""Users and their presence."""

from typing import Literal

import msgspec

from chat_server.http.fields import Id, PresenceMode, Time


class CustomStatus(msgspec.Struct):
    """A user's own words about their status, optionally until a time."""

    text: str | None
    emoji: str | None
    until: Time | None


class Profile(msgspec.Struct):
    """A user as others see them. `email` is null if the workspace hides its members' addresses."""

    id: Id
    username: str
    email: str | None
    fullname: str
    kind: Literal["person", "bot"]
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    created_at: Time
    updated_at: Time


class User(Profile):
    """The caller's own profile."""

    email: str


class Presence(msgspec.Struct):
    """`invisible` appears only for the caller. `last_seen` is when an offline user left, if known."""

    user_id: Id
    presence: Literal["online", "away", "dnd", "offline", "invisible"]
    last_seen: Time | None


class OwnPresence(msgspec.Struct):
    user_id: Id
    presence_mode: PresenceMode

"""People, and whether they are there."""

from typing import Literal

import msgspec

from chat_server.http.fields import Id, PresenceMode, Time


class CustomStatus(msgspec.Struct):
    """What somebody says of themselves, until a time if there is one."""

    text: str | None
    emoji: str | None
    until: Time | None


class Profile(msgspec.Struct):
    """Of somebody, as others see it. `email` is null where the workspace does not show its members' addresses."""

    id: Id
    username: str
    email: str | None
    fullname: str
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    created_at: Time
    updated_at: Time


class User(Profile):
    """One's own profile."""

    email: str


class Presence(msgspec.Struct):
    """`invisible` is only ever one's own. `last_seen` is when somebody who is offline left, where that is known."""

    user_id: Id
    presence: Literal["online", "away", "dnd", "offline", "invisible"]
    last_seen: Time | None


class OwnPresence(msgspec.Struct):
    user_id: Id
    presence_mode: PresenceMode

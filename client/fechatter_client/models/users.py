"""People, and whether they are there."""

from datetime import datetime
from typing import Literal

from . import Model

PresenceMode = Literal["auto", "away", "dnd", "invisible"]


class CustomStatus(Model):
    """What somebody says of themselves, until a time if there is one."""

    text: str | None
    emoji: str | None
    until: datetime | None


class Profile(Model):
    """Of somebody, as others see it. `email` is None where the workspace does not show its members' addresses."""

    id: int
    username: str
    email: str | None
    fullname: str
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    created_at: datetime
    updated_at: datetime


class User(Profile):
    """One's own profile."""

    email: str


class Presence(Model):
    """`invisible` is only ever one's own. `last_seen` is when somebody who is offline left, where that is known."""

    user_id: int
    presence: Literal["online", "away", "dnd", "offline", "invisible"]
    last_seen: datetime | None


class OwnPresence(Model):
    user_id: int
    presence_mode: PresenceMode

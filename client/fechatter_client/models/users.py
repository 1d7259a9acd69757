"""Users and their presence."""

from datetime import datetime
from typing import Literal

from . import Model

PresenceMode = Literal["auto", "away", "dnd", "invisible"]


class CustomStatus(Model):
    """A user's own words about their status, optionally until a time."""

    text: str | None
    emoji: str | None
    until: datetime | None


class Profile(Model):
    """A user as others see them. `email` is None if the workspace hides its members' addresses."""

    id: int
    username: str
    email: str | None
    fullname: str
    kind: Literal["person", "bot"]
    avatar: str | None
    status: str
    custom_status: CustomStatus | None
    created_at: datetime
    updated_at: datetime


class User(Profile):
    """The caller's own profile."""

    email: str


class Presence(Model):
    """`invisible` appears only for the caller. `last_seen` is when an offline user left, if known."""

    user_id: int
    presence: Literal["online", "away", "dnd", "offline", "invisible"]
    last_seen: datetime | None


class OwnPresence(Model):
    user_id: int
    presence_mode: PresenceMode

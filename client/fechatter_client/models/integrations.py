"""Bots, and what programs post by."""

from datetime import datetime
from typing import Literal

from . import Model


class Bot(Model):
    """A user that programs post as. `id` is that of the user. Without an owner it is suspended, until somebody takes it
    over."""

    id: int
    workspace_id: int
    owner_id: int | None
    username: str
    fullname: str
    avatar: str | None
    status: Literal["active", "inactive", "suspended"]
    description: str | None
    created_at: datetime


class IncomingWebhook(Model):
    """Where a program posts as a bot into a chat. `last_used_at` is up to a minute late."""

    id: int
    bot_id: int
    chat_id: int
    name: str
    created_by: int | None
    created_at: datetime
    last_used_at: datetime | None


class NewIncomingWebhook(IncomingWebhook):
    """`token` and `slack_url`, which has it in its path, are shown this once."""

    token: str
    slack_url: str

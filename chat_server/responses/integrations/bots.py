"""Bots, and what programs post by."""

from typing import Literal

import msgspec

from chat_server.http.fields import Id, Time


class Bot(msgspec.Struct):
    """A user that programs post as. `id` is that of the user. Without an owner it is suspended, until somebody takes it
    over."""

    id: Id
    workspace_id: Id
    owner_id: Id | None
    username: str
    fullname: str
    avatar: str | None
    status: Literal["active", "inactive", "suspended"]
    description: str | None
    created_at: Time


class IncomingWebhook(msgspec.Struct):
    """Where a program posts as a bot into a chat. `last_used_at` is up to a minute late."""

    id: Id
    bot_id: Id
    chat_id: Id
    name: str
    created_by: Id | None
    created_at: Time
    last_used_at: Time | None


class NewIncomingWebhook(IncomingWebhook):
    """`token` is shown this once: send it in the Authorization header to `POST /api/hooks/{id}`. `slack_url` has it in
    its path, as programs made for Slack want it."""

    token: str
    slack_url: str

"""Commands, and what bots answer."""

from typing import Literal

import msgspec

from chat_server.http.fields import Id, Metadata, Time
from chat_server.responses.messages.messages import Message

BotEvent = Literal["app_mention", "message"]


class Command(msgspec.Struct):
    """What members of a workspace may type: `/name`. `usage` says what may follow it."""

    id: Id
    workspace_id: Id
    bot_id: Id
    name: str
    description: str
    usage: str
    created_at: Time


class Endpoint(msgspec.Struct):
    """Where a bot is asked, and which events it is told there."""

    url: str
    events: list[BotEvent]
    created_at: Time


class NewEndpoint(Endpoint):
    """`secret` verifies signatures of Standard Webhooks, `slack_secret` those of Slack; they are shown this once."""

    secret: str
    slack_secret: str


class PrivateContent(msgspec.Struct):
    """What a bot says to one person alone."""

    content: str
    metadata: Metadata | None


class BotAnswer(msgspec.Struct):
    """What a bot has answered at once: `private` to the person who asked, alone, or a `message` that it has posted or
    edited. Both are null if it says nothing, or will later."""

    private: PrivateContent | None
    message: Message | None


class PrivateAnswer(PrivateContent):
    """What a bot has said to its reader alone. It is gone after an hour."""

    id: Id
    chat_id: Id
    bot_id: Id
    created_at: Time

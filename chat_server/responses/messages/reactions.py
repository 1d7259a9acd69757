"""Reactions of one message."""

import msgspec

from chat_server.http.fields import Id, Time
from chat_server.responses.messages.messages import ReactionCount


class MessageReactions(msgspec.Struct):
    """All reactions to a message, counted."""

    chat_id: Id
    message_id: Id
    reactions: list[ReactionCount]


class Reaction(msgspec.Struct):
    """A user's reaction, with its time."""

    user_id: Id
    fullname: str
    avatar: str | None
    emoji: str
    created_at: Time

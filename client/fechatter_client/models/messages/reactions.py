"""Reactions of one message."""

from datetime import datetime

from .. import Model
from .messages import ReactionCount


class MessageReactions(Model):
    """All reactions to a message, counted."""

    chat_id: int
    message_id: int
    reactions: list[ReactionCount]


class Reaction(Model):
    """A user's reaction, with its time."""

    user_id: int
    fullname: str
    avatar: str | None
    emoji: str
    created_at: datetime

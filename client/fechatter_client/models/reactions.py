"""Reactions of one message."""

from datetime import datetime

from . import Model
from .messages import ReactionCount


class MessageReactions(Model):
    """All reactions to a message, counted."""

    chat_id: int
    message_id: int
    reactions: list[ReactionCount]


class Reaction(Model):
    """Who reacted, how and when."""

    user_id: int
    fullname: str
    avatar: str | None
    emoji: str
    created_at: datetime

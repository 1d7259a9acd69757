"""What a stream says besides the log's events."""

from .. import Model
from ..users import Presence


class Ready(Model):
    """The stream is open; everything up to `cursor` has been sent or precedes its start."""

    cursor: str
    user_id: int
    heartbeat_seconds: float


class PresenceChanged(Model):
    users: list[Presence]


class Typing(Model):
    """All other users who are typing in the chat. If no other one comes for ten seconds, nobody is."""

    chat_id: int
    user_ids: list[int]

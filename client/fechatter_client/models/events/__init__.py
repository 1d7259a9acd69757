"""The events of docs/events.md: each is a class named as its kind, made of the shapes of responses. A module for each
noun lists its kinds."""

from .. import Model
from . import accounts, boards, chats, messages, moderation, organizations, pages, workspaces
from .streams import PresenceChanged, Typing

# Ephemeral events: delivered live or not at all, without moving the cursor.
EPHEMERAL: dict[str, type[Model]] = {"PresenceChanged": PresenceChanged, "Typing": Typing}

# The events of the log, by kind.
KINDS: dict[str, type[Model]] = {
    model.__name__: model
    for module in (chats, messages, boards, pages, workspaces, organizations, moderation, accounts)
    for model in module.KINDS
}

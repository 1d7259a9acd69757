"""The sync protocol (npm's y-protocols/sync): state vectors, missing updates, and live updates."""

from typing import Final

import msgspec

from chat_core.documents import lib0
from chat_core.documents.lib0 import Malformed, Reader

STEP_1: Final = 0
STEP_2: Final = 1
UPDATE: Final = 2


class Message(msgspec.Struct, frozen=True):
    """`content` is a state vector in a STEP_1, and an update in the two others: not looked at here."""

    kind: int
    content: bytes


def read(reader: Reader) -> Message:
    """Raises Malformed if there is none; the caller handles what follows it."""
    kind = reader.uint()
    if kind > UPDATE:
        raise Malformed(f"unknown sync message {kind}")
    return Message(kind, reader.buffer())


def step_1(vector: bytes) -> bytes:
    return b"\x00" + lib0.buffer(vector)


def step_2(update: bytes) -> bytes:
    return b"\x01" + lib0.buffer(update)


def update(content: bytes) -> bytes:
    return update_head(content) + content


def update_head(content: bytes) -> bytes:
    """The prefix of an update, which may be too large to be copied more often than necessary."""
    return b"\x02" + lib0.uint(len(content))

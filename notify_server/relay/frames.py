"""Frames: what the leader of the relay sends to all nodes, each proved by a key that only readers of the log know."""

from collections.abc import Iterator
from typing import Final

import msgspec

from chat_core.log.event import Event
from chat_core.log.handover import Columns
from chat_core.relay.seal import sealed, unsealed

# Of payloads. A NATS server takes 1 MiB, unless it is configured otherwise.
FRAME_BYTES: Final = 512 << 10


class Notice(msgspec.Struct, array_like=True, frozen=True):
    """A notification on another channel than the log's."""

    channel: str
    text: str


class Frame(msgspec.Struct, frozen=True, omit_defaults=True):
    """All events of the log above `prev`, up to `last`; none if that is where the leader was already: a heartbeat.
    `events` is null if they are too large, and are to be read. `head_at` is when the leader was there, in seconds since
    1970. `noticed` counts the notices of this term, up to those here."""

    epoch_no: int
    epoch: str
    term: int
    prev: int
    last: int
    head_at: float
    noticed: int = 0
    notices: list[Notice] = []
    events: list[Columns] | None = []

    @property
    def size(self) -> int:
        return sum(len(columns.payload) for columns in self.events or ())

    def after(self, position: int) -> Iterator[Event]:
        for columns in self.events or ():
            if columns.position > position:
                yield columns.event(self.epoch)


_decoder = msgspec.json.Decoder(Frame)


def encoded(frame: Frame, key: bytes) -> bytes:
    return sealed(msgspec.json.encode(frame), key)


def decoded(message: bytes, key: bytes) -> Frame | None:
    """None unless it is a frame of somebody who has the key."""
    return unsealed(message, key, _decoder.decode)

"""Notifications of presence and typing on their way to the relay's leader, who passes them on to all notify_servers, as
it does with those of NOTIFY (ADR 103)."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from chat_core.relay.pieces import pieces
from chat_core.relay.seal import sealed, unsealed

# The only channel on which these are told: whoever sends them can forge no others.
CHANNEL: Final = "fechatter_ephemeral"
# Of texts that are sent together. One is as long as NOTIFY allows, below 8,000 bytes.
MESSAGE_BYTES: Final = 128 << 10

_decoder = msgspec.msgpack.Decoder(list[str])


def notices_subject(subject: str) -> str:
    """What the leader listens to."""
    return f"{subject}.notices"


def beat_subject(subject: str) -> str:
    """Where the leader says each second that it is there, for those who have no other word of it."""
    return f"{subject}.beat"


def notices_key(channel: str) -> bytes:
    """Of the log's channel: see notices_key() in sql/functions/presence/notices.sql."""
    return hashlib.sha256(f"fechatter notices {channel}".encode()).hexdigest().encode()


def encoded(texts: Sequence[str], key: bytes) -> Iterator[bytes]:
    """In messages that NATS takes."""
    for together in pieces(texts, len, MESSAGE_BYTES):
        yield sealed(msgspec.msgpack.encode(together), key)


def decoded(message: bytes, key: bytes) -> list[str] | None:
    """None unless somebody who has the key sent it."""
    return unsealed(message, key, _decoder.decode)

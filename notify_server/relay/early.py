"""Updates of boards on their way to other servers while they are being stored. What is lost here is read from the
database a moment later."""

from typing import Final

import msgspec

from notify_server.relay.seal import opened, sealed

# Larger ones are read when they are stored.
EARLY_BYTES: Final = 65_536


class Early(msgspec.Struct, array_like=True, frozen=True, tag="board"):
    """`node` accepted this update of a board."""

    node: str
    board_id: int
    update: bytes


_decoder = msgspec.msgpack.Decoder(Early)


def encoded(early: Early, key: bytes) -> bytes:
    return sealed(msgspec.msgpack.encode(early), key)


def decoded(message: bytes, key: bytes) -> Early | None:
    """None unless somebody who has the key sent it."""
    content = opened(message, key)
    try:
        return None if content is None else _decoder.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None

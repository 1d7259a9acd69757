"""What servers tell each other ahead of the database, each of which has it a moment later: updates of boards that are
being stored, and who has moved on a document. What is lost here is read there."""

from typing import Final

import msgspec

from chat_core.relay.seal import sealed, unsealed

# Larger ones are read when they are stored.
HINT_BYTES: Final = 65_536


class Early(msgspec.Struct, array_like=True, frozen=True, tag="board"):
    """`node` accepted this update of a board."""

    node: str
    board_id: int
    update: bytes


class State(msgspec.Struct, array_like=True, frozen=True):
    """A client's presence on a document: see SharedPresence. `state` is a JSON object."""

    document_id: int
    client: int
    clock: int
    user_id: int
    session_id: int
    opening: int
    state: bytes


class Moved(msgspec.Struct, array_like=True, frozen=True, tag="presence"):
    """The states of clients of `node` that others know, as of a position of the log."""

    node: str
    epoch: str
    position: int
    states: list[State]


Hint = Early | Moved
_decoder = msgspec.msgpack.Decoder(Hint)


def encoded(hint: Hint, key: bytes) -> bytes:
    return sealed(msgspec.msgpack.encode(hint), key)


def decoded(message: bytes, key: bytes) -> Hint | None:
    """None unless somebody who has the key sent it."""
    return unsealed(message, key, _decoder.decode)

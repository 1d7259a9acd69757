"""The encoding of awareness updates (npm's y-protocols/awareness)."""

from collections.abc import Iterable, Sequence
from typing import Final

from chat_core.documents import lib0
from chat_core.documents.lib0 import Malformed, Reader
from notify_server.documents.awareness import Entry

# An awareness update about no client.
NOTHING: Final = b"\x00"
# Clients in one message: a client that wakes up after a while reports at once that all others have left.
MOST_TOLD: Final = 10_000
# The replacement of a state that is too large.
NOTHING_SAID: Final = b"{}"


def read(update: bytes, most_bytes: int) -> list[Entry]:
    """Raises Malformed unless it is an awareness update to its last byte, of at most MOST_TOLD clients. The content
    of a state is not examined; one that is too large counts as empty."""
    reader = Reader(update)
    amount = reader.count(3)
    if amount > MOST_TOLD:
        raise Malformed(f"it has more than {MOST_TOLD} clients")
    entries = [_read_entry(reader, most_bytes) for _ in range(amount)]
    reader.end()
    return entries


def _read_entry(reader: Reader, most_bytes: int) -> Entry:
    client, clock, state = reader.uint(), reader.uint(), reader.buffer()
    if clock == lib0.LARGEST:
        raise Malformed("a clock has no next one")  # which means that the client has left
    if state == b"null":
        return Entry(client, clock, None)
    if len(state) > most_bytes:
        state = NOTHING_SAID
    return Entry(client, clock, state)


def encode(entry: Entry) -> bytes:
    return lib0.uint(entry.client) + lib0.uint(entry.clock) + lib0.buffer(entry.state or b"null")


def joined(entries: Sequence[bytes]) -> bytes:
    """The awareness update with these entries, each encoded."""
    return lib0.uint(len(entries)) + b"".join(entries)


def write(entries: Iterable[Entry]) -> bytes:
    return joined([encode(entry) for entry in entries])

"""Who is on a board and where (npm's y-protocols/awareness): the encoding, and what a room keeps of it.

A client's state is JSON with a clock; the higher clock counts. Here it belongs to the connection that was first to use
the client's id: it goes with that connection, so there are no ghosts, and nobody else sets or clears it. Clients do
send others' states back and forth, so what is not one's own is passed over in silence. `user_id` in each state is the
server's word.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

import msgspec

from notify_server.boards import lib0
from notify_server.boards.lib0 import Malformed, Reader

# An update that tells of nobody.
NOTHING: Final = b"\x00"
# Client ids that one connection may use on a board; a tab has one, and a new one where its document is made anew.
MOST_CLIENTS: Final = 8
# Clients that have left whose clocks are remembered: news of them that are still on their way come too late.
MOST_GONE: Final = 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """`state` is a JSON object, or None: the client is not there (any more)."""

    client: int
    clock: int
    state: bytes | None


def read(update: bytes, most_bytes: int) -> list[Entry]:
    """Malformed unless it is an awareness update to its last byte, no state larger than that."""
    reader = Reader(update)
    entries = [_read_entry(reader, most_bytes) for _ in range(reader.uint())]
    reader.end()
    return entries


def _read_entry(reader: Reader, most_bytes: int) -> Entry:
    client, clock, state = reader.uint(), reader.uint(), reader.string().encode()
    if state == b"null":
        return Entry(client, clock, None)
    if len(state) > most_bytes:
        raise Malformed(f"a state is larger than {most_bytes} bytes")
    return Entry(client, clock, state)


def write(entries: Iterable[Entry]) -> bytes:
    written = [
        lib0.uint(entry.client) + lib0.uint(entry.clock) + lib0.buffer(entry.state or b"null") for entry in entries
    ]
    return lib0.uint(len(written)) + b"".join(written)


class Owner(Protocol):
    """A connection's place on a board."""

    @property
    def user_id(self) -> int: ...

    @property
    def session_id(self) -> int: ...


Who = TypeVar("Who", bound=Owner)


@dataclass(slots=True)
class _Present(Generic[Who]):
    owner: Who
    entry: Entry


class Awareness(Generic[Who]):
    """One room's. What its methods return are the entries to tell others of."""

    def __init__(self) -> None:
        self._present: dict[int, _Present[Who]] = {}
        self._gone: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._present)

    def all(self) -> list[Entry]:
        return [present.entry for present in self._present.values()]

    def take(self, owner: Who, entries: Iterable[Entry]) -> tuple[list[Entry], list[Entry]]:
        """Returns also what the sender is to be told: clients that left with a clock as high as the one that it has. A
        client that hears this of itself says at once that it is there, with a higher one. Malformed for a state that is
        no object."""
        changed, late = [], []
        for entry in entries:
            present = self._present.get(entry.client)
            if present is not None:
                if self._may_change(owner, present, entry):
                    changed.append(self._set(owner, entry))
            elif entry.state is not None:
                if entry.clock <= (gone := self._gone.get(entry.client, -1)):
                    late.append(Entry(entry.client, gone, None))
                elif self._count(owner) < MOST_CLIENTS:
                    changed.append(self._set(owner, entry))
        return changed, late

    def leave(self, owner: Who) -> list[Entry]:
        """The connection has gone, and all its clients with it."""
        return [
            self._set(owner, Entry(client, present.entry.clock + 1, None))
            for client, present in list(self._present.items())
            if present.owner is owner
        ]

    def _may_change(self, owner: Who, present: _Present[Who], entry: Entry) -> bool:
        newer = entry.clock > present.entry.clock
        if present.owner is owner:
            return newer or (entry.clock == present.entry.clock and entry.state is None)
        # The same client over another connection: the former one is not known to be dead yet.
        return newer and entry.state is not None and present.owner.session_id == owner.session_id

    def _set(self, owner: Who, entry: Entry) -> Entry:
        if entry.state is None:
            self._present.pop(entry.client, None)
            self._gone[entry.client] = entry.clock
            if len(self._gone) > MOST_GONE:
                del self._gone[next(iter(self._gone))]
            return entry
        stamped = Entry(entry.client, entry.clock, stamp(entry.state, owner.user_id))
        self._present[entry.client] = _Present(owner, stamped)
        self._gone.pop(entry.client, None)
        return stamped

    def _count(self, owner: Who) -> int:
        return sum(present.owner is owner for present in self._present.values())


def stamp(state: bytes, user_id: int) -> bytes:
    """The state with the id of its user, whatever it says itself. Malformed unless it is a JSON object."""
    try:
        fields = msgspec.json.decode(state, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        raise Malformed("a state is no JSON object") from None
    fields["user_id"] = msgspec.Raw(b"%d" % user_id)
    return msgspec.json.encode(fields)

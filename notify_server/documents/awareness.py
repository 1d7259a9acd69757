"""Presence on a document: what a room keeps of it, for every kind. The model is that of npm's y-protocols/awareness.

A client's state is JSON with a clock; the higher clock counts. Here it belongs to the first connection that used the
client's id and ends with that connection, so there are no ghosts, and nobody else sets or clears it. Clients do send
others' states back and forth, so states of other clients are ignored silently. The server sets `user_id` in each state.
Clients on other servers are here too, as belonging to remote connections.

Others receive a client's state with a clock of the server's. A client that reconnects has dropped all states but kept
their clocks, and would ignore those who have not moved meanwhile. With every opening of a board, clocks are therefore
higher than any sent before, on all servers. Only a client's own session receives its own clock: what it receives about
itself would otherwise be newer than its own state.

A client that reconnects to another server need not have moved either. States from another server are therefore compared
by the opening first and by the clock second: a later opening than the one that has ended is a return. A departure is
sent as in y-protocols, without a state and with the last clock, so that the next one is free.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Generic, Protocol, TypeVar

import msgspec

from chat_core.documents import lib0
from chat_core.documents.json_text import too_deep, without_halves
from chat_core.documents.lib0 import Malformed

# Client ids that one connection may use on a board; a tab has one, and a new one when its document is recreated.
MOST_CLIENTS: Final = 8
# Where the clocks that others receive begin, above those of clients themselves. There is room for four billion openings
# within the 32 bits that some ports of Yjs have for a clock.
FIRST_TOLD: Final = 1 << 28
# Clients, and bytes of their states, that may be present on a board. Further ones are ignored.
MOST_PRESENT: Final = 4096
MOST_PRESENT_BYTES: Final = 4 << 20
# Departed clients whose clocks are remembered: later messages about them are outdated.
MOST_GONE: Final = 1024
_decoder: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass(frozen=True, slots=True)
class Entry:
    """`state` is a JSON object, or None if the client is gone. The user, the session and `new` (it was not there
    before) come from the server."""

    client: int
    clock: int
    state: bytes | None
    user_id: int = 0
    session_id: int = 0
    new: bool = False


class Owner(Protocol):
    """A connection's place on a board, with its opening (Role)."""

    @property
    def user_id(self) -> int: ...

    @property
    def session_id(self) -> int: ...

    @property
    def opening(self) -> int: ...


Who = TypeVar("Who", bound=Owner)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A connection to another server."""

    user_id: int
    session_id: int
    opening: int


@dataclass(slots=True)
class _Present(Generic[Who]):
    owner: Who | Elsewhere
    entry: Entry

    @property
    def age(self) -> tuple[int, int]:
        return self.owner.opening, self.entry.clock


@dataclass(frozen=True, slots=True)
class _Gone:
    """`clock` is the client's own, `told` the one that others received."""

    opening: int
    clock: int
    told: int


_NEVER: Final = _Gone(-1, -1, -1)


class Awareness(Generic[Who]):
    """One room's presence. Its methods return the entries to send to others, with the clients' own clocks."""

    def __init__(self) -> None:
        self._present: dict[int, _Present[Who]] = {}
        # The owners of clients on this server; and the bytes of all states.
        self._clients: dict[Who, set[int]] = {}
        self._bytes = 0
        self._gone: dict[int, _Gone] = {}
        self._lead = FIRST_TOLD
        self._elsewhere: dict[int, _Present[Who]] = {}
        self._elsewhere_of: dict[int, list[int]] = {}  # by user

    def __len__(self) -> int:
        return len(self._present)

    def all(self) -> list[Entry]:
        """As a newcomer receives it: all are new to them."""
        return [replace(present.entry, new=True) for present in self._present.values()]

    def lead(self, opening: int) -> None:
        """A client joins that may have received all present ones before: from here on they have higher clocks."""
        self._lead = max(self._lead, FIRST_TOLD + opening)

    def as_told(self, entries: Sequence[Entry]) -> "Told":
        return Told(
            entries, [Entry(e.client, self._told(e.clock), e.state, e.user_id, e.session_id, e.new) for e in entries]
        )

    def _told(self, clock: int) -> int:
        return min(self._lead + clock, lib0.LARGEST - 1)

    def own(self, client: int) -> tuple[Who, Entry] | None:
        """The clients of connections to this server."""
        present = self._present.get(client)
        if present is None or isinstance(present.owner, Elsewhere):
            return None
        return present.owner, present.entry

    def all_own(self) -> list[int]:
        return [client for client, present in self._present.items() if not isinstance(present.owner, Elsewhere)]

    def take(self, owner: Who, entries: Iterable[Entry]) -> tuple[list[Entry], list[Entry]]:
        """Also returns what the sender should receive: clients that left with a clock as high as its own. A client
        that receives this about itself immediately reports its presence, with a higher clock. Raises Malformed for a
        state that is not an object."""
        changed, late = [], []
        for entry in entries:
            present = self._present.get(entry.client)
            if present is not None:
                if self._may_change(owner, present, entry):
                    changed.append(self._set(owner, entry))
            elif entry.state is not None:
                gone = self._gone.get(entry.client, _NEVER)
                if entry.clock <= (clock := gone.clock if entry.clock < FIRST_TOLD else gone.told):
                    late.append(Entry(entry.client, clock, None))
                elif len(self._clients.get(owner, ())) < MOST_CLIENTS and self._has_room(entry):
                    changed.append(self._set(owner, entry))
        return changed, late

    def leave(self, owner: Who) -> list[Entry]:
        """The connection is gone, and all its clients with it, except those that have already returned elsewhere."""
        left = []
        for client in self._clients.get(owner, set()).copy():
            present, other = self._present[client], self._elsewhere.get(client)
            if other is not None and _continues(present, other):
                self._put(client, other)
                left.append(other.entry)
            else:
                left.append(self._set(owner, Entry(client, present.entry.clock, None)))
        return left

    def take_elsewhere(self, present_elsewhere: Iterable[tuple[Elsewhere, Entry]]) -> list[Entry]:
        """Replaces the presence on other servers by this."""
        elsewhere: dict[int, _Present[Who]] = {}
        self._elsewhere_of = {}
        for owner, entry in present_elsewhere:
            there = _Present[Who](owner, replace(entry, user_id=owner.user_id, session_id=owner.session_id))
            if (other := elsewhere.get(entry.client)) is None or other.age < there.age:
                elsewhere[entry.client] = there
        for client, there in elsewhere.items():
            self._elsewhere_of.setdefault(there.owner.user_id, []).append(client)
        self._elsewhere = elsewhere
        changed = [
            self._set(there.owner, there.entry)
            for there in elsewhere.values()
            if self._is_news(there) and self._has_room(there.entry)
        ]
        for client, present in list(self._present.items()):
            if isinstance(present.owner, Elsewhere) and client not in elsewhere:
                changed.append(self._set(present.owner, Entry(client, present.entry.clock, None)))
        return changed

    def hear_elsewhere(self, heard: Iterable[tuple[Elsewhere, Entry]]) -> list[Entry]:
        """States of clients on other servers, before they are read."""
        changed = []
        for owner, entry in heard:
            there = _Present[Who](owner, replace(entry, user_id=owner.user_id, session_id=owner.session_id))
            if self._is_news(there) and self._has_room(entry):
                if entry.client not in self._elsewhere:
                    self._elsewhere_of.setdefault(owner.user_id, []).append(entry.client)
                self._elsewhere[entry.client] = there
                changed.append(self._set(owner, there.entry))
        return changed

    def have_returned(self, present_elsewhere: Iterable[tuple[Elsewhere, Entry]]) -> bool:
        """Whether one of these clients has left here, as others have been told. They must now be sent with a higher
        clock than then, whatever the client's own one is: `lead` comes first."""
        gone = self._gone
        return any(
            entry.client in gone and owner.opening > gone[entry.client].opening for owner, entry in present_elsewhere
        )

    def end_elsewhere(self, user_id: int, session_id: int | None = None) -> list[Entry]:
        """A user, or one of their sessions, has lost the place: their clients on other servers are gone, before
        these report it."""
        ended = []
        for client in self._elsewhere_of.get(user_id, ()):
            there = self._elsewhere.get(client)
            if there is None or session_id not in (None, there.owner.session_id):
                continue
            del self._elsewhere[client]
            present = self._present.get(client)
            if present is not None and isinstance(present.owner, Elsewhere):
                ended.append(self._set(present.owner, Entry(client, present.entry.clock, None)))
        return ended

    def _is_news(self, there: _Present[Who]) -> bool:
        present = self._present.get(there.entry.client)
        if present is None:
            gone = self._gone.get(there.entry.client, _NEVER)
            return there.age > (gone.opening, gone.clock)
        return _continues(present, there) if not isinstance(present.owner, Elsewhere) else there.age > present.age

    def _may_change(self, owner: Who, present: _Present[Who], entry: Entry) -> bool:
        newer = entry.clock > present.entry.clock
        if entry.state is not None and not self._has_room(entry):
            return False
        if present.owner is owner:
            return newer or (entry.clock == present.entry.clock and entry.state is None)
        # The same client over another connection, while the former one is not yet known to be dead. It begins with its
        # own state, as it was; after that, only newer states count.
        return entry.state is not None and _comes_back(present, owner, entry) and (newer or owner not in self._clients)

    def _set(self, owner: Who | Elsewhere, entry: Entry) -> Entry:
        if entry.state is None:
            self._put(entry.client, None)
            self._gone[entry.client] = _Gone(owner.opening, entry.clock, self._told(entry.clock))
            if len(self._gone) > MOST_GONE:
                del self._gone[next(iter(self._gone))]
            return replace(entry, user_id=owner.user_id, session_id=owner.session_id, new=False)
        new = entry.client not in self._present
        state = stamp(entry.state, owner.user_id)
        stamped = Entry(entry.client, entry.clock, state, owner.user_id, owner.session_id)
        self._put(entry.client, _Present(owner, stamped))
        self._gone.pop(entry.client, None)
        return replace(stamped, new=new)

    def _put(self, client: int, present: _Present[Who] | None) -> None:
        before = self._present.pop(client, None)
        if before is not None:
            self._bytes -= len(before.entry.state or b"")
            if not isinstance(before.owner, Elsewhere):
                self._clients[before.owner].discard(client)
                if not self._clients[before.owner]:
                    del self._clients[before.owner]
        if present is not None:
            self._present[client] = present
            self._bytes += len(present.entry.state or b"")
            if not isinstance(present.owner, Elsewhere):
                self._clients.setdefault(present.owner, set()).add(client)

    def _has_room(self, entry: Entry) -> bool:
        before = self._present.get(entry.client)
        grows = len(entry.state or b"") - (len(before.entry.state or b"") if before else 0)
        return len(self._present) + (before is None) <= MOST_PRESENT and self._bytes + grows <= MOST_PRESENT_BYTES


class Told:
    """Entries as others receive them, each encoded once for all who receive the same form."""

    def __init__(self, entries: Sequence[Entry], told: Sequence[Entry]) -> None:
        self._entries, self._told = entries, told
        self._encoded: dict[Callable[[Entry], bytes], list[bytes]] = {}
        # The places of each session's entries in them.
        self.sessions: dict[int, list[int]] = {}
        for place, entry in enumerate(entries):
            self.sessions.setdefault(entry.session_id, []).append(place)

    def to(self, session_id: int, encode: Callable[[Entry], bytes]) -> list[bytes]:
        """As a client of that session receives them."""
        encoded = self._encoded.get(encode)
        if encoded is None:
            encoded = self._encoded[encode] = [encode(entry) for entry in self._told]
        if own := self.sessions.get(session_id):
            encoded = encoded.copy()
            for place in own:
                encoded[place] = encode(self._entries[place])
        return encoded


def _continues(present: _Present[Who], there: _Present[Who]) -> bool:
    """Whether a client of this server has later returned to another server."""
    return there.owner.session_id == present.owner.session_id and there.age > present.age


def _comes_back(present: _Present[Who], owner: Owner, entry: Entry) -> bool:
    return owner.session_id == present.owner.session_id and entry.clock >= present.entry.clock


def stamp(state: bytes, user_id: int) -> bytes:
    """The state with the id of its user, whatever it says itself. One that is not a JSON object, or nested too
    deeply for others' clients, becomes empty. Raises Malformed unless it is JSON."""
    try:
        text = state.decode()  # UTF-8 also in parts that are ignored
        fields = {} if too_deep(text) else _fields(state)
    except (UnicodeDecodeError, msgspec.DecodeError):
        raise Malformed("a state is not JSON") from None
    fields["user_id"] = msgspec.Raw(b"%d" % user_id)
    return msgspec.json.encode(fields)


def _fields(state: bytes) -> dict[str, msgspec.Raw]:
    """None if it is not an object."""
    try:
        return _decoder.decode(state)
    except msgspec.ValidationError:  # raised before the rest is examined
        msgspec.json.decode(without_halves(state), type=msgspec.Raw)
        return {}
    except msgspec.DecodeError:
        if (whole := without_halves(state)) == state:
            raise
        return _fields(whole)

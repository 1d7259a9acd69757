"""Who is typing in which chat, as far as users of this node may know, and the frames that show it.

A user who keeps typing repeats it; one who has not for some seconds has stopped. While typing continues, the frame is
repeated for those who may have missed it.

Events of the log also end typing: a message by the user, the end of their membership or session, a silence, an archive,
and their becoming invisible. A notice arrives late, so it carries the position of the log at which it was checked: a
later such event ends it before it is shown, on every node alike.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from chat_core.log.event import Event
from notify_server import metrics
from notify_server.fan_out.hub import Hub, Subscriber

# Users and chats whose newest notice is kept; further ones are not shown.
MOST = 10_000
# How long an unchanged frame is not repeated to a chat.
REFRESH_SECONDS = 4.0


class Notice(msgspec.Struct, array_like=True, frozen=True):
    """A user has started typing, or stopped (see tell_typing() in sql/functions/presence/presence.sql): at a
    position of the log, and at a time of the database's clock, in seconds since 1970."""

    chat_id: int
    user_id: int
    session_id: int
    typing: bool
    position: int
    at: float


@dataclass(frozen=True, slots=True)
class _Known:
    """The newest notice of a user in a chat. One that they stopped is kept too: their start may arrive after it."""

    notice: Notice
    forgotten_at: float


class Typists:
    def __init__(self, hub: Hub, seconds: float) -> None:
        self._hub, self._seconds = hub, seconds
        self._known: dict[tuple[int, int], _Known] = {}  # by chat and user, the first to be dropped in front
        self._chats: defaultdict[int, set[int]] = defaultdict(set)  # who types in each
        # Chats whose frame must be sent, each with the users in its last one; None: it is sent to everyone.
        self._changed: dict[int, frozenset[int] | None] = {}
        self._told_at: dict[int, float] = {}  # of chats in which someone types

    @property
    def waiting(self) -> bool:
        return bool(self._changed)

    @property
    def next_end(self) -> float | None:
        """When a notice will have expired, in the loop's time."""
        return next((known.forgotten_at for known in self._known.values()), None)

    def take(self, notices: Sequence[Notice], since: Sequence[Event], now: float) -> None:
        """Notices at positions up to the hub's. `since`: all events after the earliest."""
        ends = _Ends(since, {notice.chat_id for notice in notices})
        for notice in notices:
            key = notice.chat_id, notice.user_id
            known = self._known.get(key)
            if known is not None and (notice.position, notice.at) < (known.notice.position, known.notice.at):
                continue
            if not self._hub.members_of_chat(notice.chat_id) or ends.end(notice):
                self._forget(key)
            elif known is None and len(self._known) >= MOST:
                metrics.ephemeral_dropped.labels("Typing", "too_many").inc()
            else:
                self._keep(key, _Known(notice, now + self._seconds), now)

    def follow(self, events: Sequence[Event]) -> None:
        """The next events of the log, which the hub has dispatched."""
        if not self._known:
            return
        ends = _Ends(events, self._chats)
        for key in ends.candidates(self._known, self._chats):
            if (known := self._known.get(key)) is not None and ends.end(known.notice):
                self._forget(key)

    def expire(self, now: float) -> None:
        while (end := self.next_end) is not None and end <= now:
            self._forget(next(iter(self._known)))

    def reset(self) -> None:
        """Another history has begun, and no stream is left that received any typing."""
        for kept in (self._known, self._chats, self._changed, self._told_at):
            kept.clear()

    def frames(self, now: float) -> Iterator[list[tuple[str, Iterable[Subscriber]]]]:
        """Payloads and their receivers, those of a chat together. Users never receive their own typing, nor an
        unchanged frame. Takes everything that waits."""
        changed, self._changed = self._changed, {}
        for chat_id, before in changed.items():
            typing = frozenset(self._chats.get(chat_id, ()))
            if typing == before:
                continue
            if typing:
                self._told_at[chat_id] = now
            else:
                self._told_at.pop(chat_id, None)
            yield self._frames_of(chat_id, typing, before)

    def _frames_of(
        self, chat_id: int, typing: frozenset[int], before: frozenset[int] | None
    ) -> list[tuple[str, Iterable[Subscriber]]]:
        involved = typing | (before or frozenset())
        others: list[Subscriber] = []
        frames: list[tuple[str, Iterable[Subscriber]]] = [(_payload(chat_id, typing), others)]
        for receiver in self._hub.members_of_chat(chat_id):
            if receiver.user_id not in involved:
                others.append(receiver)
            elif (rest := typing - {receiver.user_id}) != (
                before - {receiver.user_id} if before is not None else set()
            ):
                frames.append((_payload(chat_id, rest), [receiver]))
        return frames

    def _keep(self, key: tuple[int, int], known: _Known, now: float) -> None:
        self._known.pop(key, None)
        self._known[key] = known
        chat_id, user_id = key
        if not known.notice.typing:
            self._stop(chat_id, user_id)
        elif user_id not in self._chats.get(chat_id, ()):
            self._change(chat_id)
            self._chats[chat_id].add(user_id)
        elif now - self._told_at.get(chat_id, now) >= REFRESH_SECONDS:
            self._changed[chat_id] = None

    def _forget(self, key: tuple[int, int]) -> None:
        if self._known.pop(key, None) is not None:
            self._stop(*key)

    def _stop(self, chat_id: int, user_id: int) -> None:
        if user_id not in self._chats.get(chat_id, ()):
            return
        self._change(chat_id)
        self._chats[chat_id].discard(user_id)
        if not self._chats[chat_id]:
            del self._chats[chat_id]

    def _change(self, chat_id: int) -> None:
        if chat_id not in self._changed:
            self._changed[chat_id] = frozenset(self._chats.get(chat_id, ()))


class _Ends:
    """Which of some events end typing, and the position of each: of a user in a chat, of all in a chat, of a user
    everywhere, of a session. Only payloads for `chats` are read, so posting costs other chats nothing."""

    def __init__(self, events: Iterable[Event], chats: Container[int]) -> None:
        self.members: dict[tuple[int, int], int] = {}
        self.chats: dict[int, int] = {}
        self.users: dict[int, int] = {}
        self.sessions: dict[int, int] = {}
        for event in events:
            chat_id, user_id = event.chat_id or 0, event.user_id or 0
            match event.kind:
                case "NewMessage" if chat_id in chats:
                    try:
                        self.members[chat_id, _SENDER.decode(event.payload).sender_id] = event.position
                    except RecursionError:  # metadata nested too deep for msgspec, written by SQL: anybody's
                        self.chats[chat_id] = event.position
                case "UserLeftChat" | "ChatDeleted" if chat_id in chats:
                    self.members[chat_id, user_id] = event.position
                case "ChatMemberUpdated" if chat_id in chats and _MEMBER.decode(event.payload).silenced_until:
                    self.members[chat_id, user_id] = event.position
                case "ChatUpdated" if chat_id in chats and _CHAT.decode(event.payload).archived_at:
                    self.chats[chat_id] = event.position
                case "PresenceModeChanged" if event.makes_invisible:
                    self.users[user_id] = event.position
                case "SessionRevoked":
                    self.sessions[event.session_id or 0] = event.position

    def end(self, notice: Notice) -> bool:
        """Whether one of them came after the notice."""
        return (
            max(
                self.members.get((notice.chat_id, notice.user_id), 0),
                self.chats.get(notice.chat_id, 0),
                self.users.get(notice.user_id, 0),
                self.sessions.get(notice.session_id, 0),
            )
            > notice.position
        )

    def candidates(self, known: Iterable[tuple[int, int]], chats: dict[int, set[int]]) -> Iterable[tuple[int, int]]:
        """The users and chats for which `end` must be asked."""
        if self.users or self.sessions:
            return list(known)
        return [*self.members, *((chat, user) for chat in self.chats for user in chats.get(chat, ()))]


class _Sender(msgspec.Struct):
    sender_id: int


class _Member(msgspec.Struct):
    silenced_until: str | None


class _Chat(msgspec.Struct):
    archived_at: str | None


_SENDER = msgspec.json.Decoder(_Sender)
_MEMBER = msgspec.json.Decoder(_Member)
_CHAT = msgspec.json.Decoder(_Chat)


def _payload(chat_id: int, users: frozenset[int]) -> str:
    return msgspec.json.encode({"chat_id": chat_id, "user_ids": sorted(users)}).decode()

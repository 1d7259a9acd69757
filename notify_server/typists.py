"""Who is typing in which chat, as far as anybody on this node may know, and the frames that say so.

Somebody who goes on typing repeats it; whoever has not for so many seconds has stopped. While somebody goes on, those
who may have missed it are told again.
"""

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from notify_server import metrics
from notify_server.hub import Hub, Subscriber

# People who type at once, in all chats; more than that are not told.
MOST = 10_000
# How long a chat is not told again what it knows.
REFRESH_SECONDS = 4.0


class Typists:
    def __init__(self, hub: Hub, seconds: float) -> None:
        self._hub, self._seconds = hub, seconds
        self._ends: dict[tuple[int, int], float] = {}  # by chat and user, the one that ends first in front
        self._chats: defaultdict[int, set[int]] = defaultdict(set)
        # Chats that are to be told, each with those of whom it was told last; None: all are told anew.
        self._changed: dict[int, frozenset[int] | None] = {}
        self._told_at: dict[int, float] = {}  # of chats in which somebody types

    @property
    def waiting(self) -> bool:
        return bool(self._changed)

    @property
    def next_end(self) -> float | None:
        """When somebody will have stopped, in the loop's time."""
        return next(iter(self._ends.values()), None)

    def take(self, chat_id: int, user_id: int, started: bool, now: float) -> None:
        known = self._ends.pop((chat_id, user_id), None) is not None
        if not started or not self._hub.members_of_chat(chat_id):
            if known:
                self._stop(chat_id, user_id)
        elif len(self._ends) >= MOST:
            metrics.ephemeral_dropped.labels("Typing", "too_many").inc()
            if known:
                self._stop(chat_id, user_id)
        else:
            self._ends[chat_id, user_id] = now + self._seconds
            if not known:
                self._change(chat_id)
                self._chats[chat_id].add(user_id)
            elif now - self._told_at.get(chat_id, now) >= REFRESH_SECONDS:
                self._changed[chat_id] = None

    def expire(self, now: float) -> None:
        while (end := self.next_end) is not None and end <= now:
            chat_id, user_id = next(iter(self._ends))
            del self._ends[chat_id, user_id]
            self._stop(chat_id, user_id)

    def frames(self, now: float) -> Iterator[tuple[str, list[Subscriber]]]:
        """Payloads and whom to give them. Nobody is told of themselves, nor what they know. Takes all that waits."""
        changed, self._changed = self._changed, {}
        for chat_id, before in changed.items():
            typing = frozenset(self._chats.get(chat_id, ()))
            if typing == before:
                continue
            if typing:
                self._told_at[chat_id] = now
            else:
                self._told_at.pop(chat_id, None)
            yield from self._frames_of(chat_id, typing, before)

    def _frames_of(
        self, chat_id: int, typing: frozenset[int], before: frozenset[int] | None
    ) -> list[tuple[str, list[Subscriber]]]:
        involved = typing | (before or frozenset())
        others: list[Subscriber] = []
        frames = [(_payload(chat_id, typing), others)]
        for receiver in self._hub.members_of_chat(chat_id):
            if receiver.user_id not in involved:
                others.append(receiver)
            elif (rest := typing - {receiver.user_id}) != (
                before - {receiver.user_id} if before is not None else set()
            ):
                frames.append((_payload(chat_id, rest), [receiver]))
        return frames

    def _stop(self, chat_id: int, user_id: int) -> None:
        self._change(chat_id)
        self._chats[chat_id].discard(user_id)
        if not self._chats[chat_id]:
            del self._chats[chat_id]

    def _change(self, chat_id: int) -> None:
        if chat_id not in self._changed:
            self._changed[chat_id] = frozenset(self._chats.get(chat_id, ()))


def _payload(chat_id: int, users: frozenset[int]) -> str:
    return msgspec.json.encode({"chat_id": chat_id, "user_ids": sorted(users)}).decode()

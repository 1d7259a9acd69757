"""Streams that delegates have opened for somebody else, their principal (ADR 75): they carry what the principal sees,
of the chats and of the kinds of events that are delegated.

The hub asks here only while there is such a stream. Nothing is followed: what the log says of the principal's access,
or of a delegation, ends the streams that it concerns before it is delivered. Their clients open them again, and the
database decides anew.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

import msgspec

from chat_core.log.audience import Access, Places
from chat_core.log.event import Event
from chat_core.log.within import Within
from notify_server.streams.stream import Stream

CHANGED: Final = "delegation_changed"

# The events of a chat that each permission shows.
KINDS: Final[Mapping[str, frozenset[str]]] = {
    "chat.see": frozenset({"ChatUpdated"}),
    "chat.list_members": frozenset({"UserJoinedChat", "UserLeftChat", "ChatMemberUpdated"}),
    "chat.read_messages": frozenset(
        {
            "NewMessage",
            "MessageUpdated",
            "MessageDeleted",
            "MessageFilesReady",
            "MessageLinksUpdated",
            "MessagePinned",
            "MessageUnpinned",
            "ReactionAdded",
            "ReactionRemoved",
            "ThreadUpdated",
        }
    ),
}


class Changed(msgspec.Struct):
    """The fields of a delegation's event that are read."""

    principal_id: int
    delegate_id: int


class Deputy(Access):
    """`user_id` is the principal; `delegated` has the permissions in each chat; it is valid from `position`."""

    __slots__ = ("_kinds", "delegate_id", "position", "streams", "within")

    def __init__(self, principal: int, delegate: int, position: int, delegated: Mapping[int, Collection[str]]) -> None:
        super().__init__(principal, Places(dict.fromkeys(delegated, 0), {}, {}), Places({}, {}, {}))
        self.delegate_id, self.position = delegate, position
        self.streams: list[Stream] = []
        self.within: dict[int, Within] = {}  # no token acts for anybody
        self._kinds = {
            chat: frozenset[str]().union(*(KINDS.get(permission, ()) for permission in permissions))
            for chat, permissions in delegated.items()
        }

    def sees(self, event: Event, recent: Access | None = None) -> bool:
        if event.audience != "chat" or event.kind not in self._kinds.get(event.chat_id or 0, ()):
            return False
        return super().sees(event, recent)

    def sends(self, event: Event, bound_to: int | None, recent: Access | None = None) -> bool:
        """As a Subscriber's."""
        return bound_to is None

    def ends_with(self, event: Event) -> bool:
        """Whether an event may change what is delegated, or what there is to delegate."""
        if event.position <= self.position:
            return False
        if event.kind == "FeaturesUpdated":
            return True
        if event.kind in ("DelegationUpdated", "DelegationRevoked"):
            changed = msgspec.json.decode(event.payload, type=Changed)
            return (changed.principal_id, changed.delegate_id) == (self.user_id, self.delegate_id)
        return event.effect is not None and event.user_id in (self.user_id, self.delegate_id)


class Deputies:
    """All that have an open stream here."""

    def __init__(self) -> None:
        self._all: set[Deputy] = set()
        self._of_chat: dict[int, set[Deputy]] = {}

    def __bool__(self) -> bool:
        return bool(self._all)

    def __iter__(self) -> Iterator[Deputy]:
        return iter(self._all)

    def add(self, deputy: Deputy) -> None:
        self._all.add(deputy)
        for chat in deputy.member_of.chats:
            self._of_chat.setdefault(chat, set()).add(deputy)

    def discard(self, deputy: Deputy) -> None:
        if deputy in self._all:
            self._all.discard(deputy)
            for chat in deputy.member_of.chats:
                self._of_chat[chat].discard(deputy)
                if not self._of_chat[chat]:
                    del self._of_chat[chat]

    def of(self, event: Event) -> list[Deputy]:
        """Those who see an event. Those whom it may concern otherwise are gone."""
        if event.effect is not None or event.user_id is not None or event.kind == "FeaturesUpdated":
            self._end(event)
        return [deputy for deputy in self._of_chat.get(event.chat_id or 0, ()) if deputy.sees(event)]

    def _end(self, event: Event) -> None:
        for deputy in list(self._all):
            if event.kind == "SessionRevoked":
                for stream in deputy.streams:
                    if stream.session_id == event.session_id:
                        self.discard(deputy)
                        stream.close("session_revoked")
            elif deputy.ends_with(event):
                self.discard(deputy)
                for stream in deputy.streams:
                    stream.close(CHANGED)

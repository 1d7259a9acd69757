"""realm.json of a Zulip export: what of it is needed to understand messages."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from fechatter.converters import texts
from fechatter.converters.converting import Json, number_of

PERSONAL, STREAM, GROUP = 1, 2, 3
_PEOPLE: Final = ("zerver_userprofile", "zerver_userprofile_mirrordummy")
_SYSTEM_BOTS: Final = "zerver_userprofile_crossrealm"


class Reactions:
    """Of all messages, as numbers: 24 bytes each."""

    def __init__(self) -> None:
        self._rows = array("q")
        self._names: dict[tuple[str, str], int] = {}
        self._kinds: list[tuple[str, str]] = []
        self._sorted: list[int] | None = None

    def add(self, row: Json) -> None:
        message, person = number_of(row.get("message")), number_of(row.get("user_profile"))
        if message is None or person is None:
            return
        kind = (
            texts.line(row.get("emoji_name")),
            texts.line(row.get("emoji_code")) * (row.get("reaction_type") == "unicode_emoji"),
        )
        if kind not in self._names:
            self._names[kind] = len(self._kinds)
            self._kinds.append(kind)
        self._rows.extend((message, person, self._names[kind]))
        self._sorted = None

    def of(self, message: int) -> Iterator[tuple[int, str, str]]:
        """Who, the emoji's name, and its code if everybody has it."""
        rows = self._rows
        if self._sorted is None:
            self._sorted = sorted(range(0, len(rows), 3), key=rows.__getitem__)
        for place in range(bisect_left(self._sorted, message, key=rows.__getitem__), len(self._sorted)):
            at = self._sorted[place]
            if rows[at] != message:
                return
            yield (rows[at + 1], *self._kinds[rows[at + 2]])


@dataclass
class Realm:
    realm: Json = field(default_factory=dict)
    people: list[Json] = field(default_factory=list)
    streams: dict[int, Json] = field(default_factory=dict)
    emoji: list[Json] = field(default_factory=list)
    recipient_of: dict[tuple[int, int], int] = field(default_factory=dict)
    recipients: dict[int, tuple[int, int]] = field(default_factory=dict)  # id: type, id of that type
    members: dict[int, list[Json]] = field(default_factory=dict)  # by recipient
    reactions: Reactions = field(default_factory=Reactions)

    @classmethod
    def of(cls, rows: Iterator[tuple[str | None, Any]]) -> "Realm":
        realm = cls()
        for table, row in rows:
            if table is not None and isinstance(row, dict):
                realm._take(table, row)
        return realm

    def _take(self, table: str, row: dict[str, Any]) -> None:
        key = number_of(row.get("id"))
        if table == "zerver_realm":
            self.realm = row
        elif table in _PEOPLE:
            self.people.append(row)
        elif table == _SYSTEM_BOTS:
            self.people.append(_system_bot(row))
        elif table == "zerver_stream" and key is not None:
            self.streams[key] = row
        elif table == "zerver_realmemoji":
            self.emoji.append(row)
        elif table == "zerver_recipient" and key is not None:
            kind, of = number_of(row.get("type")), number_of(row.get("type_id"))
            if kind is not None and of is not None:
                self.recipients[key] = (kind, of)
                self.recipient_of[kind, of] = key
        elif table == "zerver_subscription" and row.get("active", True) is True:
            recipient, person = number_of(row.get("recipient")), number_of(row.get("user_profile"))
            if recipient is not None and person is not None:
                kept = {name: row.get(name) for name in ("role", "is_muted", "in_home_view")}
                self.members.setdefault(recipient, []).append({"user_profile": person, **kept})
        elif table == "zerver_reaction":
            self.reactions.add(row)


def _system_bot(row: Json) -> Json:
    """A bot of all organizations, of which an export has the id and an address, which is nobody's. One of them,
    welcome-bot@zulip.com, has written to everybody.
    """
    name = texts.line(row.get("email")).partition("@")[0].replace("-", " ").title()
    return {"id": row.get("id"), "full_name": name, "is_bot": True, "is_active": True, "role": 400}

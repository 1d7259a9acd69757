"""The content of an open page: as of its newest version, or with the patches that are just being stored."""

from collections import deque
from collections.abc import Iterator
from itertools import takewhile
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from chat_core.documents.patches.admission import Missed, admit
from chat_core.documents.patches.canonical import checksum
from chat_core.documents.patches.effects import decoded
from chat_core.documents.patches.history import settle
from chat_core.documents.patches.limits import Limits
from chat_core.documents.patches.patch import revert
from notify_server.documents.pages.operations import Asked, Committed

# Newest patches that are kept in memory, for stale ones and for clients that repeat theirs; and their bytes.
MOST_KEPT: Final = 1000
MOST_KEPT_BYTES: Final = 4 << 20
# Versions whose content is told by a checksum: where replicas differ, they notice.
CHECKSUM_EVERY: Final = 50


class Row(Protocol):
    """A row of page_ops."""

    def __getitem__(self, name: str, /) -> Any: ...


class Found(NamedTuple):
    """What applying a patch from psql has shown."""

    version: int
    inverse: str
    effects: str


class Content:
    """`version` is the newest one that is stored. `flying` are the patches that are being stored: they are applied to
    `document` already. `kept` are the newest stored ones, without a gap, by `ids` too."""

    def __init__(self, document: Any, version: int, schema: str, limits: Limits) -> None:
        self.document, self.version, self.schema, self._limits = document, version, schema, limits
        self.size = len(msgspec.json.encode(document))
        self.flying: list[Asked] = []
        self.kept: deque[Committed] = deque()
        self.ids: dict[str, Committed] = {}
        self.found: list[Found] = []
        self._kept_bytes = 0
        self._text: tuple[int, bytes, int] = (-1, b"", 0)

    @property
    def kept_from(self) -> int:
        """All patches after this version are kept."""
        return self.kept[0].version - 1 if self.kept else self.version

    def text(self) -> tuple[bytes, int]:
        """The stored content as JSON, and its checksum. Nothing may be flying."""
        version, text, crc = self._text
        if version != self.version:
            text, crc = msgspec.json.encode(self.document), checksum(self.document)
            self._text = self.version, text, crc
        return text, crc

    # -- patches of this server

    def missed(self, asked: Asked) -> list[Missed]:
        """What others have stored since its version, and are storing, oldest first."""
        client_id = asked.author.client_id
        own = {client_id, self._came_before(asked)}
        newest = takewhile(lambda kept: kept.version > asked.base, reversed(self.kept))
        stored = [Missed(kept.version, kept.effects, kept) for kept in newest if kept.client_id not in own]
        stored.reverse()
        return stored + list(self._missed_flying(client_id))

    def missed_by(self, asked: Asked) -> list[Missed] | None:
        """What others have stored since its version; None if not all of it is kept, or there is no such version.
        Nothing may be flying."""
        return self.missed(asked) if self.kept_from <= asked.base <= self.version else None

    def _came_before(self, asked: Asked) -> str:
        """The connection of the patch that it follows, an earlier one of its client's: so a patch that is sent again
        over another connection gets the verdict that it had, or may still get, elsewhere."""
        before, author = self.ids.get(asked.after or ""), asked.author
        if before is None or before.user_id != author.user_id:
            return author.client_id
        return before.client_id or author.client_id

    def _missed_flying(self, client_id: str) -> Iterator[Missed]:
        for asked in self.flying:
            if asked.op is not None and asked.author.client_id != client_id:
                yield Missed(asked.op.version, asked.op.applied.effects)

    def admit(self, asked: Asked) -> None:
        """Applies it on top of what is flying. Raises what chat_core's `admit` raises."""
        op = admit(
            self.document,
            self.version + len(self.flying),
            asked.patch,
            asked.base,
            self.missed(asked),
            size=self.size,
            schema=self.schema,
            limits=self._limits,
        )
        asked.op, self.document, self.size = op, op.applied.document, op.size
        asked.checksum = checksum(self.document) if op.version % CHECKSUM_EVERY == 0 else None
        self.flying.append(asked)

    def revert(self) -> list[Asked]:
        """Takes back everything that was flying; returns it, oldest first."""
        flying, self.flying = self.flying, []
        for asked in reversed(flying):
            assert asked.op is not None  # noqa: S101 - it is flying
            self.document = revert(self.document, asked.op.applied)
            self.size -= asked.op.applied.growth
            asked.op = None
        return flying

    def commit(self) -> list[tuple[Asked, Committed]]:
        """Everything that was flying is stored."""
        flying, self.flying = self.flying, []
        committed = []
        for asked in flying:
            op = asked.op
            assert op is not None  # noqa: S101 - it is flying
            author = asked.author
            stored = Committed(
                op.version,
                asked.op_id,
                op.digest,
                author.user_id,
                author.client_id,
                op.patch.encode(),
                op.applied.effects,
            )
            self.version = op.version
            self._keep(stored)
            committed.append((asked, stored))
        return committed

    # -- stored patches of others

    def settle(self, row: Row) -> tuple[Committed, int | None] | None:
        """The next stored patch, and the checksum with it, if that is told; None if it is not the next. Nothing may be
        flying."""
        if row["version"] != self.version + 1:
            return None
        settled = settle(self.document, row["patch"], self.schema, self.size)
        applied = settled.applied
        self.document, self.version = applied.document, row["version"]
        self.size += applied.growth
        patch = b"[]" if settled.refusal is not None else row["patch"].encode()
        stored = Committed(
            self.version, row["op_id"], row["digest"], row["user_id"], row["client_id"], patch, applied.effects
        )
        if row["inverse"] is None:
            inverse, effects = (msgspec.json.encode(part).decode() for part in (applied.inverse, applied.effects))
            self.found.append(Found(self.version, inverse, effects))
        self._keep(stored)
        return stored, checksum(self.document) if self.version % CHECKSUM_EVERY == 0 else None

    def remember(self, rows: list[Any]) -> None:
        """Stored patches before those that are kept, oldest first; as far back as it is known what they did."""
        for row in reversed(rows):
            if row["version"] != self.kept_from or row["effects"] is None:
                break
            # Without effects, it is empty or was refused.
            effects = decoded(row["effects"])
            stored = Committed(
                row["version"],
                row["op_id"],
                row["digest"],
                row["user_id"],
                row["client_id"],
                row["patch"].encode() if effects else b"[]",
                effects,
            )
            self.kept.appendleft(stored)
            self.ids[stored.op_id] = stored
            self._kept_bytes += len(stored.told)

    def _keep(self, stored: Committed) -> None:
        self.kept.append(stored)
        self.ids[stored.op_id] = stored
        self._kept_bytes += len(stored.told)
        while len(self.kept) > MOST_KEPT or (self._kept_bytes > MOST_KEPT_BYTES and len(self.kept) > 1):
            gone = self.kept.popleft()
            self.ids.pop(gone.op_id, None)
            self._kept_bytes -= len(gone.told)

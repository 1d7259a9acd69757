"""Which cursors are good: an epoch is what is appended on one timeline of Postgres; several lead to the present one.

A failover begins an epoch that continues the former one, up to the last position that survived (ADR 94). A cursor of an
epoch that led to the present one is good up to the last position of its epoch, and lost above it. This is `log_last` in
sql/functions/log/log.sql.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from chat_core.log.cursor import Cursor

# The present epoch has not ended.
NO_END = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Lineage:
    """The present epoch, and those that led to it, in order and each with its last position."""

    epoch: str
    ended: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, epoch: str, ended: Iterable[str], lasts: Iterable[int]) -> Self:
        return cls(epoch, dict(zip(ended, lasts, strict=True)))

    @property
    def root(self) -> str:
        """The epoch from which all the others come."""
        return next(iter(self.ended), self.epoch)

    def last(self, epoch: str) -> int | None:
        """The last position of an epoch; None if it did not lead to the present one."""
        return NO_END if epoch == self.epoch else self.ended.get(epoch)

    def has(self, cursor: Cursor) -> bool:
        """Whether a cursor is good: everything up to it is part of this history."""
        last = self.last(cursor.epoch)
        return last is not None and cursor.position <= last

    def epoch_at(self, position: int) -> str:
        """The epoch of the event at a position. Its cursor names this one for ever."""
        found = self.epoch
        for epoch, last in reversed(self.ended.items()):
            if position > last:
                break
            found = epoch
        return found

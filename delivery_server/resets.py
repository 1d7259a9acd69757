"""Cursors that are good no more: the receiver gets a notice, and delivery goes on at another position."""

from dataclasses import dataclass
from typing import Literal, Self, TypeAlias

import msgspec
from asyncpg import Record

Reason: TypeAlias = Literal["epoch_changed", "lost", "retention"]


@dataclass(frozen=True, slots=True)
class Reset:
    """`position`: where it goes on. `last`: the receiver has got events that are lost, those above this cursor."""

    reason: Reason
    epoch: str
    position: int
    last: str | None = None

    @classmethod
    def of(cls, row: Record) -> Self | None:
        """None if the cursor in a row is good: what `subscription_next` and `sink_next` have about it."""
        epoch, head = row["log_epoch"], row["head"]
        if row["last_good"] is None:
            return cls("epoch_changed", epoch, head)
        if row["seen"] > row["last_good"]:
            return cls("lost", epoch, row["last_good"], f"{row['epoch']}.{row['last_good']}")
        return cls("retention", epoch, head) if row["seen"] < row["floor"] else None

    @property
    def payload(self) -> bytes:
        told = {"reason": self.reason, "cursor": f"{self.epoch}.{self.position}"}
        return msgspec.json.encode(told if self.last is None else told | {"last": self.last})

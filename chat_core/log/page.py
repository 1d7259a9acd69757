"""Pages of the log, bounded in events and in bytes; and whether it is still the same log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

import asyncpg

from chat_core.log.event import Event
from chat_core.log.lineage import Lineage

PAGE = 500
# Of payload. Over 100 Mbit/s this takes a third of a second; a statement has four.
PAGE_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Page:
    """The result of a query for `amount` events and `PAGE_BYTES`. `full`: there may be more."""

    events: list[Event]
    full: bool
    amount: int

    @classmethod
    def of(cls, rows: list[asyncpg.Record], lineage: Lineage, amount: int) -> Self:
        events = [Event.of(row, lineage.epoch_at(row["position"])) for row in rows if row["position"] is not None]
        return cls(events, len(events) >= amount or sum(len(event.payload) for event in events) >= PAGE_BYTES, amount)

    @property
    def next_amount(self) -> int:
        """How many to request next: if events are so large that few fit into a page, few need be examined."""
        return min(PAGE, 2 * len(self.events)) if self.full else PAGE


def continues(first: asyncpg.Record, position: int, made_at: datetime | None) -> bool:
    """Whether a reader at an event is still in the same history, by the first row of log_after: the event exists
    with the same time, or retention has dropped it, so that no position is used twice. False after a crash of a
    server that lies about durability, after setval() backwards, and if events were removed from the log by hand."""
    if first["used"] < position:
        return False
    return position <= first["floor"] or (first["position"], first["created_at"]) == (position, made_at)

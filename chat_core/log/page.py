"""Pages of the log: so many events, and so many bytes, whatever is in them; and whether it is still the same log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

import asyncpg

from chat_core.log.event import Event

PAGE = 500
# Of payload. Over 100 Mbit/s this takes a third of a second; a statement has four.
PAGE_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Page:
    """What a query has answered that was asked for `amount` events and `PAGE_BYTES`. `full`: there may be more."""

    events: list[Event]
    full: bool
    amount: int

    @classmethod
    def of(cls, rows: list[asyncpg.Record], epoch: str, amount: int) -> Self:
        events = [Event.of(row, epoch) for row in rows if row["position"] is not None]
        return cls(events, len(events) >= amount or sum(len(event.payload) for event in events) >= PAGE_BYTES, amount)

    @property
    def next_amount(self) -> int:
        """How many to ask for next: where events are so large that few go into a page, not many need be looked at."""
        return min(PAGE, 2 * len(self.events)) if self.full else PAGE


def continues(first: asyncpg.Record, position: int, made_at: datetime | None) -> bool:
    """Whether a reader who has read up to an event is still in the same history, by the first row of log_after: the
    event is there and was made at the same moment, or retention has dropped it, and no position will be used a second
    time. False after a crash of a server that lies about durability, after setval() backwards, and where somebody took
    events out of the log by hand."""
    if first["used"] < position:
        return False
    return position <= first["floor"] or (first["position"], first["created_at"]) == (position, made_at)

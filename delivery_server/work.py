"""What there is to do for a subscription: read in one statement, and so of one moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from asyncpg import Record

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.log.audience import Access, Places
from chat_core.log.event import EffectRow, Event
from chat_core.log.lineage import Lineage
from chat_core.log.strict import Strict
from chat_core.log.within import Within
from chat_core.outgoing.signing import SigningKey
from delivery_server.resets import Reset

# Positions of the log that are looked at together, however few events a subscription is for.
SPAN = 20_000
RESET = "reset"

SUBSCRIPTION_NEXT = query("subscription_next", "subscription", "span", "amount")

PLACES = ("chats", "documents", "workspaces")


@dataclass(frozen=True, slots=True)
class Work:
    """`events` are to be sent now: those that are `again` tried, or the next ones. `hidden`: positions that were to be
    tried again and are not to be sent any more. `reached`: up to where the log has been looked at; `more`: it goes on
    after that. `wait_until`: nothing is to be sent before."""

    id: int
    workspace_id: int
    generation: int
    ready: bool
    address: str
    kinds: Sequence[str] | None
    chat_ids: Sequence[int] | None
    ordered: bool
    keys: Sequence[SigningKey]
    epoch: str
    position: int
    log_epoch: str
    moment: datetime
    next_due_at: datetime | None
    events: list[Event]
    attempts: dict[int, int]
    again: bool
    hidden: list[int]
    reached: int
    more: bool
    wait_until: datetime | None


class Reading:
    """Reads one subscription's work. `access` is what its bot saw the last time."""

    def __init__(self, pool: Pool, subscription_id: int, strict: Strict) -> None:
        self._pool, self._id, self._strict = pool, subscription_id, strict
        self._within: Within | None = None
        self.access: Access | None = None

    async def next(self, amount: int) -> Work | None:
        """None if there is no such subscription any more."""
        async with self._strict.reading(self._pool) as source:
            rows = await SUBSCRIPTION_NEXT.rows(source, subscription=self._id, span=SPAN, amount=amount)
        if not rows:
            return None
        row = rows[0]
        attempts = {int(key): number for key, number in msgspec.json.decode(row["attempts"]).items()}
        if (reset := Reset.of(row)) is not None:
            return _reset(self._id, row, attempts, reset)
        lineage = Lineage.of(row["log_epoch"], row["ended"], row["lasts"])
        events = [Event.of(each, lineage.epoch_at(each["position"])) for each in rows if each["kind"] is not None]
        visible = await self._visible(row, events)
        again = bool(row["due"])
        full = not again and len(events) >= amount
        reached = row["seen"] if again else events[-1].position if full else row["last"]
        head_waits = bool(visible) and not again and visible[0].position == row["head_position"] and row["head_due_at"]
        return _work(
            self._id,
            row,
            attempts,
            events=visible,
            again=again,
            hidden=[place for place in row["due"] if all(event.position != place for event in visible)],
            reached=reached,
            more=again or full or row["last"] < row["head"],
            wait_until=row["head_due_at"] if head_waits and row["head_due_at"] > row["moment"] else None,
        )

    async def _visible(self, row: Record, events: list[Event]) -> list[Event]:
        """Those that the bot's stream would carry: the same rule, with what the log did to its access above the first
        of them."""
        bot = row["bot_id"]
        member_of = Places(*(dict.fromkeys(row[places], 0) for places in PLACES))
        administers = Places(*(dict.fromkeys(row[f"administered_{places}"], 0) for places in PLACES))
        self.access = access = Access(bot, member_of, administers)
        recent = Access.nothing(bot)
        effects = [EffectRow(*effect) for effect in msgspec.json.decode(row["effects"])]
        for effect in effects:
            recent.apply(effect)
        if self._within is None:
            self._within = Within(row["workspace_id"])
        await self._within.look_up(
            self._pool,
            bot,
            [*member_of.chats, *(effect.chat_id for effect in effects if effect.chat_id is not None)],
            [*member_of.documents, *(effect.document_id for effect in effects if effect.document_id is not None)],
        )
        within = self._within
        return [event for event in events if access.sees(event, recent) and within.has(event, access, recent)]


def _work(subscription_id: int, row: Record, attempts: dict[int, int], **more: Any) -> Work:
    keys = [SigningKey(scheme, bytes.fromhex(secret)) for scheme, secret in msgspec.json.decode(row["secrets"])]
    return Work(
        id=subscription_id,
        keys=keys,
        position=row["seen"],
        attempts=attempts,
        **{
            name: row[name]
            for name in (
                *("workspace_id", "generation", "ready", "address", "kinds", "chat_ids", "ordered", "epoch"),
                *("log_epoch", "moment", "next_due_at"),
            )
        },
        **more,
    )


def _reset(subscription_id: int, row: Record, attempts: dict[int, int], reset: Reset) -> Work:
    """The receiver is told, and goes on elsewhere. The notice counts its attempts at position 0, which no event has."""
    notice = Event(
        row["log_epoch"], 0, RESET, "user", None, None, row["bot_id"], None, None, None,
        reset.payload, row["moment"],
    )  # fmt: skip
    due_at = row["reset_due_at"]
    return _work(
        subscription_id,
        row,
        attempts,
        events=[notice],
        again=False,
        hidden=[],
        reached=reset.position,
        more=reset.position < row["head"],
        wait_until=due_at if due_at is not None and due_at > row["moment"] else None,
    )

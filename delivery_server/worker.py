"""One subscription's task: reads what there is to send, sends it, and records what has become of it, over and over.

Everything that decides is read anew for each step, so a cursor that was moved, a chat that the bot has left or a
message that was deleted counts from the next request on. A server that dies has recorded less than it has sent: another
one sends the rest again, and the receiver knows it by the event's key.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.log.event import Event
from chat_core.problems import DATABASE_ERRORS
from chat_core.settings import Delivery
from chat_core.waiting import wait_at_most
from delivery_server import metrics
from delivery_server.outcome import Outcome, delay_of
from delivery_server.slots import Slots
from delivery_server.webhook import Webhook
from delivery_server.work import RESET, Reading, Work

# Requests at a time of one subscription that is not ordered.
CONCURRENT: Final = 16
# How long one that is not woken waits to look for itself; how far its cursor may stay behind what it has looked at.
IDLE_SECONDS: Final = 60.0
BEHIND_SECONDS: Final = 20.0
BEHIND_POSITIONS: Final = 1000
BACKOFF_SECONDS: Final = (0.2, 10.0)

DELIVERIES_RECORD = query(
    "deliveries_record",
    *("subscription", "holder", "seen_epoch", "seen", "reached_epoch", "reached", "positions", "kinds", "statuses"),
    *("errors", "durations", "delays", "gone", "patience"),
)
DELIVERIES_FORGET = query("deliveries_forget", "subscription", "positions")

_log = structlog.get_logger()


class Worker:
    """`generation` is that of the shard that its server holds."""

    def __init__(
        self,
        subscription_id: int,
        generation: int,
        pool: Pool,
        settings: Delivery,
        reading: Reading,
        webhook: Webhook,
        slots: Slots,
    ) -> None:
        self.id, self.generation = subscription_id, generation
        self._pool, self._settings, self._webhook = pool, settings, webhook
        self._slots = slots
        self._reading = reading
        self._amount = 1
        self._wake = asyncio.Event()
        self._stopping = False
        self._stored_at = time.monotonic()
        self._last: Work | None = None

    # -- what wakes it

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        """What is being sent may end."""
        self._stopping = True
        self._wake.set()

    def hear(self, events: Sequence[Event]) -> None:
        """The log's next events: whether one may be for it. What it then reads decides."""
        if not self._wake.is_set() and any(map(self._may_concern, events)):
            self._wake.set()

    def _may_concern(self, event: Event) -> bool:
        access, last = self._reading.access, self._last
        if access is None or last is None or event.user_id == access.user_id:
            return True
        if last.kinds is not None and event.kind not in last.kinds:
            return False
        if last.chat_ids is not None and event.chat_id not in last.chat_ids:
            return False
        return any(place in places for places, place in access.member_of.of(event))

    # -- what it does

    async def run(self) -> None:
        """Until it is stopped, there is no such subscription any more, or another server holds its shard."""
        backoff = BACKOFF_SECONDS[0]
        while not self._stopping:
            self._wake.clear()
            try:
                wait = await self._step()
                backoff = BACKOFF_SECONDS[0]
            except Exception as error:  # whatever it is, it must not be met as fast as it comes
                _log.warning(
                    "a subscription cannot be worked for",
                    subscription=self.id,
                    error=f"{type(error).__name__}: {error}",
                    exc_info=None if isinstance(error, DATABASE_ERRORS) else error,
                )
                await asyncio.sleep(BACKOFF_SECONDS[0])  # however often it is woken
                wait, backoff = backoff, min(2 * backoff, BACKOFF_SECONDS[1])
            if wait is None:
                return
            if wait > 0 and not self._stopping:
                await wait_at_most(wait, self._wake)

    async def _step(self) -> float | None:
        """Returns how long to wait for what comes next, at most; None at the end."""
        work = self._last = await self._reading.next(self._amount)
        if work is None:
            return None
        if work.generation != self.generation:
            metrics.fenced.inc()
            return None
        if not work.ready:
            return IDLE_SECONDS
        if self._amount != (amount := _amount(work)):  # read with what was known of it before
            self._amount = amount
            return 0
        if work.hidden:
            await DELIVERIES_FORGET.row(self._pool, subscription=self.id, positions=work.hidden)
        if work.wait_until is not None:
            return min(IDLE_SECONDS, (work.wait_until - work.moment).total_seconds())
        if work.events:
            return 0 if await self._send_in_slots(work) else None
        return await self._keep_up(work)

    async def _send_in_slots(self, work: Work) -> bool:
        """What has waited for slots is read anew: meanwhile a message may be deleted, or the cursor moved. All that
        decides is in the next step, unless there still is the like to send."""
        async with self._slots.take(work.workspace_id, len(work.events)) as waited:
            if not waited:
                return await self._send(work)
            if self._stopping:
                return True
            now = await self._reading.next(len(work.events))
            if now is None or now.generation != self.generation or not now.ready or now.hidden or now.wait_until:
                return True
            if len(now.events) > _amount(now):
                return True
            self._last = now
            return not now.events or await self._send(now)

    async def _send(self, work: Work) -> bool:
        outcomes = list(await asyncio.gather(*(self._webhook.send(work, event) for event in work.events)))
        _measure(work, outcomes)
        return await self._record(work, outcomes)

    async def _record(self, work: Work, outcomes: Sequence[Outcome]) -> bool:
        """Whether it still is this server's to send."""
        delays = [self._delay(work, outcome) for outcome in outcomes]
        reset = bool(outcomes) and outcomes[0].event.kind == RESET  # holds the cursor, in whatever order
        heads = [
            outcome.event.position
            for outcome, delay in zip(outcomes, delays, strict=True)
            if outcome.error is not None and delay is not None and (work.ordered or reset)
        ]
        waits = bool(heads) and not work.again
        reached = work.position if waits and reset else min(heads) - 1 if waits else work.reached
        mine: bool = await DELIVERIES_RECORD.value(
            self._pool,
            subscription=self.id,
            holder=self.generation,
            seen_epoch=work.epoch,
            seen=work.position,
            reached_epoch=work.epoch if waits and reset else work.log_epoch,
            reached=reached,
            positions=[outcome.event.position for outcome in outcomes],
            kinds=[outcome.event.kind for outcome in outcomes],
            statuses=[outcome.status for outcome in outcomes],
            errors=[outcome.error for outcome in outcomes],
            durations=[outcome.milliseconds for outcome in outcomes],
            delays=delays,
            gone=any(outcome.gone for outcome in outcomes),
            patience=timedelta(days=self._settings.give_up_days),
        )
        self._stored_at = time.monotonic()
        if not mine:
            metrics.fenced.inc()
        return mine

    def _delay(self, work: Work, outcome: Outcome) -> float | None:
        if outcome.error is None:
            return None
        attempts = work.attempts.get(outcome.event.position, 0)
        return delay_of(outcome, attempts, self._settings.retry_seconds)

    async def _keep_up(self, work: Work) -> float | None:
        """There is nothing to send: the cursor follows now and then, so that it does not fall out of the log."""
        behind = work.reached - work.position
        late = time.monotonic() - self._stored_at > BEHIND_SECONDS
        # What failed above the cursor, is due and yet not to be sent: it is out of sight, and forgotten by this.
        late = late or (work.next_due_at is not None and work.next_due_at <= work.moment)
        if behind and (work.more or late or behind > BEHIND_POSITIONS) and not await self._record(work, []):
            return None
        if work.more:
            return 0
        if work.next_due_at is None:
            return IDLE_SECONDS
        return min(IDLE_SECONDS, max(0.0, (work.next_due_at - work.moment).total_seconds()))


def _amount(work: Work) -> int:
    return 1 if work.ordered else CONCURRENT


def _measure(work: Work, outcomes: Sequence[Outcome]) -> None:
    now = time.time()
    for outcome in outcomes:
        metrics.attempts.labels("delivered" if outcome.error is None else "failed").inc()
        metrics.seconds.observe(outcome.milliseconds / 1000)
        if outcome.error is None and outcome.event.position not in work.attempts:
            metrics.commit_to_receiver.observe(max(0.0, now - outcome.event.created_at.timestamp()))

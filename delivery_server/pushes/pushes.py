"""Pushes: decides from the log which device is notified of which chat, and sends the notifications.

A decision is a row of `push_outbox`, written in the transaction that moves the cursor. Sending claims rows for a time,
reads their messages at that moment, and records the outcome under the claim. If a server dies, another one sends what
it had claimed, and the device replaces the first notification by its tag.
"""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog
from asyncpg import Record

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.outgoing.guarded import Guarded
from chat_core.outgoing.web_push import Vapid
from chat_core.problems import DATABASE_ERRORS
from chat_core.settings import Settings
from chat_core.waiting import wait_at_most
from delivery_server import metrics
from delivery_server.pushes.sender import Pushed, Sender

AGENT: Final = "Fechatter (pushes)"
# Events in one transaction; what may wait of all devices, and of one person's.
EVENTS: Final = 500
MOST_WAITING: Final = 100_000
MOST_OF_A_PERSON: Final = 500
# Pushes at a time; to one person's devices, and to one host, however slowly it answers.
AT_A_TIME: Final = 50
TO_A_PERSON: Final = 4
TO_A_HOST: Final = 25
# Of the slots, what has to be free before they are filled again at once; fewer wait for LOOK_SECONDS.
REFILLED: Final = 0.2
LOOK_SECONDS: Final = 1.0
RETRY_SECONDS: Final = 2.0

PUSHES_FOLLOW = query("pushes_follow", "amount", "most_waiting", "most_each", "grace", "lifetime")
PUSHES_CLAIM = query("pushes_claim", "amount", "seconds", "lifetime", "people", "hosts", "of_person", "of_host")
PUSH_END = query("push_end", "subscription", "chat", "claim", "sent", "status", "wait", "problem", "grace")
PUSH_NEXT = query("push_next")
PUSH_PRIVATE_KEY = query("push_private_key")

_log = structlog.get_logger()


class Pushes:
    """False where the settings say that there are none."""

    def __init__(self, settings: Settings) -> None:
        self._push = settings.push
        self._origin = settings.server.origin
        self._client = Guarded(AGENT, settings.push.allow_hosts, connections=AT_A_TIME)
        self._grace = timedelta(seconds=settings.push.grace_seconds)
        self._lifetime = timedelta(seconds=settings.push.keep_seconds)
        self._wake = asyncio.Event()
        self._stepping = asyncio.Lock()
        self._stopping = self._stopped = False
        self._sender: Sender | None = None
        self._sending: dict[asyncio.Task[None], Record] = {}
        self._claimed_at = 0.0

    def __bool__(self) -> bool:
        return self._push.contact is not None

    async def run(self, pool: Pool) -> None:
        """Until cancelled, or stopped."""
        while not self._stopping:
            self._wake.clear()
            try:
                async with self._stepping:
                    wait = await self._step(pool)
            except DATABASE_ERRORS as error:
                _log.warning("pushes cannot be decided", error=f"{type(error).__name__}: {error}")
                wait = RETRY_SECONDS
            if wait > 0 and not self._stopping:
                await wait_at_most(wait, self._wake)

    async def stop(self, seconds: float) -> None:
        """The running step may end within this time, and so may what is being sent; another server sends the rest."""
        self._stopping = True
        self._wake.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async with self._stepping:  # it may have claimed some already
                    pass
                if self._sending:
                    await asyncio.wait(self._sending)
        self._stopped = True
        for task in self._sending:
            task.cancel()
        await self._client.close()

    async def _step(self, pool: Pool) -> float:
        """Returns how long to wait for what comes next, at most."""
        read = await PUSHES_FOLLOW.value(
            pool,
            amount=EVENTS,
            most_waiting=MOST_WAITING,
            most_each=MOST_OF_A_PERSON,
            grace=self._grace,
            lifetime=self._lifetime,
        )
        free = AT_A_TIME - len(self._sending)
        claimed: list[Record] = []
        waited = time.monotonic() - self._claimed_at
        if free < REFILLED * AT_A_TIME and waited < LOOK_SECONDS:
            return 0 if read == EVENTS else LOOK_SECONDS - waited
        if free and not self._stopping and (sender := await self._ready(pool)) is not None:
            # Longer than an answer may take: a claim that ends earlier is sent twice.
            seconds = 2 * self._push.answer_seconds + 10
            self._claimed_at = time.monotonic()
            claimed = await PUSHES_CLAIM.rows(
                pool,
                amount=free,
                seconds=seconds,
                lifetime=self._lifetime,
                people=[push["user_id"] for push in self._sending.values()],
                hosts=[push["host"] for push in self._sending.values()],
                of_person=TO_A_PERSON,
                of_host=TO_A_HOST,
            )
            if self._stopped:
                return 0  # the client is closed by now; another server sends these when their claim ends
            for push in claimed:
                task = asyncio.create_task(self._send(pool, sender, push), name="push")
                self._sending[task] = push
                task.add_done_callback(self._sent)
        if read == EVENTS or (claimed and len(claimed) == free):
            return 0 if len(self._sending) < AT_A_TIME else LOOK_SECONDS
        due: float | None = await PUSH_NEXT.value(pool)
        # What is due may wait for a slot of its person or host: whatever has been sent wakes this.
        return LOOK_SECONDS if due is None else min(LOOK_SECONDS, max(due, 0.2 if self._sending else 0.05))

    async def _ready(self, pool: Pool) -> Sender | None:
        """None while nobody has asked for the key: then nobody has subscribed."""
        if self._sender is None:
            key = await PUSH_PRIVATE_KEY.value(pool)
            if key is not None and self._push.contact is not None:
                vapid = Vapid(key, self._push.contact)
                self._sender = Sender(
                    self._client, vapid, self._origin, self._push.keep_seconds, self._push.answer_seconds
                )
        return self._sender

    async def _send(self, pool: Pool, sender: Sender, push: Record) -> None:
        try:
            pushed = await sender.push(push)
        except Exception as error:  # of this one alone
            _log.error("a push failed", subscription=push["subscription_id"], exc_info=error)
            pushed = Pushed(error=type(error).__name__)
        metrics.pushes.labels(_outcome(pushed)).inc()
        if pushed.status in (401, 403):  # a wrong clock, or another key than it was subscribed with
            _log.error("a push service refuses our key", subscription=push["subscription_id"], status=pushed.status)
        await PUSH_END.row(
            pool,
            subscription=push["subscription_id"],
            chat=push["chat_id"],
            claim=push["claim"],
            sent=push["message_id"],
            status=pushed.status,
            wait=pushed.wait,
            problem=pushed.error,
            grace=self._grace,
        )

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.pop(task, None)
        self._wake.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("what became of a push is not recorded", error=f"{type(error).__name__}: {error}")


def _outcome(pushed: Pushed) -> str:
    if pushed.error is None:
        return "delivered"
    if pushed.status in (404, 410):
        return "gone"
    return "refused" if pushed.wait is None else "retried"

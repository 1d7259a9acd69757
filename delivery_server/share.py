"""A server's share of the subscriptions: it holds shards by leases, and has a worker for each subscription in them."""

import asyncio
import os
import secrets
import socket
from collections.abc import Callable, Mapping

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from delivery_server import metrics
from delivery_server.holding import Holding
from delivery_server.worker import Worker

SHARDS_HOLD = query("shards_hold", "node", "lease_seconds")
SHARDS_LEAVE = query("shards_leave", "node")
SUBSCRIPTIONS_OF_SHARDS = query("subscriptions_of_shards", "shards")

# Makes the worker of a subscription, for a generation of its shard.
Hire = Callable[[int, int], Worker]


def node_name() -> str:
    """Of this process, and of no other one before or after it."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


class Share(Holding):
    """Its length is the number of subscriptions that it works for. `staffed` is set while there is one, `unstaffed`
    while there is none."""

    leased = "shards"
    worked_for = "subscription"

    def __init__(self, node: str, pool: Pool, lease_seconds: float, hire: Hire) -> None:
        super().__init__(node, pool, lease_seconds)
        self.staffed = asyncio.Event()
        self.unstaffed = asyncio.Event()
        self.unstaffed.set()
        self._hire_for = hire

    def __len__(self) -> int:
        return len(self._workers)

    async def _hold(self) -> Mapping[str, int]:
        rows = await SHARDS_HOLD.rows(self._pool, node=self.node, lease_seconds=self._lease_seconds)
        shards = {row["shard"]: row["generation"] for row in rows}
        metrics.shards.set(len(shards))
        rows = await SUBSCRIPTIONS_OF_SHARDS.rows(self._pool, shards=list(shards)) if shards else []
        return {str(row["id"]): shards[row["shard"]] for row in rows}

    async def _leave(self) -> None:
        await SHARDS_LEAVE.row(self._pool, node=self.node)

    def _hire(self, name: str, generation: int) -> Worker:
        return self._hire_for(int(name), generation)

    def _lose(self) -> None:
        metrics.shards.set(0)
        super()._lose()

    def _staff(self, wanted: Mapping[str, int]) -> None:
        super()._staff(wanted)
        metrics.subscriptions.set(len(self))
        now, before = (self.staffed, self.unstaffed) if len(self) else (self.unstaffed, self.staffed)
        now.set()
        before.clear()

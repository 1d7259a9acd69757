"""Backpressure: the log is dispatched no faster than most readers take it.

Without it a burst disconnects readers that are not slow: 10,000 messages to 1,000 streams are 6 GB, and neither this
machine nor its network takes that in an instant. With too much of it one slow reader slows everyone. Therefore:

- Events are dispatched in steps, between which the sockets have their turn.
- While a buffer is more than half full, and most streams wait for their readers, it is not the readers who are
  slow: the next step waits as long as they take at least a slow reader's share, as in `make bench BENCH=fan-out`.
- When only a few wait, they get a few turns while there is more to come, and cannot hold up the others for longer.
"""

import asyncio
from collections.abc import Sequence

from chat_core.log.event import Event
from notify_server.fan_out.hub import Hub

# The size of a step: for each stream, and for all of them together.
STEP_BYTES = 262_144
STEP_BYTES_OF_ALL = 33_554_432
# The maximum part of a stream's buffer in a step, so that a reader that is half behind still has room for two.
STEP_SHARE = 4
# How often room is checked for, and for how many turns without progress. One without progress says little: the client's
# machine may be busy with its other streams.
TURN_SECONDS = 0.02
TURNS = 10
# What each awaited reader must take in this many turns, on average: 64 KiB/s.
SLOWEST_BYTES = round(65_536 * TURN_SECONDS * TURNS)


class Pace:
    def __init__(self, hub: Hub, buffer_bytes: int) -> None:
        self._hub, self._buffer_bytes = hub, buffer_bytes
        self._step_bytes = min(STEP_BYTES, buffer_bytes // STEP_SHARE)

    def steps(self, events: Sequence[Event]) -> list[list[Event]]:
        """The events in order, in steps of about this many bytes."""
        steps: list[list[Event]] = []
        each, together = self._step_bytes, STEP_BYTES_OF_ALL
        for event in events:
            if each >= self._step_bytes or together >= STEP_BYTES_OF_ALL:
                each = together = 0
                steps.append([])
            steps[-1].append(event)
            each += len(event.payload)
            together += len(event.payload) * self._hub.audience.size(event)
        return steps

    async def keep(self, *, more: bool) -> None:
        """Returns when the next step may be dispatched; `more` if there is one already."""
        await asyncio.sleep(0)
        waiting, turns = self._waiting(), 0
        before = sum(waiting)
        while turns < TURNS and self._someone_is_pressed(waiting) and (more or self._are_most(waiting)):
            await asyncio.sleep(TURN_SECONDS)
            waiting = self._waiting()
            if self._are_most(waiting) and sum(waiting) <= before - len(waiting) * SLOWEST_BYTES:
                before, turns = sum(waiting), 0
            else:
                turns += 1

    def _waiting(self) -> list[int]:
        """The waiting bytes of each reader that is behind."""
        behind = self._hub.behind
        for stream in list(behind):
            if stream.reason or not stream.queued_bytes():
                behind.discard(stream)
        return [stream.queued_bytes() for stream in behind]

    def _someone_is_pressed(self, waiting: Sequence[int]) -> bool:
        return max(waiting, default=0) * 2 > self._buffer_bytes

    def _are_most(self, waiting: Sequence[int]) -> bool:
        return len(waiting) * 2 > self._hub.open

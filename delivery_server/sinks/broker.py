"""What a sink sends to."""

from collections.abc import Sequence
from typing import Protocol

from delivery_server.sinks.cloud_event import CloudEvent


class Unsent(Exception):
    """Not all events are known to have been stored; the text says why."""


class Broker(Protocol):
    async def send(self, events: Sequence[CloudEvent]) -> None:
        """Returns when all are stored. Of the same subject none is sent before the one before it is stored, or may only
        be stored after it: whenever this ends, what is stored of a subject has no gap. Raises Unsent."""
        ...

    async def close(self) -> None: ...

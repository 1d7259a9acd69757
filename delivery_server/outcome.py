"""What has become of an event that was sent, and when it is tried again."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from chat_core.log.event import Event

# A receiver may ask for more time than we would wait, within a day.
LONGEST_RETRY_AFTER_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """`error`: why it was not delivered, None if it was; `gone`: the receiver wants no more, ever."""

    event: Event
    milliseconds: int
    error: str | None = None
    status: int | None = None
    retry_after: float | None = None
    gone: bool = False


def delay_of(outcome: Outcome, attempts: int, waits: Sequence[float]) -> float | None:
    """Seconds until a webhook is tried again, after this number of earlier attempts; None if it is not."""
    if attempts >= len(waits):
        return None
    wait = waits[attempts] * random.uniform(0.9, 1.2)
    return max(wait, min(outcome.retry_after or 0.0, LONGEST_RETRY_AFTER_SECONDS))

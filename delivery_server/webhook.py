"""An event as a webhook: Standard Webhooks 1.0, by the client that reaches nothing within."""

import time
from email.utils import parsedate_to_datetime
from typing import Final

from chat_core.log.event import Event
from chat_core.outgoing.guarded import Guarded, Unreachable
from chat_core.outgoing.refused import Refused
from chat_core.outgoing.signing import signed
from delivery_server.outcome import Outcome
from delivery_server.work import RESET, Work

# Of an answer: it says nothing but its status.
MOST_ANSWER_BYTES: Final = 4096
GONE: Final = 410


class Webhook:
    def __init__(self, client: Guarded, answer_seconds: float) -> None:
        self._client, self._answer_seconds = client, answer_seconds

    async def send(self, work: Work, event: Event) -> Outcome:
        body = body_of(event)
        headers = {
            "Content-Type": "application/json",
            **signed(work.keys, _identifier(work, event), int(time.time()), body),
        }
        began = time.monotonic()
        try:
            answer = await self._client.post(
                work.address, body, headers, seconds=self._answer_seconds, most_bytes=MOST_ANSWER_BYTES
            )
        except (Refused, Unreachable) as error:
            return Outcome(event, _since(began), str(error)[:500])
        if 200 <= answer.status < 300:
            return Outcome(event, _since(began), None, answer.status)
        return Outcome(
            event,
            _since(began),
            f"It answers {answer.status}.",
            answer.status,
            retry_after(answer.headers.get("retry-after")),
            answer.status == GONE,
        )


def body_of(event: Event) -> bytes:
    """As Standard Webhooks has it: `type`, `timestamp` and `data`, and the event's cursor."""
    return (
        b'{"type":"%s","timestamp":"%s","cursor":"%s","data":' % (
            event.kind.encode(), event.created_at.isoformat().encode(), str(event.cursor).encode()
        )
        + event.payload
        + b"}"
    )  # fmt: skip


def _identifier(work: Work, event: Event) -> str:
    """The same for each attempt, and for nothing else. It has no full stop, which separates what is signed."""
    if event.kind == RESET:
        return f"{work.epoch}-{work.position}-reset"
    return f"{event.epoch}-{event.position}"


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def retry_after(value: str | None) -> float | None:
    """Seconds, or a date of HTTP."""
    if value is None:
        return None
    if value.isascii() and value.isdecimal() and len(value) < 10:
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None

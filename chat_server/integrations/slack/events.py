"""Bots are told of messages and mentions, as Slack's Events API does it: https://docs.slack.dev/apis/events-api.

The log is the queue, as for links: it is followed by a stored position, and who is to be told stands in a table. An
event is told up to three times, at once, after a minute and after five, and is lost then; a bot that must miss nothing
reads its stream.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any, Final

import msgspec
import structlog
from asyncpg import Record

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.outgoing.guarded import Guarded, Unreachable
from chat_core.outgoing.refused import Refused
from chat_server.integrations.slack.answers import Json
from chat_server.integrations.slack.asking import app_id, post_signed
from chat_server.integrations.slack.ids import slack_id
from chat_server.integrations.slack.shapes import channel_id, message_shape, ts

PERIOD_SECONDS: Final = 0.5
# After a failure of the database.
RETRY_SECONDS: Final = 10.0
EVENTS: Final = 5000
MOST_WAITING: Final = 10_000
MOST_AT_A_TIME: Final = 16
LEASE_SECONDS: Final = 30.0
# After the first failure, and after the second.
AGAIN_SECONDS: Final = (60.0, 300.0)
_CHANNEL_TYPES: Final = {"PublicChannel": "channel", "PrivateChannel": "group", "Group": "mpim", "Single": "im"}

BOT_EVENT_CLAIM = query("bot_event_claim", "seconds")
BOT_EVENT_END = query("bot_event_end", "bot", "message", "kind", "seconds")
BOT_EVENTS_FOLLOW = query("bot_events_follow", "amount", "most_waiting")

_log = structlog.get_logger()


async def keep_telling(pool: Pool, outgoing: Guarded, is_on: Callable[[], bool]) -> None:
    """Runs until cancelled. Failures, such as an unavailable database, are logged and retried."""
    while True:
        try:
            await _tell_all(pool, outgoing, is_on)
        except Exception as error:
            _log.warning("telling bots failed", error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(RETRY_SECONDS)


async def _tell_all(pool: Pool, outgoing: Guarded, is_on: Callable[[], bool]) -> None:
    """Until cancelled."""
    running: set[asyncio.Task[None]] = set()
    try:
        while True:
            read = 0
            if is_on():
                read = await BOT_EVENTS_FOLLOW.value(pool, amount=EVENTS, most_waiting=MOST_WAITING)
                while len(running) < MOST_AT_A_TIME:
                    row = await BOT_EVENT_CLAIM.row(pool, seconds=LEASE_SECONDS)
                    if row is None:
                        break
                    running.add(asyncio.create_task(_tell(pool, outgoing, row)))
            if running:
                done, running = await asyncio.wait(running, timeout=PERIOD_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            elif read < EVENTS:
                await asyncio.sleep(PERIOD_SECONDS)
    finally:
        for task in running:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*running, return_exceptions=True)


async def _tell(pool: Pool, outgoing: Guarded, row: Record) -> None:
    again = None
    if row["url"] is not None:
        try:
            failure = await _failure(outgoing, row)
        except Exception as error:  # a fault of ours fails this event alone, and as often as any other failure
            _log.error("bot cannot be told", bot=row["bot_id"], message=row["message_id"], exc_info=error)
            failure = type(error).__name__
        if failure is not None and row["tries"] <= len(AGAIN_SECONDS):
            again = AGAIN_SECONDS[row["tries"] - 1]
        if failure is not None:
            _log.info("bot not told", bot=row["bot_id"], message=row["message_id"], error=failure, again=again)
    named = {"bot": row["bot_id"], "message": row["message_id"], "kind": row["kind"]}
    await BOT_EVENT_END.row(pool, **named, seconds=again)


async def _failure(outgoing: Guarded, row: Record) -> str | None:
    """Why the bot could not be told; None if it was."""
    headers = {}
    if row["tries"] > 1:
        headers = {"X-Slack-Retry-Num": str(row["tries"] - 1), "X-Slack-Retry-Reason": "http_error"}
    body = msgspec.json.encode(callback(row))
    identifier = f"ev-{row['kind']}-{row['bot_id']}-{row['message_id']}"
    try:
        answer = await post_signed(
            outgoing, row["url"], row["secret"], body, identifier, {"Content-Type": "application/json", **headers}
        )
    except (Refused, Unreachable) as error:
        return str(error)
    return None if 200 <= answer.status < 300 else f"it answered with status {answer.status}"


def callback(row: Record) -> Json:
    message, names = msgspec.json.decode(row["message"]), msgspec.json.decode(row["names"])
    team, bot = slack_id("T", row["workspace_id"]), row["bot_id"]
    shape = message_shape(message, names)
    event: dict[str, Any] = {
        **shape,
        "type": row["kind"],
        "channel": channel_id(message["chat_id"], row["chat_type"]),
        "team": team,
        "event_ts": ts(message),
    }
    if row["kind"] == "message":
        event["channel_type"] = _CHANNEL_TYPES[row["chat_type"]]
    return {
        "token": "",
        "team_id": team,
        "api_app_id": app_id(bot),
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{row['kind'][0].upper()}{slack_id('B', message['id'])[1:]}",
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": team,
                "user_id": slack_id("U", bot),
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
    }


async def answers_challenge(outgoing: Guarded, url: str, secret: bytes, challenge: str) -> bool:
    """Whether whoever answers there knows the secret, and wants to be told: it sends the challenge back."""
    body = msgspec.json.encode({"type": "url_verification", "token": "", "challenge": challenge})
    headers = {"Content-Type": "application/json"}
    try:
        answer = await post_signed(outgoing, url, secret, body, f"verify-{challenge}", headers)
    except (Refused, Unreachable):
        return False
    return 200 <= answer.status < 300 and challenge.encode() in answer.body

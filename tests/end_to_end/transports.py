"""All ways to follow the event stream."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Literal

from fechatter_client import Stream
from fechatter_client.models.events import EPHEMERAL
from fechatter_client.stream import PATH as STREAM_PATH
from websockets.asyncio.client import connect

from tests.end_to_end.system import Person
from tests.support.clients.plain_http import plain_http
from tests.support.clients.ws import PATH as SOCKET_PATH

# The last is fechatter-client's `events()`, one connection after the other.
Transport = Literal["sse", "sse by ticket", "websocket", "websocket by ticket", "client"]
Frames = AsyncGenerator[tuple[str, str], None]


async def frames(person: Person, transport: Transport, cursor: str | None) -> Frames:
    """Cursor and kind of each frame that has a cursor of its own; of a reset also why."""
    if transport == "client":
        async with aclosing(person.events(cursor)) as events:
            async for event in events:
                if event.kind not in EPHEMERAL:
                    yield event.cursor, event.kind
        return
    ticket = (await person.add_ticket()).ticket if transport.endswith("by ticket") else None
    if transport.startswith("sse"):
        query = f"?ticket={ticket}" if ticket else ""
        token = None if ticket else await person.access_token()
        async with (
            plain_http() as http,
            Stream(http, person.notify_url + STREAM_PATH + query, token=token, cursor=cursor) as stream,
        ):
            async for frame in stream:
                if frame.kind not in EPHEMERAL:
                    yield frame.cursor, f"reset {frame.data}" if frame.kind == "reset" else frame.kind
        return
    asked = [*([f"ticket={ticket}"] if ticket else []), *([f"last_event_id={cursor}"] if cursor else [])]
    headers = {} if ticket else {"Authorization": f"Bearer {await person.access_token()}"}
    url = f"{person.notify_url.replace('http', 'ws', 1)}{SOCKET_PATH}?{'&'.join(asked)}"
    async with connect(
        url, additional_headers=headers, proxy=None, max_size=None, ping_interval=None, close_timeout=1
    ) as socket:
        async for text in socket:
            told = json.loads(text)
            if "cursor" in told:
                yield told["cursor"], f"reset {told['payload']}" if told["type"] == "reset" else told["type"]

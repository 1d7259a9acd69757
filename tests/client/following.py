"""Takes events of a client until there is what a test waits for."""

import asyncio

from fechatter_client import Event, Events, NewMessage
from fechatter_client.models.events import EPHEMERAL

SECONDS = 60


async def until_kind(events: Events, kind: str) -> list[Event]:
    """The events up to the next one of a kind, that one included; of who is there only where that is the kind."""
    taken: list[Event] = []
    async with asyncio.timeout(SECONDS):
        while not taken or taken[-1].kind != kind:
            event = await anext(events)
            if event.kind == kind or event.kind not in EPHEMERAL:
                taken.append(event)
    return taken


async def until_message(events: Events, content: str) -> list[Event]:
    """The events up to the message with this text, that one included."""
    taken: list[Event] = []
    while not taken or taken[-1].data.content != content:
        taken += await until_kind(events, "NewMessage")
    return taken


def contents(taken: list[Event]) -> list[str]:
    return [event.data.content for event in taken if isinstance(event.data, NewMessage)]

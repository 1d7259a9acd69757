"""A stream for somebody else, opened while the database fails over."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chat_core.log.lineage import Lineage
from chat_core.problems import Problem
from chat_core.settings import Settings
from chat_core.tokens import Claims
from notify_server.fan_out.hub import Hub
from notify_server.fan_out.ring import Ring
from notify_server.streams.framing import SSE
from notify_server.streams.stream import Stream
from notify_server.subscriptions import delegated, subscribe
from notify_server.subscriptions.subscribe import Opening, Subscriptions
from tests.notify_server.websocket.test_socket import Wire


class Node:
    """A server that follows epoch e1, while the database that it asks is in e2 already."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hub, self.reads = Hub(Ring(1 << 20)), 0
        self.hub.start(Lineage("e1"), 3, 3, ())
        unused, registry = cast(Any, None), cast(Any, SimpleNamespace(opened=lambda _: None, closed=lambda _: None))
        self._subscriptions = Subscriptions(Settings(), unused, self.hub, unused, registry, unused)
        monkeypatch.setattr(delegated, "_read", self._read)

    async def _read(self, *_asked: object) -> dict[str, object]:
        self.reads += 1
        await asyncio.sleep(0)
        return {"epoch": "e2", "head": 3, "floor": 0, "delegated": '{"7":["read"]}', "seconds": 60}

    def open(self) -> asyncio.Task[Opening]:
        claims = Claims(1, 1, 1 << 40)
        stream = Stream(number=1, claims=claims, address="", transport=Wire(), buffer_bytes=1 << 20, framing=SSE["1.1"])
        return asyncio.create_task(delegated.subscribe_for(self._subscriptions, stream, claims, 2, None))


async def test_it_waits_for_the_server_to_follow_and_does_not_ask_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    node = Node(monkeypatch)
    opening = node.open()
    for _ in range(20):
        await asyncio.sleep(0)
    assert (opening.done(), node.reads) == (False, 1)
    node.hub.go_on(Lineage("e2", {"e1": 3}), 3)
    opened = await opening
    assert (node.reads, str(opened.cursor)) == (2, "e2.3")
    opened.stream.over()


async def test_it_is_refused_if_that_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscribe, "REACH_SECONDS", 0)
    node = Node(monkeypatch)
    with pytest.raises(Problem) as refused:
        await node.open()
    assert (refused.value.status, refused.value.code, node.reads) == (503, "epoch_changing", 1)

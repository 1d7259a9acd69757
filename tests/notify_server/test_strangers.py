"""Sockets of which it is not known whose they are: there is room for some, and a time."""

from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request

from chat_core.problems import Problem
from chat_core.settings import Settings
from notify_server.origins import Origins
from notify_server.websocket import MOST_STRANGERS, SocketResponse, WebSockets
from tests.notify_server.test_socket import Wire

HANDSHAKE = {
    b"connection": b"Upgrade",
    b"upgrade": b"websocket",
    b"sec-websocket-version": b"13",
    b"sec-websocket-key": b"dGhlIHNhbXBsZSBub25jZQ==",
}


def request(**headers: bytes) -> Request:
    given = HANDSHAKE | {name.encode(): value for name, value in headers.items()}
    connection = {"fechatter.connection": {"protocol": SimpleNamespace(transport=Wire())}}
    scope = {"type": "http", "method": "GET", "path": "/api/ws", "query_string": b"", "extensions": connection}
    return Request({**scope, "server": ("x", 1), "client": ("::1", 1), "headers": list(given.items())})


async def test_no_more_than_so_many_are_kept_waiting() -> None:
    subscriptions: Any = SimpleNamespace(settings=Settings(), refuse_when_draining=lambda: None, next_number=lambda: 1)
    sockets = WebSockets(subscriptions, SimpleNamespace(answer=None), Origins(Settings()))  # type: ignore[arg-type]
    assert isinstance(await sockets.open(request()), SocketResponse)
    others: set[Any] = set(range(MOST_STRANGERS))
    sockets.strangers = others
    with pytest.raises(Problem, match="overloaded"):
        await sockets.open(request())

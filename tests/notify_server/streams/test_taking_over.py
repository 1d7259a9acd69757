"""What a stream missed while the connection was not its own yet."""

from types import SimpleNamespace
from typing import Any

from chat_core.http.connection import Connection
from chat_core.tokens import Claims
from notify_server.streams.framing import SSE
from notify_server.streams.stream import Stream
from tests.notify_server.presence.test_ephemeral import Wire


class ClosableWire(Wire):
    closed = False

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


def a_stream(wire: Wire) -> Stream:
    return Stream(
        number=1, claims=Claims(1, 1, 1 << 40), address="", transport=wire, buffer_bytes=1 << 20, framing=SSE["1.1"]
    )


async def test_a_stream_that_ended_before_it_had_its_connection_says_so_and_closes() -> None:
    wire = ClosableWire()
    stream = a_stream(wire)
    stream.close("session_revoked")
    stream.begin()
    assert bytes(wire.got) == SSE["1.1"].end("session_revoked")
    assert wire.closed
    stream.over()


async def test_a_stream_waits_for_a_client_that_was_behind_before() -> None:
    for behind in (True, False):
        stream = a_stream(ClosableWire())
        transport = SimpleNamespace(set_protocol=lambda _: None, resume_reading=lambda: None)
        connection: Any = SimpleNamespace(
            lost=False,
            _forget_requests=lambda *_: None,
            connections=set(),
            place=None,
            transport=transport,
            flow=SimpleNamespace(write_paused=behind),
        )
        connection = type("Unread", (), vars(connection))()  # can be in a set
        assert Connection.hand_over(connection, stream)
        assert (stream.room is not None) == behind

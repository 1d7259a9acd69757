"""Messages between a server and its processes."""

import asyncio
import socket
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_core.process import messages
from tests.support.holds import holds

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=20,
)


async def passed_on(*message: object) -> bytearray:
    """The encoded message, from one end of a socket to the other."""
    (reader, answering), (_, writer) = [await asyncio.open_connection(sock=one) for one in socket.socketpair()]
    try:
        received, _ = await asyncio.gather(messages.receive(reader), messages.send(writer, message))
        return received
    finally:
        writer.transport.abort()
        answering.transport.abort()


@settings(max_examples=20, deadline=None)
@given(st.lists(VALUES, max_size=4))
def test_a_message_arrives_as_it_was_sent(message: list[Any]) -> None:
    assert msgspec.msgpack.decode(asyncio.run(passed_on(*message))) == message


async def test_a_large_message_never_holds_the_loop() -> None:
    large = bytes(48 << 20)
    with holds() as seen:
        received = await passed_on("compact", b"small", [large])
        assert seen.longest < 0.05, seen.what
    method, small, updates = msgspec.msgpack.decode(received)
    assert (method, small, updates == [large]) == ("compact", b"small", True)


async def test_a_message_that_is_cut_is_an_end() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(b"\0\0\0\5ab")
    reader.feed_eof()
    with pytest.raises(EOFError):
        await messages.receive(reader)

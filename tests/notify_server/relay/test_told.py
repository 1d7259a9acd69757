"""What servers tell the leader, and what they tell each other: counted, bounded, and proved by its key."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from chat_core.relay import notices
from chat_core.relay.bus import Bus
from chat_core.settings import Nats, Settings
from notify_server.relay import leading
from notify_server.relay.frames import Notice
from notify_server.relay.hints import HINT_BYTES, State
from notify_server.relay.leader import Leader
from notify_server.relay.leading import Leading
from notify_server.relay.node import SILENCE_SECONDS, Node
from notify_server.relay.relay import MOST_HINTS, Relay
from notify_server.relay.told import MOST, Told
from tests.support.services.nats import nats_server


def test_what_does_not_come_back_is_lost_once() -> None:
    told = Told()
    told.tell("a", 1.0)
    told.tell("b", 2.0)
    told.hear("a")
    told.hear("what somebody else has told")
    assert told.lost_seconds(2.0 + SILENCE_SECONDS - 0.1) == 0
    assert told.lost_seconds(5.0) == 3.0
    assert told.lost_seconds(50.0) == 0
    for number in range(MOST + 1):
        told.tell(str(number), 60.0)
    for number in range(MOST):
        told.hear(str(number))
    assert told.lost_seconds(61.0) == 0
    assert told.lost_seconds(70.0) == 10.0
    assert told.lost_seconds(90.0) == 0


def test_notices_fit_into_messages_and_frames() -> None:
    key = notices.notices_key("ours")
    texts = ["x" * 7_900] * 100
    messages = list(notices.encoded(texts, key))
    assert len(messages) > 1
    assert all(len(message) < notices.MESSAGE_BYTES + 8_000 for message in messages)
    assert [text for message in messages for text in notices.decoded(message, key) or []] == texts
    assert notices.decoded(messages[0], notices.notices_key("another")) is None


class Sent(Bus):
    """Keeps what is sent."""

    def __init__(self) -> None:
        super().__init__(Nats(servers=["nats://127.0.0.1:1"]), {})
        self.messages: list[tuple[str, bytes]] = []

    async def send(self, subject: str, message: bytes) -> None:
        self.messages.append((subject, message))


def test_a_leader_that_is_told_too_much_says_how_much_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """And takes nothing but presence and typing, from nobody without the key."""
    monkeypatch.setattr(leading, "MOST_NOTICES", 3)
    one = Leading(Settings(), Sent(), "chat", [notices.CHANNEL], lambda _: False)
    one._leader = Leader(1, "epoch", 1, 7)
    one._notices_key = notices.notices_key("ours")
    for key in (notices.notices_key("another"), notices.notices_key("ours")):
        for message in notices.encoded(["a", "b", "c", "d", "e"], key):
            one._hear_told(message)
    assert one._notices == [Notice(notices.CHANNEL, text) for text in "abc"]
    node = Node(lambda: 0.0)
    node.receive(one._leader.heartbeat(), 0.0)
    assert node.receive(one._leader.notices(one._notices), 0.1) == (one._notices, False)
    one._leader.lose(1)
    assert node.receive(one._leader.heartbeat(), 0.2) == ([], True)


async def test_a_flood_of_hints_drops_the_oldest() -> None:
    relay = Relay(Settings(nats=Nats(servers=["nats://127.0.0.1:1"])), {}, lambda _: None)
    relay.is_led = True
    states = [State(1, client, 1, 1, 1, 1, b"x" * (HINT_BYTES // 2)) for client in range(2 * MOST_HINTS + 10)]
    relay.tell_moved("epoch", 1, states)
    assert len(relay._hints) == MOST_HINTS
    assert relay._hints[-1][1].states[-1].client == states[-1].client  # type: ignore[union-attr]


async def test_who_hears_no_leader_is_told_by_nobody_and_the_next_leader_hears() -> None:
    """What a server tells reaches the leader of the moment, over a subscription that ends with its term."""
    async with nats_server() as nats, AsyncExitStack() as stack:
        settings, came = Nats(servers=[nats.url], subject="chat"), asyncio.Queue[bytes]()
        buses = [Bus(settings, {}), Bus(settings, {})]
        for bus in buses:
            running = asyncio.create_task(bus.run())
            stack.callback(running.cancel)
            await bus.subscribed.wait()
        teller, leader = buses
        await teller.send("chat.notices", b"nobody hears it")
        async with leader.hearing("chat.notices", came.put_nowait):
            assert await leader.answers()
            await teller.send("chat.notices", b"told")
            async with asyncio.timeout(10):
                assert await came.get() == b"told"
                await nats.kill()
                await nats.start()
                while True:  # the subscription is made anew with the connection
                    await teller.send("chat.notices", b"again")
                    try:
                        assert await asyncio.wait_for(came.get(), 0.1) == b"again"
                        break
                    except TimeoutError:
                        continue
        assert await leader.answers()
        while not came.empty():
            came.get_nowait()
        await teller.send("chat.notices", b"nobody hears it")
        assert await teller.answers()
        assert await leader.answers()
        assert came.empty()

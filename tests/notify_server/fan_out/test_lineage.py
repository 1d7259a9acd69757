"""After a failover: whose stream goes on, whose is reset, and which cursors are good."""

from datetime import UTC, datetime
from typing import Any, cast
from unittest.mock import Mock

from chat_core.log.audience import Places
from chat_core.log.cursor import Cursor
from chat_core.log.event import Event
from chat_core.log.lineage import NO_END, Lineage
from chat_core.settings import Settings
from chat_core.tokens import Claims
from notify_server.fan_out.hub import Hub
from notify_server.fan_out.ring import Ring
from notify_server.streams.framing import SSE
from notify_server.streams.stream import Stream
from notify_server.subscriptions.subscribe import Subscriptions
from tests.notify_server.websocket.test_socket import Wire

AFTER = Lineage("e2", {"e1": 3})


def event(position: int, chat: int, **more: Any) -> Event:
    columns = {"document_id": None, "user_id": None, "workspace_ids": None, "message_id": None, "effect": None} | more
    return Event(
        epoch="e1",
        position=position,
        kind="NewMessage",
        audience="chat",
        chat_id=chat,
        payload=b"{}",
        created_at=datetime.now(UTC),
        **columns,
    )


class Node:
    """A hub at position 0, with a stream for each user, who is in the chat of the same number."""

    def __init__(self, users: int) -> None:
        self.hub, self.wires, self.streams = Hub(Ring(1 << 20)), dict[int, Wire](), dict[int, Stream]()
        self.hub.start(Lineage("e1"), 0, 0, ())
        for user in range(1, users + 1):
            subscriber = self.hub.subscribe(user, 0, Places({user: 0}, {}, {}), Places({}, {}, {}), ())
            self.wires[user] = wire = Wire()
            wire.get_write_buffer_size = lambda: 0  # type: ignore[method-assign]
            stream = Stream(
                number=user,
                claims=Claims(user, user, 1 << 40),
                address="",
                transport=wire,
                buffer_bytes=1 << 20,
                framing=SSE["1.1"],
            )
            stream.start, stream.live, stream.connected = 0, True, True
            self.streams[user] = stream
            self.hub.add(subscriber, stream)

    def of(self, user: int) -> tuple[str, str]:
        """Why the stream has ended, and what it carried."""
        return self.streams[user].reason, self.wires[user].written.decode()


def test_a_cursor_is_good_up_to_the_last_position_of_its_epoch() -> None:
    lineage = Lineage("e3", {"e1": 3, "e2": 7})
    assert [lineage.last(epoch) for epoch in ("e1", "e2", "e3", "e4")] == [3, 7, NO_END, None]
    good = {cursor: lineage.has(Cursor.parse(cursor)) for cursor in ("e1.3", "e1.4", "e2.7", "e2.8", "e3.9", "e4.1")}
    assert good == {"e1.3": True, "e1.4": False, "e2.7": True, "e2.8": False, "e3.9": True, "e4.1": False}
    assert [lineage.epoch_at(position) for position in (1, 3, 4, 7, 8)] == ["e1", "e1", "e2", "e2", "e3"]
    assert (lineage.root, Lineage("e").root) == ("e1", "e")


def test_a_cursor_of_an_earlier_epoch_is_as_cold_as_one_of_this() -> None:
    hub, unused = Hub(Ring(0)), cast(Any, None)
    hub.start(AFTER, 9, 9, ())
    subscriptions = Subscriptions(Settings(), unused, hub, unused, unused, unused)
    cold = {cursor: subscriptions.is_cold(cursor) for cursor in ("e1.3", "e2.8", "e2.9", "e1.4", "e0.1", "?", None)}
    gone = dict.fromkeys(("e1.4", "e0.1", "?", None), False)  # these are reset, or begin at the end
    assert cold == {"e1.3": True, "e2.8": True, "e2.9": False, **gone}


async def test_nobody_notices_a_failover_that_loses_nothing() -> None:
    node = Node(1)
    node.hub.followers.append(follower := Mock())
    node.hub.dispatch([event(1, 1), event(2, 1), event(3, 1)])
    node.hub.go_on(AFTER, 3)
    assert [call[0] for call in follower.method_calls] == ["follow", "go_on"]
    node.hub.dispatch([event(4, 1)])
    reason, carried = node.of(1)
    assert (reason, carried.count("id: e1."), "reset" in carried) == ("", 4, False)
    assert (node.hub.epoch, node.hub.position, len(node.hub.ring)) == ("e2", 4, 4)


async def test_only_those_who_have_got_what_is_lost_are_told_so() -> None:
    node = Node(4)
    node.hub.dispatch([event(1, 1), event(2, 2), event(3, 3)])
    # Of what comes now nothing survives: user 2 gets some of it, and something else becomes of user 3's access.
    node.streams[3].start = 5  # it gets nothing of that itself
    node.hub.dispatch([event(4, 2), event(5, 9, user_id=3, effect="grant")])
    node.streams[3].start, node.streams[4].live = 0, False
    node.hub.go_on(AFTER, 3)
    assert node.of(1)[0] == ""
    reason, carried = node.of(2)
    assert reason == "epoch_changed"
    assert 'event: reset\ndata: {"cursor":"e2.3","reason":"lost","last":"e1.3"}' in carried
    assert node.of(3)[0] == "shutdown", "what is known of them is to be read again"
    assert node.of(4)[0] == "shutdown", "it was replaying, and is judged by its cursor when it comes back"
    assert (node.hub.position, sorted(node.hub.subscribers)) == (3, [1, 2, 4])
    node.hub.dispatch([event(4, 1), event(5, 2)])
    assert node.of(1)[1].count("event: NewMessage") == 2

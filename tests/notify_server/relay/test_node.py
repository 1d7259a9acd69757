"""A node, one frame after the other: what it takes, what it has read, and whom it believes."""

from datetime import UTC, datetime

from chat_core.log.event import Event
from notify_server.relay.frames import FRAME_BYTES, Frame, Notice, decoded, encoded
from notify_server.relay.leader import Leader
from notify_server.relay.node import BEAT_SECONDS, MOST_WAITING, SILENCE_SECONDS, Node

PATIENCE = 0.05


def event(position: int, payload: str = '{"a": "é"}') -> Event:
    at = datetime(2026, 1, 1, 0, 0, 0, 123456, UTC)
    return Event("e", position, "NewMessage", "chat", 1, None, 2, [3], 4, None, payload.encode(), at)


class Led:
    """A node, and a leader at position 0. `take` gives positions."""

    def __init__(self) -> None:
        self.node = Node(lambda: PATIENCE)
        self.leader = Leader(1, "e", 7, 0)

    def frames(self, *positions: int) -> list[Frame]:
        return [frame for position in positions for frame in self.leader.frames([event(position)])]

    def take(self, position: int, now: float) -> tuple[list[int], bool]:
        events, gap = self.node.take("e", position, now)
        return [event.position for event in events], gap


def test_an_event_is_the_same_after_its_way() -> None:
    leader = Leader(1, "e", 7, 0)
    sent = event(1)
    (frame,) = leader.frames([sent])
    arrived = decoded(encoded(frame, b"key"), b"key")
    assert arrived is not None
    (got,) = arrived.after(0)
    assert [getattr(got, name) for name in Event.__slots__] == [getattr(sent, name) for name in Event.__slots__]


def test_frames_of_those_who_lack_the_key_are_none() -> None:
    message = encoded(Leader(1, "e", 7, 0).heartbeat(), b"key")
    assert decoded(message, b"key") is not None
    assert decoded(message, b"another") is None
    assert decoded(message[:-1] + b" ", b"key") is None
    assert decoded(b"", b"key") is None


def test_a_read_of_many_bytes_is_several_frames_and_a_large_event_is_read() -> None:
    leader = Leader(1, "e", 7, 0)
    half = '"' + "x" * (FRAME_BYTES // 2) + '"'
    frames = list(leader.frames([event(1, half), event(2, half), event(5, half * 3), event(6)]))
    assert [(frame.prev, frame.last) for frame in frames] == [(0, 1), (1, 2), (2, 5), (5, 6)]
    node = Node(lambda: PATIENCE)
    for frame in frames:
        node.receive(frame, 0)
    events, gap = node.take("e", 0, 0)
    assert ([event.position for event in events], gap) == ([1, 2], True)
    assert [event.position for event in node.take("e", 5, 0)[0]] == [6]


def test_what_overlaps_is_taken_once() -> None:
    led = Led()
    (whole,) = led.leader.frames([event(1), event(2), event(3)])
    led.node.receive(whole, 0)
    assert led.take(2, 0) == ([3], False)
    led.node.receive(whole, 0)
    assert led.take(3, 0) == ([], False)


def test_a_gap_waits_for_a_moment_and_is_then_read_once() -> None:
    led = Led()
    first, second, third, fourth = led.frames(1, 2, 3, 4)
    led.node.receive(second, 0)
    assert led.take(0, 0) == ([], False)
    assert led.node.due(0) == PATIENCE
    led.node.receive(first, 0.01)
    assert led.take(0, 0.01) == ([1, 2], False), "it closed by itself"
    led.node.receive(fourth, 0.02)
    led.node.receive(led.leader.heartbeat(), 0.02)
    led.take(2, 0.02)
    assert led.take(2, 0.02 + PATIENCE) == ([], True), "the heartbeat shows what the lost tail was"
    # The log does not have it: it is the truth, and is not asked again for the same frame.
    assert led.take(2, 0.2) == ([], False)
    assert led.take(2, 0.3) == ([], False)
    led.node.receive(third, 0.4)
    assert led.take(2, 0.4) == ([3], False)


def test_more_frames_than_may_wait_are_read_instead() -> None:
    led = Led()
    for frame in led.frames(*range(1, MOST_WAITING + 3))[1:]:
        led.node.receive(frame, 0)
    assert led.take(0, 0) == ([], True)


def test_notices_arrive_once_and_are_missed() -> None:
    led = Led()
    first, second, third = (led.leader.notices([Notice("channel", text)]) for text in "abc")
    assert led.node.receive(first, 0) == ([Notice("channel", "a")], True), "those before it are another term's"
    assert led.node.receive(first, 0) == ([], False)
    assert led.node.receive(third, 0) == ([Notice("channel", "c")], True)
    assert led.node.receive(second, 0) == ([], False)
    assert led.node.receive(led.leader.heartbeat(), 0) == ([], False)
    led.leader.notices([Notice("channel", "d")])
    assert led.node.receive(led.leader.heartbeat(), 0) == ([], True), "the heartbeat shows it"


def test_a_former_leader_is_not_believed_while_another_one_is_heard() -> None:
    led = Led()
    (late,) = led.leader.frames([event(1)])
    successor = Leader(1, "e", 8, 0)
    led.node.receive(successor.heartbeat(), 0)
    led.node.receive(late, 1)
    assert led.take(0, 1) == ([], False)
    # A restored database may count terms anew: nobody's word holds beyond its silence.
    led.node.receive(late, SILENCE_SECONDS)
    assert led.take(0, SILENCE_SECONDS) == ([1], False)


def test_the_relay_carries_the_log_when_it_has_been_heard_for_a_while_until_two_heartbeats_are_missed() -> None:
    led = Led()
    assert not led.node.carries(0)
    led.node.receive(led.leader.heartbeat(), 0)
    assert not led.node.carries(0)
    led.node.receive(led.leader.heartbeat(), BEAT_SECONDS)
    assert led.node.carries(BEAT_SECONDS)
    assert led.node.carries(BEAT_SECONDS * 3)
    assert not led.node.carries(BEAT_SECONDS + SILENCE_SECONDS)
    led.node.receive(led.leader.heartbeat(), 10)
    assert not led.node.carries(10)


def test_frames_of_another_epoch_have_the_log_read() -> None:
    led = Led()
    led.node.receive(Leader(2, "f", 8, 40).heartbeat(), 0)
    assert led.take(50, 0) == ([], True)
    assert led.node.take("f", 40, 0) == ([], False)
    led.node.receive(next(led.leader.frames([event(1)])), 0)
    assert led.node.take("f", 40, 0) == ([], False), "that of the former epoch is none"

"""The relay's protocol under everything that a network and processes may do, by seed: frames that are lost, doubled and
overtaken, leaders that freeze and come back, several at a time, histories that fork. Whatever happens, each node has
the log's events, each once and in order, and none that the log has not; and it has all of them when the noise ends."""

import os
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chat_core.log.event import Event
from notify_server.relay.frames import FRAME_BYTES, Frame, Notice, decoded, encoded
from notify_server.relay.leader import Leader
from notify_server.relay.node import BEAT_SECONDS, SILENCE_SECONDS, Node

KEY = b"the log's channel"
EXAMPLES = int(os.environ.get("EXAMPLES", "40"))
NODES = 3


def event(epoch: str, position: int, text: str) -> Event:
    made_at = datetime.fromtimestamp(position, UTC)
    return Event(epoch, position, "NewMessage", "chat", 1, None, 2, [3], position, None, text.encode(), made_at)


@dataclass
class Log:
    """Postgres: the truth. Positions have gaps, as those of transactions that were rolled back."""

    epoch_no: int = 1
    epoch: str = "e1"
    events: list[Event] = field(default_factory=list)
    used: int = 0

    @property
    def head(self) -> int:
        return self.events[-1].position if self.events else 0

    def after(self, position: int) -> list[Event]:
        return [event for event in self.events if event.position > position]


@dataclass
class Reading:
    """A server at the log: what the consumer of its reader was given."""

    epoch: str
    position: int = 0
    got: list[Event] = field(default_factory=list)

    def take(self, events: list[Event]) -> None:
        for one in events:
            assert one.epoch == self.epoch
            assert one.position > self.position, "doubled, or out of order"
            self.position = one.position
            self.got.append(one)

    def read(self, log: Log) -> None:
        """As Reader._read: the database has the last word."""
        if log.epoch != self.epoch:
            self.epoch, self.position = log.epoch, log.head
            self.got = list(log.events)
        self.take(log.after(self.position))


class Relaying(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.terms = 0
        self.log = Log()
        self.leaders: list[tuple[Leader, Reading]] = []
        self.nodes: list[tuple[Node, Reading]] = []
        # What is on its way to each node, in the order in which it was sent.
        self.wires: list[list[bytes]] = [[] for _ in range(NODES)]
        self.noticed: list[list[str]] = [[] for _ in range(NODES)]
        self.missed = [False] * NODES

    @initialize(seed=st.integers(0, 2**16))
    def begin(self, seed: int) -> None:
        patience = random.Random(seed)
        self.nodes = [(Node(lambda: patience.uniform(0, 0.05)), Reading(self.log.epoch)) for _ in range(NODES)]
        self.elect()

    # -- the database

    @rule(sizes=st.lists(st.sampled_from((1, 1, 1, FRAME_BYTES // 3, FRAME_BYTES + 1)), min_size=1, max_size=5))
    def commit(self, sizes: list[int]) -> None:
        for size in sizes:
            self.log.used += 1
            self.log.events.append(event(self.log.epoch, self.log.used, '"' + "x" * size + '"'))

    @rule()
    def roll_back(self) -> None:
        self.log.used += 1

    @rule(lost=st.integers(0, 3))
    def fork(self, lost: int) -> None:
        """A failover that loses the newest events, whose positions are used again."""
        no = self.log.epoch_no + 1
        kept = self.log.events[: len(self.log.events) - lost]
        self.log = Log(no, f"e{no}", [event(f"e{no}", one.position, one.payload.decode()) for one in kept])
        self.log.used = self.log.head

    # -- leaders

    @precondition(lambda self: len(self.leaders) < 3)
    @rule()
    def elect(self) -> None:
        """One more: that the one before has gone is not asked."""
        self.terms += 1
        self.leaders.append(
            (
                Leader(self.log.epoch_no, self.log.epoch, self.terms, self.log.head, lambda: self.now),
                Reading(self.log.epoch, self.log.head),
            )
        )

    @precondition(lambda self: len(self.leaders) > 1)
    @rule(which=st.integers(0, 2))
    def crash(self, which: int) -> None:
        del self.leaders[which % len(self.leaders)]

    @rule(which=st.integers(0, 2), some=st.integers(1, 4))
    def lead(self, which: int, some: int) -> None:
        """One of them reads on, perhaps not to the end, and perhaps what others have long sent."""
        if not self.leaders:
            return
        leader, reading = self.leaders[which % len(self.leaders)]
        if reading.epoch != self.log.epoch:
            self.leaders.remove((leader, reading))
            return
        events = self.log.after(reading.position)[:some]
        reading.take(events)
        for frame in leader.frames(events):
            self.send(frame)
        if reading.position == self.log.head:
            self.send(leader.heartbeat())

    @rule(which=st.integers(0, 2))
    def notify(self, which: int) -> None:
        if self.leaders:
            leader, _ = self.leaders[which % len(self.leaders)]
            self.send(leader.notices([Notice("typing", f"{leader.term}")]))

    def send(self, frame: Frame) -> None:
        for wire in self.wires:
            wire.append(encoded(frame, KEY))

    # -- the network

    @rule(node=st.integers(0, NODES - 1), data=st.data())
    def lose(self, node: int, data: st.DataObject) -> None:
        if wire := self.wires[node]:
            del wire[data.draw(st.integers(0, len(wire) - 1))]

    @rule(node=st.integers(0, NODES - 1), data=st.data())
    def double(self, node: int, data: st.DataObject) -> None:
        if wire := self.wires[node]:
            wire.append(wire[data.draw(st.integers(0, len(wire) - 1))])

    @rule(node=st.integers(0, NODES - 1), data=st.data())
    def overtake(self, node: int, data: st.DataObject) -> None:
        if wire := self.wires[node]:
            wire.insert(0, wire.pop(data.draw(st.integers(0, len(wire) - 1))))

    @rule(node=st.integers(0, NODES - 1))
    def forge(self, node: int) -> None:
        frame = Frame(10**9, self.log.epoch, 10**9, 0, 10**9, self.now)
        self.wires[node].append(encoded(frame, b"somebody's guess"))

    @rule(node=st.integers(0, NODES - 1), amount=st.integers(1, 8), seconds=st.sampled_from((0.001, 0.03, 0.06)))
    def arrive(self, node: int, amount: int, seconds: float) -> None:
        for _ in range(min(amount, len(self.wires[node]))):
            self.receive(node, self.wires[node].pop(0))
        self.now += seconds
        self.turn(node)

    @rule(seconds=st.sampled_from((0.5, BEAT_SECONDS, SILENCE_SECONDS)))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        for node in range(NODES):
            self.turn(node)

    @rule()
    def calm(self) -> None:
        """For a while nothing is lost, so that the nodes are led: what goes wrong after that is what matters."""
        for _ in range(3):
            self.now += BEAT_SECONDS
            for leader, reading in self.leaders:
                if reading.epoch == self.log.epoch and reading.position == self.log.head:
                    self.send(leader.heartbeat())
            for which, wire in enumerate(self.wires):
                for message in wire:
                    self.receive(which, message)
                wire.clear()
                self.turn(which)

    def receive(self, which: int, message: bytes) -> None:
        node, _ = self.nodes[which]
        frame = decoded(message, KEY)
        if frame is not None:
            notices, missing = node.receive(frame, self.now)
            self.missed[which] |= missing
            self.noticed[which] += [notice.text for notice in notices]

    def turn(self, which: int) -> None:
        """As Reader._follow: while the relay does not carry the log it LISTENs, and reads whatever is committed."""
        node, reading = self.nodes[which]
        events, gap = node.take(reading.epoch, reading.position, self.now)
        reading.take(events)
        if gap or not node.carries(self.now):
            reading.read(self.log)

    # -- what holds

    @invariant()
    def nobody_has_what_the_log_has_not(self) -> None:
        for node, reading in self.nodes:
            if reading.epoch == self.log.epoch:
                assert [(e.position, e.payload) for e in reading.got] == [
                    (e.position, e.payload) for e in self.log.events if e.position <= reading.position
                ]
            assert node.epoch_no < 10**9, "a forged frame was believed"

    @invariant()
    def what_waits_is_bounded(self) -> None:
        for node, _ in self.nodes:
            assert len(node._waiting) <= 257

    def teardown(self) -> None:
        """The noise ends: one leader, a network, and two heartbeats."""
        self.leaders.clear()
        self.elect()
        for wire in self.wires:
            wire.clear()
        for _ in range(4):
            self.now += BEAT_SECONDS
            self.lead(0, 10**6)
            for which in range(NODES):
                for message in self.wires[which]:
                    self.receive(which, message)
                self.wires[which].clear()
                self.turn(which)
                self.now += 0.06
                self.turn(which)
        self.missed = [False] * NODES
        self.commit([1])
        self.lead(0, 10)
        self.notify(0)
        for which, (node, reading) in enumerate(self.nodes):
            heard = len(self.noticed[which])
            for message in self.wires[which]:
                self.receive(which, message)
            before = list(reading.got)
            self.turn(which)
            assert node.carries(self.now), "it is heard again"
            assert reading.epoch == self.log.epoch
            assert reading.got == [*before, *reading.got[-1:]]
            assert [e.position for e in reading.got] == [e.position for e in self.log.events], "something was lost"
            assert len(self.noticed[which]) == heard + 1
            assert not self.missed[which]


@pytest.mark.slow
def test_whatever_happens_each_node_has_the_log() -> None:
    from hypothesis.stateful import run_state_machine_as_test

    quiet: Any = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    bounds = settings(max_examples=EXAMPLES, stateful_step_count=60, deadline=None, suppress_health_check=quiet)
    run_state_machine_as_test(Relaying, settings=bounds)

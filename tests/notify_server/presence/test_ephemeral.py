"""Whatever is said, done, delayed and read in whatever order, over two chat_servers and two nodes: no frame tells of
typing or presence that the log has ended, and in the end all nodes have told what is true."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat_core.log.audience import Places
from chat_core.log.event import Event
from chat_core.log.lineage import Lineage
from chat_core.tokens import Claims
from notify_server.fan_out.hub import Hub
from notify_server.fan_out.ring import Ring
from notify_server.presence.ephemeral import PORTION_FRAMES, Ephemeral
from notify_server.streams.framing import SSE
from notify_server.streams.stream import Stream

CHATS, TYPISTS, WATCHER, WORKSPACE = (1, 2), (11, 12), 13, 5
PEOPLE = (*TYPISTS, WATCHER)


class Wire(asyncio.Transport):
    """A connection whose reader takes everything at once."""

    def __init__(self) -> None:
        super().__init__()
        self.got = bytearray()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.got += data

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return False

    def taken(self) -> list[tuple[str, Any]]:
        """The ephemeral frames that came since this was last called."""
        text, self.got = self.got.decode(), bytearray()
        frames = [part for part in text.split("\r\n") if part.startswith("event:")]
        return [(kind[7:], json.loads(data[6:])) for kind, data in (part.split("\n")[:2] for part in frames)]


class Node:
    """A notify_server with a stream of each of the people: what it has read of the log and heard of the others."""

    def __init__(self) -> None:
        self.hub, self.heard, self.wires = Hub(Ring(1 << 20)), 0, dict[int, Wire]()
        self.ephemeral = Ephemeral(self.hub, typing_seconds=3600)
        self.hub.followers.append(self.ephemeral)
        self.hub.start(Lineage("e"), 0, 0, ())
        self.told: dict[int, list[int]] = {chat: [] for chat in CHATS}  # the watcher: who types
        for user in PEOPLE:
            everywhere: Places[int] = Places(dict.fromkeys(CHATS, 0), {}, {WORKSPACE: 0})
            subscriber = self.hub.subscribe(user, 0, everywhere, Places({}, {}, {}), ())
            self.wires[user] = Wire()
            stream = Stream(
                number=user,
                claims=Claims(user, user, 1 << 40),
                address="",
                transport=self.wires[user],
                buffer_bytes=1 << 20,
                framing=SSE["1.1"],
            )
            stream.start, stream.live = 0, True
            self.hub.add(subscriber, stream)


@dataclass
class Truth:
    """What the database knows at its head. `said`: the session by which somebody types in a chat; `begun`: also those
    who have said since that they stopped, of which a node may not have heard."""

    said: dict[tuple[int, int], int] = field(default_factory=dict)
    begun: dict[tuple[int, int], int] = field(default_factory=dict)
    members: set[tuple[int, int]] = field(default_factory=lambda: {(chat, user) for chat in CHATS for user in PEOPLE})
    present: set[int] = field(default_factory=lambda: set(PEOPLE))  # in the workspace
    silenced: set[tuple[int, int]] = field(default_factory=set)
    archived: set[int] = field(default_factory=set)
    invisible: set[int] = field(default_factory=set)
    session: dict[int, int] = field(default_factory=lambda: {user: user * 100 for user in PEOPLE})


class World:
    def __init__(self) -> None:
        self.truth, self.log, self.clock = Truth(), list[Event](), 0.0
        self.waiting: list[dict[tuple[int, int], list[Any]]] = [{}, {}]  # at each chat_server, by chat and user
        self.notifications: list[str] = []
        self.nodes = [Node(), Node()]
        # At each position of the log: who types where, and who may be told of as present.
        self.typing: list[set[tuple[int, int]]] = [set()]
        self.visible: list[set[int]] = [set(PEOPLE)]
        self.members: list[set[tuple[int, int]]] = [set(self.truth.members)]

    def append(self, kind: str, payload: dict[str, Any], **about: Any) -> None:
        position = len(self.log) + 1
        columns = {
            **dict.fromkeys(
                ("chat_id", "document_id", "user_id", "workspace_ids", "message_id", "session_id", "effect")
            ),
            "epoch": "e",
            "position": position,
            "kind": kind,
            "audience": "chat" if "chat_id" in about else "user",
            "created_at": datetime.now(UTC),
            "payload": json.dumps(payload).encode(),
        }
        self.log.append(Event(**cast(Any, columns | about)))
        truth = self.truth
        self.typing.append(set(truth.begun))
        self.visible.append(truth.present - truth.invisible)
        self.members.append(set(truth.members))

    def end(self, *keys: tuple[int, int]) -> None:
        for key in keys:
            self.truth.said.pop(key, None)
            self.truth.begun.pop(key, None)

    def act(self, action: str, user: int, chat: int, other: int) -> None:
        truth, key = self.truth, (chat, user)
        match action:
            case "start" | "stop":
                may = key in truth.members and not (key in truth.silenced or chat in truth.archived)
                if may and user not in truth.invisible:
                    self.clock += 1
                    said = [chat, user, truth.session[user], action == "start", len(self.log), self.clock]
                    self.waiting[other][key] = said
                    if action == "start":
                        truth.said[key] = truth.begun[key] = truth.session[user]
                        self.typing[-1].add(key)
                    else:
                        truth.said.pop(key, None)
            case "message" if key in truth.members:
                self.end(key)
                self.append("NewMessage", {"id": 1, "chat_id": chat, "sender_id": user}, chat_id=chat)
            case "leave" if key in truth.members:
                truth.members.discard(key)
                self.end(key)
                self.append("UserLeftChat", {}, chat_id=chat, user_id=user, effect="revoke")
            case "join" if key not in truth.members:
                truth.members.add(key)
                self.append("NewChat", {"id": chat}, chat_id=chat, user_id=user, effect="grant")
            case "silence":
                truth.silenced ^= {key}
                if until := "2999-01-01" if key in truth.silenced else None:
                    self.end(key)
                told = {"role": "member", "silenced_until": until}
                self.append("ChatMemberUpdated", told, chat_id=chat, user_id=user)
            case "archive":
                truth.archived ^= {chat}
                if at := "2026-01-01" if chat in truth.archived else None:
                    self.end(*[place for place in truth.begun if place[0] == chat])
                self.append("ChatUpdated", {"archived_at": at, "first_seq": 1}, chat_id=chat)
            case "mode":
                truth.invisible ^= {user}
                if user in truth.invisible:
                    self.end(*[place for place in truth.begun if place[1] == user])
                mode = "invisible" if user in truth.invisible else "auto"
                self.append("PresenceModeChanged", {"presence_mode": mode}, user_id=user)
            case "revoke":
                self.end(*[place for place, by in truth.begun.items() if by == truth.session[user]])
                self.append("SessionRevoked", {}, user_id=user, session_id=truth.session[user])
                truth.session[user] += 1
            case "depart" if user in truth.present and user != WATCHER:
                truth.present.discard(user)
                self.append("WorkspaceMemberLeft", {}, user_id=user, workspace_ids=[WORKSPACE])
            case "settle" if user in truth.present:
                seen = "offline" if user in truth.invisible else "online"
                news = [user, seen, None, [WORKSPACE], len(self.log)]
                self.notifications.append(json.dumps({"presence": [news]}))
            case "tell" if self.waiting[other]:
                self.notifications.append(json.dumps({"typing": list(self.waiting[other].values())}))
                self.waiting[other] = {}

    def read(self, node: Node, amount: int) -> None:
        if events := self.log[node.hub.position : node.hub.position + amount]:
            node.hub.dispatch(events)

    def hear(self, node: Node, amount: int) -> None:
        for text in self.notifications[node.heard : node.heard + amount]:
            node.ephemeral.receive(text)
            node.heard += 1

    async def write(self, node: Node) -> None:
        await node.ephemeral.write()
        position = node.hub.position
        for receiver, wire in node.wires.items():
            for kind, told in wire.taken():
                if kind == "PresenceChanged":
                    shown = {one["user_id"] for one in told["users"] if one["presence"] == "online"}
                    assert shown <= self.visible[position], "present where the log has ended that"
                elif kind == "Typing":
                    chat, users = told["chat_id"], told["user_ids"]
                    assert (chat, receiver) in self.members[position], "told to who is no member"
                    assert receiver not in users, "told of themselves"
                    assert {(chat, user) for user in users} <= self.typing[position], "typing that the log has ended"
                    if receiver == WATCHER:
                        node.told[chat] = users

    async def settle(self) -> None:
        """All is told, heard, read and written: the nodes agree with the database, and so with each other."""
        for server in (0, 1):
            self.act("tell", 0, 0, server)
        for node in self.nodes:
            self.hear(node, len(self.notifications))
            self.read(node, len(self.log))
            await self.write(node)
            for chat in CHATS:
                if (chat, WATCHER) in self.truth.members:
                    types = sorted(user for place, user in self.truth.said if place == chat and user != WATCHER)
                    assert sorted(set(node.told[chat]) - {WATCHER}) == types, "not what is true"


ACTIONS = [
    *("start", "start", "start", "stop", "message", "leave", "join", "silence", "archive", "mode", "revoke", "depart"),
    *("settle", "tell", "tell", "read", "read", "hear", "hear", "write", "write", "all"),
]
steps = st.tuples(
    st.sampled_from(ACTIONS), st.sampled_from(PEOPLE), st.sampled_from(CHATS), st.integers(0, 1), st.integers(1, 3)
)


def by_one(*actions: str, server: int = 0) -> list[tuple[str, int, int, int, int]]:
    return [(action, 11, 1, server, 1) for action in actions]


@example(by_one("start", "message", "read", "tell"))
@example(by_one("start", "mode", "tell", "all"))
@example(by_one("start") + by_one("stop", "tell", server=1) + by_one("tell"))
@example(by_one("message", "start", "tell", "hear", "write"))
@given(st.lists(steps, min_size=4, max_size=60))
@settings(max_examples=100, deadline=None)
def test_typing_and_presence_never_outlive_what_ends_them(actions: list[tuple[str, int, int, int, int]]) -> None:
    async def play() -> None:
        world = World()
        for action, user, chat, other, amount in actions:
            node = world.nodes[other]
            match action:
                case "read":
                    world.read(node, amount)
                case "hear":
                    world.hear(node, amount)
                case "write":
                    await world.write(node)
                case "all":
                    await world.settle()
                case _:
                    world.act(action, user, chat, other)
        await world.settle()

    asyncio.run(play())


def test_news_from_before_another_history_is_forgotten() -> None:
    async def play() -> None:
        world = World()
        node = world.nodes[0]
        for action in ("start", "tell"):
            world.act(action, 11, 1, 0)
        early = json.dumps({"typing": [[1, 12, 1200, True, 50, 1.0]]})
        node.ephemeral.receive(early)
        world.hear(node, 1)
        node.ephemeral.reset()
        world.append("WorkspaceUpdated", {}, workspace_ids=[WORKSPACE])
        node.hub.start(Lineage("f"), 49, 49, ())
        event = world.log[0]
        event.position = 50
        node.hub.dispatch([event])
        await world.nodes[0].ephemeral.write()
        assert [kind for kind, _ in node.wires[WATCHER].taken()] == []

    asyncio.run(play())


def test_the_log_has_its_turn_while_many_chats_are_told_of_typing() -> None:
    """A message does not wait until a thousand frames are written."""
    chats = range(100, 500)

    async def play() -> None:
        node = Node()
        watcher = node.hub.subscribe(20, 0, Places(dict.fromkeys(chats, 0), {}, {}), Places({}, {}, {}), ())
        wire = Wire()
        stream = Stream(
            number=20,
            claims=Claims(20, 20, 1 << 40),
            address="",
            transport=wire,
            buffer_bytes=1 << 20,
            framing=SSE["1.1"],
        )
        stream.start, stream.live = 0, True
        node.hub.add(watcher, stream)
        node.ephemeral.receive(json.dumps({"typing": [[chat, 11, 11, True, 0, 1.0] for chat in chats]}))
        writing, in_a_turn = asyncio.create_task(node.ephemeral.write()), []
        while not writing.done():
            await asyncio.sleep(0)
            in_a_turn.append(len(wire.taken()))
        assert sum(in_a_turn) == len(chats)
        assert max(in_a_turn) <= PORTION_FRAMES

    asyncio.run(play())


def test_a_crowded_server_writes_what_is_left_of_it_later() -> None:
    """Whoever connects comes first."""

    async def play() -> None:
        node, asked, crowded = Node(), asyncio.Semaphore(0), True

        def is_crowded() -> bool:
            asked.release()
            return crowded

        node.ephemeral = Ephemeral(node.hub, 3600, is_crowded)
        running = asyncio.create_task(node.ephemeral.run())
        node.ephemeral.receive(json.dumps({"typing": [[1, user, user, True, 0, 1.0] for user in (11, 12)]}))
        await asked.acquire()
        node.ephemeral.receive(json.dumps({"typing": [[1, 12, 12, False, 0, 2.0]]}))
        await asked.acquire()
        assert node.wires[WATCHER].taken() == []
        crowded = False
        while not (frames := node.wires[WATCHER].taken()):  # noqa: ASYNC110 - nobody says so
            await asyncio.sleep(0)
        assert frames == [("Typing", {"chat_id": 1, "user_ids": [11]})]
        running.cancel()

    asyncio.run(play())

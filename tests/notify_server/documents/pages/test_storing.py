"""What can go wrong between a patch and its answer: lost connections, other servers, locks, quotas, and a server that
starts over."""

import asyncio
import itertools
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from asyncpg import ConnectionDoesNotExistError

from chat_core.documents.patches.canonical import digest
from notify_server.documents.pages import appender, content
from notify_server.documents.pages.rooms import PageRooms
from notify_server.documents.pages.socket import PageSocket
from tests.notify_server.documents.pages.world import Client, new_page, running_pages
from tests.notify_server.documents.world import World

Append = Callable[..., Awaitable[list[tuple[str, int]]]]


@contextmanager
def between(rooms: PageRooms, act: Callable[[Append], Append]) -> Iterator[None]:
    """What happens instead of an append."""
    original = rooms.appender._append
    rooms.appender._append = act(original)  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        rooms.appender._append = original  # type: ignore[method-assign]


async def in_order(world: World, *clients: Client) -> None:
    """What each client was told is what the database has, and nobody waits for an answer."""
    await world.until(lambda: not any(client.kept for client in clients), "answers")
    rows = await world.sql.fetch("SELECT version, op_id FROM page_ops WHERE page_id = $1 ORDER BY 1", clients[0].page)
    assert [row["version"] for row in rows] == list(range(2, len(rows) + 2))
    await world.until(lambda: all(client.version == len(rows) + 1 for client in clients), "the newest version")
    stored = [tuple(row) for row in rows]
    for client in clients:
        told = [(version, op) for version, op in client.history if version > 0]
        assert told == stored[len(stored) - len(told) :]
        assert client.content == clients[0].content
        assert client.socket is not None
        room = client.socket.rooms.open[client.page]
        await room.rested()
        assert json.loads(room.content.text()[0]) == client.content


@pytest.mark.parametrize("lost", ["the answer", "the question", "neither, it comes later"])
async def test_a_connection_lost_in_commit_loses_and_doubles_nothing(
    world: World, rooms: PageRooms, other: PageRooms, lost: str
) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    page = await new_page(world, ada, bob, content={"list": []})
    here, there = await Client(world, ada, page).opened(rooms), await Client(world, bob, page).opened(other)
    left: list[asyncio.Task[Any]] = []
    times = 0

    def act(append: Append) -> Append:
        async def losing(*batch: Any) -> list[tuple[str, int]]:
            nonlocal times
            times += 1
            if times > 2:
                return await append(*batch)
            if lost == "the answer":
                await append(*batch)
            elif lost == "neither, it comes later":
                ops = [(room, _Frozen(asked)) for room, asked in batch[0]]
                left.append(asyncio.create_task(_later(append, ops, world, there)))
            raise ConnectionDoesNotExistError("connection was closed in the middle of operation")

        return losing

    with between(rooms, act):
        for number in range(3):  # each appends, and would show if it were applied twice
            here.patch({"op": "add", "path": "/list/-", "value": f"here {number}"})
        await world.until(lambda: times)
        there.patch({"op": "add", "path": "/list/-", "value": "there"})
        await in_order(world, here, there)
    await asyncio.gather(*left)
    await in_order(world, here, there)
    assert sorted(here.content["list"]) == ["here 0", "here 1", "here 2", "there"]
    assert not here.codes + there.codes


class _Frozen:
    """A patch as it was when it was sent."""

    def __init__(self, asked: Any) -> None:
        self.author, self.op_id, self.op = asked.author, asked.op_id, asked.op


async def _later(append: Append, flying: Any, world: World, there: Client) -> None:
    """A backend that comes to it when the page has gone on."""
    await world.until(lambda: there.version > 1)
    await append(flying, 0)


async def test_a_server_that_hears_of_nothing_is_behind_and_catches_up(world: World, rooms: PageRooms) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    page = await new_page(world, ada, bob)
    async with running_pages(world.database.notify_url, hears=False) as deaf:
        here, there = await Client(world, ada, page).opened(rooms), await Client(world, bob, page).opened(deaf)
        for number in range(5):
            here.set(f"/here{number}", number)
        here.set("/both", "here")
        await world.until(lambda: here.version == 7)
        assert there.version == 1
        there.set("/there", 1)  # commutes with all that it has not heard of
        there.set("/both", "there")
        await world.until(lambda: there.codes)
        assert (there.codes, len(there.of("error")[0]["ops"])) == (["VERSION_CONFLICT"], 6)
        await in_order(world, here, there)
        # Whoever comes has what is stored, whatever its server has heard.
        here.set("/last", 1)
        await world.until(lambda: here.version == 9)
        assert (await Client(world, ada, page).opened(deaf)).version == 9
        deaf.missed()
        await world.until(lambda: there.version == 9)


async def test_no_decision_rests_on_a_servers_clock(
    world: World, rooms: PageRooms, other: PageRooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever server looks at its clock, it is a day before or after what it was at the last look."""
    ada, bob = await world.person("ada"), await world.person("bob")
    page = await new_page(world, ada, bob, content={"n": 0, "a": 0})
    now, days = time.time, itertools.cycle((-86_400, 86_400))
    monkeypatch.setattr(time, "time", lambda: now() + next(days))
    here, there = await Client(world, ada, page).opened(rooms), await Client(world, bob, page).opened(other)
    for number in range(20):
        here.set(f"/here{number}", number)
        there.set(f"/there{number}", number, base=1)  # stale, and commutes
    await in_order(world, here, there)
    base = here.version
    for client in (here, there):
        client.set("/n", 1, base=base)
    await world.until(lambda: here.codes + there.codes)
    assert here.codes + there.codes == ["VERSION_CONFLICT"]
    await in_order(world, here, there)
    [[differ]] = await world.sql.fetch(
        "SELECT count(*) FROM (SELECT created_at FROM page_ops UNION ALL SELECT refused_at FROM page_refusals) t (at) "
        "WHERE at NOT BETWEEN now() - interval '1 hour' AND now()"
    )
    assert differ == 0


async def test_a_locked_page_holds_up_no_other(world: World, rooms: PageRooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appender, "PATIENCE_MS", 20)
    monkeypatch.setattr(appender, "LOCKED_MS", 20)
    ada = await world.person("ada")
    locked, free = [await Client(world, ada, await new_page(world, ada)).opened(rooms) for _ in range(2)]
    async with world.sql.transaction():
        await world.sql.execute("SELECT FROM documents WHERE id = $1 FOR UPDATE", locked.page)
        locked.set("/x", 1)
        for number in range(5):
            free.set(f"/{number}", 1)
            await world.until(lambda number=number: free.version == number + 2)  # type: ignore[misc]
        late = await Client(world, ada, locked.page).opened(rooms)  # sees what is stored
        assert (locked.version, late.version, locked.codes) == (1, 1, [])
    await in_order(world, locked, late)
    assert locked.version == 2


async def test_what_is_stale_beyond_memory_is_read_and_beyond_history_gets_the_content(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "MOST_KEPT", 3)
    ada, bob = await world.person("ada"), await world.person("bob")
    page = await new_page(world, ada, bob)
    async with running_pages(world.database.notify_url, snapshot_patches=4) as rooms:
        writer = await Client(world, ada, page).opened(rooms)
        for number in range(8):
            writer.set(f"/{number}", number)
        await world.until(lambda: writer.version == 9)
        await world.comes_about(lambda: world.sql.fetchval("SELECT version = 9 FROM page_snapshots"))
        assert await world.sql.fetchval("SELECT count(*) FROM events WHERE kind = 'PageEdited'") >= 1
        stale = await Client(world, bob, page).opened(rooms)
        stale.set("/new", 1, base=1)
        stale.set("/0", 1, base=1)
        await world.until(lambda: stale.codes)
        assert [op["version"] for op in stale.of("error")[0]["ops"]] == list(range(2, 10))
        rooms.open[page].content.kept.clear()
        monkeypatch.setattr(appender, "MOST_KEPT_BYTES", 200)  # and nothing is read that is more than that
        stale.set("/newest", 1, base=1)
        await world.until(lambda: len(stale.codes) == 2)
        assert "sync" in stale.of("error")[1]
        monkeypatch.undo()
        await world.sql.execute("UPDATE steady_clock SET reached_at = now()")
        await world.sql.execute("SELECT expire_page_ops($1, '0', 5)", page)
        rooms.open[page].content.kept.clear()
        stale.set("/newer", 1, base=2)
        await world.until(lambda: len(stale.codes) == 3)
        told = stale.of("error")[2]
        assert (told["code"], told["sync"]["version"], "ops" in told) == ("VERSION_CONFLICT", 10, False)
        assert told["sync"]["content"] == writer.content


async def test_a_page_without_a_client_leaves_memory_with_a_snapshot(world: World) -> None:
    ada = await world.person("ada")
    page = await new_page(world, ada)
    async with running_pages(world.database.notify_url, idle_seconds=0) as rooms:
        client = await Client(world, ada, page).opened(rooms)
        await world.sql.execute(
            """INSERT INTO page_ops (page_id, patch) VALUES ($1, '[{"op":"add","path":"/p","value":1}]')""", page
        )
        await world.until(lambda: client.version == 2)
        client.set("/x", 1)
        await world.until(lambda: client.version == 3)
        client.drop()

        def is_gone() -> bool:
            rooms.forget_the_idle()
            return page not in rooms.open

        await world.until(is_gone)
        [row] = await world.sql.fetch("SELECT version, content::json ->> 'x' AS x FROM page_snapshots")
        assert tuple(row) == (3, "1")
        [found] = await world.sql.fetch("SELECT inverse, effects FROM page_ops WHERE version = 2")
        assert tuple(found) == ('[{"op":"remove","path":"/p"}]', '[["W","/p"]]')


async def test_beyond_a_quota_nothing_is_stored_and_nobody_sees_it(world: World, rooms: PageRooms) -> None:
    ada = await world.person("ada")
    page = await new_page(world, ada, content={})
    client, witness = [await Client(world, ada, page).opened(rooms) for _ in range(2)]
    await world.sql.execute("SELECT set_storage_quotas(50000, 0)")
    client.set("/large", "x" * 200_000)
    await world.until(lambda: client.codes == ["QUOTA_EXCEEDED"])
    await world.sql.execute("SELECT set_storage_quotas(5000000, 0)")
    client.set("/small", 1)
    await in_order(world, client, witness)
    assert witness.content == {"small": 1}


@contextmanager
def held(rooms: PageRooms) -> Iterator[asyncio.Event]:
    """Nothing is stored before the event is set."""
    waits = asyncio.Event()

    def act(append: Append) -> Append:
        async def slowly(*batch: Any) -> list[tuple[str, int]]:
            await waits.wait()
            return await append(*batch)

        return slowly

    with between(rooms, act):
        yield waits


@pytest.mark.parametrize("reason", ["READ_ONLY", "QUOTA_EXCEEDED", "PATCH_FAILED", "PAGE_NOT_FOUND"])
async def test_what_one_server_refuses_another_that_still_holds_it_refuses_too(
    world: World, rooms: PageRooms, other: PageRooms, reason: str
) -> None:
    """And for good, when the reason is gone."""
    ada, bob = await world.person("ada"), await world.person("bob")
    page = await new_page(world, ada, bob, content={"x": 1})
    held_back = await Client(world, bob, page).opened(rooms)
    again = await Client(world, bob, page).opened(other)
    arise, pass_by = {
        "READ_ONLY": [
            f"UPDATE document_members SET role = '{role}' WHERE role <> 'owner'" for role in ("viewer", "editor")
        ],
        "QUOTA_EXCEEDED": [f"SELECT set_storage_quotas({most}, 0)" for most in (50_000, 5_000_000)],
        "PAGE_NOT_FOUND": [f"UPDATE documents SET deleted_at = {at}" for at in ("now()", "NULL")],
        "PATCH_FAILED": ["SELECT", "SELECT"],
    }[reason]
    patch = {"op": "replace", "path": "/x", "value": "x" * 200_000}
    with held(rooms) as waits:
        held_back.patch(patch, op_id="the one")
        await world.until(lambda: rooms.open[page].content.flying)
        if reason == "PATCH_FAILED":  # the other server has a smaller limit
            other.open[page].content._limits = other.open[page].content._limits._replace(depth=0)
        if reason != "PAGE_NOT_FOUND":
            await world.sql.execute(arise)
            await world.until(lambda: reason != "READ_ONLY" or again.of("role"))
            again.patch(patch, op_id="the one")
        else:
            with held(other) as also:
                again.patch(patch, op_id="the one")
                await world.until(lambda: other.open[page].content.flying)
                await world.sql.execute("SET session_replication_role = replica")  # it hears of nothing
                await world.sql.execute(arise)
                also.set()
                await world.until(lambda: again.codes)
        await world.until(lambda: again.codes)
        await world.sql.execute(pass_by)
        await world.until(lambda: reason != "READ_ONLY" or len(again.of("role")) == 2)
        assert rooms.open[page].content.flying
        waits.set()
        await world.until(lambda: held_back.codes)
    late = await Client(world, bob, page).opened(rooms)
    late.patch(patch, op_id="the one")
    await world.until(lambda: late.codes)
    codes = {"PATCH_FAILED": "TOO_LARGE"}.get(reason, reason)
    assert (again.codes, held_back.codes, late.codes) == ([codes], [codes], [codes])
    late.patch({**patch, "value": 2}, op_id="the one")
    await world.until(lambda: len(late.codes) == 2)
    assert late.codes[1] == "ID_REUSED"
    assert await world.sql.fetchval("SELECT count(*) FROM page_ops") == 0
    late.set("/y", 1)
    await in_order(world, late)


async def test_a_patch_that_was_stored_elsewhere_is_not_refused_nor_is_what_follows_it(
    world: World, rooms: PageRooms, other: PageRooms
) -> None:
    """Its author was a viewer by then."""
    ada, bob = await world.person("ada"), await world.person("bob")
    page = await new_page(world, ada, bob)
    here, there = [await Client(world, bob, page).opened(each) for each in (rooms, other)]
    with held(rooms) as waits:
        here.set("/x", 1, op_id="one")
        await world.until(lambda: rooms.open[page].content.flying)
        await world.sql.execute("UPDATE document_members SET role = 'viewer' WHERE user_id = $1", bob.user_id)
        await world.until(lambda: there.of("role"))
        async with world.sql.transaction():  # so that the refusal waits
            await world.sql.execute("SELECT FROM documents WHERE id = $1 FOR UPDATE", page)
            there.set("/x", 1, op_id="one")
            there.set("/y", 1, op_id="two", after="one")
            await world.comes_about(lambda: asyncio.sleep(0, other.appender.refuser.waiting_bytes > 0))
            await world.sql.execute(
                "INSERT INTO page_ops (page_id, op_id, patch, digest) VALUES ($1, 'one', $2, $3)",
                page,
                json.dumps(here.kept["one"]),
                digest(here.kept["one"]),
            )
        await world.until(lambda: there.of("op-ack") and there.codes)
        waits.set()
    assert (there.of("op-ack"), there.codes) == ([{"id": "one", "version": 2}], ["READ_ONLY"])
    await in_order(world, here, there)


async def test_whatever_conflicts_with_a_patch_in_flight_waits_for_its_outcome(world: World, rooms: PageRooms) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    page = await new_page(world, ada, bob)
    first, second = [await Client(world, person, page).opened(rooms) for person in (ada, bob)]
    with held(rooms) as waits:
        first.set("/first", 1)
        await world.until(lambda: rooms.open[page].content.flying)
        stored, refused = first.set("/both", "first"), second.set("/both", "second")
        hanging = second.set("/more", 1, after=refused)
        late = await Client(world, ada, page).connect(rooms)
        assert isinstance(first.socket, PageSocket)
        first.socket.greet(first.socket.peer)
        for _ in range(3):  # what is put is written in one of the loop's next turns
            await asyncio.sleep(0)
        assert len(first.of("sync")) == 1
        assert not first.of("op-ack") + second.codes
        waits.set()
        await in_order(world, first, second)
    errors = second.of("error")
    assert [(error["id"], error["code"]) for error in errors] == [
        (refused, "VERSION_CONFLICT"),
        (hanging, "VERSION_CONFLICT"),
    ]
    assert [op["version"] for op in errors[0]["ops"]] == [2, 3]
    assert errors[0]["ops"][1]["id"] == stored
    await world.until(lambda: late.version == 3)  # and never saw what was not stored
    assert late.of("sync")[0]["version"] == late.version - len(late.of("op-patch"))


async def test_whoever_is_removed_has_nothing_stored_that_had_not_begun_to_be(world: World, rooms: PageRooms) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    page = await new_page(world, ada, bob)
    owner, removed = [await Client(world, person, page).opened(rooms) for person in (ada, bob)]
    with held(rooms) as waits:
        owner.set("/first", 1)
        await world.until(lambda: rooms.open[page].content.flying)
        removed.set("/late", 1)
        await world.sql.execute("DELETE FROM document_members WHERE user_id = $1", bob.user_id)
        await world.until(lambda: removed.wire.close_code == 4412)
        waits.set()
        owner.set("/second", 1)
        await in_order(world, owner)
    assert owner.content.keys() & {"first", "second", "late"} == {"first", "second"}
    assert not removed.codes


async def test_a_fault_of_ours_ends_the_room_and_not_the_server(world: World, rooms: PageRooms) -> None:
    ada = await world.person("ada")
    page = await new_page(world, ada)
    client = await Client(world, ada, page).opened(rooms)

    def act(append: Append) -> Append:
        async def broken(*batch: Any) -> list[tuple[str, int]]:
            await append(*batch)
            raise ZeroDivisionError

        return broken

    with between(rooms, act):
        client.set("/x", 1, op_id="mine")
        await world.until(lambda: client.wire.close_code)
    assert (client.codes, client.wire.close_code) == ([], 1011)
    client.drop()
    again = await client.opened(rooms, many=True, pending=[{"id": "mine"}])
    assert again.of("sync")[0]["pending"] == {"mine": {"status": "committed", "version": 2}}
    again.set("/y", 1)
    await world.until(lambda: again.version == 3)


async def test_many_patches_of_one_page_leave_others_their_turn(
    world: World, rooms: PageRooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appender, "TURN_SECONDS", 0)
    ada = await world.person("ada")
    here = await Client(world, ada, await new_page(world, ada)).opened(rooms)
    room, turns = rooms.open[here.page], [0]
    admit, at = room.content.admit, []

    def admitting(asked: Any) -> None:
        at.append(turns[0])
        admit(asked)

    async def others() -> None:
        while True:
            turns[0] += 1
            await asyncio.sleep(0)

    room.content.admit = admitting  # type: ignore[method-assign]
    other = asyncio.create_task(others())
    for number in range(10):
        here.set(f"/at{number}", number)
    await in_order(world, here)
    other.cancel()
    assert len(set(at)) == len(at) >= 10


async def test_a_page_whose_patch_fails_unexpectedly_is_given_up_and_read_again(world: World, rooms: PageRooms) -> None:
    ada = await world.person("ada")
    here = await Client(world, ada, await new_page(world, ada)).opened(rooms)
    room = rooms.open[here.page]
    admit = room.content.admit

    def failing(asked: Any) -> None:
        if asked.patch[0]["path"] == "/bad":
            raise MemoryError
        admit(asked)

    room.content.admit = failing  # type: ignore[method-assign]
    socket = here.socket
    assert socket is not None
    here.set("/good", 1)
    here.set("/bad", 1)
    await world.until(lambda: socket.reason == "error", "the end of the socket")
    assert here.page not in rooms.open
    assert rooms.appender.waiting_bytes == 0
    here.drop()
    here.kept.clear()
    await here.opened(rooms)
    here.set("/next", 1)
    await in_order(world, here)
    assert "bad" not in here.content

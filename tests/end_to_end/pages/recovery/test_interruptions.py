"""What hardly ever happens between a node and Postgres, made to happen: nothing is lost, doubled or out of order."""

import asyncio
import json
import os
import signal

from chat_core.documents.patches.canonical import checksum
from tests.end_to_end.pages.recovery import truth
from tests.end_to_end.pages.recovery.nodes import Nodes, put, rename
from tests.end_to_end.system import System


async def test_a_node_that_stops_between_write_and_answer_catches_up(nodes: Nodes) -> None:
    """Its client moves to the other node, where it is told that its patch is committed, and others commit after it."""
    ada, grace = await nodes.system.team("Ada", "Grace")
    page = await nodes.page(ada, grace)
    moving, staying = [await nodes.joined(person, page, nodes.here) for person in (ada, grace)]
    other = await nodes.joined(grace, page, nodes.there)
    async with nodes.locked(page) as sql:
        op = await moving.edit(put("a", 1))
        await until_waiting(nodes.system)
        nodes.here.signal(signal.SIGSTOP)
        await sql.execute("COMMIT")
    await nodes.at(page, 2)
    await other.edit(put("b", 2))
    assert await other.settled()
    await moving.leave()
    await moving.join(nodes.there)
    assert moving.told.acknowledged == {op.id: 2}
    await moving.edit(rename("moved"))
    await nodes.come_to_rest(page, moving, other)
    nodes.here.signal(signal.SIGCONT)
    await staying.until(lambda: staying.version == 4)
    await nodes.come_to_rest(page, moving, staying, other)
    assert [version for version, _, _ in staying.told.heard] == [2, 3, 4]


async def test_what_is_refused_stays_so_though_a_stopped_node_still_holds_it(nodes: Nodes) -> None:
    """Its author was a viewer while the node was stopped, and may edit again when it goes on."""
    ada, grace = await nodes.system.team("Ada", "Grace")
    page = await nodes.page(ada, grace)
    first, moving = [await nodes.joined(person, page, nodes.here) for person in (ada, grace)]
    other = await nodes.joined(ada, page, nodes.there)
    async with nodes.locked(page) as sql:
        await first.edit(put("a", 1))
        await until_waiting(nodes.system)
        op = await moving.edit(put("b", 2))
        await moving.point(3, 4)  # which is heard after the patch
        assert await first.until(lambda: "cursor-move" in first.others)
        nodes.here.signal(signal.SIGSTOP)
        await sql.execute("COMMIT")
    await nodes.at(page, 2)
    await moving.leave()
    await ada.pages.set_role(page, grace.id, "viewer")
    await moving.join(nodes.there)
    assert await moving.settled()
    assert moving.told.refused == {op.id: "READ_ONLY"}
    await ada.pages.set_role(page, grace.id, "editor")
    nodes.here.signal(signal.SIGCONT)
    await first.edit(put("c", 3))  # behind the one that it holds
    await nodes.come_to_rest(page, first, moving, other)
    assert op.id not in await nodes.stored_ids(page)


async def test_a_backend_of_postgres_that_stops_in_mid_append_loses_nothing(nodes: Nodes) -> None:
    """It has locked the page's row by then, so nobody can edit this page, but others. When it goes on, everything is
    stored, each once."""
    ada, grace = await nodes.system.team("Ada", "Grace")
    page, elsewhere = await nodes.page(ada, grace), await nodes.page(grace)
    writer = await nodes.joined(ada, page, nodes.here)
    other, free = await nodes.joined(grace, page, nodes.there), await nodes.joined(grace, elsewhere, nodes.there)
    async with nodes.system.sql() as sql:
        await sql.execute("BEGIN; LOCK TABLE page_ops IN SHARE MODE")
        op = await writer.edit(put("a", 1))
        backend = await stopped_while_waiting(nodes.system)
        try:
            await sql.execute("COMMIT")
            late = await other.edit(put("b", 2))
            await free.edit(put("c", 3))
            assert await free.settled()
            assert (writer.pending, other.pending) == ([op.id], [late.id])
        finally:
            os.kill(backend, signal.SIGCONT)
    await nodes.come_to_rest(page, writer, other)
    await nodes.come_to_rest(elsewhere, free)
    assert await nodes.version(page) == 3


async def test_an_answer_that_is_lost_after_commit_is_asked_for_again(nodes: Nodes) -> None:
    """COMMIT passes, its answer does not, and the connection breaks."""
    ada, grace = await nodes.system.team("Ada", "Grace")
    page = await nodes.page(ada, grace)
    writer, reader = [await nodes.joined(person, page, nodes.here) for person in (ada, grace)]
    other = await nodes.joined(grace, page, nodes.there)
    assert nodes.proxy is not None
    nodes.proxy.eat(b"the one")
    op = await writer.edit(put("a", 1), "the one")
    await nodes.at(page, 2)
    assert await other.until(lambda: other.version == 2)
    assert writer.pending == [op.id]
    await other.edit(put("b", 2))
    assert await other.settled()
    nodes.proxy.heal()
    assert await writer.settled()
    assert writer.told.acknowledged == {op.id: 2}
    await nodes.come_to_rest(page, writer, reader, other)


async def test_one_id_at_two_nodes_at_once_is_stored_once(nodes: Nodes) -> None:
    ada, grace = await nodes.system.team("Ada", "Grace")
    page = await nodes.page(ada, grace)
    here, there = await nodes.joined(ada, page, nodes.here), await nodes.joined(ada, page, nodes.there)
    for number in range(10):
        name = f"twin.{number}"
        await asyncio.gather(*[editor.edit(put(f"a{number}", 1), name) for editor in (here, there)])
        assert await here.settled()
        assert await there.settled()
        assert here.told.acknowledged[name] == there.told.acknowledged[name]
    assert await nodes.version(page) == 11
    await nodes.come_to_rest(page, here, there)


async def test_one_id_with_other_content_is_refused(nodes: Nodes) -> None:
    ada, grace = await nodes.system.team("Ada", "Grace")
    page = await nodes.page(ada, grace)
    here, there = await nodes.joined(ada, page, nodes.here), await nodes.joined(ada, page, nodes.there)
    await asyncio.gather(here.edit(put("a", 1), "same"), there.edit(put("b", 2), "same"))
    assert await here.until(lambda: here.told.acknowledged or here.told.refused)
    assert await there.until(lambda: there.told.acknowledged or there.told.refused)
    first, second = (here, there) if here.told.acknowledged else (there, here)
    assert first.told.acknowledged == {"same": 2}
    assert second.told.refused == {"same": "ID_REUSED"}
    late = await nodes.joined(grace, page, nodes.here)  # which knows of it by now
    await late.edit(put("c", 3), "same")
    assert await late.settled()
    assert late.told.refused == {"same": "ID_REUSED"}
    await nodes.come_to_rest(page, here, there, late)


async def test_nobody_hears_of_a_patch_before_it_is_committed(nodes: Nodes) -> None:
    ada, grace = await nodes.system.team("Ada", "Grace")
    page = await nodes.page(ada, grace)
    writer, reader = [await nodes.joined(person, page, nodes.here) for person in (ada, grace)]
    async with nodes.locked(page) as sql:
        op = await writer.edit(put("a", 1))
        await until_waiting(nodes.system)
        await writer.point(3, 4)
        assert await reader.until(lambda: "cursor-move" in reader.others)
        assert (reader.version, writer.pending) == (1, [op.id])
        await sql.execute("ROLLBACK")
    await nodes.come_to_rest(page, writer, reader)
    assert reader.version == 2


async def test_own_patches_never_conflict_over_another_connection_neither(nodes: Nodes) -> None:
    """The first is committed, the second is sent again at the other node: it was made on top of the first."""
    ada, grace = await nodes.system.team("Ada", "Grace")
    page = await nodes.page(ada, grace)
    editor = await nodes.joined(ada, page, nodes.here)
    async with nodes.locked(page) as sql:
        first = await editor.edit(rename("first"))
        await until_waiting(nodes.system)
        second = editor.make(rename("second"))
        await editor.leave()
        await sql.execute("COMMIT")
    await nodes.at(page, 2)
    await editor.join(nodes.there)
    assert await editor.settled()
    assert editor.told.acknowledged == {first.id: 2, second.id: 3}
    await nodes.come_to_rest(page, editor)


async def test_history_goes_while_a_client_sleeps(nodes: Nodes) -> None:
    """Its patch is based on a version of which nobody knows any more what came after it: it is refused. One that was
    stored before is not stored again."""
    ada, grace = await nodes.system.team("Ada", "Grace")
    page = await nodes.page(ada, grace)
    writer = await nodes.joined(ada, page, nodes.here)
    sleeper = await nodes.joined(grace, page, nodes.there)
    async with nodes.locked(page) as sql:  # its acknowledgement is on its way when it falls asleep
        stored = await sleeper.edit(put("stored", 1))
        await until_waiting(nodes.system)
        await sleeper.leave()
        await sql.execute("COMMIT")
    await nodes.at(page, 2)
    late = sleeper.make(rename("late"))
    for number in range(60):
        await writer.edit(put(f"a{number}", number))
    assert await writer.settled()
    async with nodes.system.sql() as sql:
        while await sql.fetchval("SELECT version FROM page_snapshots WHERE page_id = $1", page) < 50:
            pass
        kept = await truth.stored(sql, page)
        [snapshot] = await sql.fetch("SELECT version, content FROM page_snapshots WHERE page_id = $1", page)
        assert checksum(json.loads(snapshot["content"])) == kept.checksums[snapshot["version"] - 1]
        await sql.execute("UPDATE steady_clock SET reached_at = now()")
        assert await sql.fetchval("SELECT expire_page_ops($1, interval '0', 1000)", page) >= 49
    await nodes.there.kill()
    await nodes.there.start()
    await sleeper.join(nodes.there)
    assert await sleeper.settled()
    assert late.id in sleeper.told.refused
    assert await sleeper.until(lambda: sleeper.version == writer.version == 62)
    assert sleeper.content == writer.content
    assert sleeper.content["components"]["1"]["name"] == "Page"
    assert stored.id not in [op for _, op, _ in sleeper.told.heard]
    await sleeper.edit(rename("awake"))
    assert await sleeper.settled()
    assert await writer.until(lambda: writer.version == 63)
    assert sleeper.content == writer.content
    assert sleeper.told.faults == writer.told.faults == []


async def until_waiting(system: System) -> int:
    """Until a call of page_append waits for a lock; its backend."""
    async with system.sql() as sql:
        while True:
            waiting: int | None = await sql.fetchval(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%page_append%' "
                "AND wait_event_type = 'Lock'"
            )
            if waiting is not None:
                return waiting


async def stopped_while_waiting(system: System) -> int:
    """A backend that is stopped while its page_append waits for a lock, for which that has little patience."""
    while True:
        backend = await until_waiting(system)
        os.kill(backend, signal.SIGSTOP)
        async with system.sql() as sql:
            still = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $1"
            if await sql.fetchval(still, backend):
                return backend
        os.kill(backend, signal.SIGCONT)

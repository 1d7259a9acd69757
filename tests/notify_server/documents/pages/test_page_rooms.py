"""Pages on one server and on two: one order for all, nothing is told before it is stored, and what is refused is
nowhere."""

import asyncio
import json
from typing import Any

import pytest

from chat_core.documents.patches.canonical import digest
from chat_core.problems import Problem
from notify_server.documents.pages.rooms import PageRooms
from notify_server.documents.pages.socket import PagesSocket
from tests.notify_server.documents.pages.world import Client, TextWire, new_page, running_pages
from tests.notify_server.documents.world import World

ROOT = {"rootId": 1, "components": {"1": {"id": 1, "name": "Page", "desc": "页面根节点"}}}


async def test_what_one_writes_all_have_in_one_order_and_the_database_too(
    world: World, rooms: PageRooms, other: PageRooms
) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    page = await new_page(world, ada, bob)
    first, second = await Client(world, ada, page).opened(rooms), await Client(world, bob, page).opened(other)
    assert (first.version, first.content, first.of("sync")[0]["role"]) == (1, ROOT, "owner")
    for number in range(30):
        first.set(f"/components/1/a{number}", number, base=1)
        second.set(f"/components/1/b{number}", number, base=1)
        if number % 10 == 0:
            await asyncio.sleep(0)
    await world.until(lambda: first.version == second.version == 61)
    rows = await world.sql.fetch("SELECT version, op_id, user_id, digest, patch FROM page_ops ORDER BY version")
    assert [row["version"] for row in rows] == list(range(2, 62))
    assert first.history == second.history == [(row["version"], row["op_id"]) for row in rows]
    assert {row["user_id"] for row in rows} == {ada.user_id, bob.user_id}
    assert all(row["digest"] == digest(json.loads(row["patch"])) for row in rows)
    assert first.content == second.content
    assert not first.kept | second.kept
    told = [at for client in (first, second) for at in client.of("op-patch") if "checksum" in at]
    assert [at["version"] for at in told] == [50]


async def test_a_patch_from_psql_reaches_editors_and_one_that_does_not_fit_counts_as_empty(
    world: World, rooms: PageRooms, other: PageRooms
) -> None:
    ada = await world.person("ada")
    page = await new_page(world, ada)
    clients = [await Client(world, ada, page).opened(rooms) for rooms in (rooms, other)]
    good, bad = [{"op": "add", "path": "/note", "value": "hi"}], [{"op": "remove", "path": "/nothing"}]
    for patch in (good, bad, [{"op": "remove", "path": "/rootId"}]):
        await world.sql.execute("INSERT INTO page_ops (page_id, patch) VALUES ($1, $2)", page, json.dumps(patch))
    await world.until(lambda: all(client.version == 4 for client in clients))
    assert [told["patches"] for told in clients[0].of("op-patch")] == [good, [], []]
    assert all(client.content == {**ROOT, "note": "hi"} for client in clients)
    late = await Client(world, ada, page).opened(rooms)
    assert late.content == clients[0].content


async def test_an_id_is_stored_once(world: World, rooms: PageRooms, other: PageRooms) -> None:
    ada = await world.person("ada")
    page = await new_page(world, ada)
    client = await Client(world, ada, page).opened(rooms)
    client.set("/x", 1, op_id="same")
    await world.until(lambda: client.version == 2)
    client.set("/x", 1, op_id="same", base=1)
    await world.until(lambda: len(client.of("op-ack")) == 2)
    client.set("/x", 2, op_id="same")
    await world.until(lambda: client.codes == ["ID_REUSED"])
    elsewhere = await Client(world, ada, page).opened(other)
    for value in (1, 2):
        elsewhere.set("/x", value, op_id="same", base=1)
    await world.until(lambda: elsewhere.of("op-ack") and elsewhere.codes)
    assert [ack["version"] for ack in client.of("op-ack") + elsewhere.of("op-ack")] == [2, 2, 2]
    assert elsewhere.codes == ["ID_REUSED"]
    # At two servers at once.
    client.set("/y", 1, op_id="race")
    elsewhere.set("/y", 1, op_id="race")
    await world.until(lambda: client.version == elsewhere.version == 3 and not client.kept | elsewhere.kept)
    assert await world.sql.fetchval("SELECT count(*) FROM page_ops") == 2


async def test_a_stale_patch_that_commutes_is_stored_and_one_that_overlaps_is_told_what_it_missed(
    world: World, rooms: PageRooms
) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    page = await new_page(world, ada, bob)
    first, second = [await Client(world, person, page).opened(rooms) for person in (ada, bob)]
    missed = first.set("/components/1/name", "A")
    await world.until(lambda: second.version == 2)
    second.set("/components/1/desc", "B", base=1)
    await world.until(lambda: second.version == 3)
    refused = second.set("/components/1/name", "C", base=1)
    await world.until(lambda: second.codes)
    [error] = second.of("error")
    assert (error["code"], error["id"], error["version"]) == ("VERSION_CONFLICT", refused, 3)
    assert [(op["id"], op["version"], op["user_id"], op["client_id"]) for op in error["ops"]] == [
        (missed, 2, ada.user_id, first.client_id)
    ]
    assert error["ops"][0]["patches"] == [{"op": "add", "path": "/components/1/name", "value": "A"}]
    assert await world.sql.fetchval("SELECT count(*) FROM page_ops") == 2
    second.set("/components/1/name", "D")
    await world.until(lambda: first.version == 4)
    assert first.content["components"]["1"] == {"id": 1, "name": "D", "desc": "B"}


async def test_ones_own_patches_never_conflict_and_what_follows_a_refused_one_is_refused(
    world: World, rooms: PageRooms
) -> None:
    ada = await world.person("ada")
    page = await new_page(world, ada)
    client = await Client(world, ada, page).opened(rooms)
    for name in "ab":
        client.set("/components/1/name", name, base=1)
    await world.until(lambda: client.version == 3)
    client.set("/components/1/name", "c", base=1)
    bad = client.patch({"op": "remove", "path": "/nothing"}, base=1)
    hanging = client.set("/x", 1, base=1, after=bad)
    further = client.set("/y", 1, base=1, after=hanging)
    client.set("/z", 1, base=1)
    await world.until(lambda: client.version == 5 and len(client.codes) == 3)
    assert [(error["id"], error["code"]) for error in client.of("error")] == [
        (each, "PATCH_FAILED") for each in (bad, hanging, further)
    ]
    assert client.of("error")[0]["index"] == 0
    assert client.content["components"]["1"]["name"] == "c"
    assert client.content["z"] == 1
    # It knows of stored ones over another connection, too, and of none that is nowhere.
    stored = client.history[0][1]
    rooms.open[page].content.ids.clear()
    client.set("/v", 1, after=stored)
    client.set("/w", 1, after="nowhere")
    await world.until(lambda: client.version == 6 and len(client.codes) == 4)
    assert client.of("error")[-1]["after"] == "nowhere"


async def test_a_page_stays_valid_and_a_refused_patch_leaves_the_same_bytes(world: World, rooms: PageRooms) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    page = await new_page(world, ada, bob)
    first, second = [await Client(world, person, page).opened(rooms) for person in (ada, bob)]
    first.set("/components/2", {"id": 2, "parentId": 1})
    await world.until(lambda: second.version == 2)
    first.patch({"op": "remove", "path": "/components/2"})
    await world.until(lambda: second.version == 3)
    before = rooms.open[page].content.text()[0]
    second.set("/components/3", {"id": 3, "parentId": 2}, base=2)  # its parent is gone: nothing overlaps
    await world.until(lambda: second.codes == ["VERSION_CONFLICT"])
    second.set("/components/3", {"id": 3, "parentId": 9})
    await world.until(lambda: len(second.codes) == 2)
    second.patch({"op": "add", "path": "/a", "value": 1}, {"op": "test", "path": "/a", "value": 2})
    await world.until(lambda: len(second.codes) == 3)
    assert second.codes[1:] == ["PATCH_FAILED", "PATCH_FAILED"]
    assert second.of("error")[-1]["index"] == 1
    rooms.open[page].content._text = (-1, b"", 0)
    assert rooms.open[page].content.text()[0] == before


async def test_viewers_see_and_do_not_edit_and_roles_reach_open_sockets(world: World, rooms: PageRooms) -> None:
    people = [await world.person(name) for name in ("ada", "bob", "eve", "dan")]
    page = await new_page(world, *people, role="viewer")
    owner, viewer, removed, out = [await Client(world, person, page).opened(rooms) for person in people]
    viewer.set("/x", 1)
    await world.until(lambda: viewer.codes == ["READ_ONLY"])
    viewer.send("cursor-move", x=1, y=2)
    await world.until(lambda: owner.of("cursor-move"))
    await world.role(page, people[1], "editor")
    await world.until(lambda: viewer.of("role") == [{"role": "editor"}])
    viewer.set("/x", 1)
    await world.until(lambda: owner.version == 2)
    await world.sql.execute("DELETE FROM document_members WHERE user_id = $1", people[2].user_id)
    await world.sql.execute(
        "UPDATE sessions SET revoked_at = now(), revoked_reason = 'logout' WHERE id = $1", people[3].session_id
    )
    await world.until(lambda: (removed.wire.close_code, out.wire.close_code) == (4412, 4406))
    await world.sql.execute("UPDATE documents SET deleted_at = now() WHERE id = $1", page)
    await world.until(lambda: owner.wire.close_code == viewer.wire.close_code == 4413)
    for person, code in ((people[0], 4414), (people[3], 4406)):
        assert (await Client(world, person, page).connect(rooms)).wire.close_code == code
    ghost = await Client(world, people[0], 999_999).connect(rooms)
    assert (ghost.codes, ghost.wire.close_code, 999_999 in rooms.open) == (["PAGE_NOT_FOUND"], 4414, False)


async def test_everybody_is_told_once_of_each_who_comes_and_goes(
    world: World, rooms: PageRooms, other: PageRooms
) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    page = await new_page(world, ada, bob)
    watcher = await Client(world, ada, page).opened(rooms)
    guests = [await Client(world, bob, page).opened(where) for where in (rooms, rooms, other)]
    await world.until(lambda: len(watcher.of("user-join")) == 3)
    assert {join["client_id"] for join in watcher.of("user-join")} == {guest.client_id for guest in guests}
    assert watcher.of("user-join")[0] == {"user_id": bob.user_id, "client_id": guests[0].client_id, "name": "bob"}
    guests[2].send("selection", component_ids=[1, "2"])
    guests[2].send("editing", component_id=1)
    guests[2].send("cursor-move", x=1.5, y=2, component_id=1)
    await world.until(lambda: watcher.of("cursor-move") and watcher.of("editing") and watcher.of("selection"))
    about = {"user_id": bob.user_id, "client_id": guests[2].client_id}
    assert watcher.of("cursor-move")[-1] == {**about, "x": 1.5, "y": 2.0, "component_id": 1}
    late = await Client(world, ada, page).opened(rooms)
    shown = {user["client_id"]: user for user in late.of("sync")[0]["users"]}
    assert shown[guests[2].client_id] == {
        **about,
        "name": "bob",
        "cursor": {"x": 1.5, "y": 2.0, "component_id": 1},
        "selection": [1, "2"],
        "editing": 1,
    }
    assert late.client_id not in shown
    for guest in guests:
        guest.drop()
    await world.until(lambda: len(watcher.of("user-leave")) == 3)
    late.drop()
    await world.until(lambda: len(watcher.of("user-leave")) == 4)
    assert sorted(leave["client_id"] for leave in watcher.of("user-leave")) == sorted(
        join["client_id"] for join in watcher.of("user-join")
    )


async def test_pending_patches_are_answered_on_another_server(world: World, rooms: PageRooms, other: PageRooms) -> None:
    ada = await world.person("ada")
    page = await new_page(world, ada)
    client = await Client(world, ada, page).opened(rooms)
    stored = client.set("/x", 1)
    await world.until(lambda: client.version == 2)
    client.drop()
    again = await client.opened(other, many=True, pending=[{"id": stored, "version": 1}, {"id": "lost"}])
    [sync] = again.of("sync")
    assert sync["pending"] == {stored: {"status": "committed", "version": 2}, "lost": {"status": "unknown"}}
    assert (sync["page_id"], sync["version"], sync["content"]["x"]) == (page, 2, 1)


async def test_one_socket_has_many_pages_and_losing_one_leaves_the_others(world: World, rooms: PageRooms) -> None:
    ada, bob = await world.person("ada"), await world.person("bob")
    pages = [await new_page(world, ada, bob, content={"n": number}) for number in range(3)]
    client = await Client(world, bob, pages[0]).opened(rooms, many=True)
    for page in (pages[1], 999_999):
        client.send("join", page_id=page)
    await world.until(lambda: len(client.of("sync")) == 2 and client.codes)
    assert client.of("error") == [
        {"page_id": 999_999, "code": "PAGE_NOT_FOUND", "message": "There is no such page, or you may not see it."}
    ]
    client.send("op-patch", page_id=pages[2], version=1, patches=[], id="a")
    await world.until(lambda: len(client.codes) == 2)
    await world.sql.execute(
        "DELETE FROM document_members WHERE user_id = $1 AND document_id = $2", bob.user_id, pages[0]
    )
    await world.until(lambda: client.codes[2:] == ["REMOVED"])
    client.send("op-patch", page_id=pages[1], version=1, patches=[{"op": "add", "path": "/x", "value": 1}], id="b")
    await world.until(lambda: client.of("op-ack"))
    assert client.of("op-ack") == [{"page_id": pages[1], "id": "b", "version": 2}]
    client.send("leave", page_id=pages[1])
    await world.until(lambda: not rooms.open[pages[1]].peers)
    assert client.wire.close_code is None


async def test_what_is_malformed_closes_its_sender_alone(world: World, rooms: PageRooms) -> None:
    ada = await world.person("ada")
    page = await new_page(world, ada, content={})
    witness = await Client(world, ada, page).opened(rooms)
    for content in (b"{", b"[]", b'{"type":"nonsense"}', b'{"type":"op-patch","payload":{}}', b"\xff", b"[" * 5000):
        client = await Client(world, ada, page).opened(rooms)
        client.send_raw(content)
        assert (client.codes, client.wire.close_code) == (["MALFORMED"], 4408), content
        client.drop()
    halved = await Client(world, ada, page).opened(rooms)
    halved.send_raw(
        rb'{"type":"op-patch","payload":{"id":"h","version":1,"patches":[{"op":"add","path":"/a","value":"\ud800"}]}}'
    )
    await world.until(lambda: halved.codes == ["PATCH_FAILED"])
    for patch in ("no list", [1], [{"op": "add", "path": "/__proto__/x", "value": 1}]):
        halved.patch(*patch) if isinstance(patch, list) else halved.send("op-patch", id="n", version=1, patches=patch)
    await world.until(lambda: halved.codes == ["PATCH_FAILED"] * 4, str(halved.heard))
    witness.set("/x", 1)
    await world.until(lambda: witness.version == 2)


async def test_caps(world: World) -> None:
    ada = await world.person("ada")
    page = await new_page(world, ada, content={"a": "x" * 500})
    limits: Any = {"page_bytes": 4096, "patch_bytes": 2048, "patch_operations": 20, "depth": 8, "copied_bytes": 2048}
    async with running_pages(world.database.notify_url, **limits) as rooms:
        client = await Client(world, ada, page).opened(rooms)
        deep: Any = 1
        for _ in range(9):
            deep = [deep]
        copies = [{"op": "copy", "from": "/a", "path": f"/c{number}"} for number in range(6)]
        for patch in (
            [{"op": "test", "path": "/a", "value": 1}] * 21,
            [{"op": "add", "path": "/d", "value": deep}],
            copies,
        ):
            client.patch(*patch)
        await world.until(lambda: client.codes == ["TOO_LARGE"] * 3)
        assert [error["limit"] for error in client.of("error")] == ["operations", "depth", "copied"]
        client.set("/e", "x" * 4000)
        await world.until(lambda: len(client.codes) == 4)  # the message is too large to be read
        for number in range(5):
            client.set(f"/f{number}", "x" * 1000)
        await world.until(lambda: len(client.codes) == 6)
        assert [error.get("limit") for error in client.of("error")[4:]] == ["result", "result"]
        assert len(rooms.open[page].content.text()[0]) <= 4096
        client.drop()


async def test_a_slow_reader_is_dropped_and_the_others_go_on(world: World) -> None:
    ada = await world.person("ada")
    page = await new_page(world, ada, content={})
    async with running_pages(world.database.notify_url, buffer_bytes=8192) as rooms:
        slow, writer = [await Client(world, ada, page).opened(rooms) for _ in range(2)]
        slow.wire.waiting = 1 << 20
        for number in range(20):
            writer.set(f"/{number}", "x" * 1000)
        await world.until(lambda: writer.version == 21)
        assert slow.wire.close_code == 4003
        assert writer.socket is not None
        assert not writer.socket.reason


async def test_strangers_and_crowds_have_their_bounds(world: World) -> None:
    ada = await world.person("ada")
    page = await new_page(world, ada)
    async with running_pages(world.database.notify_url, connections_per_user=2, frames_burst=20) as rooms:
        clients = [await Client(world, ada, page).connect(rooms) for _ in range(3)]
        assert [client.wire.close_code for client in clients] == [None, None, 4016]
        for number in range(30):
            clients[0].send("cursor-move", x=number, y=0)
        assert (clients[0].codes, clients[0].wire.close_code) == (["RATE"], 4010)
        nobody = PagesSocket(1, "", TextWire(lambda _: None), rooms)
        with pytest.raises(Problem):
            nobody.meet(None, lambda _: ada, 1, rooms.strangers)
        for client in clients:
            client.drop()

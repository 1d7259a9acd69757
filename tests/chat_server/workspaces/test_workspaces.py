"""Workspaces and their members."""

import asyncio

from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database


def members(person: Person) -> str:
    return f"/api/workspaces/{person.workspace}/members"


async def test_the_life_of_a_workspace(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    answer = await ada.api.post("/api/workspaces", json={"name": "Engines", "description": "analytical"})
    made = ok(answer, 201)
    path = answer.headers["location"]
    assert path == f"/api/workspaces/{made['id']}"
    assert ok(await ada.api.get(path)) == made
    changed = ok(await ada.api.put(path, json={"name": "Difference engines"}))
    assert (changed["name"], changed["description"]) == ("Difference engines", "analytical")
    assert changed["updated_at"] > made["updated_at"]
    assert [workspace["id"] for workspace in ok(await ada.api.get("/api/workspaces"))] == [ada.workspace, made["id"]]
    assert ok(await ada.api.delete(path), 204) is None
    problem(await ada.api.get(path), 404, "not_found")


async def test_deleting_a_workspace_takes_everything_in_it(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    for chat_type in ("Group", "Single", "PublicChannel"):
        await ada.say(await ada.chat(bob, type=chat_type), "hello")
    ok(await ada.api.delete(f"/api/workspaces/{ada.workspace}"), 204)
    assert ok(await bob.api.get("/api/chats")) == []
    assert [workspace["id"] for workspace in ok(await bob.api.get("/api/workspaces"))] == [bob.workspace]
    async with database.connect() as sql:
        assert await sql.fetchval("SELECT count(*) FROM messages") == 0


async def test_members_are_added_by_id_address_or_user_name(chat_server: ChatServer) -> None:
    ada, bob, eve, zoe = [await chat_server.sign_up(name) for name in ("Ada", "Bob", "Eve", "Zoe")]
    for host, guest in ((ada, bob), (bob, eve), (bob, zoe)):  # they know each other
        await guest.invite(host)
    added = ok(await ada.api.post(members(ada), json={"user_id": bob.id, "role": "admin"}), 201)
    assert (added["user_id"], added["role"], added["fullname"]) == (bob.id, "admin", "Bob")
    ok(await bob.api.post(members(ada), json={"email": eve.email.upper()}), 201)
    assert ok(await bob.api.post(members(ada), json={"username": "ZOE"}), 201)["user_id"] == zoe.id
    for q, found in (("zo", [zoe.id]), ("bob BOB", [bob.id]), ("zoe bob", []), ("", [ada.id, bob.id, eve.id, zoe.id])):
        one = ok(await eve.api.get(members(ada), params={"q": q}))
        assert sorted(each["user_id"] for each in one) == sorted(found), q
    problem(await eve.api.get(members(ada), params={"q": "x" * 81}), 400, "validation_failed")
    listed = ok(await eve.api.get(members(ada)))
    assert [(member["user_id"], member["role"]) for member in listed] == [
        (ada.id, "owner"),
        (bob.id, "admin"),
        (eve.id, "member"),
        (zoe.id, "member"),
    ]
    problem(await ada.api.post(members(ada), json={"user_id": bob.id}), 409, "workspace_members_pkey")


async def test_who_has_no_account_is_not_added(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    for body, path in (
        ({"user_id": 10**12}, "user_id"),
        ({"email": "x@example.com"}, "email"),
        ({"username": "nobody"}, "username"),
        ({"username": "no one"}, "username"),
        ({}, "user_id"),
        ({"username": "ada", "email": ada.email}, "user_id"),
        ({"user_id": ada.id, "email": ada.email}, "user_id"),
        ({"user_id": ada.id, "role": "king"}, "role"),
        ({"user_id": 2**63}, "user_id"),
        ({"user_id": "1"}, "user_id"),
    ):
        refused = problem(await ada.api.post(members(ada), json=body), 422, "validation_failed")
        assert refused["errors"][0]["path"] == path


async def test_nobody_reaches_above_their_own_role(chat_server: ChatServer) -> None:
    ada, bob, eve = await chat_server.team("Ada", "Bob", "Eve")
    ok(await ada.api.patch(f"{members(ada)}/{bob.id}", json={"role": "admin"}))
    problem(await bob.api.patch(f"{members(ada)}/{ada.id}", json={"role": "member"}), 403, "forbidden")
    problem(await bob.api.patch(f"{members(ada)}/{bob.id}", json={"role": "owner"}), 403, "forbidden")
    problem(await bob.api.delete(f"{members(ada)}/{ada.id}"), 403, "forbidden")
    newcomer = await chat_server.sign_up("New")
    problem(await bob.api.post(members(ada), json={"user_id": newcomer.id, "role": "owner"}), 403, "forbidden")
    ok(await bob.api.patch(f"{members(ada)}/{eve.id}", json={"role": "admin"}))
    problem(await ada.api.patch(f"{members(ada)}/{newcomer.id}", json={"role": "admin"}), 404, "not_found")
    problem(await ada.api.delete(f"{members(ada)}/{newcomer.id}"), 404, "not_found")


async def test_leaving_a_workspace_leaves_its_chats(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    group, single = await ada.chat(bob), await ada.chat(bob, type="Single")
    ok(await bob.api.delete(f"{members(ada)}/{bob.id}"), 204)
    assert ok(await bob.api.get("/api/chats")) == []
    problem(await bob.api.get(f"/api/chats/{group}/messages"), 404, "not_found")
    problem(await ada.api.get(f"/api/chats/{single}"), 404, "not_found")
    assert ok(await ada.api.get(f"/api/chats/{group}"))["member_count"] == 1


async def test_a_workspace_keeps_an_owner(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    me = f"{members(ada)}/{ada.id}"
    problem(await ada.api.delete(me), 409, "workspace_keeps_owner")
    problem(await ada.api.patch(me, json={"role": "member"}), 409, "workspace_keeps_owner")
    ok(await ada.api.patch(f"{members(ada)}/{bob.id}", json={"role": "owner"}))
    ok(await ada.api.delete(me), 204)


async def test_who_alone_owns_a_chat_is_removed_all_the_same(chat_server: ChatServer) -> None:
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    body = {"type": "PrivateChannel", "name": "Bob's", "members": [carol.id], "workspace_id": ada.workspace}
    chat = ok(await bob.api.post("/api/chats", json=body), 201)["id"]
    alone = ok(await bob.api.post("/api/chats", json={**body, "members": []}), 201)["id"]
    ok(await ada.api.delete(f"{members(ada)}/{bob.id}"), 204)
    assert ok(await carol.api.get(f"/api/chats/{chat}"))["role"] == "owner"
    audit = ok(await ada.api.get(f"/api/workspaces/{ada.workspace}/audit"))
    acts = [(entry["action"], entry["chat_id"], entry["target_id"]) for entry in audit if entry["actor_id"] == ada.id]
    assert ("chat_member_role_changed", chat, carol.id) in acts
    assert ("chat_deleted", alone, alone) in acts


async def test_of_two_last_owners_who_leave_at_once_one_stays(chat_server: ChatServer) -> None:
    for _ in range(5):
        ada, bob = await chat_server.team("", "")
        ok(await ada.api.patch(f"{members(ada)}/{bob.id}", json={"role": "owner"}))
        answers = await asyncio.gather(
            ada.api.delete(f"{members(ada)}/{ada.id}"), bob.api.delete(f"{members(ada)}/{bob.id}")
        )
        assert sorted(answer.status_code for answer in answers) == [204, 409]

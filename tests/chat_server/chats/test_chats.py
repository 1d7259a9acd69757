"""Chats and their members."""

import asyncio
from typing import Any

from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database


async def test_the_life_of_a_chat(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    body = {"type": "Group", "name": "lunch", "members": [bob.id, bob.id, ada.id], "workspace_id": ada.workspace}
    answer = await ada.api.post("/api/chats", json=body)
    made = ok(answer, 201)
    path = answer.headers["location"]
    assert path == f"/api/chats/{made['id']}"
    assert (made["role"], made["member_count"], made["last_seq"], made["last_message"]) == ("owner", 2, 0, None)
    assert ok(await ada.api.get(path)) == made
    assert ok(await bob.api.get(path)) == {**made, "role": "member"}
    changed = ok(await ada.api.put(path, json={"description": "at noon"}))
    assert (changed["name"], changed["description"]) == ("lunch", "at noon")
    assert ok(await ada.api.put(path, json={"name": ""}))["name"] == ""
    assert ok(await ada.api.delete(path), 204) is None
    problem(await bob.api.get(path), 404, "not_found")


async def test_the_list_carries_the_last_message_and_what_is_unread(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    await ada.say(chat, "one")
    last = await ada.say(chat, "two")
    [seen] = ok(await bob.api.get("/api/chats"))
    assert (seen["last_message"], seen["last_seq"], seen["last_read_seq"], seen["unread"]) == (last, 2, 0, 2)
    [own] = ok(await ada.api.get("/api/chats"))
    assert (own["last_read_seq"], own["unread"]) == (2, 0)


async def test_a_chat_without_a_workspace_goes_to_the_oldest(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    made = ok(await bob.api.post("/api/chats", json={"type": "Group", "members": []}), 201)
    assert made["workspace_id"] == bob.workspace
    ok(await bob.api.delete(f"/api/workspaces/{bob.workspace}"), 204)
    made = ok(await bob.api.post("/api/chats", json={"type": "Group", "members": []}), 201)
    assert made["workspace_id"] == ada.workspace
    ok(await ada.api.delete(f"/api/workspaces/{ada.workspace}"), 204)
    problem(await bob.api.post("/api/chats", json={"type": "Group", "members": []}), 409, "no_workspace")


async def test_a_single_chat_is_there_once(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    to_bob = {"type": "Single", "members": [bob.id], "workspace_id": ada.workspace}
    to_ada = {"type": "Single", "members": [ada.id, bob.id], "workspace_id": ada.workspace}
    made = ok(await ada.api.post("/api/chats", json=to_bob), 201)
    assert ok(await ada.api.post("/api/chats", json=to_bob)) == made
    assert ok(await bob.api.post("/api/chats", json=to_ada))["id"] == made["id"]
    roles = [member["role"] for member in ok(await bob.api.get(f"/api/chats/{made['id']}/members"))]
    assert roles == ["owner", "owner"]


async def test_a_single_chat_that_both_make_at_once_is_there_once(chat_server: ChatServer) -> None:
    for _ in range(5):
        ada, bob = await chat_server.team("", "")
        calls = [
            who.api.post("/api/chats", json={"type": "Single", "members": [other.id], "workspace_id": ada.workspace})
            for who, other in ((ada, bob), (bob, ada), (ada, bob))
        ]
        answers = await asyncio.gather(*calls)
        assert sorted(answer.status_code for answer in answers) == [200, 200, 201]
        assert len({answer.json()["id"] for answer in answers}) == 1


async def test_a_bad_chat_is_refused(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    bad: list[tuple[dict[str, Any], str]] = [
        ({"members": []}, "type"),
        ({"type": "Room", "members": []}, "type"),
        ({"type": "Group"}, "members"),
        ({"type": "Group", "members": [0]}, "members[0]"),
        ({"type": "Group", "members": [bob.id, 2**63]}, "members[1]"),
        ({"type": "Group", "members": list(range(1, 1002))}, "members"),
        ({"type": "Group", "members": list(range(10**6, 10**6 + 1000))}, "members"),
        ({"type": "Group", "members": [], "name": "x" * 81}, "name"),
        ({"type": "Group", "members": [], "name": "a\0b"}, "name"),
        ({"type": "Group", "members": [], "description": "x" * 1001}, "description"),
        ({"type": "PublicChannel", "members": []}, "name"),
        ({"type": "PrivateChannel", "members": [], "name": " "}, "name"),
        ({"type": "Single", "members": []}, "members"),
        ({"type": "Single", "members": [ada.id]}, "members"),
        ({"type": "Single", "members": [bob.id, 77]}, "members"),
        ({"type": "Group", "members": [], "topic": "x"}, "topic"),
    ]
    for body, path in bad:
        refused = problem(await ada.api.post("/api/chats", json=body), 422, "validation_failed")
        assert refused["errors"][0]["path"] == path
    channel = await ada.chat(type="PublicChannel")
    refused = problem(await ada.api.put(f"/api/chats/{channel}", json={"name": " "}), 422, "validation_failed")
    assert refused["errors"][0]["path"] == "name"


async def test_members_come_from_the_workspace(chat_server: ChatServer) -> None:
    ada, eve = await chat_server.sign_up("Ada"), await chat_server.sign_up("Eve")
    for stranger in (eve.id, 10**12):
        body = {"type": "Group", "members": [stranger]}
        problem(await ada.api.post("/api/chats", json=body), 409, "chat_members_in_workspace")
    chat = await ada.chat()
    added = await ada.api.post(f"/api/chats/{chat}/members", json={"user_id": eve.id})
    problem(added, 409, "chat_members_in_workspace")
    foreign = {"type": "Group", "members": [], "workspace_id": ada.workspace}
    problem(await eve.api.post("/api/chats", json=foreign), 404, "not_found")


async def test_a_public_channel_is_seen_and_joined_by_the_workspace(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    eve = await chat_server.sign_up("Eve")
    channel = await ada.chat(type="PublicChannel", name="news")
    await ada.say(channel, "secret of the channel")
    path = f"/api/chats/{channel}"
    seen = ok(await bob.api.get(path))
    assert (seen["role"], seen["unread"], seen["last_message"], seen["last_seq"]) == (None, None, None, 1)
    problem(await bob.api.get(f"{path}/messages"), 403, "forbidden")
    assert ok(await bob.api.get("/api/chats")) == []
    assert ok(await bob.api.get("/api/chats", params={"joinable": True})) == [seen]
    here = {"joinable": True, "workspace_id": ada.workspace}
    assert ok(await bob.api.get("/api/chats", params=here)) == [seen]
    problem(await eve.api.get("/api/chats", params=here), 404, "not_found")
    problem(await eve.api.get(path), 404, "not_found")
    problem(await eve.api.post(f"{path}/join"), 404, "not_found")

    joined = ok(await bob.api.post(f"{path}/join"))
    assert (joined["role"], joined["unread"], joined["member_count"]) == ("member", 0, 2)
    assert ok(await bob.api.post(f"{path}/join")) == joined
    assert len(ok(await bob.api.get(f"{path}/messages"))) == 1
    assert ok(await bob.api.get("/api/chats", params=here)) == []
    assert ok(await bob.api.post(f"{path}/leave"), 204) is None
    problem(await bob.api.get(f"{path}/messages"), 403, "forbidden")
    problem(await bob.api.post(f"{path}/leave"), 403, "forbidden")


async def test_joining_at_once_makes_one_member(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    channel = await ada.chat(type="PublicChannel")
    answers = await asyncio.gather(*(bob.api.post(f"/api/chats/{channel}/join") for _ in range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert ok(await ada.api.get(f"/api/chats/{channel}"))["member_count"] == 2


def members(chat: int) -> str:
    return f"/api/chats/{chat}/members"


async def test_members_come_change_and_go(chat_server: ChatServer) -> None:
    ada, bob, eve = await chat_server.team("Ada", "Bob", "Eve")
    chat = await ada.chat(bob)
    await ada.say(chat, "before Eve")
    added = ok(await bob.api.post(members(chat), json={"user_id": eve.id}), 201)
    assert (added["user_id"], added["fullname"], added["role"]) == (eve.id, "Eve", "member")
    assert ok(await eve.api.get(f"/api/chats/{chat}"))["unread"] == 0
    problem(await ada.api.post(members(chat), json={"user_id": eve.id}), 409, "chat_members_pkey")
    changed = ok(await ada.api.patch(f"{members(chat)}/{bob.id}", json={"role": "admin"}))
    assert changed["role"] == "admin"
    listed = ok(await eve.api.get(members(chat)))
    assert [(member["user_id"], member["role"]) for member in listed] == [
        (ada.id, "owner"),
        (bob.id, "admin"),
        (eve.id, "member"),
    ]
    ok(await bob.api.delete(f"{members(chat)}/{eve.id}"), 204)
    problem(await eve.api.get(f"/api/chats/{chat}"), 404, "not_found")
    problem(await bob.api.delete(f"{members(chat)}/{eve.id}"), 404, "not_found")
    problem(await bob.api.patch(f"{members(chat)}/{eve.id}", json={"role": "admin"}), 404, "not_found")


async def test_nobody_reaches_above_their_own_role(chat_server: ChatServer) -> None:
    ada, bob, eve, new = await chat_server.team("Ada", "Bob", "Eve", "New")
    chat = await ada.chat(bob, eve)
    problem(await eve.api.post(members(chat), json={"user_id": new.id, "role": "admin"}), 403, "forbidden")
    ok(await ada.api.patch(f"{members(chat)}/{bob.id}", json={"role": "admin"}))
    problem(await bob.api.patch(f"{members(chat)}/{ada.id}", json={"role": "member"}), 403, "forbidden")
    problem(await bob.api.patch(f"{members(chat)}/{eve.id}", json={"role": "owner"}), 403, "forbidden")
    problem(await bob.api.delete(f"{members(chat)}/{ada.id}"), 403, "forbidden")
    ok(await bob.api.patch(f"{members(chat)}/{bob.id}", json={"role": "member"}))


async def test_a_chat_keeps_an_owner(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    problem(await ada.api.post(f"/api/chats/{chat}/leave"), 409, "chat_keeps_owner")
    problem(await ada.api.patch(f"{members(chat)}/{ada.id}", json={"role": "admin"}), 409, "chat_keeps_owner")
    ok(await ada.api.patch(f"{members(chat)}/{bob.id}", json={"role": "owner"}))
    ok(await ada.api.post(f"/api/chats/{chat}/leave"), 204)
    problem(await bob.api.post(f"/api/chats/{chat}/leave"), 409, "chat_keeps_owner")


async def test_of_two_last_owners_who_leave_at_once_one_stays(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    for _ in range(10):
        chat = await ada.chat(bob)
        ok(await ada.api.patch(f"{members(chat)}/{bob.id}", json={"role": "owner"}))
        answers = await asyncio.gather(*(who.api.post(f"/api/chats/{chat}/leave") for who in (ada, bob)))
        assert sorted(answer.status_code for answer in answers) == [204, 409]


async def test_two_owners_who_demote_each_other_at_once(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    for _ in range(10):
        chat = await ada.chat(bob)
        ok(await ada.api.patch(f"{members(chat)}/{bob.id}", json={"role": "owner"}))
        answers = await asyncio.gather(
            ada.api.patch(f"{members(chat)}/{bob.id}", json={"role": "member"}),
            bob.api.patch(f"{members(chat)}/{ada.id}", json={"role": "member"}),
        )
        # The one who comes second is an owner no longer.
        assert sorted(answer.status_code for answer in answers) == [200, 403]


async def test_a_group_is_full_at_a_thousand(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat()
    await fill(database, chat, ada, 998)
    answers = await asyncio.gather(
        *(ada.api.post(members(chat), json={"user_id": user}) for user in [bob.id, *await spare(database, chat, ada)])
    )
    codes = sorted(answer.json().get("code", "added") for answer in answers)
    assert codes == ["added", "chat_full", "chat_full", "chat_full"]
    assert ok(await ada.api.get(f"/api/chats/{chat}"))["member_count"] == 1000


async def fill(database: Database, chat: int, ada: Person, number: int) -> None:
    """A crowd in the chat, and three more in the workspace only."""
    async with database.connect() as sql:
        await sql.execute(
            "WITH crowd AS (INSERT INTO users (email, fullname, password_hash) "
            "SELECT n || '@crowd.example', 'Crowd', '' FROM generate_series(1, $1::int) n RETURNING id) "
            "INSERT INTO workspace_members (workspace_id, user_id) SELECT $2, id FROM crowd",
            number + 3,
            ada.workspace,
        )
        await sql.execute(
            "INSERT INTO chat_members (chat_id, user_id) SELECT $1, id FROM users "
            "WHERE email LIKE '%@crowd.example' ORDER BY id LIMIT $2",
            chat,
            number,
        )


async def spare(database: Database, chat: int, ada: Person) -> list[int]:
    async with database.connect() as sql:
        rows = await sql.fetch(
            "SELECT id FROM users WHERE email LIKE '%@crowd.example' AND NOT EXISTS "
            "(SELECT FROM chat_members WHERE chat_id = $1 AND user_id = users.id)",
            chat,
        )
    return [row["id"] for row in rows]


async def test_members_are_offered_while_a_name_is_typed(chat_server: ChatServer) -> None:
    ada, bob, bella = await chat_server.team("Ada", "Bob", "Bella")
    eve = await chat_server.sign_up("Eve")
    chat = await ada.chat(bob, bella)
    path = f"/api/chats/{chat}/members"
    everybody = {member["user_id"]: member for member in ok(await ada.api.get(path))}
    assert ok(await ada.api.get(path, params={"q": "b"})) == [everybody[bella.id], everybody[bob.id]]
    await bob.say(chat, "hello")
    [first, second] = ok(await ada.api.get(path, params={"q": "B"}))
    assert (first["user_id"], second) == (bob.id, everybody[bella.id])
    assert len(ok(await ada.api.get(path, params={"q": "b", "limit": 1}))) == 1
    assert ok(await ada.api.get(path, params={"q": "eve"})) == []
    for wrong in ("", "x" * 81):
        problem(await ada.api.get(path, params={"q": wrong}), 400, "validation_failed")
    problem(await eve.api.get(path, params={"q": "b"}), 404, "not_found")
    problem(await chat_server.anybody.get(path, params={"q": "b"}), 401, "unauthorized")

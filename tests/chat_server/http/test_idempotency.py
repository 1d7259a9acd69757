"""Whatever is created takes an Idempotency-Key: sent again it is done once, and gets its first answer."""

import asyncio

import httpx
import pytest

from tests.chat_server.people import ChatServer, Json, Person, blocked, ok, problem
from tests.support.postgres import Database

SPACE = {"name": "Engines"}


async def create(person: Person, path: str, body: Json | str, key: str = "k") -> httpx.Response:
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    if isinstance(body, str):
        return await person.api.post(f"/api/{path}", content=body, headers=headers)
    return await person.api.post(f"/api/{path}", json=body, headers=headers)


async def names(person: Person) -> list[str]:
    return [space["name"] for space in ok(await person.api.get("/api/workspaces"))][1:]


async def test_a_retry_of_every_creation_gets_the_first_answer(chat_server: ChatServer) -> None:
    ada, bob, carol = [await chat_server.sign_up(name) for name in ("Ada", "Bob", "Carol")]
    await bob.invite(ada)  # so she may add him to hers
    chat = await ada.chat(type="PublicChannel")
    before = ok(await ada.api.get("/api/workspaces"))[0]["id"]
    board = await ada.board()
    creations: dict[str, Json] = {
        "workspaces": {"name": "Engines", "description": "Analytical"},
        f"workspaces/{before}/members": {"user_id": bob.id},
        f"workspaces/{before}/invitations": {"user_id": carol.id},
        "chats": {"type": "PrivateChannel", "name": "news", "members": [bob.id]},
        f"chats/{chat}/members": {"user_id": bob.id},
        f"chats/{chat}/messages": {"content": "once"},
        f"chats/{chat}/invites": {"role": "admin"},
        f"workspaces/{before}/boards": {"name": "plans"},
        f"boards/{board}/members": {"user_id": bob.id},
        f"boards/{board}/invites": {"role": "editor"},
    }
    for path, body in creations.items():
        first = ok(await create(ada, path, body, path), 201)
        assert ok(await create(ada, path, body, path), 200) == first, path
    assert len(ok(await ada.api.get("/api/chats"))) == 2
    assert len(ok(await ada.api.get("/api/workspaces"))) == 3


async def test_without_a_key_each_call_creates(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    for _ in range(2):
        ok(await ada.api.post("/api/workspaces", json=SPACE), 201)
    assert await names(ada) == ["Engines", "Engines"]


async def test_the_same_json_is_the_same_however_it_is_written(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    first = ok(await create(ada, "workspaces", '{"name": "Engines", "description": "é"}'), 201)
    again = await create(ada, "workspaces", '{"description":"\\u00e9",  "name":"Engines"}')
    assert ok(again, 200) == first
    problem(await create(ada, "workspaces", {**SPACE, "description": "e\u0301"}), 409, "idempotency_conflict")


async def test_a_key_stands_for_one_thing_of_one_person(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat()
    ok(await create(ada, "workspaces", SPACE), 201)
    others: dict[str, Json] = {
        "workspaces": {"name": "Other"},
        "chats": {"type": "Group", "members": []},
        f"chats/{chat}/messages": {"content": "x"},
    }
    for path, body in others.items():
        problem(await create(ada, path, body), 409, "idempotency_conflict")
    ok(await create(ada, f"chats/{chat}/messages", {"content": "x"}, "m"), 201)
    problem(await create(ada, "workspaces", SPACE, "m"), 409, "idempotency_conflict")
    ok(await create(bob, "workspaces", SPACE), 201)
    assert await names(ada) == ["Engines"]


async def test_a_call_that_failed_keeps_nothing(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.sign_up("Ada"), await chat_server.sign_up("Bob")
    path = f"workspaces/{ada.workspace}/members"
    problem(await create(ada, path, {"user_id": bob.id}), 403, "invitation_needed")
    await bob.invite(ada)
    problem(await create(bob, path, {"user_id": bob.id}), 404, "not_found")
    problem(await create(ada, path, {"user_id": bob.id + 99}), 422, "validation_failed")
    problem(await create(ada, path, {"user_id": ada.id}), 409, "workspace_members_pkey")
    ok(await create(ada, path, {"user_id": bob.id}), 201)


async def test_retries_at_once_create_one(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    async with database.connect() as sql:
        async with sql.transaction():
            await sql.execute("LOCK TABLE workspaces IN EXCLUSIVE MODE")
            calls = [asyncio.create_task(create(ada, "workspaces", SPACE)) for _ in range(5)]
            await blocked(sql, 2)  # the others wait for these
        answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await names(ada) == ["Engines"]


@pytest.mark.parametrize("way", ["removed", "banned", "out of the workspace"])
async def test_a_retry_shows_nothing_to_who_is_out_by_then(chat_server: ChatServer, way: str) -> None:
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    chat = await ada.chat(bob, type="PrivateChannel")
    board = await ada.board(bob)
    ok(await ada.api.patch(f"/api/chats/{chat}/members/{bob.id}", json={"role": "admin"}))
    creations: list[tuple[str, Json]] = [
        (f"chats/{chat}/members", {"user_id": carol.id}),
        (f"chats/{chat}/messages", {"content": "hush"}),
        (f"chats/{chat}/invites", {}),
        *((f"boards/{board}/members", {"user_id": carol.id}), (f"boards/{board}/invites", {})) * (way != "banned"),
    ]
    for path, body in creations:
        ok(await create(bob, path, body, path), 201)
    if way == "banned":
        ok(await ada.api.put(f"/api/chats/{chat}/bans/{bob.id}", json={}))
    else:
        places = [f"chats/{chat}", f"boards/{board}"] if way == "removed" else [f"workspaces/{ada.workspace}"]
        for left in places:
            ok(await ada.api.delete(f"/api/{left}/members/{bob.id}"), 204)
    for path, body in creations:
        problem(await create(bob, path, body, path), 404, "not_found")


async def test_who_lost_what_they_made_is_not_shown_it_again(chat_server: ChatServer) -> None:
    ada, bob, carol = await chat_server.team("Ada", "Bob", "Carol")
    group: Json = {"type": "Group", "name": "x", "members": [ada.id], "workspace_id": ada.workspace}
    for path, body in (("workspaces", SPACE), ("chats", group)):
        made = ok(await create(bob, path, body, path), 201)
        members = f"/api/{path}/{made['id']}/members"
        if path == "workspaces":
            ok(await bob.api.post(members, json={"user_id": ada.id, "role": "owner"}), 201)
            ok(await create(bob, members[5:], {"user_id": carol.id}, members), 201)
        else:
            ok(await bob.api.patch(f"{members}/{ada.id}", json={"role": "owner"}))
        assert ok(await create(bob, path, body, path)) == made
        ok(await ada.api.delete(f"{members}/{bob.id}"), 204)
        problem(await create(bob, path, body, path), 404, "not_found")
        if path == "workspaces":
            problem(await create(bob, members[5:], {"user_id": carol.id}, members), 404, "not_found")


async def test_a_retry_of_somebody_who_is_suspended_gets_nothing(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    ok(await create(ada, "workspaces", SPACE), 201)
    async with database.connect() as sql:
        await sql.execute("UPDATE users SET status = 'suspended' WHERE id = $1", ada.id)
    async with asyncio.timeout(60):
        while (await ada.api.get("/api/auth/me")).status_code == 200:
            pass  # the server hears of it after COMMIT
    problem(await create(ada, "workspaces", SPACE), 401, "unauthorized")


async def test_a_single_chat_that_is_there_is_answered_as_it_is_now(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    single: Json = {"type": "Single", "members": [bob.id], "workspace_id": ada.workspace}
    chat = ok(await ada.api.post("/api/chats", json=single), 201)["id"]
    said = await ada.say(chat, "hush")
    assert ok(await create(ada, "chats", single))["last_message"]["content"] == "hush"
    ok(await ada.api.delete(f"/api/chats/{chat}/messages/{said['id']}"), 204)
    assert ok(await create(ada, "chats", single))["last_message"]["content"] == ""


async def test_the_token_of_an_invite_is_told_again_and_kept_nowhere(
    chat_server: ChatServer, database: Database
) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    path = f"chats/{await ada.chat()}/invites"
    first = ok(await create(ada, path, {}), 201)
    assert ok(await create(ada, path, {})) == first
    assert len(ok(await ada.api.get(f"/api/{path}"))) == 1
    assert ok(await create(ada, path, {}, "another"), 201)["token"] != first["token"]
    async with database.connect() as sql:
        kept = await sql.fetchval("SELECT string_agg(answer, '') FROM idempotency_keys")
        seeds = await sql.fetch(
            "SELECT FROM idempotency_keys JOIN invites ON token_hash = sha256((answer::json ->> 'token')::bytea)"
        )
    assert first["token"] not in kept
    assert seeds == [], "what is kept opens nothing"
    ok(await bob.api.post(f"/api/invites/{first['token']}/accept"))
    ok(await ada.api.delete(f"/api/{path}/{first['id']}"), 204)
    problem(await create(ada, path, {}), 404, "not_found")

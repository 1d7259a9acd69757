"""The audit log as a workspace's owners read it: what people do over REST, who they are and where they are."""

import asyncio

import pytest

from tests.chat_server.people import PASSWORD, ChatServer, Json, Person, ok, problem
from tests.support.postgres import Database


async def entries(person: Person, workspace: int | None = None, **filters: str | int) -> list[Json]:
    """Oldest first."""
    path = f"/api/workspaces/{workspace or person.workspace}/audit"
    found: list[Json] = ok(await person.api.get(path, params=filters))
    return found[::-1]


async def test_what_people_do_is_in_the_log_of_their_workspace(chat_server: ChatServer) -> None:
    ada, bob, eve = await chat_server.team("Ada", "Bob", "Eve")
    group = await ada.chat(bob)
    members = f"/api/chats/{group}/members"
    ok(await bob.api.post(members, json={"user_id": eve.id}), 201)
    ok(await eve.api.post(f"/api/chats/{group}/leave"), 204)
    ok(await ada.api.patch(f"{members}/{bob.id}", json={"role": "admin"}))
    ok(await bob.api.put(f"/api/chats/{group}", json={"name": "dinner"}))
    message = await bob.say(group, "a secret")
    ok(await ada.api.delete(f"/api/chats/{group}/messages/{message['id']}"), 204)
    message = await bob.say(group, "another secret")
    ok(await bob.api.delete(f"/api/chats/{group}/messages/{message['id']}"), 204)
    ok(await ada.api.delete(f"/api/chats/{group}"), 204)
    ok(await ada.api.put(f"/api/workspaces/{ada.workspace}", json={"name": "Engines"}))
    found = await entries(ada)
    assert [(entry["actor_id"], entry["action"], entry["target_id"]) for entry in found] == [
        (ada.id, "workspace_created", ada.workspace),
        (ada.id, "workspace_member_added", ada.id),
        (ada.id, "workspace_invitation_made", bob.id),
        (bob.id, "workspace_member_added", bob.id),
        (ada.id, "workspace_invitation_made", eve.id),
        (eve.id, "workspace_member_added", eve.id),
        (ada.id, "chat_created", group),
        (ada.id, "chat_member_added", bob.id),
        (bob.id, "chat_member_added", eve.id),
        (ada.id, "chat_member_role_changed", bob.id),
        (bob.id, "chat_updated", group),
        (ada.id, "message_deleted", message["id"] - 1),
        (ada.id, "chat_deleted", group),
        (ada.id, "workspace_updated", ada.workspace),
    ]
    assert {(entry["address"], entry["database_role"]) for entry in found} == {("127.0.0.1", "fechatter_chat")}
    assert (found[9]["before"], found[9]["after"]) == ({"role": "member"}, {"role": "admin"})
    assert (found[10]["before"], found[10]["after"], found[10]["chat_id"]) == (
        {"name": "lunch"},
        {"name": "dinner"},
        group,
    )


async def test_only_owners_read_it_and_only_their_own(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    eve = await chat_server.sign_up("Eve")
    path = f"/api/workspaces/{ada.workspace}"
    ok(await ada.api.patch(f"{path}/members/{bob.id}", json={"role": "admin"}))
    problem(await bob.api.get(f"{path}/audit"), 403, "forbidden")
    problem(await eve.api.get(f"{path}/audit"), 404, "not_found")
    problem(await chat_server.anybody.get(f"{path}/audit"), 401, "unauthorized")
    assert {entry["workspace_id"] for entry in await entries(eve)} == {eve.workspace}
    await ada.chat(bob)
    assert [entry["action"] for entry in await entries(bob)] == ["workspace_created", "workspace_member_added"]


async def test_it_is_paged_and_filtered(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    ok(await ada.api.patch(f"/api/workspaces/{ada.workspace}/members/{bob.id}", json={"role": "owner"}))
    for number in range(3):
        ok(await bob.api.put(f"/api/workspaces/{ada.workspace}", json={"name": f"w{number}"}))
    everything = await entries(ada)
    first = await ada.api.get(
        f"/api/workspaces/{ada.workspace}/audit", params={"limit": 4, "action": "workspace_updated"}
    )
    assert "link" not in first.headers
    page = await ada.api.get(f"/api/workspaces/{ada.workspace}/audit", params={"limit": 4})
    following = await ada.api.get(page.links["next"]["url"])
    assert (ok(page) + ok(following))[::-1] == everything
    assert await entries(ada, action="workspace_updated") == everything[-3:]
    assert await entries(ada, actor_id=bob.id) == [everything[3], *everything[-3:]]  # he has come, too
    assert await entries(ada, actor_id=bob.id, action="workspace_created") == []
    assert await entries(ada, since=everything[2]["at"], until=everything[4]["at"]) == everything[2:4]
    for wrong in (
        {"since": "yesterday"},
        {"since": "2026-01-01T00:00:00"},
        {"since": "0001-01-01T00:00:00+14:00"},
        {"until": "9999-12-31T23:59:59-12:00"},
        {"action": "X"},
        {"actor_id": 0},
        {"limit": 501},
    ):
        problem(await ada.api.get(f"/api/workspaces/{ada.workspace}/audit", params=wrong), 400, "validation_failed")


async def test_what_is_done_to_an_account_is_for_operators(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    body = {"current_password": PASSWORD, "new_password": "another battery"}
    ok(await ada.api.post("/api/users/me/password", json=body), 204)
    ok(await ada.api.post("/api/auth/logout-all"), 204)
    async with database.connect() as sql:
        rows = await sql.fetch("SELECT by, act, target, after::text FROM ops.audit WHERE workspace IS NULL ORDER BY id")
        assert [row[:3] for row in map(tuple, rows)] == [
            (ada.email, "session_began", f"user {ada.id}"),
            (ada.email, "password_changed", f"user {ada.id}"),
            (ada.email, "session_ended", f"user {ada.id}"),
        ]
        everything = await sql.fetchval("SELECT string_agg(audit_log::text, ' ') FROM audit_log")
    assert "battery" not in everything
    assert "argon2" not in everything


@pytest.mark.chat_server(server={"trusted_proxies": ["127.0.0.1"]})
async def test_each_request_acts_for_itself_alone(chat_server: ChatServer) -> None:
    """Connections are shared: what one request has said of itself is gone with its transaction."""
    people = [await chat_server.sign_up() for _ in range(8)]

    async def rename(number: int, person: Person) -> None:
        for turn in range(5):
            headers = {"X-Forwarded-For": f"192.0.2.{number}"}
            path = f"/api/workspaces/{person.workspace}"
            ok(await person.api.put(path, json={"name": f"w{turn}"}, headers=headers))

    await asyncio.gather(*(rename(number, person) for number, person in enumerate(people)))
    for number, person in enumerate(people):
        renamed = await entries(person, action="workspace_updated")
        assert [(e["actor_id"], e["address"]) for e in renamed] == [(person.id, f"192.0.2.{number}")] * 5

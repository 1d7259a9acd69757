"""Where a user is signed in, the ways in that are linked, and acts that need a fresh sign-in."""

from typing import Any

import httpx
import pytest

from tests.chat_server.people import PASSWORD, ChatServer, Person, ok, problem
from tests.support.clients.plain_http import plain_http
from tests.support.postgres import Database

STALE = "UPDATE sessions SET auth_time = now() - interval '1 hour'"


async def sessions(person: Person) -> list[dict[str, Any]]:
    return list(ok(await person.api.get("/api/auth/sessions")))


async def on_device(chat_server: ChatServer, person: Person, device: str) -> httpx.Response:
    body = {"email": person.email, "password": PASSWORD, "device_token": device}
    return await chat_server.anybody.post("/api/auth/signin", json=body)


async def test_a_user_lists_their_sessions_and_ends_one_at_once(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    elsewhere = await chat_server.client(ok(await chat_server.sign_in(ada))["token"])
    here, there = await sessions(ada)
    assert (here["current"], there["current"]) == (True, False)
    assert (there["provider"], there["amr"], there["address"]) == ("password", ["pwd"], "127.0.0.1")
    assert there["device_name"].startswith("python-httpx")
    [others] = await sessions(bob)
    problem(await ada.api.delete(f"/api/auth/sessions/{others['id']}"), 404, "not_found")
    ok(await ada.api.delete(f"/api/auth/sessions/{there['id']}"), 204)
    problem(await elsewhere.get("/api/auth/me"), 401, "unauthorized")
    problem(await ada.api.delete(f"/api/auth/sessions/{there['id']}"), 404, "not_found")
    assert [session["id"] for session in await sessions(ada)] == [here["id"]]
    async with database.connect() as sql:
        [event] = await sql.fetch("SELECT payload->>'reason', user_id FROM events WHERE kind = 'SessionRevoked'")
    assert tuple(event) == ("ended", ada.id)


async def test_only_a_sign_in_on_another_device_than_before_is_news(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    count = "SELECT count(*) FROM events WHERE kind = 'SessionStarted'"
    async with database.connect() as sql:
        assert await sql.fetchval(count) == 0
        device = ok(await chat_server.sign_in(ada))["device_token"]
        assert await sql.fetchval(count) == 1
        ok(await on_device(chat_server, ada, device))
        assert await sql.fetchval(count) == 1
        # A device of another account is one on which Ada has not signed in.
        bob = await chat_server.sign_up("Bob")
        device = ok(await chat_server.sign_in(bob))["device_token"]
        ok(await on_device(chat_server, ada, device))
        assert await sql.fetchval(count) == 3


async def test_sensitive_acts_need_a_fresh_sign_in(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    ok(await chat_server.sign_in(ada))
    here, there = await sessions(ada)
    [workspace] = ok(await ada.api.get("/api/workspaces"))
    acts = [f"/api/auth/sessions/{there['id']}", "/api/auth/identities/1", f"/api/workspaces/{workspace['id']}"]
    async with database.connect() as sql:
        await sql.execute(STALE)
    for path in acts:
        refused = problem(await ada.api.delete(path), 403, "reauthentication_required")
        assert refused["max_age"] == 900
    for kind in ("members", "invitations"):
        body = {"user_id": 1, "role": "admin"}
        problem(await ada.api.post(f"{acts[2]}/{kind}", json=body), 403, "reauthentication_required")
    problem(await ada.api.patch(f"{acts[2]}/members/1", json={"role": "owner"}), 403, "reauthentication_required")
    assert len(await sessions(ada)) == 2
    ok(await ada.api.post("/api/auth/reauthenticate", json={"password": PASSWORD}), 204)
    problem(await ada.api.delete(acts[1]), 404, "not_found")
    for path in (acts[0], acts[2]):
        ok(await ada.api.delete(path), 204)
    async with database.connect() as sql:
        await sql.execute(STALE)
    ok(await ada.api.delete(f"/api/auth/sessions/{here['id']}"), 204)  # one's own needs none


@pytest.mark.parametrize("way_in", ["oidc/acme", "saml/acme", "ldap/acme", "clerk"])
async def test_linking_a_way_in_needs_a_fresh_sign_in(chat_server: ChatServer, database: Database, way_in: str) -> None:
    """Or a session that somebody has left open would let them in for ever."""
    ada = await chat_server.sign_up("Ada")
    bodies = {"ldap/acme": {"username": "eve", "password": PASSWORD}, "clerk": {"token": "x"}}
    for stale, status, code in ((False, 404, "not_found"), (True, 403, "reauthentication_required")):
        if stale:
            async with database.connect() as sql:
                await sql.execute(STALE)
        problem(await ada.api.post(f"/api/auth/{way_in}/link", json=bodies.get(way_in)), status, code)


async def test_the_last_way_in_stays(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    async with database.connect() as sql:
        first, second = [
            await sql.fetchval("SELECT add_identity(id, $1, 'https://x', '1', NULL, false) FROM users", provider)
            for provider in ("acme", "google")
        ]
        listed = ok(await ada.api.get("/api/auth/identities"))
        assert [(one["id"], one["provider"]) for one in listed] == [(first, "acme"), (second, "google")]
        ok(await ada.api.delete(f"/api/auth/identities/{first}"), 204)
        await sql.execute("UPDATE users SET password_hash = ''")
        problem(await ada.api.delete(f"/api/auth/identities/{second}"), 409, "last_way_in")
        assert await sql.fetchval("SELECT count(*) FROM identities") == 1


async def test_sign_ins_are_counted_and_audited_by_way_in_and_outcome(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    ok(await chat_server.sign_in(ada))
    problem(await chat_server.sign_in(ada, password="wrong password"), 401, "wrong_credentials")
    async with plain_http() as client:
        metrics = (await client.get(f"{chat_server.url}/metrics")).text
    for outcome in ("signed_in", "wrong_credentials"):
        assert f'chat_sign_ins_total{{outcome="{outcome}",provider="password"}} 1.0' in metrics
    async with database.connect() as sql:
        began = await sql.fetch("SELECT after->>'provider' AS provider FROM audit_log WHERE action = 'session_began'")
    assert [row["provider"] for row in began] == ["password", "password"]

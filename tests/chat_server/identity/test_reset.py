"""A forgotten password: an operator makes a link, which sets a new one once; and who may make an account at all."""

import asyncio

import pytest

from tests.chat_server.people import PASSWORD, ChatServer, ok, problem
from tests.support.postgres import Database

NEW = "staple battery horse"


async def link(database: Database, email: str, good_for: str = "1 hour") -> str:
    """The token of a new link."""
    async with database.connect() as sql:
        row = await sql.fetchrow("SELECT * FROM ops.reset_password($1, $2::text::interval)", email, good_for)
        assert row is not None
        assert row["email"] == email
        path, _, token = row["link"].partition("#")
        assert path == "/reset"
        return str(token)


async def test_a_link_sets_a_new_password_once_and_ends_every_session(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    token = await link(database, ada.email)
    body = {"token": token, "password": NEW}
    problem(
        await chat_server.anybody.post("/api/auth/reset", json={**body, "password": "short"}), 422, "validation_failed"
    )
    for guessed in ("Password1", ada.email.upper()):
        answer = await chat_server.anybody.post("/api/auth/reset", json={**body, "password": guessed})
        problem(answer, 422, "validation_failed")
    twice = [chat_server.anybody.post("/api/auth/reset", json=body) for _ in range(2)]
    answers = sorted(await asyncio.gather(*twice), key=lambda answer: answer.status_code)
    ok(answers[0], 204)
    problem(answers[1], 401, "invalid_reset_token")
    problem(await ada.api.get("/api/auth/me"), 401, "unauthorized")
    refreshed = await chat_server.anybody.post("/api/auth/refresh", json={"refresh_token": ada.refresh_token})
    problem(refreshed, 401, "invalid_refresh_token")
    problem(await chat_server.sign_in(ada, PASSWORD), 401, "wrong_credentials")
    ok(await chat_server.sign_in(ada, NEW))
    async with database.connect() as sql:
        acts = await sql.fetch("SELECT act, by FROM ops.audit WHERE target = $1 ORDER BY at", f"user {ada.id}")
        assert "password_reset_made" in [row["act"] for row in acts]
        stored = await sql.fetchval("SELECT count(*) FROM audit_log WHERE audit_log::text LIKE $1", f"%{token}%")
        assert stored == 0


async def test_a_link_that_is_over_or_replaced_or_made_up_is_refused(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    first = await link(database, ada.email)
    second = await link(database, ada.email)
    async with database.connect() as sql:
        await sql.execute("UPDATE password_resets SET expires_at = now()")
    for token in (first, second, "x", "0" * 64):
        answer = await chat_server.anybody.post("/api/auth/reset", json={"token": token, "password": NEW})
        problem(answer, 401, "invalid_reset_token")
    ok(await chat_server.sign_in(ada))


@pytest.mark.chat_server(auth={"signup": "closed"})
async def test_nobody_signs_up_where_it_is_closed(chat_server: ChatServer, database: Database) -> None:
    body = {"fullname": "Ada", "email": "ada@example.com", "password": PASSWORD}
    problem(await chat_server.anybody.post("/api/auth/signup", json=body), 403, "signup_closed")
    async with database.connect() as sql:
        await sql.execute("SELECT create_user('Ada', 'ada@example.com')")
    ok(
        await chat_server.anybody.post(
            "/api/auth/reset", json={"token": await link(database, "ada@example.com"), "password": NEW}
        ),
        204,
    )
    ok(await chat_server.anybody.post("/api/auth/signin", json={"email": "ada@example.com", "password": NEW}))


@pytest.mark.chat_server(auth={"signup": "invited"})
async def test_with_an_invite_one_signs_up_where_others_may_not(chat_server: ChatServer, database: Database) -> None:
    async with database.connect() as sql:
        await sql.execute("SELECT create_user('Ada', 'ada@example.com')")
    reset = {"token": await link(database, "ada@example.com"), "password": NEW}
    ok(await chat_server.anybody.post("/api/auth/reset", json=reset), 204)
    signed_in = await chat_server.anybody.post("/api/auth/signin", json={"email": "ada@example.com", "password": NEW})
    ada = await chat_server.client(ok(signed_in)["token"])
    workspace = ok(await ada.get("/api/workspaces"))[0]["id"]
    board = ok(await ada.post(f"/api/workspaces/{workspace}/boards", json={"name": "plans"}), 201)["id"]
    invite = ok(await ada.post(f"/api/boards/{board}/invites", json={"role": "editor", "max_uses": 1}), 201)["token"]

    body = {"fullname": "Bob", "email": "bob@example.com", "password": PASSWORD}
    for given in ({}, {"invite": "x"}):
        problem(await chat_server.anybody.post("/api/auth/signup", json={**body, **given}), 403, "invite_needed")
    signed_up = ok(await chat_server.anybody.post("/api/auth/signup", json={**body, "invite": invite}), 201)
    bob = await chat_server.client(signed_up["token"])
    ok(await bob.post(f"/api/invites/{invite}/accept"))
    used_up = {**body, "email": "carol@example.com", "invite": invite}
    problem(await chat_server.anybody.post("/api/auth/signup", json=used_up), 403, "invite_needed")

"""Accounts and sessions: signing up, in and out, refresh tokens, tickets."""

import asyncio
import os
import re
import threading
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import pytest
from argon2 import PasswordHasher

from chat_core.problems import Problem
from chat_core.tokens import hash_secret
from chat_server.identity.passwords import OTHERS_AT_ONCE, OTHERS_WAITING, Passwords
from tests.chat_server.people import PASSWORD, ChatServer, blocked, ok, problem
from tests.support.forks import light_hasher
from tests.support.postgres import Database


async def test_signing_up_makes_a_person_with_a_workspace_who_is_signed_in(chat_server: ChatServer) -> None:
    body = {"fullname": "Ada", "email": "Ada@Example.com", "password": PASSWORD}
    signed_up = ok(await chat_server.anybody.post("/api/auth/signup", json=body), 201)
    claims = jwt.decode(signed_up["token"], options={"verify_signature": False})
    assert datetime.fromisoformat(signed_up["expires_at"]).timestamp() == claims["exp"]
    ada = await chat_server.client(signed_up["token"])
    assert ok(await ada.get("/api/auth/me")) == signed_up["user"]
    assert signed_up["user"]["email"] == "Ada@Example.com"
    [workspace] = ok(await ada.get("/api/workspaces"))
    assert (workspace["name"], workspace["role"]) == ("Ada's workspace", "owner")


@pytest.mark.chat_server
async def test_the_workspace_may_be_named(chat_server: ChatServer) -> None:
    body = {"fullname": "Ada", "email": "ada@example.com", "password": PASSWORD, "workspace": "Engines"}
    signed_up = ok(await chat_server.anybody.post("/api/auth/signup", json=body), 201)
    [workspace] = ok(await (await chat_server.client(signed_up["token"])).get("/api/workspaces"))
    assert workspace["name"] == "Engines"


@pytest.mark.chat_server
async def test_the_user_name_may_be_given_or_comes_of_the_address(chat_server: ChatServer) -> None:
    body = {"fullname": "Ada", "email": "countess@example.com", "password": PASSWORD}
    signed_up = ok(await chat_server.anybody.post("/api/auth/signup", json=body), 201)
    assert signed_up["user"]["username"] == "countess"
    other = {**body, "email": "countess@example.org"}
    signed_up = ok(await chat_server.anybody.post("/api/auth/signup", json=other), 201)
    assert signed_up["user"]["username"] == "countess2"
    named = {**body, "email": "ada@example.com", "username": "Countess"}
    problem(await chat_server.anybody.post("/api/auth/signup", json=named), 409, "users_username_key")
    reserved = {**named, "username": "ALL"}
    problem(await chat_server.anybody.post("/api/auth/signup", json=reserved), 422, "users_username_reserved")
    signed_up = ok(await chat_server.anybody.post("/api/auth/signup", json={**named, "username": "Ada"}), 201)
    assert signed_up["user"]["username"] == "Ada"


async def test_an_address_has_one_account_however_it_is_cased(chat_server: ChatServer, database: Database) -> None:
    await chat_server.sign_up("Ada")
    body = {"fullname": "Eve", "email": "ADA@example.COM", "password": PASSWORD}
    problem(await chat_server.anybody.post("/api/auth/signup", json=body), 409, "users_email_key")
    async with database.connect() as sql:
        assert await sql.fetchval("SELECT count(*) FROM workspaces") == 1, "nothing is left of the attempt"


async def test_the_longest_name_still_gets_a_workspace(chat_server: ChatServer) -> None:
    body = {"fullname": "ß" * 64, "email": "long@example.com", "password": "p" * 128}
    ok(await chat_server.anybody.post("/api/auth/signup", json=body), 201)


async def test_signing_up_names_the_bad_field(chat_server: ChatServer) -> None:
    bad: list[tuple[str, Any]] = [
        ("fullname", ""),
        ("fullname", "   "),
        ("fullname", "x" * 65),
        ("fullname", "a\0b"),
        ("email", "nobody"),
        ("email", "a b@example.com"),
        ("email", "a@" + "x" * 253),
        ("password", "short"),
        ("password", "x" * 129),
        ("password", 12345678),
        ("workspace", "x" * 81),
        ("admin", True),
    ]
    for field, value in bad:
        body = {"fullname": "Ada", "email": "ada@example.com", "password": PASSWORD, field: value}
        refused = problem(await chat_server.anybody.post("/api/auth/signup", json=body), 422, "validation_failed")
        [error] = refused["errors"]
        assert error["path"] == field
        assert error["expected"]


@pytest.mark.chat_server
async def test_signing_in(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    body = {"email": "ADA@EXAMPLE.COM", "password": PASSWORD}
    signed_in = ok(await chat_server.anybody.post("/api/auth/signin", json=body))
    assert signed_in["user"]["id"] == ada.id
    ok(await (await chat_server.client(signed_in["token"])).get("/api/auth/me"))


async def test_a_wrong_password_and_an_unknown_address_look_the_same(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    wrong = problem(await chat_server.sign_in(ada, "wrong password"), 401, "wrong_credentials")
    body = {"email": "nobody@example.com", "password": PASSWORD}
    unknown = await chat_server.anybody.post("/api/auth/signin", json=body)
    assert problem(unknown, 401, "wrong_credentials") == wrong
    assert unknown.headers["www-authenticate"].startswith("Bearer")


async def test_for_an_unknown_address_a_hash_is_verified_all_the_same() -> None:
    verified: list[str | bytes] = []

    class Recorder(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Any:  # noqa: A002
            verified.append(hash)
            return super().verify(hash, password)

    hasher = Recorder(time_cost=2, memory_cost=16, parallelism=1)
    passwords = Passwords(hasher)
    for hashed in (None, "", "not a hash"):
        verified.clear()
        async with passwords.turn("192.0.2.1") as turn:
            assert not await turn.verify("", hashed)
        assert not hasher.check_needs_rehash(verified[-1]), "it takes as long as that of an account"


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


async def test_passwords_are_hashed_at_a_lower_priority_than_the_loop() -> None:
    class Recorder(PasswordHasher):
        def hash(self, password: str | bytes, **_: Any) -> str:
            return str(niceness())

    async with Passwords(Recorder()).turn(1) as turn:
        assert int(await turn.hash("x")) > niceness()


async def test_those_who_are_signed_in_keep_nobody_from_signing_in() -> None:
    """All places for them are taken, and all that may wait of them do."""
    release = threading.Event()

    class Slow(PasswordHasher):
        def hash(self, password: str | bytes, **_: Any) -> str:
            if password == "slow":
                release.wait(30)
            return "hashed"

    passwords = Passwords(Slow())

    async def hashed(password: str, asker: int | str) -> str:
        async with passwords.turn(asker) as turn:
            return await turn.hash(password)

    asked = [asyncio.create_task(hashed("slow", user)) for user in range(60) for _ in range(4)]
    try:
        async with asyncio.timeout(30):
            await asyncio.sleep(0)  # each of them has asked
            assert passwords.waiting == OTHERS_WAITING
            for _ in range(20):
                assert await hashed("quick", "192.0.2.1") == "hashed"
    finally:
        release.set()
        done = await asyncio.gather(*asked, return_exceptions=True)
    assert passwords.waiting == 0
    refused = Counter(one.status for one in done if isinstance(one, Problem))
    assert set(refused) == {429, 503}
    assert refused[429] >= OTHERS_AT_ONCE


async def test_a_suspended_account_cannot_be_used(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    async with database.connect() as sql:
        await sql.execute("UPDATE users SET status = 'suspended' WHERE id = $1", ada.id)
    async with asyncio.timeout(60):
        while (answer := await ada.api.get("/api/auth/me")).status_code == 200:
            pass  # until Postgres' notification has arrived
    problem(answer, 401, "unauthorized")
    problem(await chat_server.sign_in(ada), 403, "account_suspended")
    problem(await chat_server.sign_in(ada, "wrong password"), 401, "wrong_credentials")
    body = {"refresh_token": ada.refresh_token}
    problem(await chat_server.anybody.post("/api/auth/refresh", json=body), 401, "invalid_refresh_token")


async def test_a_hash_of_other_parameters_is_renewed_at_sign_in(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    async with database.connect() as sql:
        await sql.execute("UPDATE users SET password_hash = $1", old)
        before = await sql.fetchval("SELECT user_json(users)::text FROM users")
        ok(await chat_server.sign_in(ada))
        renewed = await sql.fetchval("SELECT password_hash FROM users")
        assert renewed != old
        assert not light_hasher().check_needs_rehash(renewed)
        assert await sql.fetchval("SELECT user_json(users)::text FROM users") == before
    ok(await chat_server.sign_in(ada))


async def test_a_password_is_the_same_however_its_letters_are_composed(chat_server: ChatServer) -> None:
    """As `é`, as `e` with U+0301; full-width as Japanese keyboards send it, or not."""
    ada = await chat_server.sign_up("Ada", password="cafe\u0301 pass word ２")
    for password in ("cafe\u0301 pass word ２", "caf\u00e9 pass word 2", "caf\u00e9\u00a0pass word ２"):
        ok(await chat_server.sign_in(ada, password))
    problem(await chat_server.sign_in(ada, "cafe pass word 2"), 401, "wrong_credentials")


async def test_a_password_that_was_hashed_as_it_was_typed_is_good_and_hashed_anew(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    typed, composed = "cafe\u0301 password", "caf\u00e9 password"
    async with database.connect() as sql:
        await sql.execute("UPDATE users SET password_hash = $1", light_hasher().hash(typed))
    problem(await chat_server.sign_in(ada, composed), 401, "wrong_credentials")
    ok(await chat_server.sign_in(ada, typed))
    for password in (typed, composed):
        ok(await chat_server.sign_in(ada, password))
    async with database.connect() as sql:
        assert light_hasher().verify(await sql.fetchval("SELECT password_hash FROM users"), composed)


async def test_what_is_no_access_token_is_refused(chat_server: ChatServer) -> None:
    for header in ("", "Bearer", "Bearer nonsense", "Basic YTpi", "Bearer a.b.c"):
        answer = await chat_server.anybody.get("/api/auth/me", headers={"Authorization": header})
        problem(answer, 401, "unauthorized")
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.chat_server(auth={"access_token_seconds": 3})
async def test_an_access_token_expires(chat_server: ChatServer, keys: Path) -> None:
    ada = await chat_server.sign_up("Ada")
    claims = jwt.decode(ada.token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 3
    private = (keys / "private.pem").read_bytes()
    answers = []
    for ago in (0, 60):  # the same token as signed now, and as signed a minute ago
        moved = {"iat": int(time.time()) - ago, "exp": int(time.time()) - ago + 3}
        api = await chat_server.client(jwt.encode({**claims, **moved}, private, algorithm="EdDSA"))
        answers.append(await api.get("/api/auth/me"))
    assert ok(answers[0])["id"] == ada.id
    assert "expired" in problem(answers[1], 401, "unauthorized")["detail"]


async def test_every_route_is_closed_unless_it_is_public(chat_server: ChatServer) -> None:
    document = (await chat_server.anybody.get("/docs/openapi.json")).json()
    public = {
        path
        for path, item in document["paths"].items()
        for operation in item.values()
        if operation.get("security") == []
    }
    assert public == {
        "/api/auth/signup",
        "/api/auth/signin",
        "/api/auth/second-factor",
        "/api/auth/second-factor/totp",
        "/api/auth/second-factor/passkey",
        "/api/auth/second-factor/new-passkey",
        "/api/auth/passkeys/sign-in",
        "/api/auth/passkeys/sign-in/options",
        "/api/auth/refresh",
        "/api/auth/reset",
        "/api/auth/password/forgotten",
        *(f"/api/auth/address/{what}" for what in ("link", "confirm", "refuse")),
        "/api/auth/providers",
        "/api/auth/provider-session",
        "/api/auth/oidc/{provider}/backchannel-logout",
        "/api/auth/ldap/{directory}/sign-in",
        "/api/auth/clerk/session",
        "/api/webhooks/clerk",
        "/api/invites/{token}/preview",
        "/api/linked/files/{file_id}",
        "/api/published/{slug}",
        "/api/hooks/{webhook_id}",  # which has a secret of its own
    }
    for path, item in document["paths"].items():
        for method in item:
            concrete = re.sub(r"\{\w+\}", "1", path.replace("{upload_id}", str(UUID(int=1))))
            answer = await chat_server.anybody.request(method, concrete)
            assert (answer.status_code == 401) == (path not in public), f"{method} {path}"


async def test_logging_out_ends_this_session_at_once(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    elsewhere = await chat_server.client(ok(await chat_server.sign_in(ada))["token"])
    assert ok(await ada.api.post("/api/auth/logout"), 204) is None
    problem(await ada.api.get("/api/auth/me"), 401, "unauthorized")
    ok(await elsewhere.get("/api/auth/me"))
    body = {"refresh_token": ada.refresh_token}
    problem(await chat_server.anybody.post("/api/auth/refresh", json=body), 401, "invalid_refresh_token")


async def test_logging_out_everywhere(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    elsewhere = await chat_server.client(ok(await chat_server.sign_in(ada))["token"])
    ok(await ada.api.post("/api/auth/logout-all"), 204)
    problem(await ada.api.get("/api/auth/me"), 401, "unauthorized")
    problem(await elsewhere.get("/api/auth/me"), 401, "unauthorized")
    ok(await bob.api.get("/api/auth/me"))
    async with database.connect() as sql:
        events = await sql.fetch("SELECT payload->>'reason' AS reason FROM events WHERE kind = 'SessionRevoked'")
    assert [event["reason"] for event in events] == ["logout_all", "logout_all"]


async def refresh(chat_server: ChatServer, token: str) -> Any:
    return await chat_server.anybody.post("/api/auth/refresh", json={"refresh_token": token})


async def test_a_refresh_token_gives_the_next_one(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    first = ok(await refresh(chat_server, ada.refresh_token))
    assert first["user"]["id"] == ada.id
    assert first["refresh_token"] != ada.refresh_token
    second = ok(await refresh(chat_server, first["refresh_token"]))
    ok(await (await chat_server.client(second["token"])).get("/api/auth/me"))
    async with database.connect() as sql:
        kept = {row["hash"] for row in await sql.fetch("SELECT hash FROM refresh_tokens")}
    tokens = [ada.refresh_token, first["refresh_token"], second["refresh_token"]]
    assert kept == {hash_secret(token) for token in tokens}, "the database has hashes only"


async def test_using_a_refresh_token_twice_ends_the_session(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    stolen = ada.refresh_token
    newest = ok(await refresh(chat_server, stolen))
    async with database.connect() as sql:
        await sql.execute("UPDATE refresh_tokens SET used_at = used_at - interval '10 seconds'")
    problem(await refresh(chat_server, stolen), 401, "token_reused")
    problem(await refresh(chat_server, newest["refresh_token"]), 401, "invalid_refresh_token")
    problem(await (await chat_server.client(newest["token"])).get("/api/auth/me"), 401, "unauthorized")
    async with database.connect() as sql:
        assert await sql.fetchval("SELECT revoked_reason FROM sessions") == "token_reused"


async def test_a_refresh_whose_answer_got_lost_is_asked_for_again(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    lost = ok(await refresh(chat_server, ada.refresh_token))
    again = ok(await refresh(chat_server, ada.refresh_token))
    assert again["refresh_token"] == lost["refresh_token"]
    ok(await refresh(chat_server, again["refresh_token"]))


async def test_a_tab_that_retries_while_another_has_gone_on_gets_what_is_good_now(
    chat_server: ChatServer, database: Database
) -> None:
    """Two tabs ask with one token; one's answer is lost, and until it asks again the other has used the next one."""
    ada = await chat_server.sign_up("Ada")
    tokens = [ada.refresh_token]
    for _ in range(2):
        tokens.append(ok(await refresh(chat_server, tokens[-1]))["refresh_token"])
    assert ok(await refresh(chat_server, tokens[0]))["refresh_token"] == tokens[2]
    assert ok(await refresh(chat_server, tokens[1]))["refresh_token"] == tokens[2]
    async with database.connect() as sql:
        await sql.execute(
            "UPDATE refresh_tokens SET used_at = used_at - interval '10 seconds' WHERE hash = $1",
            hash_secret(tokens[0]),
        )
    problem(await refresh(chat_server, tokens[0]), 401, "token_reused")
    problem(await refresh(chat_server, tokens[2]), 401, "invalid_refresh_token")


async def test_a_refresh_token_three_generations_old_ends_the_session_at_once(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    newest = ada.refresh_token
    for _ in range(3):
        newest = ok(await refresh(chat_server, newest))["refresh_token"]
    problem(await refresh(chat_server, ada.refresh_token), 401, "token_reused")
    problem(await refresh(chat_server, newest), 401, "invalid_refresh_token")


async def test_of_many_refreshes_at_once_all_get_the_same(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    async with database.connect() as sql:
        async with sql.transaction():
            await sql.execute("SELECT FROM refresh_tokens FOR UPDATE")
            refreshes = [asyncio.create_task(refresh(chat_server, ada.refresh_token)) for _ in range(4)]
            await blocked(sql, 2)  # the others wait for these
        answers = await asyncio.gather(*refreshes)
    assert len({ok(answer)["refresh_token"] for answer in answers}) == 1


async def test_an_expired_or_invented_refresh_token_is_refused(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    problem(await refresh(chat_server, "invented"), 401, "invalid_refresh_token")
    async with database.connect() as sql:
        await sql.execute("UPDATE sessions SET expires_at = now() - interval '1 second'")
    problem(await refresh(chat_server, ada.refresh_token), 401, "invalid_refresh_token")
    problem(await ada.api.get("/api/auth/me"), 401, "unauthorized")


async def test_a_ticket_is_short_lived_and_only_its_hash_is_kept(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    ticket = ok(await ada.api.post("/api/auth/tickets"), 201)
    claims = jwt.decode(ada.token, options={"verify_signature": False})
    async with database.connect() as sql:
        row = await sql.fetchrow("SELECT *, expires_at - now() AS lifetime FROM tickets")
    assert row is not None
    assert row["hash"] == hash_secret(ticket["ticket"])
    assert row["session_id"] == claims["sid"]
    assert row["token_expires_at"].timestamp() == claims["exp"]
    assert row["expires_at"] == datetime.fromisoformat(ticket["expires_at"])
    assert 0 < row["lifetime"].total_seconds() <= 30


async def test_a_sign_in_during_a_password_change_does_not_outlive_it(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    async with database.connect() as sql:
        async with sql.transaction():
            await sql.execute("UPDATE users SET password_hash = $1", light_hasher().hash("another password"))
            signing_in = asyncio.create_task(chat_server.sign_in(ada))
            await blocked(sql)
        problem(await signing_in, 401, "wrong_credentials")


async def test_a_password_entered_again_makes_the_session_fresh(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    path, age = "/api/auth/reauthenticate", "SELECT now() - auth_time FROM sessions"
    async with database.connect() as sql:
        await sql.execute("UPDATE sessions SET auth_time = now() - interval '1 hour'")
        problem(await ada.api.post(path, json={"password": "wrong"}), 403, "wrong_password")
        assert (await sql.fetchval(age)).total_seconds() > 3000
        ok(await ada.api.post(path, json={"password": PASSWORD}), 204)
        assert (await sql.fetchval(age)).total_seconds() < 3000


async def test_a_session_remembers_how_it_began(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    ok(await chat_server.sign_in(ada))
    async with database.connect() as sql:
        rows = await sql.fetch(
            "SELECT provider, amr, device_name, host(address) AS address, last_seen_at FROM sessions"
        )
    for row in rows:
        assert (row["provider"], row["amr"], row["address"]) == ("password", ["pwd"], "127.0.0.1")
        assert row["device_name"].startswith("python-httpx")
        assert row["last_seen_at"] is not None
    assert len(rows) == 2

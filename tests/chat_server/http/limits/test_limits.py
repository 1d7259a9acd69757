"""Limits on guessing passwords and on making accounts."""

import asyncio

import httpx
import pytest

from chat_core.tokens import hash_secret
from tests.chat_server.people import PASSWORD, ChatServer, Person, ok, problem
from tests.support.postgres import Database

ACCOUNT_LIMIT = pytest.mark.chat_server(auth={"signin_attempts_per_account": 3})
BEHIND_A_PROXY = {"trusted_proxies": ["127.0.0.1"]}


def refused(response: httpx.Response, limit: str = "signin") -> None:
    body = problem(response, 429, "rate_limited")
    assert body["limit"] == limit
    assert 1 <= body["retry_after"] == int(response.headers["retry-after"]) <= 900


async def guess(chat_server: ChatServer, person: Person, **headers: str) -> httpx.Response:
    body = {"email": person.email.upper(), "password": "wrong password"}
    return await chat_server.anybody.post("/api/auth/signin", json=body, headers=headers)


def at(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


async def sign_in(
    chat_server: ChatServer, person: Person, address: str = "192.0.2.1", device_token: str | None = None
) -> httpx.Response:
    body = {"email": person.email, "password": PASSWORD, "device_token": device_token}
    return await chat_server.anybody.post("/api/auth/signin", json=body, headers=at(address))


@ACCOUNT_LIMIT
async def test_an_account_allows_so_many_failures(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.sign_up("Ada"), await chat_server.sign_up("Bob")
    for _ in range(3):
        problem(await guess(chat_server, ada), 401, "wrong_credentials")
    refused(await guess(chat_server, ada))
    refused(await chat_server.sign_in(ada))
    ok(await chat_server.sign_in(bob))


@pytest.mark.chat_server(auth={"signin_attempts_per_account": 3}, server=BEHIND_A_PROXY)
async def test_one_address_locks_nobody_else_out(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    answers = [await guess(chat_server, ada, **at("198.51.100.7")) for _ in range(12)]
    assert [answer.status_code for answer in answers] == [401] * 3 + [429] * 9
    ok(await sign_in(chat_server, ada, "192.0.2.1"))
    refused(await sign_in(chat_server, ada, "198.51.100.7"))


@pytest.mark.chat_server(auth={"signin_attempts_per_account": 3, "signin_attempts_in_all": 20}, server=BEHIND_A_PROXY)
async def test_many_addresses_do_not_lock_out_a_known_device(chat_server: ChatServer) -> None:
    ada, eve = await chat_server.sign_up("Ada"), await chat_server.sign_up("Eve")
    known = ok(await sign_in(chat_server, ada))["device_token"]
    attackers = [f"198.51.100.{number}" for number in range(12)]
    answers = [await guess(chat_server, ada, **at(address)) for address in attackers for _ in range(2)]
    assert [answer.status_code for answer in answers] == [401] * 20 + [429] * 4
    refused(await sign_in(chat_server, ada))
    for made_up in ("invented", ok(await sign_in(chat_server, eve))["device_token"]):
        refused(await sign_in(chat_server, ada, device_token=made_up))
    # From wherever, also from where the attack comes from, and within a session that is open.
    for address in ("192.0.2.1", attackers[0]):
        assert ok(await sign_in(chat_server, ada, address, known))["device_token"] == known
    body = {"current_password": PASSWORD, "new_password": "another password"}
    ok(await ada.api.post("/api/users/me/password", json=body), 204)


@pytest.mark.chat_server(auth={"signin_attempts_per_account": 3}, server=BEHIND_A_PROXY)
async def test_a_known_device_has_its_own_count(chat_server: ChatServer) -> None:
    """Who has stolen its secret guesses as little as anybody else, wherever from."""
    ada = await chat_server.sign_up("Ada")
    known = ok(await sign_in(chat_server, ada))["device_token"]
    body = {"email": ada.email, "password": "wrong password", "device_token": known}
    answers = [
        await chat_server.anybody.post("/api/auth/signin", json=body, headers=at(f"198.51.100.{number}"))
        for number in range(5)
    ]
    assert [answer.status_code for answer in answers] == [401] * 3 + [429] * 2
    refused(await sign_in(chat_server, ada, device_token=known))
    ok(await sign_in(chat_server, ada))


async def test_a_device_is_known_to_each_account_that_has_signed_in_on_it(
    chat_server: ChatServer, database: Database
) -> None:
    ada, bob = await chat_server.sign_up("Ada"), await chat_server.sign_up("Bob")
    device = ok(await sign_in(chat_server, ada))["device_token"]
    assert ok(await sign_in(chat_server, bob, device_token=device))["device_token"] == device
    chosen = ok(await sign_in(chat_server, bob, device_token="chosen"))["device_token"]
    assert chosen not in ("chosen", device), "a secret that the server has not made is not taken"
    refreshed = await chat_server.anybody.post("/api/auth/refresh", json={"refresh_token": ada.refresh_token})
    assert ok(refreshed)["device_token"] is None
    async with database.connect() as sql:
        kept = await sql.fetch("SELECT user_id FROM devices WHERE hash = $1", hash_secret(device))
        assert sorted(row["user_id"] for row in kept) == [ada.id, bob.id]
        assert not await sql.fetchval("SELECT count(*) FROM devices WHERE encode(hash, 'escape') LIKE $1", device)


async def test_of_many_devices_the_newest_are_known(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    first = ok(await sign_in(chat_server, ada))["device_token"]
    async with database.connect() as sql:
        await sql.execute(
            "INSERT INTO devices SELECT $1, sha256(n::text::bytea), now() FROM generate_series(1, 30) n", ada.id
        )
        await sql.execute("UPDATE devices SET signed_in_at = '2020-01-01' WHERE hash = $1", hash_secret(first))
        newest = ok(await sign_in(chat_server, ada))["device_token"]
        kept = {row["hash"] for row in await sql.fetch("SELECT hash FROM devices")}
    assert len(kept) == 20
    assert hash_secret(newest) in kept
    assert hash_secret(first) not in kept


async def test_a_new_password_forgets_all_devices_but_ones_own(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    here = ok(await sign_in(chat_server, ada))
    ok(await sign_in(chat_server, ada))
    api = await chat_server.client(here["token"])
    body = {"current_password": PASSWORD, "new_password": "another password"}
    ok(await api.post("/api/users/me/password", json=body), 204)
    async with database.connect() as sql:
        assert [row["hash"] for row in await sql.fetch("SELECT hash FROM devices")] == [
            hash_secret(here["device_token"])
        ]


@ACCOUNT_LIMIT
async def test_an_unknown_account_is_limited_the_same(chat_server: ChatServer) -> None:
    body = {"email": "nobody@example.com", "password": "wrong password"}
    answers = [await chat_server.anybody.post("/api/auth/signin", json=body) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]


@ACCOUNT_LIMIT
async def test_success_does_not_count(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    for _ in range(5):
        ok(await chat_server.sign_in(ada))
    problem(await guess(chat_server, ada), 401, "wrong_credentials")


@ACCOUNT_LIMIT
async def test_guesses_at_once_are_counted_each(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    answers = await asyncio.gather(*(guess(chat_server, ada) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [401] * 3 + [429] * 9


@ACCOUNT_LIMIT
async def test_the_window_passes(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    for _ in range(4):
        last = await guess(chat_server, ada)
    refused(last)
    async with database.connect() as sql:
        await sql.execute("UPDATE rate_limits SET window_ends = now() - interval '1 second'")
    ok(await chat_server.sign_in(ada))


@ACCOUNT_LIMIT
async def test_a_session_guesses_so_often_and_keeps_nobody_else_out(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    elsewhere = await chat_server.client(ok(await chat_server.sign_in(ada))["token"])
    wrong = {"current_password": "wrong password"}
    problem(
        await ada.api.post("/api/users/me/password", json={**wrong, "new_password": "12345678"}), 403, "wrong_password"
    )
    problem(await ada.api.post("/api/users/me/deactivate", json=wrong), 403, "wrong_password")
    problem(await ada.api.patch("/api/users/me", json={**wrong, "email": "a@b"}), 403, "wrong_password")
    body = {"current_password": PASSWORD, "new_password": "another password"}
    refused(await ada.api.post("/api/users/me/password", json=body), "password")
    ok(await chat_server.sign_in(ada))
    ok(await elsewhere.post("/api/users/me/password", json=body), 204)


@pytest.mark.chat_server(auth={"signin_attempts_per_address": 2}, server=BEHIND_A_PROXY)
async def test_an_address_allows_so_many_failures(chat_server: ChatServer) -> None:
    people = [await chat_server.sign_up() for _ in range(3)]
    for person in people[:2]:
        problem(await guess(chat_server, person, **at("198.51.100.7")), 401, "wrong_credentials")
    refused(await guess(chat_server, people[2], **at("198.51.100.7")))
    other = await guess(chat_server, people[2], **at("198.51.100.8"))
    problem(other, 401, "wrong_credentials")


@pytest.mark.chat_server(
    auth={"signin_attempts_per_address": 2, "signin_attempts_per_account": 3}, server=BEHIND_A_PROXY
)
async def test_an_attempt_refused_for_its_address_does_not_count_for_the_account(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    answers = [await guess(chat_server, ada, **at("198.51.100.7")) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401, 401, 429, 429, 429, 429]
    async with database.connect() as sql:
        hits = await sql.fetch("SELECT hits FROM rate_limits WHERE bucket LIKE 'signin:account:%'")
    assert [row["hits"] for row in hits] == [2, 2]


@pytest.mark.chat_server(auth={"signups_per_address": 2})
async def test_an_address_makes_so_many_accounts(chat_server: ChatServer) -> None:
    await chat_server.sign_up("Ada")
    await chat_server.sign_up("Bob")
    body = {"fullname": "Eve", "email": "eve@example.com", "password": PASSWORD}
    refused(await chat_server.anybody.post("/api/auth/signup", json=body), "signup")
    # A header that no trusted proxy has written changes nothing.
    refused(await chat_server.anybody.post("/api/auth/signup", json=body, headers=at("198.51.100.9")), "signup")


async def test_the_table_shows_no_address(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    await guess(chat_server, ada)
    async with database.connect() as sql:
        buckets = [row["bucket"] for row in await sql.fetch("SELECT bucket FROM rate_limits")]
    assert buckets
    assert not any("ada" in bucket for bucket in buckets)

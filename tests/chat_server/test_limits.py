"""Limits on guessing passwords and on making accounts."""

import asyncio

import httpx
import pytest

from chat_server.client_address import client_address
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


@ACCOUNT_LIMIT
async def test_an_account_allows_so_many_failures(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.sign_up("Ada"), await chat_server.sign_up("Bob")
    for _ in range(3):
        problem(await guess(chat_server, ada), 401, "wrong_credentials")
    refused(await guess(chat_server, ada))
    refused(await chat_server.sign_in(ada))
    ok(await chat_server.sign_in(bob))


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
async def test_changing_a_password_is_guessing_too(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    body = {"current_password": "wrong password", "new_password": "another password"}
    for _ in range(3):
        problem(await ada.api.post("/api/users/me/password", json=body), 403, "wrong_password")
    refused(await ada.api.post("/api/users/me/password", json={**body, "current_password": PASSWORD}))


@pytest.mark.chat_server(auth={"signin_attempts_per_address": 2}, server=BEHIND_A_PROXY)
async def test_an_address_allows_so_many_failures(chat_server: ChatServer) -> None:
    people = [await chat_server.sign_up() for _ in range(3)]
    for person in people[:2]:
        answer = await guess(chat_server, person, **{"X-Forwarded-For": "198.51.100.7"})
        problem(answer, 401, "wrong_credentials")
    refused(await guess(chat_server, people[2], **{"X-Forwarded-For": "198.51.100.7"}))
    other = await guess(chat_server, people[2], **{"X-Forwarded-For": "198.51.100.8"})
    problem(other, 401, "wrong_credentials")


@pytest.mark.chat_server(
    auth={"signin_attempts_per_address": 2, "signin_attempts_per_account": 3}, server=BEHIND_A_PROXY
)
async def test_an_attempt_refused_for_its_address_does_not_count_for_the_account(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    answers = [await guess(chat_server, ada, **{"X-Forwarded-For": "198.51.100.7"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401, 401, 429, 429, 429, 429]
    async with database.connect() as sql:
        hits = await sql.fetchval("SELECT hits FROM rate_limits WHERE bucket LIKE 'signin:account:%'")
    assert hits == 2


@pytest.mark.chat_server(auth={"signups_per_address": 2})
async def test_an_address_makes_so_many_accounts(chat_server: ChatServer) -> None:
    await chat_server.sign_up("Ada")
    await chat_server.sign_up("Bob")
    body = {"fullname": "Eve", "email": "eve@example.com", "password": PASSWORD}
    refused(await chat_server.anybody.post("/api/auth/signup", json=body), "signup")
    # A header that no trusted proxy has written changes nothing.
    spoofed = {"X-Forwarded-For": "198.51.100.9"}
    refused(await chat_server.anybody.post("/api/auth/signup", json=body, headers=spoofed), "signup")


async def test_the_table_shows_no_address(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    await guess(chat_server, ada)
    async with database.connect() as sql:
        buckets = [row["bucket"] for row in await sql.fetch("SELECT bucket FROM rate_limits")]
    assert buckets
    assert not any("ada" in bucket for bucket in buckets)


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "trusted", "client"),
    [
        ("203.0.113.1", [], [], "203.0.113.1"),
        ("203.0.113.1", ["198.51.100.1"], [], "203.0.113.1"),
        ("10.0.0.1", ["198.51.100.1"], ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66, 198.51.100.1, 10.0.0.2"], ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66", "198.51.100.1"], ["10.0.0.0/8"], "198.51.100.1"),
        ("10.0.0.1", [], ["10.0.0.0/8"], "10.0.0.1"),
        ("10.0.0.1", ["nonsense"], ["10.0.0.0/8"], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], ["10.0.0.0/8"], "10.0.0.3"),
        ("::ffff:203.0.113.1", [], [], "203.0.113.1"),
        ("2001:db8:1:2:3:4:5:6", [], [], "2001:db8:1:2::/64"),
        ("", [], [], "unknown"),
    ],
)
def test_whom_a_request_comes_from(peer: str, forwarded_for: list[str], trusted: list[str], client: str) -> None:
    assert client_address(peer, forwarded_for, trusted) == client

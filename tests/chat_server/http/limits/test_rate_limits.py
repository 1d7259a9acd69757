"""How much one user may ask for, over all processes; what an answer says of it."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest

from chat_core.settings import Limits
from chat_server.app import RESOURCES
from chat_server.http.steps.limits import class_of
from tests.chat_server.people import ChatServer, Person, chat_server_on, ok, problem, settings
from tests.support.postgres import Database

FEW = pytest.mark.chat_server(limits={"read": 4, "write": 5, "messages": 3})


async def post(person: Person, chat: int) -> httpx.Response:
    return await person.api.post(f"/api/chats/{chat}/messages", json={"content": "x"})


def test_every_route_counts_for_one_class() -> None:
    classes = set(Limits.model_fields) - {"window_seconds"}
    found: dict[str, set[str]] = {name: set() for name in classes}
    for resource in RESOURCES:
        for handler in resource.HANDLERS:
            methods = handler.http_methods
            found[class_of(handler)] |= {f"{method} {path}" for method in methods for path in handler.paths}
    assert all(found.values())
    signing_in = {f"POST /auth/{what}" for what in ("signup", "signin", "refresh", "reset", "password/forgotten")}
    signing_in |= {f"POST /auth/address/{what}" for what in ("link", "confirm", "refuse")}
    assert found["public"] == {
        *signing_in,
        *("GET /auth/providers", "POST /auth/provider-session"),
        *(f"POST /auth/second-factor{what}" for what in ("", "/totp", "/passkey", "/new-passkey")),
        *("POST /auth/passkeys/sign-in", "POST /auth/passkeys/sign-in/options"),
        *(f"GET /auth/{way}{step}" for way in ("google", "oidc/{provider:str}") for step in ("", "/callback")),
        "POST /auth/oidc/{provider:str}/backchannel-logout",
        "POST /auth/ldap/{directory:str}/sign-in",
        *(f"GET /auth/saml/{{provider:str}}{step}" for step in ("", "/metadata", "/slo")),
        *(f"POST /auth/saml/{{provider:str}}/{step}" for step in ("acs", "slo")),
        *("GET /auth/clerk", "GET /auth/clerk/callback", "POST /auth/clerk/session", "POST /webhooks/clerk"),
        *("GET /invites/{token:str}/preview", "GET /linked/files/{file_id:int}", "GET /published/{slug:str}"),
        # And as messages of their bot.
        *("POST /hooks/{webhook_id:int}", "POST /hooks/{webhook_id:int}/{token:str}"),
        "POST /hooks/{webhook_id:int}/{token:str}/{template:str}",
        "OPTIONS /workspaces/{workspace_id:int}/uploads",
    }
    assert all(route.startswith("GET ") for route in found["read"])
    assert not any(route.startswith("GET ") for name in classes - {"read", "public", "scim"} for route in found[name])
    posting = {route for name in found for route in found[name] if re.fullmatch(r"POST .*/messages", route)}
    assert posting <= found["messages"], "whatever posts a message counts as one"


@FEW
async def test_an_answer_says_what_is_left(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")  # which has read once
    for left in (2, 1, 0):
        answer = await ada.api.get("/api/workspaces")
        assert answer.headers["ratelimit-policy"] == '"read";q=4;w=60'
        assert re.fullmatch(rf'"read";r={left};t=(60|5\d)', answer.headers["ratelimit"])
    ok(answer)
    missing = await ada.api.put("/api/chats/99", json={"name": "x"})
    problem(missing, 404, "not_found")
    assert missing.headers["ratelimit"].startswith('"write";r=4;t=')


@FEW
async def test_a_limit_that_is_hit_is_a_problem_that_names_it(chat_server: ChatServer) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    chat = await ada.chat(bob)
    for _ in range(3):
        ok(await post(ada, chat), 201)
    refused = await post(ada, chat)
    body = problem(refused, 429, "rate_limited")
    wait = int(refused.headers["retry-after"])
    assert 50 < wait <= 60
    assert (body["limit"], body["retry_after"]) == ("messages", wait)
    assert body["detail"] == (f"The limit messages (3 requests in 60 seconds) is used up; try again in {wait} seconds.")
    assert refused.headers["ratelimit"] == f'"messages";r=0;t={wait}'
    ok(await post(bob, chat), 201)
    ok(await ada.api.put(f"/api/chats/{chat}", json={"name": "other classes go on"}))
    assert len(ok(await bob.api.get(f"/api/chats/{chat}/messages"))) == 4
    metrics = (await chat_server.anybody.get("/metrics")).text
    assert 'chat_rate_limited_total{limit="messages"} 1.0' in metrics


@pytest.mark.chat_server(limits={"public": 2}, server={"trusted_proxies": ["127.0.0.1"]})
async def test_without_a_token_an_address_is_counted(chat_server: ChatServer) -> None:
    async def refresh(address: str) -> httpx.Response:
        headers = {"X-Forwarded-For": address}
        return await chat_server.anybody.post("/api/auth/refresh", json={"refresh_token": "x"}, headers=headers)

    for _ in range(2):
        problem(await refresh("198.51.100.7"), 401, "invalid_refresh_token")
    assert problem(await refresh("198.51.100.7"), 429, "rate_limited")["limit"] == "public"
    problem(await refresh("198.51.100.8"), 401, "invalid_refresh_token")


async def test_two_servers_share_a_limit(database: Database, keys: Path) -> None:
    configured = settings(database.chat_url, keys, limits={"messages": 60})
    async with chat_server_on(configured) as one, chat_server_on(configured) as two:
        ada = await one.sign_up("Ada")
        chat = await ada.chat()
        elsewhere = Person(ada.id, ada.email, ada.token, ada.refresh_token, await two.client(ada.token))
        answers = await asyncio.gather(*(post(who, chat) for who in [ada, elsewhere] * 50))
        let_through = sum(answer.status_code == 201 for answer in answers)
        assert 50 <= let_through <= 60
        assert {answer.status_code for answer in answers} == {201, 429}
        async with database.connect() as sql:
            assert await sql.fetchval("SELECT count(*) FROM messages") == let_through


@pytest.mark.parametrize("off", [{"read": 0}, {"read": None}, {"window_seconds": 0}])
async def test_a_limit_can_be_switched_off(database: Database, keys: Path, off: dict[str, int | None]) -> None:
    async with chat_server_on(settings(database.chat_url, keys, limits=off)) as server:
        ada = await server.sign_up("Ada")
        assert "ratelimit" not in (await ada.api.get("/api/workspaces")).headers


@pytest.mark.chat_server(server={"cors_origins": ["https://chat.example.com"]})
async def test_pages_of_other_origins_may_read_the_headers(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    answer = await ada.api.get("/api/workspaces", headers={"Origin": "https://chat.example.com"})
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(exposed)

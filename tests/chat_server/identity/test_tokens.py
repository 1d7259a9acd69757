"""Personal access tokens: what their scopes allow on every route, how they are made, and what ends them."""

import re
from functools import cache
from typing import Any, get_args
from unittest import mock
from uuid import UUID

import asyncpg
import httpx
import pytest
from litestar import HttpMethod, Litestar
from litestar.routes import HTTPRoute

from chat_core.personal_tokens import Scope, new_token
from chat_server import app
from chat_server.http.api_request import ApiRequest
from chat_server.http.scopes import Scopes, scope_of
from chat_server.http.steps.authentication import COOKIE
from chat_server.identity.personal_tokens import PersonalTokens
from tests.chat_server.people import PASSWORD, ChatServer, Person, ok, problem
from tests.support.postgres import Database

ALL = list(get_args(Scope))


async def make(person: Person, *scopes: str, name: str = "bot", days: int = 30) -> Any:
    body = {"name": name, "scopes": scopes, "days": days}
    return ok(await person.api.post("/api/auth/tokens", json=body), 201)


async def bot_of(chat_server: ChatServer, person: Person, *scopes: str) -> httpx.AsyncClient:
    return await chat_server.client((await make(person, *scopes))["token"])


@cache
def operations() -> dict[tuple[str, str], str | None]:
    """The scope of each operation that needs a caller, by method and a path; None: only a session may."""
    routes = Litestar([app.api()], request_class=ApiRequest, openapi_config=None, logging_config=None).routes
    found: dict[tuple[str, str], str | None] = {}
    for route in routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if handler.opt.get("public"):
                    continue
                for method in handler.http_methods - {HttpMethod.OPTIONS}:
                    said = handler.opt.get("scopes")
                    assert isinstance(said, Scopes), f"{method} {route.path}: say SCOPES in its module, or in its opt"
                    path = re.sub(r"\{\w+:uuid\}", str(UUID(int=1)), route.path)
                    found[method, re.sub(r"\{\w+:\w+\}", "1", path)] = scope_of(handler)
    return found


def test_every_operation_has_a_scope_or_is_for_sessions_only() -> None:
    scopes = set(operations().values())
    assert scopes == {*ALL, None}, "each scope opens something"
    credentials = {path: scope for (_, path), scope in operations().items() if path.startswith("/api/auth/")}
    assert {path for path, scope in credentials.items() if scope is not None} == {"/api/auth/me"}


async def test_on_every_operation_the_scope_decides(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    everything = await bot_of(chat_server, ada, *ALL)
    nothing_here = {scope: await bot_of(chat_server, ada, *(other for other in ALL if other != scope)) for scope in ALL}
    for (method, path), scope in operations().items():
        if scope is None:
            problem(await everything.request(method, path, json={}), 403, "session_required")
        else:
            refused = await nothing_here[scope].request(method, path, json={})
            assert problem(refused, 403, "insufficient_scope")["scope"] == scope, f"{method} {path}"
            assert f'error="insufficient_scope", scope="{scope}"' in refused.headers["www-authenticate"]


@pytest.mark.parametrize("headers", [{}, {"x-twice": "1"}])
async def test_the_fast_way_and_litestars_admit_and_refuse_alike(
    chat_server: ChatServer, headers: dict[str, str]
) -> None:
    ada = await chat_server.sign_up("Ada")
    chat = await ada.chat()
    writer = await bot_of(chat_server, ada, "messages:write")
    reader = await bot_of(chat_server, ada, "messages:read")
    path, sent = f"/api/chats/{chat}/messages", [*headers.items(), *headers.items()]  # repeated: left to Litestar
    posted = ok(await writer.post(path, json={"content": "hi"}, headers=sent), 201)
    assert posted["sender_id"] == ada.id
    problem(await reader.post(path, json={"content": "hi"}, headers=sent), 403, "insufficient_scope")
    assert [message["id"] for message in ok(await reader.get(path))] == [posted["id"]]
    problem(await writer.get(path), 403, "insufficient_scope")


async def test_a_token_is_shown_once_listed_announced_and_audited(chat_server: ChatServer, database: Database) -> None:
    ada, bob = await chat_server.team("Ada", "Bob")
    made = await make(ada, "chats:read", "messages:write", "chats:read", name=" ci ")
    assert made["scopes"] == ["chats:read", "messages:write"]
    assert made["name"] == "ci"
    token = made.pop("token")
    [listed] = ok(await ada.api.get("/api/auth/tokens"))
    assert listed == {**made, "last_used_at": None}
    assert ok(await bob.api.get("/api/auth/tokens")) == []
    assert len(ok(await ada.api.get("/api/auth/sessions"))) == 1, "it is no device"
    problem(await bob.api.delete(f"/api/auth/tokens/{made['id']}"), 404, "not_found")
    async with database.connect() as sql:
        [event] = await sql.fetch("SELECT payload->>'name', user_id FROM events WHERE kind = 'TokenCreated'")
        assert tuple(event) == ("ci", ada.id)
        audited = "SELECT after->>'name' FROM audit_log WHERE action = 'token_created' AND actor_id = $1"
        assert await sql.fetchval(audited, ada.id) == "ci"
        for table in ("sessions", "events", "audit_log"):
            assert token not in await sql.fetchval(f"SELECT json_agg(t)::text FROM {table} t")
        [open_one] = await sql.fetch("SELECT session, email, name, state FROM ops.tokens")
        assert tuple(open_one) == (made["id"], ada.email, "ci", "open")
        [ended] = await sql.fetch("SELECT * FROM ops.end_token($1)", made["id"])
        assert tuple(ended) == (ada.email, "ci")
    problem(await (await chat_server.client(token)).get("/api/chats"), 401, "unauthorized")


async def test_a_token_stops_at_once_when_it_is_ended_has_expired_or_its_user_may_not_sign_in(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    async with database.connect() as sql:

        async def ends(token: Any) -> None:
            bot = await chat_server.client(token["token"])
            while (answer := await bot.get("/api/auth/me")).status_code == 200:
                pass
            problem(answer, 401, "unauthorized")

        made = [await make(ada, "profile:read") for _ in range(5)]
        for token in made:
            ok(await (await chat_server.client(token["token"])).get("/api/auth/me"))
        ok(await ada.api.delete(f"/api/auth/tokens/{made[0]['id']}"), 204)
        problem(await (await chat_server.client(made[0]["token"])).get("/api/auth/me"), 401, "unauthorized")
        problem(await ada.api.delete(f"/api/auth/tokens/{made[0]['id']}"), 404, "not_found")
        assert await sql.fetchval("SELECT payload->>'reason' FROM events WHERE kind = 'SessionRevoked'") == "ended"
        await sql.execute("UPDATE sessions SET expires_at = now() WHERE id = $1", made[1]["id"])
        await ends(made[1])
        change = {"current_password": PASSWORD, "new_password": "another good password"}
        ok(await ada.api.post("/api/users/me/password", json=change), 204)
        for token in made[2:]:
            problem(await (await chat_server.client(token["token"])).get("/api/auth/me"), 401, "unauthorized")
        last = await make(ada, "profile:read")
        await sql.execute("SELECT ops.suspend($1)", ada.email)
        await ends(last)


async def test_signing_out_everywhere_ends_tokens_and_a_plain_sign_out_does_not(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    bot = await bot_of(chat_server, ada, "profile:read")
    elsewhere = await chat_server.client(ok(await chat_server.sign_in(ada))["token"])
    ok(await ada.api.post("/api/auth/logout"), 204)
    ok(await bot.get("/api/auth/me"))
    ok(await elsewhere.post("/api/auth/logout-all"), 204)
    problem(await bot.get("/api/auth/me"), 401, "unauthorized")


async def test_making_one_needs_a_fresh_sign_in_and_bounds(chat_server: ChatServer, database: Database) -> None:
    ada = await chat_server.sign_up("Ada")
    good: dict[str, Any] = {"name": "bot", "scopes": ["chats:read"], "days": 365}
    for field, value in [
        ("name", ""),
        ("name", "x" * 81),
        ("scopes", []),
        ("scopes", ["chats:delete"]),
        ("days", 0),
        ("days", 366),
        ("days", None),
    ]:
        refused = await ada.api.post("/api/auth/tokens", json={**good, field: value})
        [error] = problem(refused, 422, "validation_failed")["errors"]
        assert error["path"].startswith(field)
    del good["days"]
    problem(await ada.api.post("/api/auth/tokens", json=good), 422, "validation_failed")
    async with database.connect() as sql:
        await sql.execute("UPDATE sessions SET auth_time = now() - interval '1 hour'")
    problem(await ada.api.post("/api/auth/tokens", json={**good, "days": 1}), 403, "reauthentication_required")
    assert ok(await ada.api.get("/api/auth/tokens")) == []


async def test_a_token_changes_no_credentials_with_the_password_either(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    bot = await bot_of(chat_server, ada, *ALL)
    body = {"email": "eve@example.com", "current_password": PASSWORD}
    problem(await bot.patch("/api/users/me", json=body), 403, "session_required")
    ok(await bot.patch("/api/users/me", json={"fullname": "Ada L."}))


async def test_a_cookie_carries_no_token(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    made = await make(ada, "files:read")
    for value in (made["token"], f"  {made['token']}"):
        cookie = {"Cookie": f'{COOKIE}="{value}"'}
        problem(await chat_server.anybody.get("/api/files/1", headers=cookie), 401, "unauthorized")
    problem(await (await chat_server.client(made["token"])).get("/api/files/1"), 404, "not_found")


@pytest.mark.chat_server
async def test_a_mistyped_token_costs_no_query(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    token = (await make(ada, "profile:read"))["token"]
    changed = token[:-1] + ("0" if token[-1] != "0" else "1")
    with mock.patch.object(PersonalTokens, "find", autospec=True, side_effect=PersonalTokens.find) as find:
        problem(await (await chat_server.client(changed)).get("/api/auth/me"), 401, "unauthorized")
        assert find.call_count == 0
        bot = await chat_server.client(token)
        for _ in range(3):
            ok(await bot.get("/api/auth/me"))
        assert find.call_count == 1, "it is known from then on"


@pytest.mark.chat_server(limits={"public": 5, "window_seconds": 86_400})
async def test_made_up_tokens_are_limited_by_address(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")  # the first of five
    bot = await bot_of(chat_server, ada, "profile:read")
    ok(await bot.get("/api/auth/me"))
    for expected in (401, 401, 401, 429, 429):
        answer = await (await chat_server.client(new_token()[0])).get("/api/auth/me")
        assert answer.status_code == expected
    ok(await bot.get("/api/auth/me"))


@pytest.mark.chat_server
async def test_the_last_use_is_written_down(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    bot = await bot_of(chat_server, ada, "profile:read")
    with mock.patch.object(PersonalTokens, "used", autospec=True, side_effect=PersonalTokens.used) as used:
        ok(await bot.get("/api/auth/me"))
    await used.call_args.args[0].write()
    [token] = ok(await ada.api.get("/api/auth/tokens"))
    assert token["last_used_at"] is not None


async def test_a_user_has_few_tokens_and_none_for_longer_than_a_year(
    chat_server: ChatServer, database: Database
) -> None:
    ada = await chat_server.sign_up("Ada")
    made = [await make(ada, "profile:read", days=365) for _ in range(50)]
    body = {"name": "one more", "scopes": ["profile:read"], "days": 1}
    problem(await ada.api.post("/api/auth/tokens", json=body), 409, "personal_tokens_amount")
    ok(await ada.api.delete(f"/api/auth/tokens/{made[7]['id']}"), 204)
    ok(await ada.api.post("/api/auth/tokens", json=body), 201)
    async with database.connect() as sql:
        with pytest.raises(asyncpg.CheckViolationError, match="sessions_token_expires"):
            await sql.execute("UPDATE sessions SET expires_at = now() + interval '2 years'")

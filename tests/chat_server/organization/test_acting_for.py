"""Acting for somebody else: offered, accepted, used within its bounds, and over at once."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from litestar import HttpMethod, Litestar
from litestar.routes import HTTPRoute

from chat_server import app
from chat_server.access.actions import CHAT_ACTIONS, DOCUMENT_ACTIONS, WORKSPACE_ACTIONS
from chat_server.access.names import CHAT_NAMES, DOCUMENT_NAMES, ORGANIZATION_NAMES, WORKSPACE_NAMES
from chat_server.http.api_request import ApiRequest
from chat_server.http.steps.acting_for import DELEGABLE, PLACES
from tests.chat_server.identity.test_tokens import operations
from tests.chat_server.people import ChatServer, Person, ok, problem
from tests.support.postgres import Database

ON = pytest.mark.chat_server(features={"enable_proxy_system": True})
EVERYTHING = sorted(DELEGABLE)


def soon(days: float = 1) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def acting(person: Person) -> dict[str, str]:
    return {"Acting-For": str(person.id)}


async def offer(principal: Person, delegate: Person, *permissions: str, **more: Any) -> Any:
    body = {"delegate_id": delegate.id, "permissions": list(permissions), "ends_at": soon(), **more}
    return ok(await principal.api.post("/api/delegations", json=body), 201)


async def delegate(principal: Person, to: Person, *permissions: str, **more: Any) -> Any:
    offered = await offer(principal, to, *permissions, **more)
    return ok(await to.api.post(f"/api/delegations/{offered['id']}/accept"))


async def end(person: Person, delegation: Any) -> None:
    ok(await person.api.delete(f"/api/delegations/{delegation['id']}"), 204)


def declared() -> dict[tuple[str, str], str | None]:
    """The permission by which each operation can be done for somebody else, by method and a path."""
    routes = Litestar([app.api()], request_class=ApiRequest, openapi_config=None, logging_config=None).routes
    return {
        (method, route.path): handler.opt.get("delegable")
        for route in routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods - {HttpMethod.OPTIONS}
    }


def test_each_action_has_a_name_of_its_own() -> None:
    assert WORKSPACE_NAMES.keys() == WORKSPACE_ACTIONS.keys()
    assert CHAT_NAMES.keys() == CHAT_ACTIONS.keys()
    assert DOCUMENT_NAMES.keys() == DOCUMENT_ACTIONS.keys()
    names = [*WORKSPACE_NAMES.values(), *CHAT_NAMES.values(), *DOCUMENT_NAMES.values()]
    assert len(set(names)) == len(names)
    assert set(names) >= DELEGABLE


async def test_sql_knows_the_same_permissions(database: Database) -> None:
    async with database.connect() as sql:
        rows = await sql.fetch("SELECT name, delegable FROM permissions_known()")
        known = {row["name"]: row["delegable"] for row in rows}
    names = [*ORGANIZATION_NAMES.values(), *WORKSPACE_NAMES.values(), *CHAT_NAMES.values(), *DOCUMENT_NAMES.values()]
    assert known == {name: name in DELEGABLE for name in names}


def test_what_can_be_done_for_somebody_else_is_used_and_names_a_place() -> None:
    used = {route: permission for route, permission in declared().items() if permission}
    assert {*used.values(), "chat.delete_others_messages"} == DELEGABLE, "deleting asks for it itself"
    placeless = {path for _, path in used if not any(f"{{{place}:" in path for place in PLACES)}
    assert placeless == {"/api/chats"}, "whose handler shows only the chats that are delegated"


async def test_the_document_names_the_header_where_it_works(chat_server: ChatServer) -> None:
    paths = ok(await chat_server.anybody.get("/docs/openapi.json"))["paths"]
    named = {
        (method.upper(), path)
        for path, item in paths.items()
        for method, operation in item.items()
        if any(parameter["name"] == "Acting-For" for parameter in operation.get("parameters", ()))
    }
    assert named == {(method, re.sub(r":\w+}", "}", path)) for (method, path), one in declared().items() if one}


@ON
async def test_what_is_around_a_page_is_read_with_it(chat_server: ChatServer) -> None:
    wang, li = await chat_server.team("Wang", "Li")
    page = ok(await wang.api.post(f"/api/workspaces/{wang.workspace}/pages", json={"name": "plans"}), 201)["id"]
    path = f"/api/pages/{page}"
    comment = ok(await wang.api.post(f"{path}/comments", json={"component_id": "1", "content": "x"}), 201)
    reading = [f"{path}/comments", f"{path}/comments/{comment['id']}", f"{path}/history", f"{path}/versions"]
    given = await delegate(wang, li, "document.see", page_id=page)
    for one in reading:
        problem(await li.api.get(one), 404, "not_found")
        assert ok(await li.api.get(one, headers=acting(wang))) == ok(await wang.api.get(one))
    refused = await li.api.delete(reading[1], headers=acting(wang))
    problem(refused, 403, "not_delegated")
    emoji = f"/api/workspaces/{wang.workspace}/emoji"
    problem(await li.api.get(emoji, headers=acting(wang)), 403, "not_delegated")
    await end(wang, given)
    for one in reading:
        problem(await li.api.get(one, headers=acting(wang)), 403, "not_delegated")


@ON
async def test_an_operation_that_says_nothing_is_for_nobody_else(chat_server: ChatServer) -> None:
    li, wang = await chat_server.team("Li", "Wang")
    await delegate(wang, li, *EVERYTHING)
    refused, routes = 0, declared()
    for method, path in operations():
        [*templates] = [route for route in routes if route[0] == method and _matches(route[1], path)]
        if any(routes[template] for template in templates):
            continue
        problem(await li.api.request(method, path, json={}, headers=acting(wang)), 403, "not_delegated")
        refused += 1
    assert refused > 150


def _matches(template: str, path: str) -> bool:
    parts, given = template.split("/"), path.split("/")
    return len(parts) == len(given) and all(
        part == one or (part.startswith("{") and not one.isalpha()) for part, one in zip(parts, given, strict=True)
    )


@ON
async def test_a_delegate_posts_edits_and_deletes_in_the_principals_name(
    chat_server: ChatServer, database: Database
) -> None:
    wang, li, zhao = await chat_server.team("Wang", "Li", "Zhao")
    chat = await wang.chat(zhao)
    path = f"/api/chats/{chat}/messages"
    problem(await li.api.post(path, json={"content": "hi"}, headers=acting(wang)), 403, "not_delegated")
    given = await delegate(wang, li, "chat.post_message", "chat.read_messages", "chat.edit_own_messages", chat_id=chat)
    posted = ok(await li.api.post(path, json={"content": "hi"}, headers=acting(wang)), 201)
    assert (posted["sender_id"], posted["delegate_id"]) == (wang.id, li.id)
    own = await wang.say(chat, "me")
    assert "delegate_id" not in own
    assert [one.get("delegate_id") for one in ok(await zhao.api.get(path))] == [None, li.id]
    message = f"{path}/{own['id']}"
    edited = ok(await li.api.patch(message, json={"content": "for him"}, headers=acting(wang)))
    assert edited["delegate_id"] == li.id
    edited = ok(await wang.api.patch(message, json={"content": "myself"}))
    assert "delegate_id" not in edited
    ok(await li.api.delete(message, headers=acting(wang)), 204)
    async with database.connect() as sql:
        told = await sql.fetch(
            "SELECT kind, (payload->>'delegate_id')::bigint FROM events "
            "WHERE message_id = $1 OR kind = 'MessageDeleted' ORDER BY position",
            posted["id"],
        )
        assert [tuple(row) for row in told] == [("NewMessage", li.id), ("MessageDeleted", li.id)]
        # As a role without any right to it, nobody writes in another's name.
        with pytest.raises(Exception, match="may not do this for user"):
            await sql.execute(
                "INSERT INTO messages (chat_id, sender_id, content, delegate_id) VALUES ($1, $2, 'x', $3)",
                chat,
                wang.id,
                zhao.id,
            )
    for files in ({"forward_of": posted["id"]}, {"content": "x", "files": [1]}):
        problem(await li.api.post(path, json=files, headers=acting(wang)), 403, "not_delegated")
    await end(wang, given)
    problem(await li.api.post(path, json={"content": "hi"}, headers=acting(wang)), 403, "not_delegated")
    assert ok(await wang.api.get("/api/delegations")) == []


@ON
async def test_a_key_of_the_principal_repeats_no_message_of_a_delegate(chat_server: ChatServer) -> None:
    wang, li = await chat_server.team("Wang", "Li")
    chat = await wang.chat()
    await delegate(wang, li, "chat.post_message")
    path, key = f"/api/chats/{chat}/messages", {"Idempotency-Key": "k"}
    first = ok(await li.api.post(path, json={"content": "x"}, headers=acting(wang) | key), 201)
    assert ok(await li.api.post(path, json={"content": "x"}, headers=acting(wang) | key))["id"] == first["id"]
    problem(await wang.api.post(path, json={"content": "x"}, headers=key), 409, "idempotency_conflict")
    problem(await li.api.get(path, headers=acting(wang)), 403, "not_delegated")


@ON
async def test_effective_is_the_principals_right_now_within_the_list_the_place_and_the_time(
    chat_server: ChatServer, database: Database
) -> None:
    boss, wang, li = await chat_server.team("Boss", "Wang", "Li")
    here, there = await boss.chat(wang), await boss.chat(wang)
    single = await boss.chat(wang, type="Single", name="")
    first = await boss.say(here, "x")
    given = await delegate(wang, li, "chat.read_messages", "chat.delete_others_messages", chat_id=here)

    async def reads(chat: int) -> httpx.Response:
        return await li.api.get(f"/api/chats/{chat}/messages", headers=acting(wang))

    ok(await reads(here))
    problem(await reads(there), 403, "not_delegated")
    problem(await reads(single), 403, "not_delegated")
    problem(await li.api.get(f"/api/chats/{here}/members", headers=acting(wang)), 403, "not_delegated")
    # Wang is no admin; nor is Li for him.
    message = f"/api/chats/{here}/messages/{first['id']}"
    problem(await li.api.delete(message, headers=acting(wang)), 403, "forbidden")
    ok(await boss.api.patch(f"/api/chats/{here}/members/{wang.id}", json={"role": "admin"}))
    ok(await li.api.delete(message, headers=acting(wang)), 204)
    async with database.connect() as sql:
        [entry] = await sql.fetch("SELECT actor_id, delegate_id FROM audit_log WHERE action = 'message_deleted'")
        assert tuple(entry) == (wang.id, li.id)
    shown = ok(await boss.api.get(f"/api/workspaces/{boss.workspace}/audit", params={"action": "message_deleted"}))
    assert (shown[0]["actor_id"], shown[0]["delegate_id"]) == (wang.id, li.id)
    ok(await boss.api.delete(f"/api/chats/{here}/members/{wang.id}"), 204)
    problem(await reads(here), 404, "not_found")
    await end(li, given)
    everywhere = await delegate(wang, li, "chat.read_messages", "chat.see")
    ok(await reads(there))
    problem(await reads(single), 403, "not_delegated")
    listed = ok(await li.api.get("/api/chats", headers=acting(wang)))
    assert [one["id"] for one in listed] == [there]
    problem(await li.api.get("/api/chats", params={"joinable": "true"}, headers=acting(wang)), 403, "not_delegated")
    await delegate(wang, li, "chat.read_messages", chat_id=single)
    ok(await reads(single))
    await end(wang, everywhere)
    problem(await reads(there), 403, "not_delegated")
    later = await delegate(wang, li, "chat.read_messages", chat_id=there, starts_at=soon(1), ends_at=soon(2))
    problem(await reads(there), 403, "not_delegated")
    await end(wang, later)
    async with database.connect() as sql:
        await sql.execute(
            "INSERT INTO delegations (principal_id, delegate_id, permissions, starts_at, ends_at, accepted_at) "
            "VALUES ($1, $2, '{chat.read_messages}', now() - interval '2 days', now() - interval '1 s', now())",
            wang.id,
            li.id,
        )
        problem(await reads(there), 403, "not_delegated")


@ON
async def test_whoever_is_put_out_of_a_workspace_acts_for_nobody_there(chat_server: ChatServer) -> None:
    ada, wang, li = await chat_server.team("Ada", "Wang", "Li")
    chat = await ada.chat(wang)
    offered = await offer(wang, li, "chat.read_messages", "chat.post_message")
    ok(await ada.api.delete(f"/api/workspaces/{ada.workspace}/members/{li.id}"), 204)
    ok(await li.api.post(f"/api/delegations/{offered['id']}/accept"))
    path = f"/api/chats/{chat}/messages"
    problem(await li.api.get(path, headers=acting(wang)), 403, "not_delegated")
    problem(await li.api.post(path, json={"content": "in"}, headers=acting(wang)), 403, "not_delegated")
    await ada.invite(li)
    ok(await li.api.post(path, json={"content": "back"}, headers=acting(wang)), 201)


@ON
async def test_owners_read_of_it_in_the_audit_log_of_each_workspace_that_it_concerns(chat_server: ChatServer) -> None:
    ada, wang, li = await chat_server.team("Ada", "Wang", "Li")
    await end(wang, await delegate(wang, li, "chat.read_messages"))
    entries = ok(await ada.api.get(f"/api/workspaces/{ada.workspace}/audit"))
    told = [entry for entry in entries if entry["action"].startswith("delegation_")]
    assert [entry["action"] for entry in told] == ["delegation_revoked", "delegation_accepted", "delegation_offered"]
    assert {(entry["target_id"], entry["after"]["delegate_id"]) for entry in told} == {(wang.id, li.id)}


@ON
async def test_it_is_never_passed_on_and_never_by_a_token(chat_server: ChatServer) -> None:
    wang, li, zhao = await chat_server.team("Wang", "Li", "Zhao")
    chat = await wang.chat()
    await delegate(wang, li, "chat.read_messages")
    await delegate(li, zhao, "chat.read_messages")
    path = f"/api/chats/{chat}/messages"
    ok(await li.api.get(path, headers=acting(wang)))
    problem(await zhao.api.get(path, headers=acting(wang)), 403, "not_delegated")
    problem(await zhao.api.get(path, headers=acting(li)), 404, "not_found")
    problem(await li.api.get(path), 404, "not_found")
    problem(await wang.api.get(path, headers=acting(li)), 403, "not_delegated")
    body = {"name": "bot", "scopes": ["messages:read"], "days": 1}
    token = ok(await li.api.post("/api/auth/tokens", json=body), 201)["token"]
    bot = await chat_server.client(token)
    problem(await bot.get(path, headers=acting(wang)), 403, "session_required")
    for odd in ("", "0", "x", "1.0", str(2**63)):
        problem(await li.api.get(path, headers={"Acting-For": odd}), 400, "validation_failed")
    problem(await li.api.get(path, headers={"Acting-For": "999999"}), 403, "not_delegated")


@ON
async def test_what_may_be_offered_and_who_may_accept(chat_server: ChatServer, database: Database) -> None:
    wang, li, zhao = await chat_server.team("Wang", "Li", "Zhao")
    eve = await chat_server.sign_up("Eve")
    chat = await wang.chat()
    theirs = await li.chat()
    good: dict[str, Any] = {"delegate_id": li.id, "permissions": ["chat.post_message"], "ends_at": soon()}
    changes: list[tuple[dict[str, Any], str]] = [
        ({"permissions": ["chat.transfer"]}, "validation_failed"),
        ({"permissions": ["chat.see"]}, "delegation_shows_messages"),
        ({"permissions": []}, "validation_failed"),
        ({"permissions": ["Chat"]}, "validation_failed"),
        ({"delegate_id": eve.id}, "delegate_shares_workspace"),
        ({"delegate_id": wang.id}, "delegations_to_another"),
        ({"chat_id": theirs}, "delegation_place_is_own"),
        ({"chat_id": 999_999}, "delegation_place_is_own"),
        ({"page_id": 999_999}, "validation_failed"),
        ({"chat_id": chat, "workspace_id": wang.workspace}, "validation_failed"),
        ({"ends_at": soon(181)}, "delegations_length"),
        ({"starts_at": soon(400), "ends_at": soon(401)}, "delegations_start_soon"),
        ({"ends_at": soon(-1)}, "validation_failed"),
        ({"ends_at": None}, "validation_failed"),
    ]
    for change, code in changes:
        problem(await wang.api.post("/api/delegations", json=good | change), 422, code)
    del good["ends_at"]
    problem(await wang.api.post("/api/delegations", json=good), 422, "validation_failed")
    offered = await offer(wang, li, "chat.post_message", "chat.post_message", reason="on leave", ends_at=soon(179))
    assert offered["permissions"] == ["chat.post_message"]
    path = f"/api/chats/{chat}/messages"
    problem(await li.api.post(path, json={"content": "x"}, headers=acting(wang)), 403, "not_delegated")
    for other in (wang, zhao, eve):
        problem(await other.api.post(f"/api/delegations/{offered['id']}/accept"), 404, "not_found")
    for other in (zhao, eve):
        problem(await other.api.delete(f"/api/delegations/{offered['id']}"), 404, "not_found")
    accepted = ok(await li.api.post(f"/api/delegations/{offered['id']}/accept"))
    assert ok(await li.api.post(f"/api/delegations/{offered['id']}/accept")) == accepted
    assert ok(await li.api.get("/api/delegations")) == ok(await wang.api.get("/api/delegations")) == [accepted]
    assert ok(await wang.api.get("/api/sync"))["delegations"] == [accepted]
    async with database.connect() as sql:
        told = await sql.fetch("SELECT kind, user_id FROM events WHERE kind LIKE 'Delegation%' ORDER BY position")
        assert [tuple(one) for one in told] == [("DelegationUpdated", person.id) for person in (wang, li)] * 2
        # Nothing of an offer changes, in psql neither; a suspended account is represented by nobody.
        for permission in ("chat.transfer", "chat.fly"):
            with pytest.raises(Exception, match="not to be done for somebody else"):
                await sql.execute(
                    "INSERT INTO delegations (principal_id, delegate_id, permissions, ends_at) "
                    "VALUES ($1, $2, ARRAY[$3], now() + interval '1 day')",
                    wang.id,
                    li.id,
                    permission,
                )
        with pytest.raises(Exception, match="cannot be changed"):
            await sql.execute("UPDATE delegations SET ends_at = ends_at + interval '1 s'")
        await sql.execute("SELECT ops.suspend($1)", wang.email)
        ended = await sql.fetch("SELECT user_id FROM events WHERE kind = 'DelegationRevoked' ORDER BY position")
        assert [row["user_id"] for row in ended] == [wang.id, li.id]
        await sql.execute("SELECT ops.reinstate($1)", wang.email)
    problem(await li.api.post(path, json={"content": "x"}, headers=acting(wang)), 403, "not_delegated")
    problem(await li.api.post(f"/api/delegations/{offered['id']}/accept"), 404, "not_found")
    problem(await chat_server.anybody.get("/api/delegations"), 401, "unauthorized")


@pytest.mark.chat_server(features={"enable_proxy_system": True})
async def test_switching_the_feature_off_ends_what_was_delegated(chat_server: ChatServer, database: Database) -> None:
    wang, li = await chat_server.team("Wang", "Li")
    chat = await wang.chat()
    await delegate(wang, li, "chat.read_messages", "chat.post_message")
    path = f"/api/chats/{chat}/messages"
    ok(await li.api.get(path, headers=acting(wang)))
    async with database.connect() as sql:
        await sql.execute("UPDATE features SET enabled = false WHERE name = 'enable_proxy_system'")
        assert not await sql.fetchval("SELECT delegated_permissions($1, $2, 'chat', $3)", li.id, wang.id, chat)
    refused = await li.api.get(path, headers=acting(wang))
    assert refused.status_code in (403, 404), "the server hears of it a moment later; the database knows"
    assert refused.json()["code"] in ("not_delegated", "feature_off")


async def test_while_it_is_off_the_routes_and_the_header_say_so(chat_server: ChatServer) -> None:
    ada = await chat_server.sign_up("Ada")
    for method, path in (
        ("GET", "/api/delegations"),
        ("POST", "/api/delegations"),
        ("POST", "/api/delegations/1/accept"),
        ("DELETE", "/api/delegations/1"),
    ):
        problem(await ada.api.request(method, path, json={}), 404, "feature_off")
    problem(await ada.api.get("/api/chats", headers={"Acting-For": "1"}), 404, "feature_off")
    problem(
        await ada.api.post("/api/chats/1/messages", json={"content": "x"}, headers={"Acting-For": "1"}),
        404,
        "feature_off",
    )


async def test_where_it_is_off_the_answers_are_those_of_the_document(chat_server: ChatServer) -> None:
    """Each answer is held against it, as all of `chat_server` are."""
    [wang] = await chat_server.team("Wang")
    for method, path in operations():
        answer = await wang.api.request(method, path, json={}, headers=acting(wang))
        if answer.status_code != 401:  # of a route that is for nobody who is signed in
            assert answer.json()["code"] in ("feature_off", "not_delegated"), (method, path, answer.text)
